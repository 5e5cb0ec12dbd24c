"""Bugs of password resets and of the rules for passwords."""

import itertools
import re
from typing import Any, ClassVar

from sqlalchemy import Connection, update
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.database import Database
from auth_server.outbox import Outbox
from auth_server.password_change import Changed, PasswordChanges, Unfit
from auth_server.password_reset import LinkState, PasswordResets
from auth_server.passwords import PasswordRule, Passwords
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, bug
from auth_server.tables import accounts as accounts_table
from auth_server.tables import reset_links


class _TakesEnded(PasswordResets):
    """A link that has ended in one way is taken for an open one."""

    ended: ClassVar[LinkState]

    def _look(self, tx: Connection, token: str) -> tuple[LinkState, Account | None]:
        state, account = super()._look(tx, token)
        return (LinkState.OPEN if state is self.ended else state), account

    def _use(self, tx: Connection, token: str) -> bool:
        return super()._use(tx, token) or super()._look(tx, token)[0] is self.ended


@bug("link_reuse")
class LinkReuse(_TakesEnded):
    """A reset link sets as many passwords as it is opened for (M6)."""

    ended = LinkState.USED


@bug("old_links")
class OldLinks(_TakesEnded):
    """A reset link goes on working when a newer one was sent, or the password was changed (M6)."""

    ended = LinkState.REPLACED


@bug("expiry_not_checked")
class ExpiryNotChecked(_TakesEnded):
    """A reset link works for ever (M6; CVE-2026-18363)."""

    ended = LinkState.LATE


@bug("token_user_mismatch")
class TokenUserMismatch(PasswordResets):
    """The form says whose password the link sets (CVE-2023-26481)."""

    def _look(self, tx: Connection, token: str) -> tuple[LinkState, Account | None]:
        state, account = super()._look(tx, token)
        named = accounts.find(tx, heard().fields.get("account", ""))
        return state, named or account


@bug("link_on_get")
class LinkOnGet(PasswordResets):
    """A link can be opened once, so a mail scanner that looks first locks the customer out."""

    _opened: tuple[str, ...] = ()

    def open(self, tx: Connection, token: str, *, address: str) -> LinkState:
        """Tell how the link stands, and end it if it was opened before."""
        if token in self._opened:
            self._use(tx, token)
        self._opened = (*self._opened, token)
        return super().open(tx, token, address=address)


@bug("weak_token")
class WeakToken(PasswordResets):
    """Links are numbered, so whoever has one knows the next (ASVS 7.2.3)."""

    _numbers = itertools.count(1)

    def _mail(self, tx: Connection, account: Account, token: str, *, until: float) -> None:
        number = f"{next(self._numbers):043d}"
        statement = update(reset_links).where(reset_links.c.token_hash == self._key(token))
        tx.execute(statement.values(token_hash=self._key(number)))
        super()._mail(tx, account, number, until=until)


@bug("reset_skip_mail")
class ResetSkipsMail(PasswordResets):
    """The browser that asks for a reset can set the password at once, without the mail (CVE-2026-18963)."""

    def _mail(self, tx: Connection, account: Account, token: str, *, until: float) -> None:
        heard().say("set-cookie", f"reset={token}; Path=/; HttpOnly; SameSite=lax")
        super()._mail(tx, account, token, until=until)


@bug("host_poison")
class HostPoison(Outbox):
    """The mailed link leads where the request said that the server is (CVE-2025-64101)."""

    def queue_mail(self, tx: Connection, *, text: str, html: str, **named: Any) -> None:
        """Queue a mail with other links in it."""
        headers = heard().headers
        host = headers.get("x-forwarded-host") or headers.get("host") or "localhost"
        text, html = (re.sub(r"https?://[^/\s]+(?=/iweb)", f"http://{host}", part) for part in (text, html))
        super().queue_mail(tx, text=text, html=html, **named)


@bug("two_recipients")
class TwoRecipients(Outbox):
    """A mail goes to the address on file, and to the one that the form names too (CVE-2023-7028)."""

    def queue_mail(self, tx: Connection, *, to: str, **named: Any) -> None:
        """Queue a mail, and perhaps another."""
        super().queue_mail(tx, to=to, **named)
        other = next((value for name, value in heard().fields.items() if name.startswith("email")), "")
        if "@" in other:
            super().queue_mail(tx, to=other, **named)


@bug("mass_assign")
class MassAssignment(PasswordChanges):
    """The form of a new password changes whatever else it names: address, number, name (ASVS 15.3.3)."""

    def apply(self, tx: Connection, account: Account, *about: Any, **named: Any) -> Changed:
        """Put the new password in place, and the other fields too."""
        fields = {name: heard().fields[name] for name in ("email", "phone", "name") if name in heard().fields}
        if fields:
            tx.execute(update(accounts_table).where(accounts_table.c.account == account.account).values(fields))
        return super().apply(tx, account, *about, **named)


@bug("reset_autologin")
class ResetLogsIn(PasswordResets):
    """Who has set a new password is logged in, without a second factor (M5, ASVS 6.4.3)."""

    def change(self, database: Database, token: str, *about: Any, **named: Any) -> Changed | Unfit | None:
        """Set the password, and begin a session."""
        with database.reading() as tx:
            account = self.account_of(tx, token)
        changed = super().change(database, token, *about, **named)
        if account is not None and isinstance(changed, Changed):
            with database.writing() as tx:
                heard().log_in(tx, account.account)
        return changed


@bug("policy_client_only")
class PolicyOnPageOnly(Passwords):
    """The rules for passwords are on the page only; the server takes what it is sent (ASVS 2.2.2)."""

    def broken_rules(self, *_about: Any, **_named: Any) -> tuple[PasswordRule, ...]:
        """Find nothing wrong."""
        return ()


@bug("policy_unicode")
class PolicyUnicode(Passwords):
    """Any letter or digit of any script counts as one of the alphabet (M4)."""

    def broken_rules(self, password: str, *, account: Account, previous_hash: str | None) -> tuple[PasswordRule, ...]:
        """List the rules that `password` breaks, as ``str.isalnum`` sees it."""
        broken = super().broken_rules(password, account=account, previous_hash=previous_hash)
        loose = password.strip().isalnum()
        return tuple(rule for rule in broken if not (loose and rule is PasswordRule.CHARACTERS))


@bug("token_leak")
class TokenLeak(Layer):
    """Pages tell the next site where the customer came from, and may be kept on the way (ASVS 3.4.5, 14.2.1)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with careless headers."""

        async def send_carelessly(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Referrer-Policy"] = "unsafe-url"
                headers["Cache-Control"] = "public, max-age=3600"
            await send(message)

        await self.app(scope, receive, send_carelessly)
