"""Serves an ASGI application from this process: listens before it serves, on a port that the system chooses."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, MutableMapping
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from fake_gateways.listening import stop_listening
from harness.errors import EnvironmentNotReady

ASGIApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[MutableMapping[str, Any]], Awaitable[None]]],
    Awaitable[None],
]
LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 2.0


def listen(port: int = 0) -> socket.socket:
    """Listen on the loopback address. Raises EnvironmentNotReady when the port is taken."""
    # The protocol is named, or asyncio leaves Nagle's algorithm on: answers in two writes would take 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as trouble:
        listener.close()
        raise EnvironmentNotReady(
            f"port {port} on {LOOPBACK} cannot be used ({trouble.strerror}): end the program that holds it, "
            "or choose another"
        ) from None
    listener.listen(128)
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, *, real_now: Callable[[], float]) -> AsyncGenerator[None]:
    """Serve `app` on a socket that listens already, until the end of the block.

    `uvicorn.Server` looks for its end ten times a second and sleeps on the way out; a world is opened and closed
    more often than that allows, so uvicorn's protocol is driven here directly.
    Raises EnvironmentNotReady when the application's start-up fails.
    """
    config = uvicorn.Config(
        cast("Any", app), log_config=None, access_log=False, proxy_headers=False, loop="none", ws="none", lifespan="off"
    )
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", formatdate(real_now(), usegmt=True).encode())]

    def connected() -> asyncio.Protocol:
        protocol = cast("Callable[..., asyncio.Protocol]", config.http_protocol_class)
        return protocol(config=config, server_state=state, app_state=dict[str, Any]())

    async with _living(app):
        server = await asyncio.get_running_loop().create_server(connected, sock=listener)
        try:
            yield
        finally:
            await stop_listening(server)
            for connection in list(state.connections):
                connection.shutdown()
            await _ended(state.tasks)


@asynccontextmanager
async def _living(app: ASGIApp) -> AsyncGenerator[None]:
    """Tell the application of its start-up and shut-down (ASGI lifespan protocol 2.0)."""
    told = asyncio.Queue[MutableMapping[str, Any]]()
    started = asyncio.get_running_loop().create_future()

    async def send(message: MutableMapping[str, Any]) -> None:
        if not started.done():
            failed = message["type"] == "lifespan.startup.failed"
            started.set_result(str(message.get("message") or "it gave no reason") if failed else "")

    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    life = asyncio.ensure_future(app(scope, told.get, send))
    try:
        told.put_nowait({"type": "lifespan.startup"})
        await asyncio.wait({life, started}, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            raise EnvironmentNotReady("the server under test ended while it started") from life.exception()
        if reason := started.result():
            raise EnvironmentNotReady(f"the server under test did not start: {reason}")
        yield
    finally:
        told.put_nowait({"type": "lifespan.shutdown"})
        await _ended({life})


async def _ended(tasks: Collection["asyncio.Future[Any]"]) -> None:
    """Let tasks end by themselves, for a while; then cancel them."""
    if not tasks:
        return
    _, unfinished = await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
    for task in unfinished:
        task.cancel()
    if unfinished:
        await asyncio.wait(unfinished)
