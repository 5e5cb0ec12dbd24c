"""Every route that the server has, found by walking it: a new one is looked at by every test that asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from auth_server.app import _routes
from auth_server.lazy_routes import LazyRoutes


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """A method and a path as it is written in the source, such as ``/customers/{number}``."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        """Whether it speaks JSON."""
        return self.path.startswith(("/phone-api/", "/back-office/api/"))

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in {"GET", "HEAD"}

    def address(self, number: str = "9999-9990") -> str:
        """A path that it answers: of the account `number`, the act `lock`, a file that there is."""
        name = "pages.css" if self.path.startswith("/static/") else "lock"
        return self.path.format(number=number, name=name, platform="ios")


@cache
def routes() -> tuple[Route, ...]:
    """All routes, in order."""
    outermost: Any = _routes()
    found = set(_walk(outermost._app._app))
    assert len(found) > 80, "the walk does not find its way any more"
    return tuple(sorted(found))


def _walk(app: FastAPI) -> Iterator[Route]:
    for context in iter_route_contexts(app.router.routes):
        for method in getattr(context, "methods", None) or ():
            yield Route(str(context.path), method)
    for lazy in app.router.routes:
        if isinstance(lazy, LazyRoutes):
            yield from _walk(lazy._load())
