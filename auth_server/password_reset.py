"""Password reset by a mailed link (M2, M3, M6, M7): eight hours, once, and a newer link ends the older ones.

Links are known by the hash of a random token. Opening one changes nothing, so mail scanners may; setting the password
uses it up and ends every session, and logs nobody in.
"""

import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from auth_server import accounts, audit, lockout
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.database import Database
from auth_server.messages import password_reset_mail
from auth_server.outbox import Outbox
from auth_server.password_change import Changed, PasswordChanges, Unfit
from auth_server.sealing import Mac
from auth_server.settings import Settings
from auth_server.tables import reset_links

PAGE: Final = "/iweb/password-reset"

_TOKEN_BYTES: Final = 32
_HOUR: Final = 3600.0


class LinkState(StrEnum):
    """How a link stands. The value is the reason that the audit trail gives."""

    OPEN = "open"
    LATE = "late"
    USED = "used"
    REPLACED = "replaced"
    LOCKED = "locked"
    UNKNOWN = "unknown"


_EVENTS: Final[dict[LinkState, audit.Event]] = {
    LinkState.OPEN: "link-opened",
    LinkState.LATE: "link-expired",
    LinkState.USED: "link-used",
    LinkState.REPLACED: "link-replaced",
    LinkState.LOCKED: "link-opened",
    LinkState.UNKNOWN: "link-unknown",
}

# Gets a mail that is undone when a customer gets none, so that the answer takes as long (M7).
_NOBODY: Final = Account(account="0000-0000", name="-", email="", phone="", language="zh-Hant")


class PasswordResets:
    """Sends reset links and takes them back."""

    def __init__(
        self, settings: Settings, mac: Mac, outbox: Outbox, changes: PasswordChanges, now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._mac = mac
        self._outbox = outbox
        self._changes = changes
        self._now = now

    def send(self, tx: Connection, account: Account, *, asked: Channel, address: str = "", staff: str = "") -> None:
        """Mail `account` a link (M2); the ones sent before end.

        `asked` is where the reset was asked for, by `staff` if it was one of them.
        """
        at = self._now()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        tx.execute(
            update(reset_links)
            .where(reset_links.c.account == account.account, reset_links.c.state == "open")
            .values(state="replaced")
        )
        expires_at = at + self._settings.reset_link_life_seconds
        tx.execute(
            insert(reset_links).values(
                token_hash=self._key(token),
                account=account.account,
                sent_at=at,
                expires_at=expires_at,
                state="open",
            )
        )
        self._mail(tx, account, token, until=expires_at)
        self._record_request(tx, account.account, "", asked=asked, address=address, staff=staff)

    def send_forgotten(self, tx: Connection, text: str, *, address: str) -> None:
        """Mail a link to whoever has the account number `text` (M7); who asks is not told whether anyone has.

        A locked account gets none, nor one that had its share of this hour; the audit trail says so.
        """
        number = accounts.read_account(text)
        account = accounts.find(tx, number) if number else None
        limited = lockout.reserve(
            tx,
            f"resets of {number}",
            limit=self._settings.resets_per_hour,
            window_seconds=_HOUR,
            at=self._now(),
        )
        if account is not None and not account.locked and limited is None:
            self.send(tx, account, asked=Channel.WEB, address=address)
            return
        with tx.begin_nested() as for_nobody:
            self._mail(tx, _NOBODY, secrets.token_urlsafe(_TOKEN_BYTES), until=self._now())
            for_nobody.rollback()
        reason = "unknown-account" if account is None else "locked" if account.locked else "limit"
        self._record_request(tx, number or text, reason, asked=Channel.WEB, address=address)

    def has_open_link(self, tx: Connection, account: str) -> bool:
        """Tell whether `account` was sent a link that can still be used."""
        query = select(reset_links.c.account).where(
            reset_links.c.account == account, reset_links.c.state == "open", reset_links.c.expires_at > self._now()
        )
        return tx.execute(query.limit(1)).one_or_none() is not None

    def open(self, tx: Connection, token: str, *, address: str) -> LinkState:
        """Tell how the link with `token` stands when it is opened, and write that down; nothing else changes."""
        state, account = self._look(tx, token)
        self._record(tx, state, account, address=address)
        return state

    def account_of(self, tx: Connection, token: str) -> Account | None:
        """Find whose password the link with `token` can set; None if the link has ended, for whichever reason."""
        state, account = self._look(tx, token)
        return account if state is LinkState.OPEN else None

    def change(
        self, database: Database, token: str, password: str, again: str, *, address: str
    ) -> Changed | Unfit | None:
        """Set the password of the account that the link belongs to; None if the link has ended.

        A password that breaks a rule does not use the link up. Of any number of requests at once one succeeds.
        """
        with database.reading() as tx:
            account = self.account_of(tx, token)
        prepared = self._changes.prepare(account, password, again) if account else None
        with database.writing() as tx:
            state, account = self._look(tx, token)
            if isinstance(prepared, Unfit) and account is not None and state is LinkState.OPEN:
                self._changes.refuse(tx, account, prepared, used=Channel.MAIL, address=address)
                return prepared
            if isinstance(prepared, str) and account is not None and state is LinkState.OPEN and self._use(tx, token):
                return self._changes.apply(tx, account, prepared, used=Channel.MAIL, address=address)
            # One that was open a moment ago, and could not be used, was used by somebody quicker.
            ended = LinkState.USED if state is LinkState.OPEN else state
            self._record(tx, ended, account, address=address)
            return None

    def _mail(self, tx: Connection, account: Account, token: str, *, until: float) -> None:
        # The configured origin, never what a request says about itself: see CVE-2025-64101.
        link = f"{self._settings.origin}{PAGE}?token={token}"
        words = password_reset_mail(account, link, self._settings)
        self._outbox.queue_mail(
            tx,
            at=self._now(),
            to=account.email,
            subject=words.subject,
            text=words.text,
            html=words.html,
            account=account.account,
            until=until,
        )

    def _key(self, token: str) -> bytes:
        return self._mac.of("reset-link", token)

    def _is_of(self, token: str) -> ColumnElement[bool]:
        return reset_links.c.token_hash.in_(self._mac.candidates("reset-link", token))

    def _use(self, tx: Connection, token: str) -> bool:
        used = tx.execute(
            update(reset_links)
            .where(
                self._is_of(token),
                reset_links.c.state == "open",
                reset_links.c.expires_at > self._now(),
            )
            .values(state="used")
        )
        return used.rowcount == 1

    def _look(self, tx: Connection, token: str) -> tuple[LinkState, Account | None]:
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", token):
            return LinkState.UNKNOWN, None
        query = select(reset_links).where(self._is_of(token))
        row = tx.execute(query).one_or_none()
        if row is None:
            return LinkState.UNKNOWN, None
        account = accounts.find(tx, row.account)
        assert account is not None  # a foreign key holds it
        if row.state != "open":
            return LinkState(row.state), account
        if row.expires_at <= self._now():
            return LinkState.LATE, account
        return (LinkState.LOCKED if account.locked else LinkState.OPEN), account

    def _record(self, tx: Connection, state: LinkState, account: Account | None, *, address: str) -> None:
        is_open = state is LinkState.OPEN
        audit.record(
            tx,
            at=self._now(),
            event=_EVENTS[state],
            result="success" if is_open else "refused",
            account=account.account if account else "",
            reason="" if is_open else state,
            channel=Channel.MAIL,
            address=address,
        )

    def _record_request(
        self, tx: Connection, account: str, reason: str, *, asked: Channel, address: str, staff: str = ""
    ) -> None:
        audit.record(
            tx,
            at=self._now(),
            event="password-reset-requested",
            result="refused" if reason else "success",
            account=account,
            reason=reason,
            channel=asked,
            address=address,
            staff=staff,
        )
