"""A new password, and all that ends with the old one; the same after a mailed link (M3) and after expiry (M8)."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, update

from auth_server import accounts, audit, biometrics, lockout, sessions
from auth_server.accounts import Account
from auth_server.biometrics import Reason
from auth_server.channels import Channel
from auth_server.messages import Notice
from auth_server.notices import Notices
from auth_server.passwords import PasswordRule, Passwords
from auth_server.tables import reset_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A new password is not taken: the rules that it breaks, and whether it was typed differently the second time."""

    broken: tuple[PasswordRule, ...] = ()
    differ: bool = False

    @property
    def reason(self) -> str:
        """Name the faults for the audit trail."""
        names = [rule.name.lower() for rule in self.broken] + ["differ"] * self.differ
        return ", ".join(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The password is another since the time `at`, in unix seconds."""

    at: float


class PasswordChanges:
    """Judges new passwords and puts them in place."""

    def __init__(self, passwords: Passwords, notices: Notices, now: Callable[[], float]) -> None:
        self._passwords = passwords
        self._notices = notices
        self._now = now

    def prepare(self, account: Account, password: str, again: str) -> str | Unfit:
        """Hash the new `password` of `account`, typed twice, if it may be its password (M3, M4).

        Takes as long as one hash or two: call it outside of transactions.
        """
        broken = self._passwords.broken_rules(password, account=account, previous_hash=account.password_hash)
        if broken or password != again:
            return Unfit(broken=broken, differ=password != again)
        return self._passwords.hash_password(password)

    def refuse(self, tx: Connection, account: Account, unfit: Unfit, *, used: Channel, address: str) -> None:
        """Write down that a new password was not taken."""
        audit.record(
            tx,
            at=self._now(),
            event="password-refused",
            result="refused",
            account=account.account,
            reason=unfit.reason,
            channel=used,
            address=address,
        )

    def apply(
        self,
        tx: Connection,
        account: Account,
        password_hash: str,
        *,
        used: Channel,
        address: str,
        but: bytes | None = None,
        others_go_on: bool = False,
    ) -> Changed:
        """Put the new password in place, and end what the old one had opened: sessions, logins, links, wrong tries.

        Biometrics are suspended (M22). `but` is the `token_hash` of the session that goes on, if one does; with
        `others_go_on` all sessions do, as the customer wished. `used` is the channel by which the customer proved the
        right to change it; the notice goes by another (M32). Nobody is logged in by it (M5).
        """
        at = self._now()
        accounts.set_password(tx, account.account, password_hash, at=at)
        if others_go_on:
            sessions.end_logins(tx, account.account, at=at)
        else:
            sessions.end_all(tx, account.account, at=at, but=but)
        biometrics.suspend(tx, account.account, Reason.PASSWORD_CHANGED, at=at, channel=used, address=address)
        tx.execute(
            update(reset_links)
            .where(reset_links.c.account == account.account, reset_links.c.state == "open")
            .values(state="replaced")
        )
        for on_its_phone in (False, True):
            lockout.forgive(tx, lockout.password_counter(account.account, on_bound_phone=on_its_phone))
        audit.record(
            tx,
            at=at,
            event="password-changed",
            result="success",
            account=account.account,
            channel=used,
            address=address,
        )
        self._notices.tell(tx, account, Notice.PASSWORD_CHANGED, used)
        return Changed(at=at)
