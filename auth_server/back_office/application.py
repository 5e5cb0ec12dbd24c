"""The whole back office as one application, put together at the first request for its pages or its rarer routes."""

from fastapi import FastAPI

from auth_server.back_office import api, more_api, openapi
from auth_server.back_office.pages import customers, login, trail
from auth_server.back_office.pages.visit import NotLoggedInError, StaffVisit, to_the_login
from auth_server.failures import answer_failures


def build() -> FastAPI:
    """Put it together. The routes that the server has from its start are here too, for their description."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for router in (openapi.router, api.router, more_api.router, login.router, customers.router, trail.router):
        app.include_router(router)
    app.add_exception_handler(NotLoggedInError, to_the_login)
    answer_failures(app, StaffVisit)
    return app
