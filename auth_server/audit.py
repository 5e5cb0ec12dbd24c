"""The audit trail: what was tried, by whom, how it ended, and the true reason, which customers are not told (M33)."""

from dataclasses import asdict, dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select

from auth_server.tables import audit_rows

Event = Literal[
    "customer-created",
    "password-reset-requested",
    "link-opened",
    "link-expired",
    "link-replaced",
    "link-used",
    "link-unknown",
    "password-refused",
    "password-changed",
    "login-password",
    "code-sent",
    "login-code",
    "login",
    "logout",
    "session-ended",
    "phone-login",
    "enrolment-started",
    "activation-code",
    "registration-sent",
    "binding",
    "token-bound",
    "token-cleared",
    "biometrics-registered",
    "biometrics-unlock",
    "biometrics-suspended",
    "biometrics-ended",
    "account-locked",
    "account-unlocked",
    "ticket-issued",
    "ticket-validated",
    "request-refused",
    "message-given-up",
    "password-reminded",
    "stepped-up",
    "order-placed",
    "staff-added",
    "staff-reset",
    "staff-removed",
    "staff-login",
    "staff-logout",
    "staff-session-ended",
    "audit-exported",
]
EVENTS: tuple[str, ...] = get_args(Event)

Result = Literal["success", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row. `at` is in unix seconds, `address` is where the request came from, `staff` who of the staff acted."""

    id: int
    at: float
    account: str
    event: str
    result: str
    reason: str
    channel: str
    address: str
    staff: str

    def as_json(self) -> dict[str, object]:
        """Give the row as the back office writes it."""
        return asdict(self)


def record(
    tx: Connection,
    *,
    at: float,
    event: Event,
    result: Result,
    account: str = "",
    reason: str = "",
    channel: str = "",
    address: str = "",
    staff: str = "",
) -> None:
    """Write one row. What came from outside is cut to the column's width and its control characters are escaped."""
    tx.execute(
        insert(audit_rows).values(
            at=at,
            event=event,
            result=result,
            account=_printable(account, 64),
            reason=_printable(reason, 80),
            channel=_printable(channel, 16),
            address=_printable(address, 64),
            staff=_printable(staff, 32),
        )
    )


def rows(
    tx: Connection, *, account: str | None = None, event: str | None = None, after: int = 0, limit: int = 100
) -> tuple[AuditRow, ...]:
    """Read up to `limit` rows with ids above `after`, oldest first, of one account or one event if given."""
    query = select(audit_rows).where(audit_rows.c.id > after).order_by(audit_rows.c.id).limit(limit)
    if account is not None:
        query = query.where(audit_rows.c.account == account)
    if event is not None:
        query = query.where(audit_rows.c.event == event)
    return tuple(AuditRow(**row) for row in tx.execute(query).mappings())


def _printable(text: str, width: int) -> str:
    # A forged line or a terminal escape in a name must not become one in the trail of who reads it.
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:width])
    return escaped[:width]
