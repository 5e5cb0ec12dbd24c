"""An HTTP server in the running loop that opens and closes at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from fake_gateways.listening import listen, stop_listening

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """Where HTTP clients are to be sent: host and port."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: `http://127.0.0.1:8025`."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def prepared(application: Application) -> Config:
    """An ASGI application made ready for serving: once in a process, for any number of doors."""

    async def ends_quietly(scope: Scope, receive: Receive, send: Send) -> None:
        # A closing door cancels requests that wait for a message; uvicorn would log that as a failure.
        with suppress(asyncio.CancelledError):
            await application(scope, receive, send)

    config = Config(
        ends_quietly,
        http=HttpToolsProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    return config


@asynccontextmanager
async def http_door(
    application: Config, state: dict[str, object], *, host: str = "127.0.0.1", port: int = 0
) -> AsyncGenerator[HttpDoor]:
    """Serve in the running loop until the block ends; requests still open then are cut off.

    `state` is what `request.state` holds; what is added to it later, later requests see. uvicorn's own server looks
    for its end every 100 ms and installs signal handlers; here only its HTTP protocol is used.
    Raises `PortTaken`, `DoorNotOpened`.
    """
    server_state = ServerState()
    server, port = await listen(lambda: _Connection(application, server_state, state), host, port)
    try:
        yield HttpDoor(host, port)
    finally:
        await stop_listening(server)
        await asyncio.gather(*(cast("_Connection", connection).end() for connection in tuple(server_state.connections)))
        if server_state.tasks:
            for task in server_state.tasks:
                task.cancel()
            await asyncio.wait(server_state.tasks)
        await server.wait_closed()


class _Connection(HttpToolsProtocol):
    """uvicorn's, whose end can be waited for, and without access log: queries to text-message gateways hold codes."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, object]) -> None:
        super().__init__(config, server_state, app_state)
        self.access_log = False
        self._ended = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._ended.set()

    async def end(self) -> None:
        self.transport.abort()
        await self._ended.wait()
