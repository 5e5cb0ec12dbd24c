"""`twofold phone --web`: a customer's phone in a browser on this machine."""

import sys

from harness.commands.exit_codes import ExitCode
from harness.errors import EnvironmentNotReady
from simulator.view.web.serving import serve


def phone_in_browser(arguments: list[str], port: int) -> ExitCode:
    """Serve a phone to each tab of a browser, until interrupted; `arguments` are those of `twofold phone`.

    Raises EnvironmentNotReady when the port is taken.
    """
    command = [sys.executable, "-c", "from harness.cli import main; main()", "phone", *arguments]
    try:
        serve(command, port=port, title="Twofold", tell=lambda address: print(f"phone: {address}", flush=True))  # noqa: T201
    except OSError as trouble:
        raise EnvironmentNotReady(f"the phone cannot be served at port {port}: {trouble.strerror}") from None
    return ExitCode.PASSED
