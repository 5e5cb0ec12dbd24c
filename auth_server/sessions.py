"""Web sessions: rows on the server, known by the hash of a random token that only the customer's browser holds (M31).

A session ends by logout, after 30 minutes without a request, 12 hours after the login (NIST SP 800-63B-4, AAL2), when
its account is locked, and when the password changes. An account has at most five; the oldest makes room.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, insert, or_, select, update

from auth_server import accounts, audit
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.outbox import Outbox, release_held
from auth_server.sealing import Mac
from auth_server.settings import Settings
from auth_server.tables import outbox as messages
from auth_server.tables import phone_sessions, service_tickets, web_logins, web_sessions

MOST_SESSIONS: Final = 5

_TOKEN_BYTES: Final = 32
_BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A customer who is logged in. Times are unix seconds.

    `channel` brought the second factor, last at the time `factor_at`.
    """

    account: Account
    channel: Channel
    created_at: float
    factor_at: float
    previous_login_at: float | None
    key: bytes = field(repr=False)
    """What the database knows the session by; no token can be made from it."""


def end_all(tx: Connection, account: str, *, at: float, but: bytes | None = None) -> None:
    """End whatever `account` has open, on the web and on the phone: sessions, and logins on their way to one.

    `but` is the `token_hash` of the one session that goes on, if one does.
    """
    for table in (web_sessions, web_logins, phone_sessions):
        statement = update(table).where(table.c.account == account, table.c.ended_at.is_(None))
        if but is not None:
            statement = statement.where(table.c.token_hash != but)
        tx.execute(statement.values(ended_at=at))
    release_held(tx, at=at)


def end_logins(tx: Connection, account: str, *, at: float) -> None:
    """End the logins of `account` that are on their way to a session."""
    statement = update(web_logins).where(web_logins.c.account == account, web_logins.c.ended_at.is_(None))
    tx.execute(statement.values(ended_at=at))


class WebSessions:
    """Begins, finds and ends the web sessions of all accounts."""

    def __init__(self, settings: Settings, mac: Mac, outbox: Outbox, now: Callable[[], float]) -> None:
        self._settings = settings
        self._mac = mac
        self._outbox = outbox
        self._now = now

    def begin(
        self,
        tx: Connection,
        account: str,
        channel: Channel,
        *,
        previous_login_at: float | None,
        browser: str = "",
        address: str = "",
    ) -> str:
        """Begin a session for `account`, both of whose factors were just proved, and return its token.

        `browser` and `address` are what the customer later knows it by.
        """
        at = self._now()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        open_ones = select(web_sessions.c.token_hash).where(
            web_sessions.c.account == account, web_sessions.c.ended_at.is_(None)
        )
        too_old = tx.execute(open_ones.order_by(web_sessions.c.created_at.desc()).offset(MOST_SESSIONS - 1)).scalars()
        self._end(tx, too_old.all(), reason="replaced")
        tx.execute(
            insert(web_sessions).values(
                token_hash=self.key(token),
                account=account,
                channel=channel,
                previous_login_at=previous_login_at,
                browser=browser,
                address=address,
                created_at=at,
                factor_at=at,
                last_seen_at=at,
            )
        )
        return token

    def renew(self, tx: Connection, key: bytes, *, factor: Channel | None = None) -> str | None:
        """Give the session known by `key` another token after a new proof, and return it; the old one is dead then.

        `factor` is the channel of a second factor that was just proved, if it was one. None if the session has ended.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        proved: dict[str, object] = {} if factor is None else {"channel": factor, "factor_at": self._now()}
        renewed = tx.execute(
            update(web_sessions)
            .where(web_sessions.c.token_hash == key, web_sessions.c.ended_at.is_(None))
            .values(token_hash=self.key(token), **proved)
        )
        if renewed.rowcount != 1:
            return None
        for column in (service_tickets.c.session_hash, messages.c.held_for, web_logins.c.session_hash):
            tx.execute(update(column.table).where(column == key).values({column: self.key(token)}))
        return token

    def resume(self, tx: Connection, token: str) -> Session | None:
        """Find the session of `token` and put off its idle limit; None if there is none, or no longer.

        One that is found to have outlived a limit is ended for good: a clock set back does not revive it.
        """
        at = self._now()
        keys = self._keys(token)
        row = tx.execute(
            update(web_sessions)
            .where(
                web_sessions.c.token_hash.in_(keys),
                web_sessions.c.ended_at.is_(None),
                web_sessions.c.last_seen_at > at - self._settings.session_idle_seconds,
                web_sessions.c.created_at > at - self._settings.session_absolute_seconds,
            )
            .values(last_seen_at=at)
            .returning(web_sessions)
        ).one_or_none()
        if row is None:
            self._end(tx, keys, reason="late")
            return None
        account = accounts.find(tx, row.account)
        if account is None or account.locked:
            self._end(tx, keys, reason="locked")
            return None
        return Session(
            account=account,
            channel=Channel(row.channel),
            created_at=row.created_at,
            factor_at=row.factor_at,
            previous_login_at=row.previous_login_at,
            key=row.token_hash,
        )

    def end(self, tx: Connection, token: str) -> str | None:
        """End the session of `token` and return its account; None if it had ended already."""
        statement = update(web_sessions).where(
            web_sessions.c.token_hash.in_(self._keys(token)), web_sessions.c.ended_at.is_(None)
        )
        at = self._now()
        account = tx.execute(statement.values(ended_at=at).returning(web_sessions.c.account)).scalar_one_or_none()
        self._outbox.release(tx, at=at)
        return account

    def is_of(self, key: bytes, token: str) -> bool:
        """Tell whether `token` is that of the session known by `key`."""
        return self._mac.is_of(key, "web-session", token)

    def key(self, token: str) -> bytes:
        """Hash `token`; the purpose is part of it, so that a token of another kind finds no session."""
        return self._mac.of("web-session", token)

    def _keys(self, token: str) -> tuple[bytes, ...]:
        return self._mac.candidates("web-session", token)

    def end_outlived(self, tx: Connection) -> bool:
        """End some of the sessions that nobody came back to within their limits; True if there may be more."""
        at = self._now()
        outlived = select(web_sessions.c.token_hash).where(
            web_sessions.c.ended_at.is_(None),
            or_(
                web_sessions.c.last_seen_at <= at - self._settings.session_idle_seconds,
                web_sessions.c.created_at <= at - self._settings.session_absolute_seconds,
            ),
        )
        keys = tx.execute(outlived.limit(_BATCH)).scalars().all()
        self._end(tx, keys, reason="late")
        return len(keys) == _BATCH

    def _end(self, tx: Connection, keys: Sequence[bytes], *, reason: str) -> None:
        at = self._now()
        statement = update(web_sessions).where(web_sessions.c.token_hash.in_(keys), web_sessions.c.ended_at.is_(None))
        ended = tx.execute(statement.values(ended_at=at).returning(web_sessions.c.account))
        self._outbox.release(tx, at=at)
        for account in ended.scalars().all():
            audit.record(
                tx, at=at, event="session-ended", result="success", account=account, reason=reason, channel="web"
            )
