"""The back office: what the broker's staff may do for customers, as pages for people and a JSON API for programs (M34).

The requests that scenarios and programs live on are routes of the server from its start; the rest is put together when
somebody first asks for it.
"""

from functools import cache
from typing import Final

from starlette.types import ASGIApp

from auth_server.back_office.api import router

PATH: Final = "/back-office"

__all__ = ["PATH", "load", "router"]


@cache
def load() -> ASGIApp:
    """Put the whole back office together: its pages, and all of its JSON API."""
    from auth_server.back_office.application import build  # noqa: PLC0415

    return build()
