"""Six-digit codes by mail and text message, each for one purpose, account and transaction, and once (M14, M27, M28).

A code is kept as a keyed hash. A try is counted before the code is looked at. Every refusal looks alike to the
customer; the outcome is for the audit trail.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, select, update

from auth_server import lockout
from auth_server.channels import Channel
from auth_server.database import insert_if_absent
from auth_server.lockout import Limited
from auth_server.sealing import Mac
from auth_server.settings import Settings
from auth_server.tables import one_time_codes

_HOUR: Final = 3600.0
_DAY: Final = 86400.0


class Purpose(StrEnum):
    """What a code is for; one for the one is nothing for the other."""

    LOGIN = "login"
    ACTIVATION = "activation"


class Outcome(StrEnum):
    """How a code was received. The value is the reason that the audit trail gives."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    LATE = "late"
    EARLY = "early"
    """Of a token whose clock is ahead."""
    USED = "used"
    REPLACED = "replaced"
    LOCKED = "locked"
    """Too many tries, of this code or of this account."""
    NONE = "none"
    """Nothing was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new code, to be sent and forgotten. Times are unix seconds."""

    code: str = field(repr=False)
    expires_at: float
    resend_at: float


def new_code() -> str:
    """Draw a new code: six digits, each of the million as likely as any other."""
    return f"{secrets.randbelow(10**6):06d}"


class OneTimeCodes:
    """Issues and accepts codes by the limits of `settings`."""

    def __init__(self, settings: Settings, mac: Mac, now: Callable[[], float]) -> None:
        self._settings = settings
        self._mac = mac
        self._now = now

    def issue(
        self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, channel: Channel
    ) -> Issued | Limited:
        """Issue a code for `transaction`; the one issued before for it ends.

        Limited by transaction and channel (one a minute) and by account, purpose and channel (five an hour).
        """
        at = self._now()
        limited = lockout.reserve(
            tx,
            f"send {purpose} {channel} to {account}",
            limit=self._settings.code_sends_per_hour,
            window_seconds=_HOUR,
            at=at,
        )
        if limited is not None:
            return limited
        limited = lockout.reserve(
            tx,
            f"send {purpose} {channel} in {transaction}",
            limit=1,
            window_seconds=self._settings.code_resend_seconds,
            at=at,
        )
        if limited is not None:
            lockout.give_back(tx, f"send {purpose} {channel} to {account}")
            return limited
        code = new_code()
        of_transaction = (one_time_codes.c.purpose == purpose, one_time_codes.c.transaction_id == transaction)
        tx.execute(
            update(one_time_codes).where(*of_transaction, one_time_codes.c.state == "open").values(state="replaced")
        )
        expires_at = at + self._settings.code_life_seconds
        issued = insert_if_absent(
            tx,
            one_time_codes,
            purpose=purpose,
            account=account,
            transaction_id=transaction,
            channel=channel,
            code_mac=self._mac.of(purpose, account, transaction, code),
            issued_at=at,
            expires_at=expires_at,
            attempts=0,
            state="open",
        )
        if not issued:  # another request issued one for this transaction at the same moment
            return Limited(1)
        return Issued(code=code, expires_at=expires_at, resend_at=at + self._settings.code_resend_seconds)

    def accept(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> Outcome:
        """Take `text` as the code of `transaction`; only `Outcome.ACCEPTED` is a yes, and only once.

        `text` must be six ASCII digits exactly; whatever else it is counts as a wrong try.
        """
        at = self._now()
        failures = f"wrong codes of {account}"
        limited = lockout.reserve(tx, failures, limit=self._settings.code_failures_per_day, window_seconds=_DAY, at=at)
        if limited is not None:
            return Outcome.LOCKED
        of_transaction = (
            one_time_codes.c.purpose == purpose,
            one_time_codes.c.account == account,
            one_time_codes.c.transaction_id == transaction,
        )
        shaped = re.fullmatch(r"[0-9]{6}", text) is not None  # \d and int() would take full-width digits too
        typed = (purpose, account, transaction, text) if shaped else ()
        reserved = tx.execute(
            update(one_time_codes)
            .where(
                *of_transaction,
                one_time_codes.c.state == "open",
                one_time_codes.c.attempts < self._settings.code_tries,
                one_time_codes.c.expires_at > at,
            )
            .values(attempts=one_time_codes.c.attempts + 1)
            .returning(one_time_codes.c.id, one_time_codes.c.code_mac)
        ).one_or_none()
        if reserved is not None and self._mac.is_of(reserved.code_mac, *typed):
            used = tx.execute(
                update(one_time_codes)
                .where(one_time_codes.c.id == reserved.id, one_time_codes.c.state == "open")
                .values(state="used")
            )
            if used.rowcount == 1:
                lockout.give_back(tx, failures)
                return Outcome.ACCEPTED
            return Outcome.USED
        return self._why_refused(tx, of_transaction, typed, counted=reserved is not None, at=at)

    def was_accepted(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> bool:
        """Tell whether `text` is the code of `transaction` that was accepted: a request that comes a second time."""
        used = select(one_time_codes.c.code_mac).where(
            one_time_codes.c.purpose == purpose,
            one_time_codes.c.account == account,
            one_time_codes.c.transaction_id == transaction,
            one_time_codes.c.state == "used",
        )
        macs = tx.execute(used).scalars().all()
        # All are compared, whichever fits: the time must not tell.
        return any([self._mac.is_of(mac, purpose, account, transaction, text) for mac in macs])  # noqa: C419

    def _why_refused(
        self,
        tx: Connection,
        of_transaction: Sequence[ColumnElement[bool]],
        typed: Sequence[str],
        *,
        counted: bool,
        at: float,
    ) -> Outcome:
        """Find out for the audit trail what was wrong with a code; `counted` tells that one could have been right."""
        codes = tx.execute(select(one_time_codes).where(*of_transaction).order_by(one_time_codes.c.id.desc())).all()
        ended = next((c for c in codes if c.state != "open" and self._mac.is_of(c.code_mac, *typed)), None)
        if ended is not None:
            return Outcome(ended.state)
        if counted:
            return Outcome.WRONG
        if not codes or codes[0].state != "open":
            return Outcome.USED if codes else Outcome.NONE
        return Outcome.LATE if codes[0].expires_at <= at else Outcome.LOCKED
