"""What staff can do to a customer's account (M34): one rule for each act, whether a person asks or a program.

No act sets a password (OWASP ASVS 5.0, 6.4.6): staff have a mail sent, and the customer sets one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from auth_server import accounts, audit, biometrics, enrolment, lockout, sessions, token_setup
from auth_server.accounts import Account
from auth_server.back_office.new_customer import NewCustomer
from auth_server.back_office.refusals import Refused
from auth_server.biometrics import Ending
from auth_server.broker import Broker
from auth_server.channels import Channel
from auth_server.lockout import Limited
from auth_server.messages import Notice

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Who asks: a staff member by `name`, or a program with the key, which has none; and from which `address`."""

    name: str = ""
    address: str = ""

    def note(
        self, broker: Broker, tx: Connection, event: audit.Event, *, account: str = "", refused: str | None = None
    ) -> None:
        """Write the audit row of something that this clerk did, or why it was `refused`."""
        audit.record(
            tx,
            at=broker.now(),
            event=event,
            result="success" if refused is None else "refused",
            account=account,
            reason=refused or "",
            channel=Channel.BACK_OFFICE,
            address=self.address,
            staff=self.name,
        )


Act = Callable[[Broker, Connection, Account, Clerk], Refused | None]
"""Does something to an account; None if it was done, or was so already."""


def create(broker: Broker, new: NewCustomer, clerk: Clerk) -> Account | Refused:
    """Create a customer, whose password must keep the rules of M4 if a test world gives one at the start."""
    account = new.as_account()
    password_hash = None
    refused = None
    if new.password is not None:
        refused = _unfit(broker, account, new.password)
        if refused is None:
            password_hash = broker.passwords.hash_password(new.password)
    at = broker.now()
    with broker.database.writing() as tx:
        if refused is None and not accounts.create(tx, account, at=at):
            refused = Refused("taken")
        elif password_hash is not None:
            accounts.set_password(tx, account.account, password_hash, at=at)
        clerk.note(broker, tx, "customer-created", account=account.account, refused=refused.code if refused else None)
    return refused or account


def carry_out(broker: Broker, number: str, act: Act, clerk: Clerk) -> Refused | None:
    """Do `act` to the account with the `number`, as people write it."""
    with broker.database.writing() as tx:
        account = accounts.find(tx, accounts.read_account(number) or "")
        if account is None:
            clerk.note(broker, tx, "request-refused", account=number, refused="unknown-account")
            return Refused("unknown-account")
        return act(broker, tx, account, clerk)


def reset_password(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> None:
    """Send the customer the mail with a reset link (M2); an older link ends."""
    broker.web.resets.send(tx, account, asked=Channel.BACK_OFFICE, address=clerk.address, staff=clerk.name)


def resend_reset(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> Refused | None:
    """Send the mail with a reset link again, with a new link, if the customer has one that was not used yet."""
    if not broker.web.resets.has_open_link(tx, account.account):
        clerk.note(broker, tx, "password-reset-requested", account=account.account, refused="nothing-to-resend")
        return Refused("nothing-to-resend")
    limited = lockout.reserve(
        tx,
        f"resets of {account.account} sent again",
        limit=broker.settings.resets_per_hour,
        window_seconds=_HOUR,
        at=broker.now(),
    )
    if limited is not None:
        clerk.note(broker, tx, "password-reset-requested", account=account.account, refused="limit")
        return Refused("too-many-requests", retry_after_seconds=limited.retry_after_seconds)
    reset_password(broker, tx, account, clerk)
    return None


def resend_registration(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> Refused | None:
    """Send the registration mail again, with a new code, if the customer's enrolment waits for it (M16)."""
    waiting = enrolment.unfinished(tx, account.account, None, at=broker.now())
    if waiting is None or waiting.step != "binding":
        clerk.note(broker, tx, "registration-sent", account=account.account, refused="nothing-to-resend")
        return Refused("nothing-to-resend")
    letter = token_setup.registration_letter(broker)
    sent = token_setup.mail_registration(broker, tx, account, waiting, letter)
    if isinstance(sent, Limited):
        clerk.note(broker, tx, "registration-sent", account=account.account, refused="limit")
        return Refused("too-many-requests", retry_after_seconds=sent.retry_after_seconds)
    clerk.note(broker, tx, "registration-sent", account=account.account)
    return None


def lock(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> None:
    """Lock the account, and end its sessions and its biometrics."""
    if accounts.lock(tx, account.account, at=broker.now()):
        sessions.end_all(tx, account.account, at=broker.now())
        _end_biometrics(broker, tx, account, Ending.ACCOUNT_LOCKED, clerk)
        clerk.note(broker, tx, "account-locked", account=account.account)


def unlock(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> None:
    """Unlock the account and its token, and forget its wrong passwords and codes."""
    accounts.unlock(tx, account.account)
    broker.soft_tokens.unlock(tx, account.account)
    lockout.forgive_account(tx, account.account)
    clerk.note(broker, tx, "account-unlocked", account=account.account)


def clear_token(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> None:
    """End the customer's token, and the enrolment that is under way; the customer is told (M23)."""
    enrolment.end_unfinished(broker, tx, account.account)
    if broker.soft_tokens.clear(tx, account.account):
        sessions.end_all(tx, account.account, at=broker.now())
        clerk.note(broker, tx, "token-cleared", account=account.account)
        broker.notices.tell(tx, account, Notice.TOKEN_CLEARED, Channel.BACK_OFFICE)


def clear_biometrics(broker: Broker, tx: Connection, account: Account, clerk: Clerk) -> None:
    """End the registration of the phone's biometrics; the token stays, and the customer is told."""
    if _end_biometrics(broker, tx, account, Ending.CANCELLED, clerk):
        broker.notices.tell(tx, account, Notice.BIOMETRICS_ENDED, Channel.BACK_OFFICE)


def _end_biometrics(broker: Broker, tx: Connection, account: Account, ending: Ending, clerk: Clerk) -> bool:
    return biometrics.end(
        tx,
        account.account,
        ending,
        at=broker.now(),
        channel=Channel.BACK_OFFICE,
        address=clerk.address,
        staff=clerk.name,
    )


def _unfit(broker: Broker, account: Account, password: str) -> Refused | None:
    if not broker.settings.test_world:
        return Refused("password-not-taken")
    broken = broker.passwords.broken_rules(password, account=account, previous_hash=None)
    return Refused("password-refused", rules=tuple(rule.value for rule in broken)) if broken else None
