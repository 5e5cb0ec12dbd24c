"""A mail that reminds of a password before it expires (M8; ASVS 5.0, 6.4.5): once for each password."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, or_, select, update

from auth_server import accounts as people
from auth_server import audit
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.messages import password_reminder_mail
from auth_server.outbox import Outbox
from auth_server.settings import Settings
from auth_server.tables import accounts

_BATCH: Final = 20


class PasswordReminders:
    """Finds passwords that are about to expire, and reminds their owners."""

    def __init__(self, settings: Settings, outbox: Outbox, now: Callable[[], float]) -> None:
        self._settings = settings
        self._outbox = outbox
        self._now = now

    def ends_at(self, account: Account) -> float | None:
        """Tell when the password of `account` expires, in unix seconds, if that is near; None if not."""
        if account.password_changed_at is None:
            return None
        ends_at = account.password_changed_at + self._settings.password_life_seconds
        return ends_at if ends_at - self._settings.password_reminder_seconds <= self._now() else None

    def remind(self, tx: Connection) -> bool:
        """Remind some who were not; True if there may be more.

        Those whose password has expired already learn it at their next login, and locked accounts have no use for it.
        """
        at = self._now()
        changed_at = accounts.c.password_changed_at
        expired_since = at - self._settings.password_life_seconds
        # Asked twice: who waited for another process's update is shown the row as that left it (PostgreSQL, 13.2.1).
        not_yet = or_(accounts.c.password_reminded_of.is_(None), accounts.c.password_reminded_of != changed_at)
        due = (
            select(accounts.c.account)
            .where(
                changed_at <= expired_since + self._settings.password_reminder_seconds,
                changed_at > expired_since,
                accounts.c.locked_at.is_(None),
                not_yet,
            )
            .limit(_BATCH)
        )
        reminded = tx.execute(
            update(accounts)
            .where(accounts.c.account.in_(due), not_yet)
            .values(password_reminded_of=changed_at)
            .returning(accounts.c.account)
        )
        numbers = reminded.scalars().all()
        for number in numbers:
            self._remind(tx, number, at=at)
        return len(numbers) == _BATCH

    def _remind(self, tx: Connection, number: str, *, at: float) -> None:
        account = people.find(tx, number)
        assert account is not None
        assert account.password_changed_at is not None
        until = account.password_changed_at + self._settings.password_life_seconds
        words = password_reminder_mail(account, until=until, settings=self._settings)
        self._outbox.queue_mail(
            tx, at=at, to=account.email, subject=words.subject, text=words.text, html=words.html, account=number
        )
        audit.record(tx, at=at, event="password-reminded", result="success", account=number, channel=Channel.MAIL)
