"""The phone's way to the network: what its apps send goes through here, and comes through or does not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from simulator.phone import Phone
from simulator.settings import Network

SLOW_SECONDS: Final = 4.0
"""How long a slow network holds a request up: longer than one likes to wait, shorter than an app's patience."""


class Radio(httpx.AsyncBaseTransport):
    """A transport for `httpx` that is as good as the phone's network is at the moment of a request.

    Args:
        phone: Whose network it is.
        beyond: What the requests that come through go to.
        pause: Waits for as many seconds.
    """

    def __init__(
        self,
        phone: Phone,
        beyond: httpx.AsyncBaseTransport,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._phone = phone
        self._beyond = beyond
        self._pause = pause

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Let a request through, at once or late. Raises `httpx.ConnectError` when there is no network."""
        self._need_network(request)
        if self._phone.settings.network is Network.SLOW:
            await self._pause(SLOW_SECONDS)
            self._need_network(request)
        return await self._beyond.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is beyond."""
        await self._beyond.aclose()

    def _need_network(self, request: httpx.Request) -> None:
        if not self._phone.network_on:
            raise httpx.ConnectError("the phone has no network", request=request)
