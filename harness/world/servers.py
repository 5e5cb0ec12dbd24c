"""Ways to have the server under test: in this process, by a command, or somewhere already."""

import asyncio
import importlib
import os
import signal
import socket
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from http import HTTPStatus
from typing import cast

import httpx

from harness.errors import EnvironmentNotReady
from harness.world.serving import ASGIApp, serving

Now = Callable[[], float]
MakeApp = Callable[[Mapping[str, str], Now], ASGIApp]

READY_PATIENCE_SECONDS = 30.0
ENDING_PATIENCE_SECONDS = 5.0
LAST_LINES = 5


@asynccontextmanager
async def in_process(
    app: str, settings: Mapping[str, str], listener: socket.socket, *, now: Now, real_now: Now
) -> AsyncGenerator[None]:
    """Serve `package.module:factory` in this process and loop; the factory gets the settings and our clock.

    Raises EnvironmentNotReady when there is no such factory, or when it refuses its settings.
    """
    with closing(listener):
        make_app = find_app(app)
        try:
            application = make_app(settings, now)
        except ValueError as trouble:
            raise EnvironmentNotReady(f"the server under test refused its settings: {trouble}") from trouble
        async with serving(application, listener, real_now=real_now):
            yield


@asynccontextmanager
async def by_command(
    command: tuple[str, ...], settings: Mapping[str, str], origin: str, *, ready: str, environ: Mapping[str, str]
) -> AsyncGenerator[None]:
    """Run a server as a process of its own, wait until it answers at `ready`, and end its process group at the end.

    Raises EnvironmentNotReady with the last lines it printed when it ends or does not answer in time.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env={**environ, **settings}, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
    except OSError as trouble:
        raise EnvironmentNotReady(f"the server under test cannot be run: {command[0]}: {trouble.strerror}") from None
    said = deque[str](maxlen=LAST_LINES)
    listening = asyncio.create_task(_listen_to(process, said))
    try:
        await _until_ready(process, f"{origin}{ready}", said)
        yield
    finally:
        await _end(process)
        await listening


def find_app(app: str) -> MakeApp:
    """Import `package.module:factory`. Raises EnvironmentNotReady when there is no such factory."""
    module_name, _, attribute = app.partition(":")
    try:
        return cast("MakeApp", getattr(importlib.import_module(module_name), attribute))
    except (ImportError, AttributeError, ValueError) as trouble:
        raise EnvironmentNotReady(f"the target's server.app {app!r} cannot be found: {trouble}") from trouble


async def _listen_to(process: Process, said: deque[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line.decode(errors="replace").rstrip())


async def _until_ready(process: Process, address: str, said: deque[str]) -> None:
    """Wait for an answer below 500; a server that ends or stays silent is an environment that is not ready."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_PATIENCE_SECONDS
    ended = asyncio.ensure_future(process.wait())
    try:
        async with httpx.AsyncClient(verify=False, timeout=2.0) as client:  # noqa: S501 - loopback, plain HTTP
            while loop.time() < deadline:
                try:
                    if (await client.get(address)).status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                        return
                except httpx.TransportError:
                    pass  # not listening yet: look again soon
                done, _ = await asyncio.wait({ended}, timeout=0.05)
                if done:
                    raise EnvironmentNotReady(
                        f"the server under test ended with code {process.returncode} before it answered: {_tail(said)}"
                    )
    finally:
        ended.cancel()
    raise EnvironmentNotReady(
        f"the server under test did not answer at {address} within {READY_PATIENCE_SECONDS:.0f} s: {_tail(said)}"
    )


def _tail(said: deque[str]) -> str:
    return " / ".join(line for line in said if line) or "it printed nothing"


async def _end(process: Process) -> None:
    """End the process and whatever it started: first asked, then made to."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        try:
            await asyncio.wait_for(process.wait(), ENDING_PATIENCE_SECONDS)
        except TimeoutError:
            continue
        return
