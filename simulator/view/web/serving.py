"""Serves a command's Textual app to browsers on this machine, by textual-serve."""

import logging
import shlex
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from aiohttp import web
from textual_serve.server import Server

_HERE: Final = "localhost"
_TEMPLATES: Final = Path(__file__).parent
_SAFE: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalServer(Server):
    """textual-serve for one's own browser: no other site's page gets in, and nothing comes from outside.

    Args:
        command: What each browser tab gets a process of.
        port: Where to listen, on the loopback only.
        title: The page's title.
        tell: Is told the address, once it is served.
    """

    def __init__(self, command: Sequence[str], *, port: int, title: str, tell: Callable[[str], None]) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its paths' type is left open
            shlex.join(command), host=_HERE, port=port, title=title, templates_path=_TEMPLATES
        )
        self._tell = tell

    def initialize_logging(self) -> None:
        """Only what went wrong, and never the values of variables."""
        logging.basicConfig(level=logging.ERROR, format="%(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        del app
        self._tell(self.public_url)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._only_from_here)
        return app

    @web.middleware
    async def _only_from_here(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Refuse what was addressed to another name (DNS rebinding) or comes from another site's page.

        A web socket is not held back by the same-origin policy: its server has to look at the origin (RFC 6455, 10.2).
        """
        if request.host != f"{self.host}:{self.port}" or request.headers.get("Origin") not in (None, self.public_url):
            raise web.HTTPForbidden(text="this phone is for a browser on its own machine")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_SAFE)
        return response


def serve(command: Sequence[str], *, port: int, title: str, tell: Callable[[str], None]) -> None:
    """Serve until interrupted. Raises `OSError` when the port is taken."""
    LocalServer(command, port=port, title=title, tell=tell).serve()
