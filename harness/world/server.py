"""Has the target's server running for a world, pointed at the world's gateways and clock."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from fake_gateways.gateways import Gateways
from harness.clock import Now
from harness.targets.target import Target
from harness.world.servers import by_command, in_process
from harness.world.serving import listen

BACK_OFFICE_KEY = "TWOFOLD_BACK_OFFICE_KEY"
"""The environment variable with the key of a server that runs somewhere already."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server is, and the key of its back office."""

    origin: str
    back_office_key: str = field(repr=False)


@asynccontextmanager
async def open_server(
    target: Target,
    gateways: Gateways,
    folder: Path,
    *,
    now: Now,
    real_now: Now,
    environ: Mapping[str, str],
    port: int = 0,
) -> AsyncGenerator[RunningServer]:
    """Have the target's server running for the block; its data lie in `folder`. Port 0 is any free one.

    Raises EnvironmentNotReady when it does not start.
    """
    access = target.server
    if access.address is not None:
        yield RunningServer(access.address, environ.get(BACK_OFFICE_KEY, ""))
        return
    listener = listen(port)
    port = listener.getsockname()[1]
    running = RunningServer(f"http://localhost:{port}", secrets.token_urlsafe(32))
    known = {
        "origin": running.origin,
        "port": str(port),
        "folder": str(folder),
        "smtp": f"{gateways.smtp_host}:{gateways.smtp_port}",
        "sms_url": gateways.sms_url,
        "back_office_key": running.back_office_key,
        "master_key": urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    }
    settings = {name: Template(value).safe_substitute(known) for name, value in access.settings.items()}
    if access.app is not None:
        serving = in_process(access.app, settings, listener, now=now, real_now=real_now)
    else:
        listener.close()
        command = tuple(Template(word).safe_substitute(known) for word in access.command or ())
        serving = by_command(command, settings, running.origin, ready=access.ready, environ=environ)
    async with serving:
        yield running
