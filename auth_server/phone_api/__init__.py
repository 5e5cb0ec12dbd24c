"""The phone API: what the broker's app says to the server. docs/phone-api.md describes it whole."""

from functools import cache
from typing import Final

from starlette.types import ASGIApp

PREFIX: Final = "/phone-api/v1"

__all__ = ["PREFIX", "load"]


@cache
def load() -> ASGIApp:
    """Put the phone API together."""
    from auth_server.phone_api.application import build  # noqa: PLC0415 - no world needs it before its first phone

    return build()
