"""A try at both factors of a phone: the password, and the device key that the phone holds.

Each try is counted before its password is looked at; the hash is worked out between two transactions; and then all is
decided on what the database says at that moment. What is refused looks and lasts alike, whether the account exists or
not; the audit trail has the reason.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from auth_server import accounts, audit, lockout
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from auth_server.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalNote:
    """How a refusal of an attempt is told: to the phone by `code`, to the audit trail by `event`."""

    code: RefusalCode
    event: audit.Event
    written_account: str
    address: str

    def refuse(self, broker: "Broker", tx: Connection, reason: str, code: RefusalCode | None = None) -> Refusal:
        """Write down why, and refuse; `code` where it may be told apart from a wrong password."""
        audit.record(
            tx,
            at=broker.now(),
            event=self.event,
            result="refused",
            account=accounts.read_account(self.written_account) or self.written_account,
            reason=reason,
            channel=Channel.PHONE,
            address=self.address,
        )
        return Refusal(code or self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try that was counted. `account` is what was found for `number`, which is empty if none was written."""

    number: str
    account: Account | None
    device_proved: bool
    counter: str
    note: RefusalNote


def begin(
    broker: "Broker", tx: Connection, *, device_key: bytes, device_proved: bool, note: RefusalNote
) -> Attempt | Refusal:
    """Count a try for the account that was written down; `device_proved` tells whether `device_key` was."""
    number = accounts.read_account(note.written_account) or ""
    # The bound phone has a counter of its own: who types wrong passwords elsewhere cannot lock its owner out.
    bound = device_proved and broker.soft_tokens.active_on(tx, number, device_key) is not None
    counter = lockout.password_counter(number, on_bound_phone=bound)
    if number:  # else there is nothing to guess at
        limited = lockout.reserve(
            tx,
            counter,
            limit=broker.settings.password_tries,
            window_seconds=broker.settings.password_window_seconds,
            at=broker.now(),
        )
        if limited is not None:
            note.refuse(broker, tx, "limit")
            return Refusal("too-many-requests", limited.retry_after_seconds)
    account = accounts.find(tx, number)
    return Attempt(number=number, account=account, device_proved=device_proved, counter=counter, note=note)


def is_right(broker: "Broker", attempt: Attempt, password: str) -> bool:
    """Tell whether `password` is that of the account. Takes as long as one hash: call it outside of transactions."""
    return broker.passwords.verify_password(attempt.account.password_hash if attempt.account else None, password)


def renewed_hash(broker: "Broker", attempt: Attempt, password: str) -> str | None:
    """Hash the right `password` anew if its hash was made under an older key; call it outside of transactions."""
    kept = attempt.account.password_hash if attempt.account else None
    return broker.passwords.renewed(kept, password) if kept is not None else None


def conclude(broker: "Broker", tx: Connection, attempt: Attempt, *, right: bool) -> Account | Refusal:
    """Give the account as it is now if both factors are right, and forget its wrong tries; else refuse."""
    current = accounts.find(tx, attempt.number, hold=True)
    if attempt.account is None or current is None:
        return attempt.note.refuse(broker, tx, "unknown-account")
    if current.locked:
        return attempt.note.refuse(broker, tx, "locked")
    if not right or current.password_hash != attempt.account.password_hash:
        return attempt.note.refuse(broker, tx, "wrong")
    if not attempt.device_proved:
        return attempt.note.refuse(broker, tx, "device-not-proved")
    lockout.forgive(tx, attempt.counter)
    return current
