"""Keeps large request bodies out, before anything else has to read them."""

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BYTES: Final = 64 * 1024
LARGEST_PHONE_API_BYTES: Final = 16 * 1024
"""See docs/phone-api.md."""


class SmallBodies:
    """ASGI middleware that reads each body whole and answers `too_large` to one that is.

    Bodies under `strict_prefix` may have 16 KiB, others 64 KiB.
    """

    def __init__(self, app: ASGIApp, strict_prefix: str, too_large: Callable[[Request], Response]) -> None:
        self._app = app
        self._strict_prefix = strict_prefix
        self._too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request whose body is small enough (ASGI 3)."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        largest = LARGEST_PHONE_API_BYTES if scope["path"].startswith(self._strict_prefix) else LARGEST_BYTES
        body = await _read(receive, largest)
        if body is None:
            refused = await run_in_threadpool(self._too_large, Request(scope))
            # What is left of the body stays unread, so this connection cannot serve another request.
            refused.headers["Connection"] = "close"
            await refused(scope, receive, send)
            return
        handed_on = False

        async def receive_again() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


async def _read(receive: Receive, largest: int) -> bytes | None:
    """Read a body; None once it is larger than `largest` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > largest:
            return None
        if not message.get("more_body", False):  # also when the client has gone: nobody reads the answer then
            return bytes(body)
