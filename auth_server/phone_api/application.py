"""The phone API as an application: the way to a token and to a login, and at the first request for it the rest."""

from functools import cache
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from auth_server.failures import answer_failures
from auth_server.lazy_routes import LazyRoutes
from auth_server.phone_api import PREFIX
from auth_server.phone_api.asking import NotLoggedInError, not_logged_in
from auth_server.phone_api.routes import router

LATER: Final = ("settings", "password", "token", "biometrics", "openapi.json")


def build() -> FastAPI:
    """Put it together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)
    app.router.routes += (LazyRoutes(f"{PREFIX}/{name}", _rest) for name in LATER)
    app.add_exception_handler(NotLoggedInError, not_logged_in)
    answer_failures(app)
    return app


@cache
def _rest() -> ASGIApp:
    from auth_server.phone_api.later import build as build_rest  # noqa: PLC0415

    return build_rest()
