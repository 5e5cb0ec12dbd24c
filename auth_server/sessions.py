"""Web sessions: rows on the server, known by the hash of a random token that only the customer's browser holds (M31).

A session ends by logout, after 30 minutes without a request, 12 hours after the login (NIST SP 800-63B-4, AAL2), when
its account is locked, and when the password changes. An account has at most five; the oldest makes room.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, insert, select, update

from auth_server import accounts, audit, phone_sessions
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.sealing import Mac
from auth_server.settings import Settings
from auth_server.tables import web_logins, web_sessions

MOST_SESSIONS: Final = 5

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A customer who is logged in. `channel` brought the second factor; times are unix seconds."""

    account: Account
    channel: Channel
    created_at: float
    previous_login_at: float | None
    key: bytes = field(repr=False)
    """What the database knows the session by; no token can be made from it."""


def end_all(tx: Connection, account: str, *, at: float) -> None:
    """End whatever `account` has open, on the web and on the phone: sessions, and logins on their way to one."""
    for table in (web_sessions, web_logins):
        tx.execute(update(table).where(table.c.account == account, table.c.ended_at.is_(None)).values(ended_at=at))
    phone_sessions.end_all(tx, account, at=at)


class WebSessions:
    """Begins, finds and ends the web sessions of all accounts."""

    def __init__(self, settings: Settings, mac: Mac, now: Callable[[], float]) -> None:
        self._settings = settings
        self._mac = mac
        self._now = now

    def begin(self, tx: Connection, account: str, channel: Channel, *, previous_login_at: float | None) -> str:
        """Begin a session for `account`, both of whose factors were just proved, and return its token."""
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
                created_at=at,
                last_seen_at=at,
            )
        )
        return token

    def resume(self, tx: Connection, token: str) -> Session | None:
        """Find the session of `token` and put off its idle limit; None if there is none, or no longer.

        One that is found to have outlived a limit is ended for good: a clock set back does not revive it.
        """
        at = self._now()
        key = self.key(token)
        row = tx.execute(
            update(web_sessions)
            .where(
                web_sessions.c.token_hash == key,
                web_sessions.c.ended_at.is_(None),
                web_sessions.c.last_seen_at > at - self._settings.session_idle_seconds,
                web_sessions.c.created_at > at - self._settings.session_absolute_seconds,
            )
            .values(last_seen_at=at)
            .returning(web_sessions)
        ).one_or_none()
        if row is None:
            self._end(tx, [key], reason="late")
            return None
        account = accounts.find(tx, row.account)
        if account is None or account.locked:
            self._end(tx, [key], reason="locked")
            return None
        return Session(
            account=account,
            channel=Channel(row.channel),
            created_at=row.created_at,
            previous_login_at=row.previous_login_at,
            key=key,
        )

    def end(self, tx: Connection, token: str) -> str | None:
        """End the session of `token` and return its account; None if it had ended already."""
        statement = update(web_sessions).where(
            web_sessions.c.token_hash == self.key(token), web_sessions.c.ended_at.is_(None)
        )
        return tx.execute(statement.values(ended_at=self._now()).returning(web_sessions.c.account)).scalar_one_or_none()

    def key(self, token: str) -> bytes:
        """Hash `token`; the purpose is part of it, so that a token of another kind finds no session."""
        return self._mac.of("web-session", token)

    def _end(self, tx: Connection, keys: Sequence[bytes], *, reason: str) -> None:
        at = self._now()
        statement = update(web_sessions).where(web_sessions.c.token_hash.in_(keys), web_sessions.c.ended_at.is_(None))
        ended = tx.execute(statement.values(ended_at=at).returning(web_sessions.c.account))
        for account in ended.scalars().all():
            audit.record(
                tx, at=at, event="session-ended", result="success", account=account, reason=reason, channel="web"
            )
