"""A customer who is logged in changes the password, with the current one (ASVS 5.0, 6.2.2, 6.2.3 and 7.4.3)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from auth_server import audit, lockout
from auth_server.channels import Channel
from auth_server.database import Database
from auth_server.lockout import Limited
from auth_server.password_change import Changed, PasswordChanges, Unfit
from auth_server.passwords import Passwords
from auth_server.sessions import WebSessions
from auth_server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedByOwner:
    """The password is another; `token` is that of the same session from here on."""

    changed: Changed
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """What was given for the current password is not it."""


class OwnPasswords:
    """Changes the password of a session's owner."""

    def __init__(
        self,
        settings: Settings,
        passwords: Passwords,
        changes: PasswordChanges,
        sessions: WebSessions,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._passwords = passwords
        self._changes = changes
        self._sessions = sessions
        self._now = now

    def change(
        self,
        database: Database,
        token: str,
        *,
        current: str,
        new: str,
        again: str,
        others_go_on: bool,
        address: str,
    ) -> ChangedByOwner | Unfit | WrongPassword | Limited | None:
        """Change the password of the owner of the session with `token`; None if there is no such session.

        Wrong current passwords have a count of their own: neither does a stranger at the login page keep the owner
        from this, nor does who found an open browser keep the owner from logging in.
        """
        with database.writing() as tx:
            session = self._sessions.resume(tx, token)
            if session is None:
                return None
            account = session.account
            tries = f"wrong passwords of {account.account} in its sessions"
            limited = lockout.reserve(
                tx,
                tries,
                limit=self._settings.password_tries,
                window_seconds=self._settings.password_window_seconds,
                at=self._now(),
            )
            if limited is not None:
                self._refuse(tx, account.account, "limit", channel=session.channel, address=address)
                return limited
        right = self._passwords.verify_password(account.password_hash, current)
        prepared = self._changes.prepare(account, new, again) if right else WrongPassword()
        with database.writing() as tx:
            session = self._sessions.resume(tx, token)
            if session is None or session.account.password_hash != account.password_hash:
                return None
            if isinstance(prepared, WrongPassword):
                self._refuse(tx, account.account, "wrong", channel=session.channel, address=address)
                return prepared
            lockout.forgive(tx, tries)
            if isinstance(prepared, Unfit):
                self._changes.refuse(tx, account, prepared, used=session.channel, address=address)
                return prepared
            changed = self._changes.apply(
                tx,
                account,
                prepared,
                used=session.channel,
                address=address,
                but=session.key,
                others_go_on=others_go_on,
            )
            renewed = self._sessions.renew(tx, session.key)
            assert renewed is not None  # it was resumed in this very transaction
            return ChangedByOwner(changed=changed, token=renewed)

    def _refuse(self, tx: Connection, account: str, reason: str, *, channel: Channel, address: str) -> None:
        audit.record(
            tx,
            at=self._now(),
            event="password-refused",
            result="refused",
            account=account,
            reason=reason,
            channel=channel,
            address=address,
        )
