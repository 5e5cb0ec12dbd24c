"""The pages: what a customer's browser gets, and what it may send."""

from functools import cache

from starlette.types import ASGIApp

__all__ = ["load"]


@cache
def load() -> ASGIApp:
    """Put the pages together."""
    from auth_server.pages.application import build  # noqa: PLC0415 - no world needs them before its first browser

    return build()
