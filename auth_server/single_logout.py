"""Single logout: services that took a ticket of a session are told when it has ended (CAS Protocol 3.0, 2.3.3)."""

import ssl
from functools import cache

import httpx

from auth_server.gateways import HandedOver, RefusedForGood, Taken, TryLater
from auth_server.outbox import ServiceLogout, Waiting

_PATIENCE_SECONDS = 5.0
_MAY_PASS = frozenset({408, 425, 429})


class ServiceLogouts:
    """Tells services, each at the address that it had its ticket for. Redirects are not followed."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def hand_over(self, waiting: Waiting, logout: ServiceLogout) -> HandedOver:
        """Post the logout request to the service. Its id is the same each time it is tried.

        A service that knows no single logout answers as it likes; an answer other than success or a passing trouble
        is its last word (2.3.3.1).
        """
        from auth_server.cas_documents import logout_request  # noqa: PLC0415 - few servers have services

        document = logout_request(waiting.message_id.strip("<>").partition("@")[0], logout.ticket, waiting.created_at)
        try:
            answer = await self._opened().post(logout.service, data={"logoutRequest": document})
        except httpx.HTTPError as error:
            return TryLater(type(error).__name__)
        if answer.is_success:
            return Taken()
        reason = f"HTTP {answer.status_code}"
        passes = answer.is_server_error or answer.status_code in _MAY_PASS
        return TryLater(reason) if passes else RefusedForGood(reason)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False, verify=_authorities())
        return self._client


@cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context()
