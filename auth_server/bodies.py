"""Keeps large request bodies out, before anything else has to read them."""

from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BYTES: Final = 64 * 1024
LARGEST_PHONE_API_BYTES: Final = 16 * 1024
"""See docs/phone-api.md."""


class SmallBodies:
    """ASGI middleware that reads each body whole and answers 413 to one that is too large.

    Bodies under `strict_prefix` may have 16 KiB, others 64 KiB.
    """

    def __init__(self, app: ASGIApp, strict_prefix: str) -> None:
        self._app = app
        self._strict_prefix = strict_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request whose body is small enough (ASGI 3)."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        largest = LARGEST_PHONE_API_BYTES if scope["path"].startswith(self._strict_prefix) else LARGEST_BYTES
        body = await _read(receive, largest)
        if body is None:
            # What is left of the body stays unread, so this connection cannot serve another request.
            refused = {"error": {"code": "invalid-request", "message": "The request is too large."}}
            await JSONResponse(refused, 413, {"Connection": "close"})(scope, receive, send)
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
