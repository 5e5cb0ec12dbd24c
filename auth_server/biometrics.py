"""The registration of a phone's biometrics: at most one living for an account, active or suspended (M21, M22).

A registration belongs to a token and ends with it. What suspends one is data: a reason that is written down, that the
customer is shown, and that only a new registration with PIN and terms gets over.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Row, select, update

from auth_server import audit
from auth_server.channels import Channel
from auth_server.tables import biometrics

BiometricsState = Literal["active", "suspended"]


class Reason(StrEnum):
    """Why a registration is suspended. The value is that of docs/phone-api.md and of the audit trail."""

    BIOMETRIC_SET_CHANGED = "biometric-set-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - words, not a password
    NEW_PHONE = "new-phone"
    TOO_MANY_FAILURES = "too-many-failures"


class Ending(StrEnum):
    """Why a registration has ended. The value is what the audit trail writes."""

    CANCELLED = "cancelled"
    REPLACED = "replaced"
    TOKEN_ENDED = "token-ended"  # noqa: S105
    ACCOUNT_LOCKED = "account-locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A living registration. The key is an uncompressed point, the set 32 bytes, the time in unix seconds."""

    biometrics_id: str
    account: str
    token_id: str
    state: BiometricsState
    reason: Reason | None
    public_key: bytes
    biometric_set: bytes
    registered_at: float


def of_token(tx: Connection, token_id: str) -> Registration | None:
    """Find the living registration that belongs to a token."""
    return _find(tx, biometrics.c.token_id == token_id)


def of_id(tx: Connection, biometrics_id: str) -> Registration | None:
    """Find the living registration with this id."""
    return _find(tx, biometrics.c.biometrics_id == biometrics_id)


def release_key_place(biometrics_id: str, token_id: str, account: str) -> tuple[str, ...]:
    """Name the place in which a release key is sealed; moved to another registration, token or account it is shut."""
    return ("biometrics", "sealed_release_key", biometrics_id, token_id, account)


def read_row(row: Row[tuple[object, ...]]) -> Registration:
    """Read a living registration from its row."""
    return Registration(
        biometrics_id=row.biometrics_id,
        account=row.account,
        token_id=row.token_id,
        state=row.state,
        reason=None if row.reason is None else Reason(row.reason),
        public_key=row.public_key,
        biometric_set=row.biometric_set,
        registered_at=row.registered_at,
    )


def suspend(tx: Connection, account: str, reason: Reason, *, at: float, channel: Channel, address: str = "") -> bool:
    """Suspend the active registration of `account`, because of what came by `channel`; False if there is none.

    Its release key is wiped: only a new registration brings another.
    """
    suspended = tx.execute(
        update(biometrics)
        .where(biometrics.c.account == account, biometrics.c.state == "active")
        .values(state="suspended", reason=reason, sealed_release_key=None, suspended_at=at)
    )
    if suspended.rowcount != 1:
        return False
    audit.record(
        tx,
        at=at,
        event="biometrics-suspended",
        result="success",
        account=account,
        reason=reason,
        channel=channel,
        address=address,
    )
    return True


def end(
    tx: Connection,
    account: str,
    ending: Ending,
    *,
    at: float,
    channel: Channel,
    address: str = "",
    staff: str = "",
) -> bool:
    """End the living registration of `account` and wipe its release key; False if there is none."""
    ended = tx.execute(
        update(biometrics)
        .where(biometrics.c.account == account, biometrics.c.ended_at.is_(None))
        .values(state="ended", sealed_release_key=None, ended_at=at)
    )
    if ended.rowcount != 1:
        return False
    audit.record(
        tx,
        at=at,
        event="biometrics-ended",
        result="success",
        account=account,
        reason=ending,
        channel=channel,
        address=address,
        staff=staff,
    )
    return True


def _find(tx: Connection, which: ColumnElement[bool]) -> Registration | None:
    row = tx.execute(select(biometrics).where(which, biometrics.c.ended_at.is_(None))).one_or_none()
    return None if row is None else read_row(row)
