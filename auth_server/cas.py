"""The CAS protocol 3.0, as far as it is more than a login page: services and their one-time tickets (M31).

Section numbers are those of the "CAS Protocol 3.0 Specification" (Apereo).
Tickets for proxies (2.6, 2.7) are not issued, answers are redirects only (``method``, 2.1.1), and there is no
Remember-Me (4.1).
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import Connection, insert, select, update

from auth_server import accounts, audit
from auth_server.accounts import Account
from auth_server.outbox import Outbox
from auth_server.sealing import Mac
from auth_server.sessions import Session
from auth_server.settings import Settings
from auth_server.tables import service_tickets, web_sessions

_TICKET_BYTES: Final = 32
_LONGEST_ADDRESS: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}


class Services:
    """The services that may get tickets, registered as address prefixes: an exact origin, and a path to be below of."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        self._prefixes = tuple(urlsplit(prefix) for prefix in prefixes)

    def allows(self, address: str) -> bool:
        """Tell whether `address` belongs to a registered service.

        It is read as browsers read addresses, or not at all: what they would mend (backslashes, blanks, dot segments,
        a user name before the host) is refused, so that the address that was checked is the address that is opened.
        """
        parts = _read_address(address)
        return parts is not None and any(_is_below(parts, prefix) for prefix in self._prefixes)


def origin_of(address: str) -> str:
    """Cut `address`, which `Services` allows, down to its origin."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def with_ticket(address: str, ticket: str) -> str:
    """Add ``ticket=`` to the query of the service's `address`, and change nothing else in it (2.2.4)."""
    return f"{address}{'&' if '?' in address else '?'}ticket={ticket}"


class FailureCode(StrEnum):
    """Why a ticket is not accepted (2.5.3), or none given (2.7.3)."""

    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_TICKET_SPEC = "INVALID_TICKET_SPEC"
    INVALID_TICKET = "INVALID_TICKET"
    INVALID_SERVICE = "INVALID_SERVICE"
    UNAUTHORIZED_SERVICE_PROXY = "UNAUTHORIZED_SERVICE_PROXY"
    UNAUTHORIZED_SERVICE = "UNAUTHORIZED_SERVICE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A service brings a ticket back, or what it takes for one.

    With `renew` only a ticket counts for which the customer has just logged in. `wants_proxy`: it asks for a proxy
    granting ticket too, which it is refused together with the ticket (2.5.4). `may_be_proxy`: the ticket may be a
    proxy ticket, of which there are none (2.6).
    """

    ticket: str
    service: str
    renew: bool = False
    wants_proxy: bool = False
    may_be_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A ticket was refused. `reason` is for the audit trail only."""

    code: FailureCode
    reason: str
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A ticket was accepted, once. `authenticated_at` is when the customer logged in, in unix seconds."""

    account: Account
    authenticated_at: float
    from_new_login: bool


class ServiceTickets:
    """Issues service tickets and takes them back (3.1): each is for one service, works once, and lives for seconds."""

    def __init__(self, settings: Settings, mac: Mac, outbox: Outbox, now: Callable[[], float]) -> None:
        self._settings = settings
        self._mac = mac
        self._outbox = outbox
        self._now = now

    def issue(self, tx: Connection, session: Session, service: str, *, from_new_login: bool, address: str) -> str:
        """Issue a ticket for `session` to `service`, which `Services` allows; `address` is the browser's."""
        at = self._now()
        ticket = f"ST-{secrets.token_urlsafe(_TICKET_BYTES)}"
        tx.execute(
            insert(service_tickets).values(
                ticket_hash=self._key(ticket),
                account=session.account.account,
                session_hash=session.key,
                service=service,
                from_new_login=from_new_login,
                issued_at=at,
                expires_at=at + self._settings.ticket_life_seconds,
            )
        )
        audit.record(
            tx,
            at=at,
            event="ticket-issued",
            result="success",
            account=session.account.account,
            channel="web",
            address=address,
        )
        return ticket

    def validate(self, tx: Connection, claim: Claim, *, address: str = "") -> Validated | Failure:
        """Take a ticket back from the service that claims it; whatever comes of it, it is used up (3.1.1).

        A ticket dies with its session. A service whose claim was accepted is told when the session has ended (2.3.3).
        """
        at = self._now()
        found = self._consume(tx, claim, at=at)
        if isinstance(found, Failure):
            return self.refuse(tx, found, address=address)
        self._record(tx, found.account.account, "", address=address)
        return found

    def refuse(self, tx: Connection, failure: Failure, *, address: str) -> Failure:
        """Write down that a claim was refused, and return the failure."""
        self._record(tx, failure.account, failure.reason, address=address)
        return failure

    def _record(self, tx: Connection, account: str, reason: str, *, address: str) -> None:
        audit.record(
            tx,
            at=self._now(),
            event="ticket-validated",
            result="refused" if reason else "success",
            account=account,
            reason=reason,
            channel="web",
            address=address,
        )

    def _consume(self, tx: Connection, claim: Claim, *, at: float) -> Validated | Failure:
        if not claim.ticket.startswith(("ST-", "PT-") if claim.may_be_proxy else "ST-"):
            return Failure(code=FailureCode.INVALID_TICKET_SPEC, reason="unknown")
        of_ticket = service_tickets.c.ticket_hash.in_(self._mac.candidates("service-ticket", claim.ticket))
        row = tx.execute(
            update(service_tickets)
            .where(of_ticket, service_tickets.c.used_at.is_(None))
            .values(used_at=at)
            .returning(service_tickets)
        ).one_or_none()
        if row is None:
            known = tx.execute(select(service_tickets.c.account).where(of_ticket)).scalar_one_or_none()
            reason = "unknown" if known is None else "used"
            return Failure(code=FailureCode.INVALID_TICKET, reason=reason, account=known or "")
        session = tx.execute(
            select(web_sessions.c.created_at).where(
                web_sessions.c.token_hash == row.session_hash, web_sessions.c.ended_at.is_(None)
            )
        ).one_or_none()
        account = accounts.find(tx, row.account)
        if row.expires_at <= at:
            code, reason = FailureCode.INVALID_TICKET, "late"
        elif row.service != claim.service:
            code, reason = FailureCode.INVALID_SERVICE, "wrong"
        elif claim.renew and not row.from_new_login:
            code, reason = FailureCode.INVALID_TICKET, "not-renewed"
        elif session is None:
            code, reason = FailureCode.INVALID_TICKET, "session-ended"
        elif account is None or account.locked:
            code, reason = FailureCode.INVALID_TICKET, "locked"
        elif claim.wants_proxy:
            code, reason = FailureCode.UNAUTHORIZED_SERVICE_PROXY, "proxy"
        else:
            self._outbox.hold_logout(
                tx,
                at=at,
                service=claim.service,
                ticket=claim.ticket,
                session=row.session_hash,
                account=account.account,
            )
            return Validated(account=account, authenticated_at=session.created_at, from_new_login=row.from_new_login)
        return Failure(code=code, reason=reason, account=row.account)

    def _key(self, ticket: str) -> bytes:
        return self._mac.of("service-ticket", ticket)


def _read_address(address: str) -> SplitResult | None:
    if len(address) > _LONGEST_ADDRESS or not re.fullmatch(r"https?://[!#-;=?-\[\]_a-z~]+", address):
        return None  # printable ASCII but quotes, angle brackets, backslash, caret, backtick, braces and bar
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    path = parts.path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/")
    if not parts.hostname or "@" in parts.netloc or parts.fragment or {".", ".."} & set(path.split("/")):
        return None
    return parts


def _is_below(parts: SplitResult, prefix: SplitResult) -> bool:
    same_origin = (parts.scheme, parts.hostname, _port(parts)) == (prefix.scheme, prefix.hostname, _port(prefix))
    root = prefix.path.rstrip("/")
    return same_origin and (parts.path.rstrip("/") == root or parts.path.startswith(root + "/"))


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]
