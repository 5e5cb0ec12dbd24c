"""What a phone asks for once it has its token, and the description of the whole phone API."""

from fastapi import FastAPI

from auth_server.failures import answer_failures
from auth_server.phone_api import biometrics_routes, openapi, settings_routes
from auth_server.phone_api.asking import NotLoggedInError, not_logged_in


def build() -> FastAPI:
    """Put it together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for router in (settings_routes.router, biometrics_routes.router, openapi.router):
        app.include_router(router)
    app.add_exception_handler(NotLoggedInError, not_logged_in)
    answer_failures(app)
    return app
