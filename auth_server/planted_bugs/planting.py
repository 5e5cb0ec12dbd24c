"""Puts together a server that has the bugs which its settings name."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from auth_server.app import AuthServer
from auth_server.broker import Broker
from auth_server.planted_bugs.catalogue import BUGS
from auth_server.planted_bugs.hearing import Hearing
from auth_server.planted_bugs.kinds import Layer, LiftedLimit, make_worse

if TYPE_CHECKING:
    from auth_server.settings import Settings


def plant(settings: "Settings", now: Callable[[], float]) -> AuthServer:
    """Put a server together, and its bugs into it."""
    bugs = [BUGS[name] for name in settings.planted_bugs]
    lifted: dict[str, int] = {}
    for bug in bugs:
        if issubclass(bug, LiftedLimit):
            lifted |= bug.lifted
    broker = Broker.of(settings.model_copy(update=lifted), now)
    for service in _services(broker):
        make_worse(service, [bug for bug in bugs if issubclass(bug, type(service))])
    return _PlantedServer(broker, [Hearing, *(bug for bug in bugs if issubclass(bug, Layer))])


class _PlantedServer(AuthServer):
    """A server with layers around it, the first outermost."""

    def __init__(self, broker: Broker, layers: Sequence[type[Layer]]) -> None:
        super().__init__(broker)
        self._outermost: ASGIApp = super().__call__
        for layer in reversed(layers):
            self._outermost = layer(self._outermost, broker)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection (ASGI 3)."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await self._outermost(scope, receive, send)


def _services(broker: Broker) -> Iterator[object]:
    """Give every object of ours that `broker` holds, directly or through another, once each."""
    seen: dict[int, object] = {}
    waiting: list[object] = [broker]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or not type(found).__module__.startswith("auth_server."):
            continue
        seen[id(found)] = found
        yield found
        names = [*getattr(found, "__slots__", ()), *getattr(found, "__dict__", ())]
        waiting += [getattr(found, name) for name in names]
