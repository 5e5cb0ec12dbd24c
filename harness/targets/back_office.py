"""The back office of the server under test, over HTTP: customers, resets, tokens, the audit trail (M34)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx

from harness.errors import EnvironmentNotReady, StepFailed
from harness.targets.customers import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the server's audit trail. `at` is in Unix seconds; `result` is `success` or `refused`."""

    number: int
    at: float
    account: str
    event: str
    result: str
    reason: str


class BackOffice:
    """What the server's staff can do, by the server's own JSON API. `client` carries the address and the key."""

    def __init__(self, client: httpx.AsyncClient, path: str = "/back-office/api") -> None:
        self._client = client
        self._path = path

    async def create(self, customer: Customer) -> None:
        """Open an account. An empty password means that none is set yet."""
        await self._ask(
            "POST",
            "/customers",
            {
                "account": customer.account,
                "name": customer.name,
                "email": customer.email,
                "phone": customer.phone,
                "password": customer.password or None,
                "language": customer.language,
            },
        )

    async def reset_password(self, account: str) -> None:
        """Start a reset: the customer gets the mail with the link (M2)."""
        await self._ask("POST", f"/customers/{account}/password-reset", {})

    async def lock(self, account: str) -> None:
        """Lock the account."""
        await self._ask("POST", f"/customers/{account}/lock", {})

    async def unlock(self, account: str) -> None:
        """Unlock the account."""
        await self._ask("POST", f"/customers/{account}/unlock", {})

    async def clear_token(self, account: str) -> None:
        """End the account's soft token."""
        await self._ask("POST", f"/customers/{account}/token/clear", {})

    async def token_state(self, account: str) -> str:
        """Tell the token's state: `none`, `pending`, `active` or `locked`."""
        answer = await self._ask("GET", f"/customers/{account}")
        return str(cast("Mapping[str, Any]", answer["token"])["state"])

    async def audit(self, *, account: str = "", after: int = 0) -> tuple[AuditRow, ...]:
        """Read the audit trail after row `after`, oldest first."""
        wanted = {"after": str(after), "limit": "500"} | ({"account": account} if account else {})
        answer = await self._ask("GET", f"/audit?{urlencode(wanted)}")
        return tuple(
            AuditRow(
                number=int(row["id"]),
                at=float(row["at"]),
                account=str(row["account"]),
                event=str(row["event"]),
                result=str(row["result"]),
                reason=str(row["reason"]),
            )
            for row in cast("list[Mapping[str, Any]]", answer["rows"])
        )

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        try:
            answer = await self._client.request(method, f"{self._path}{path}", json=body)
        except httpx.TransportError as trouble:
            raise EnvironmentNotReady(f"the back office does not answer: {trouble or type(trouble).__name__}") from None
        if answer.is_server_error:
            raise EnvironmentNotReady(f"the back office answered {answer.status_code} to {method} {path}")
        if answer.is_client_error:
            raise StepFailed(f"the back office refused {method} {path}: {_message(answer)}")
        return cast("Mapping[str, Any]", answer.json()) if answer.content else {}


def _message(answer: httpx.Response) -> str:
    """The server's own sentence if it gave one, else the status."""
    try:
        return str(cast("Mapping[str, Any]", answer.json())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"
