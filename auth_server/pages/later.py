"""The pages that a first login has no need of, and what services ask of the CAS server."""

from fastapi import FastAPI

from auth_server.failures import answer_failures
from auth_server.pages import install, order, security, tickets


def build() -> FastAPI:
    """Put them together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for pages in (install, security, order, tickets):
        app.include_router(pages.router)
    answer_failures(app)
    return app
