"""What a customer has open, on the web and on phones, and what logins there were (M31; ASVS 5.0, 7.5.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, Table, and_, or_, select, update

from auth_server import audit
from auth_server.channels import Channel
from auth_server.outbox import Outbox
from auth_server.sealing import Mac
from auth_server.sessions import Session
from auth_server.settings import Settings
from auth_server.tables import audit_rows, phone_sessions, web_sessions

Kind = Literal["web", "phone"]

_TABLES: Final[dict[Kind, Table]] = {"web": web_sessions, "phone": phone_sessions}
_LOGINS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A session that is open. Times are unix seconds.

    `handle` names it on a page, and is good for nothing else; `name` is a browser's or a phone's; of a phone no
    `address` is kept.
    """

    handle: str
    kind: Kind
    name: str
    address: str
    begun_at: float
    last_seen_at: float
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRecord:
    """A login that was made or tried, at a time in unix seconds; `failed_at` tells which proof was refused, if any."""

    at: float
    kind: Kind
    failed_at: Literal["password", "code"] | None
    address: str


class Devices:
    """Lists and ends the sessions of one customer."""

    def __init__(self, settings: Settings, mac: Mac, outbox: Outbox, now: Callable[[], float]) -> None:
        self._settings = settings
        self._mac = mac
        self._outbox = outbox
        self._now = now

    def open_ones(self, tx: Connection, session: Session) -> tuple[Device, ...]:
        """List what the customer of `session` has open: this one first, then the last used."""
        devices = [self._device(kind, row, session) for kind, row in self._rows(tx, session)]
        return tuple(sorted(devices, key=lambda device: (not device.is_this, -device.last_seen_at)))

    def end(self, tx: Connection, session: Session, handle: str, *, address: str) -> bool:
        """End the one that `handle` names, if it is the customer's own and not this one; False if it is not open."""
        found = [row for row in self._others(tx, session) if self._handle(row[1]) == handle]
        return self._end(tx, session, found, address=address) == 1

    def end_others(self, tx: Connection, session: Session, *, address: str) -> int:
        """End all but this one; how many there were."""
        return self._end(tx, session, self._others(tx, session), address=address)

    def logins(self, tx: Connection, session: Session) -> tuple[LoginRecord, ...]:
        """List the customer's last logins, newest first, and those that others may have tried."""
        events = {"login": None, "phone-login": None, "login-password": "password", "login-code": "code"}
        succeeded = and_(audit_rows.c.result == "success", audit_rows.c.event.in_(("login", "phone-login")))
        refused = and_(audit_rows.c.result == "refused", audit_rows.c.event.in_(tuple(events)))
        query = (
            select(audit_rows)
            .where(audit_rows.c.account == session.account.account, or_(succeeded, refused))
            .order_by(audit_rows.c.at.desc(), audit_rows.c.id.desc())
            .limit(_LOGINS_SHOWN)
        )
        return tuple(
            LoginRecord(
                at=row.at,
                kind="phone" if row.event == "phone-login" else "web",
                failed_at=None if row.result == "success" else "code" if row.event == "login-code" else "password",
                address=row.address,
            )
            for row in tx.execute(query)
        )

    def _rows(self, tx: Connection, session: Session) -> list[tuple[Kind, "_Row"]]:
        at = self._now()
        return [
            (kind, _Row(**row))
            for kind, table in _TABLES.items()
            for row in tx.execute(
                select(
                    table.c.token_hash,
                    (table.c.browser if kind == "web" else table.c.device_name).label("name"),
                    table.c.created_at,
                    table.c.last_seen_at,
                    *((table.c.address,) if kind == "web" else ()),
                ).where(
                    table.c.account == session.account.account,
                    table.c.ended_at.is_(None),
                    table.c.last_seen_at > at - self._settings.session_idle_seconds,
                    table.c.created_at > at - self._settings.session_absolute_seconds,
                )
            ).mappings()
        ]

    def _others(self, tx: Connection, session: Session) -> list[tuple[Kind, "_Row"]]:
        return [(kind, row) for kind, row in self._rows(tx, session) if row.token_hash != session.key]

    def _end(self, tx: Connection, session: Session, rows: Sequence[tuple[Kind, "_Row"]], *, address: str) -> int:
        at = self._now()
        ended = 0
        for kind, row in rows:
            table = _TABLES[kind]
            statement = update(table).where(table.c.token_hash == row.token_hash, table.c.ended_at.is_(None))
            if tx.execute(statement.values(ended_at=at)).rowcount != 1:
                continue
            ended += 1
            audit.record(
                tx,
                at=at,
                event="session-ended",
                result="success",
                account=session.account.account,
                reason="by-customer",
                channel=Channel.WEB if kind == "web" else Channel.PHONE,
                address=address,
            )
        self._outbox.release(tx, at=at)
        return ended

    def _device(self, kind: Kind, row: "_Row", session: Session) -> Device:
        return Device(
            handle=self._handle(row),
            kind=kind,
            name=row.name,
            address=row.address,
            begun_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_this=row.token_hash == session.key,
        )

    def _handle(self, row: "_Row") -> str:
        return self._mac.of("session-handle", row.token_hash)[:16].hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    token_hash: bytes
    name: str
    created_at: float
    last_seen_at: float
    address: str = ""
