"""The pages as an application: the way to a login, and at the first request for it the rest."""

from functools import cache
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from auth_server.failures import answer_failures
from auth_server.lazy_routes import LazyRoutes
from auth_server.pages import home, login, new_password, second_factor, static_files

LATER: Final = (
    *("/iweb/app", "/iweb/security", "/iweb/order"),
    *("/cas/validate", "/cas/serviceValidate", "/cas/proxyValidate", "/cas/p3", "/cas/proxy"),
)


def build() -> FastAPI:
    """Put them together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for pages in (home, login, second_factor, new_password, static_files):
        app.include_router(pages.router)
    app.router.routes += (LazyRoutes(path, _rest) for path in LATER)
    answer_failures(app)
    return app


@cache
def _rest() -> ASGIApp:
    from auth_server.pages.later import build as build_rest  # noqa: PLC0415

    return build_rest()
