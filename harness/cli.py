"""The command line: `twofold`.

Read with `argparse`: a browser's start waits for it, and it is loaded in a tenth of the time of the richer libraries.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from harness.commands.exit_codes import ExitCode
from harness.commands.options import RunOptions, fresh_seed
from harness.errors import EnvironmentNotReady, TwofoldError
from harness.reports.detail import Detail

Options = argparse.Namespace


def main() -> None:
    """Run a command; what a person can mend is one line on the standard error, without a traceback."""
    options = command_line().parse_args()
    try:
        sys.exit(options.play(options))
    except EnvironmentNotReady as trouble:
        print(f"twofold: {trouble}", file=sys.stderr)  # noqa: T201 - the command line speaks here
        sys.exit(ExitCode.ENVIRONMENT)
    except TwofoldError as trouble:
        print(trouble, file=sys.stderr)  # noqa: T201
        sys.exit(ExitCode.INVALID)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


def command_line() -> argparse.ArgumentParser:
    """All commands with their options. What was typed is read into options whose `play` carries the command out."""
    parser = argparse.ArgumentParser(
        prog="twofold",
        description="Rehearses two-factor enrolment and login end to end: phone, mail, text messages, browser, clock.",
        allow_abbrev=False,
    )

    def help_(_: Options) -> ExitCode:
        parser.print_help()
        return ExitCode.INVALID

    parser.set_defaults(play=help_)
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, play: Callable[[Options], ExitCode], summary: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        one.set_defaults(play=play)
        return one

    run = command("run", _run, "Play scenarios and write the report.")
    _takes_scenarios(run)
    _takes_a_seed(run)
    run.add_argument(
        "--report", type=Path, default=Path("report"), metavar="FOLDER", help="gets the report (default: report)"
    )
    run.add_argument("--headed", action="store_true", help="show the browser")
    run.add_argument("--keep", action="store_true", help="keep each world open until Enter is pressed")
    run.add_argument(
        "--detail",
        choices=[detail.value for detail in Detail],
        default=Detail.STAGES.value,
        metavar="|".join(Detail),
        help="how much to print (default: stages)",
    )

    _takes_scenarios(command("check", _check, "Find every mistake in scenario files, without running anything."))
    _takes_scenarios(command("list", _list, "List the scenarios and their example rows."))

    steps = command("steps", _steps, "Show every step that a scenario can take.")
    steps.add_argument("--markdown", action="store_true", help="as a page")

    phone = command("phone", _phone, "Be a customer's phone in this terminal.")
    phone.add_argument("--server", required=True, metavar="URL", help="the server, such as http://localhost:8000")
    phone.add_argument("--messages", default="", metavar="URL", help="the gateways, as `twofold up` prints them")
    phone.add_argument("--owner", default="", metavar="MAIL,NUMBER", help="whose mails and texts arrive on it")
    phone.add_argument("--folder", type=Path, help="where the phone keeps its data (default: a new one)")
    phone.add_argument("--english", action="store_true", help="in English, not in Traditional Chinese")
    phone.add_argument("--light", action="store_true", help="dark on light; F3 changes it")
    phone.add_argument("--not-installed", action="store_true", help="a new phone without the broker's app on it yet")
    form = phone.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="as lines of text, for screen readers and pipes")
    form.add_argument(
        "--web", type=_port, nargs="?", const=8090, metavar="PORT", help="in a browser on this machine (default: 8090)"
    )

    up = command("up", _up, "Start server and gateways with a ready customer, to play the journey by hand.")
    up.add_argument("--port", type=_port, default=8000, help="the server's; 0 is any free one (default: 8000)")
    up.add_argument(
        "--messages-port", type=_port, default=8025, metavar="PORT", help="of the mails and texts (default: 8025)"
    )
    _takes_a_target(up)
    _takes_a_seed(up)

    command("set-up", _set_up, "Install what this machine lacks: a Chromium, and a font for Chinese text.")
    return parser


def _takes_scenarios(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="scenario files, or folders of them")
    _takes_a_target(command)


def _takes_a_target(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--target",
        default="reference",
        metavar="NAME",
        help="a target's name, or its folder with a target.yaml (default: reference)",
    )


def _takes_a_seed(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", default="", help="repeat the chance of an earlier run (default: drawn)")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)


def _run(options: Options) -> ExitCode:
    from harness.commands.run import run

    return run(
        RunOptions(
            paths=tuple(options.paths),
            target=options.target,
            report=options.report,
            seed=options.seed or fresh_seed(),
            headed=options.headed,
            keep=options.keep,
            detail=Detail(options.detail),
            environ=dict(os.environ),
        )
    )


def _check(options: Options) -> ExitCode:
    from harness.commands.checking import check

    return check(tuple(options.paths), options.target, dict(os.environ))


def _list(options: Options) -> ExitCode:
    from harness.commands.checking import list_

    return list_(tuple(options.paths), options.target, dict(os.environ))


def _steps(options: Options) -> ExitCode:
    from harness.commands.checking import steps

    return steps(markdown=options.markdown)


def _phone(options: Options) -> ExitCode:
    if options.web is not None:
        from harness.commands.phone_in_browser import phone_in_browser

        return phone_in_browser(_phone_arguments(options), options.web)
    from harness.commands.phone import PhoneOptions, phone

    owner: str = options.owner
    return phone(
        PhoneOptions(
            server=options.server.rstrip("/"),
            messages=options.messages.rstrip("/"),
            owner=tuple(part.strip() for part in owner.split(",") if part.strip()),
            folder=options.folder,
            language="en" if options.english else "zh-Hant",
            light=options.light,
            installed=not options.not_installed,
            form="plain" if options.plain else "screen",
        )
    )


def _phone_arguments(options: Options) -> list[str]:
    """The same phone once more, for a process of its own."""
    values = {name: getattr(options, name) for name in ("server", "messages", "owner", "folder")}
    flags = ("english", "light", "not_installed")
    return [
        *(f"--{name}={value}" for name, value in values.items() if value),
        *(f"--{name.replace('_', '-')}" for name in flags if getattr(options, name)),
    ]


def _up(options: Options) -> ExitCode:
    from harness.commands.up import up

    return up(options.port, options.messages_port, options.target, options.seed or fresh_seed(), dict(os.environ))


def _set_up(_: Options) -> ExitCode:
    from harness.set_up import set_up

    set_up(dict(os.environ), lambda line: print(f"set-up: {line}", flush=True))  # noqa: T201
    return ExitCode.PASSED
