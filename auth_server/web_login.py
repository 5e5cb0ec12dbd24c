"""The login on the web: the right password, and what a login is from then on (M25); the codes are in second_factor.py.

A login between two steps is a row on the server, known by the hash of a token in the browser's cookie. The token is
another after each proof. Nothing but the row says which step is next.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from auth_server import accounts, audit, lockout
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.database import Database
from auth_server.lockout import Limited
from auth_server.password_change import Changed, PasswordChanges, Unfit
from auth_server.passwords import Passwords
from auth_server.sealing import Mac
from auth_server.settings import Settings
from auth_server.tables import web_logins

_TOKEN_BYTES: Final = 32


class Step(StrEnum):
    """What a login waits for."""

    CHANNEL = "channel"
    CODE = "code"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a step


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLogin:
    """A login whose password was right. `service` is the CAS service that it is for."""

    account: Account
    step: Step
    channel: Channel | None
    service: str | None
    transaction: str
    """What one-time codes are bound to: the same from the password to the end of the login."""
    key: bytes = field(repr=False)
    """What the database knows the login by."""
    session: bytes | None = field(default=None, repr=False)
    """The key of the session whose second factor is asked again; None for a login that makes a session."""
    onward: str | None = None
    """Which of our pages comes after it, if it is not the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLogin:
    """There is no login to go on with. `reason` is for the audit trail."""

    reason: str
    account: str = ""


class WebLogins:
    """Begins, finds and ends logins."""

    def __init__(
        self,
        settings: Settings,
        mac: Mac,
        passwords: Passwords,
        changes: PasswordChanges,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._mac = mac
        self._passwords = passwords
        self._changes = changes
        self._now = now

    def begin(self, database: Database, number: str, password: str, *, service: str | None, address: str) -> str | None:
        """Check the account number and the password (M25); returns the token of the login, or None if refused.

        Unknown, locked and limited accounts and those without a password are refused like a wrong password, and after
        the same work.
        """
        account_number = accounts.read_account(number)
        tries = lockout.password_counter(account_number or "nobody")
        with database.writing() as tx:
            limited = lockout.reserve(
                tx,
                tries,
                limit=self._settings.password_tries,
                window_seconds=self._settings.password_window_seconds,
                at=self._now(),
            )
            account = accounts.find(tx, account_number) if account_number else None
        known_hash = account.password_hash if account and not limited else None
        right = self._passwords.verify_password(known_hash, password)
        renewed = self._passwords.renewed(known_hash, password) if right and known_hash is not None else None
        with database.writing() as tx:
            account = accounts.find(tx, account_number) if account_number else None
            reason = _why_refused(account, known_hash, limited, right=right)
            self._record(tx, account_number or number, reason, address=address)
            if account is None or reason:
                return None
            lockout.forgive(tx, tries)
            if renewed is not None:
                accounts.renew_password_hash(tx, account, renewed)
            return self.open(tx, account.account, Step.CHANNEL, service=service)

    def find(self, tx: Connection, token: str) -> WebLogin | NoLogin:
        """Find the login of `token`, if it goes on."""
        row = tx.execute(select(web_logins).where(self._is_of(token))).one_or_none()
        if row is None:
            return NoLogin(reason="none")
        account = accounts.find(tx, row.account)
        if account is None or account.locked:
            return NoLogin(reason="locked", account=row.account)
        if row.ended_at is not None or row.expires_at <= self._now():
            return NoLogin(reason="used" if row.ended_at is not None else "late", account=row.account)
        return WebLogin(
            account=account,
            step=Step(row.step),
            channel=Channel(row.channel) if row.channel else None,
            service=row.service,
            transaction=row.transaction_id,
            key=row.token_hash,
            session=row.session_hash,
            onward=row.onward,
        )

    def open(
        self,
        tx: Connection,
        account: str,
        step: Step,
        *,
        service: str | None = None,
        channel: Channel | None = None,
        session: bytes | None = None,
        onward: str | None = None,
    ) -> str:
        """Open a login of `account` that waits for `step`, and return its token.

        With the key of a `session` it is one that asks for the second factor of that session again (ASVS 5.0, 7.5.3);
        `onward` is the address, one of our own, where the customer goes after it.
        """
        at = self._now()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        tx.execute(
            insert(web_logins).values(
                token_hash=self._key(token),
                transaction_id=secrets.token_hex(16),
                account=account,
                step=step,
                channel=channel,
                service=service,
                session_hash=session,
                onward=onward,
                created_at=at,
                expires_at=at + self._settings.login_life_seconds,
            )
        )
        return token

    def await_code(self, tx: Connection, login: WebLogin, channel: Channel) -> bool:
        """Have `login` wait for the code of `channel`; False if it has ended, or waits for a new password."""
        moved = tx.execute(
            update(web_logins)
            .where(
                web_logins.c.token_hash == login.key,
                web_logins.c.ended_at.is_(None),
                web_logins.c.step.in_((Step.CHANNEL, Step.CODE)),
            )
            .values(step=Step.CODE, channel=channel)
        )
        return moved.rowcount == 1

    def end(self, tx: Connection, login: WebLogin) -> bool:
        """End `login`; of any number of requests at once one is told that it did."""
        statement = update(web_logins).where(web_logins.c.token_hash == login.key, web_logins.c.ended_at.is_(None))
        return tx.execute(statement.values(ended_at=self._now())).rowcount == 1

    def abandon(self, tx: Connection, token: str) -> None:
        """End the login of `token`, if there is one: another has begun in the same browser."""
        statement = update(web_logins).where(self._is_of(token), web_logins.c.ended_at.is_(None))
        tx.execute(statement.values(ended_at=self._now()))

    def change_password(
        self, database: Database, token: str, password: str, again: str, *, address: str
    ) -> Changed | Unfit | None:
        """Change the expired password of the login of `token` (M8); None if that login has ended.

        The customer logs in with the new one then: a change of password never logs anyone in.
        """
        with database.reading() as tx:
            login = self._due(tx, token)
        if login is None or login.channel is None:
            return None
        prepared = self._changes.prepare(login.account, password, again)
        with database.writing() as tx:
            if self._due(tx, token) is None:
                return None
            if isinstance(prepared, Unfit):
                self._changes.refuse(tx, login.account, prepared, used=login.channel, address=address)
                return prepared
            if not self.end(tx, login):
                return None
            return self._changes.apply(tx, login.account, prepared, used=login.channel, address=address)

    def _due(self, tx: Connection, token: str) -> WebLogin | None:
        login = self.find(tx, token)
        return login if isinstance(login, WebLogin) and login.step is Step.NEW_PASSWORD else None

    def _key(self, token: str) -> bytes:
        return self._mac.of("web-login", token)

    def _is_of(self, token: str) -> ColumnElement[bool]:
        return web_logins.c.token_hash.in_(self._mac.candidates("web-login", token))

    def _record(self, tx: Connection, account: str, reason: str, *, address: str) -> None:
        audit.record(
            tx,
            at=self._now(),
            event="login-password",
            result="refused" if reason else "success",
            account=account,
            reason=reason,
            channel=Channel.WEB,
            address=address,
        )


def _why_refused(account: Account | None, known_hash: str | None, limited: Limited | None, *, right: bool) -> str:
    if account is None:
        return "unknown-account"
    if limited is not None:
        return "limit"
    if account.locked:
        return "locked"
    if account.password_hash is None:
        return "no-password"
    # A password that was changed while its predecessor was being checked was not proved by it.
    return "" if right and account.password_hash == known_hash else "wrong"
