"""Routes that are put together when somebody first asks for one of them: most worlds are gone before anybody does."""

from collections.abc import Callable
from typing import NoReturn

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send


class LazyRoutes(BaseRoute):
    """All addresses at and below `path` that no earlier route answers; `load` gives the application that does.

    The application sees whole addresses, as if it stood alone. Others are answered while it is being loaded.
    """

    def __init__(self, path: str, load: Callable[[], ASGIApp]) -> None:
        self._path = path
        self._load = load

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request belongs here."""
        ours = scope["type"] == "http" and (scope["path"] == self._path or scope["path"].startswith(f"{self._path}/"))
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        application = await run_in_threadpool(self._load)
        await application(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> NoReturn:
        """Give no address: these routes have no names here."""
        raise NoMatchFound(name, path_params)
