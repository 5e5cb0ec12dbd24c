"""What a bug can be: a worse service, a limit that is lifted, a layer around the server, a trigger in its database.

A bug is a class under a name, and its docstring says which promise it breaks. A subclass of a service takes the place
of that service; the other kinds are below.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from auth_server.broker import Broker
from auth_server.database import Database, ServerKeys

BUGS: Final[dict[str, type]] = {}
"""All bugs by their names, once `auth_server.planted_bugs.catalogue` is imported."""

BugClass = TypeVar("BugClass", bound=type)


def bug(name: str) -> Callable[[BugClass], BugClass]:
    """Enter a class into `BUGS`."""

    def enter(kind: BugClass) -> BugClass:
        assert name not in BUGS, f"two bugs are called {name}"
        BUGS[name] = kind
        return kind

    return enter


def make_worse(service: object, bugs: Sequence[type]) -> None:
    """Put `bugs`, subclasses of the service's class, in its place.

    Services hold each other, so each stays the object that it is and becomes one of another class.
    """
    if bugs:
        service.__class__ = type(type(service).__name__, (*bugs, type(service)), {})


class LiftedLimit:
    """Settings that become other than any operator could set them."""

    NEVER: Final = 10**9

    lifted: ClassVar[Mapping[str, int]]


class Layer:
    """ASGI middleware around the whole server. By itself it changes nothing."""

    def __init__(self, app: ASGIApp, broker: Broker) -> None:
        self.app = app
        self.broker = broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI 3)."""
        await self.app(scope, receive, send)


class Trigger(Database):
    """A database that does, after some statements, what nobody asked it for (SQLite only)."""

    statement: ClassVar[str]

    def open(self, key_id: str, *older: str) -> ServerKeys:
        """Make the tables, and the triggers of all bugs of this kind that are planted."""
        kept = super().open(key_id, *older)
        planted = {kind.__dict__["statement"] for kind in type(self).__mro__ if "statement" in kind.__dict__}
        with self.writing() as tx:
            for statement in sorted(planted):
                tx.exec_driver_sql(statement)
        return kept
