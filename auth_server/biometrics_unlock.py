"""Unlocking the token by biometrics instead of the PIN (M22, M30): the server gives its release key, or does not.

The token works without a login, and so does this: who asks is known by two keys, that of the device and that which the
phone's biometrics release. A word such as "the finger was right" is not among what is asked for (MASVS-AUTH-2).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, select, update

from auth_server import accounts, audit, biometrics, phone_challenges
from auth_server.biometrics import Reason, Registration
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.messages import Notice
from auth_server.phone_challenges import Challenge, Purpose
from auth_server.refusals import Refusal
from auth_server.signatures import signed_by
from auth_server.tables import biometrics as table

if TYPE_CHECKING:
    from auth_server.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockRequest:
    """What a phone says to unlock: the set 32 bytes, signatures DER.

    `biometric_signature` is None when the phone can no longer use its biometric key.
    """

    biometrics_id: str
    challenge_id: str
    biometric_set: bytes
    signature: bytes
    biometric_signature: bytes | None


def unlock(broker: "Broker", request: UnlockRequest, *, address: str) -> bytes | Refusal:
    """Give the release key (32 bytes) to the phone that proves both its keys; once for each challenge.

    A try is counted before it is looked at. A set of biometrics other than the one registered suspends (M22).
    """
    with broker.database.writing() as tx:
        challenge = phone_challenges.use_up(
            tx,
            request.challenge_id,
            at=broker.now(),
            purpose=Purpose.BIOMETRICS_UNLOCK,
            bound_to=request.biometrics_id,
        )
        tried = _reserve_try(broker, tx, request.biometrics_id, address)
        if isinstance(tried, Refusal):
            return tried
        refused = _refused(broker, tx, tried, challenge, request, address)
        if refused is not None:
            return refused
        _forget_failures(tx, tried)
        found = tried.registration
        _note(broker, tx, found.account, "", address)
        assert tried.sealed_release_key is not None  # an active registration has one
        place = biometrics.release_key_place(found.biometrics_id, found.token_id, found.account)
        return broker.seal.unseal(tried.sealed_release_key, *place)


def unlock_message(origin: str, found: Registration, challenge: Challenge, request: UnlockRequest) -> bytes:
    """Give what device key and biometric key both sign to unlock; see docs/phone-api.md."""
    return fields(
        "twofold-biometrics-unlock-v1",
        origin,
        found.account,
        found.token_id,
        *challenge.signed_fields,
        request.biometric_set,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """A try that was counted: the registration, held until the transaction ends, and how many in a row would fail."""

    registration: Registration
    failures: int
    sealed_release_key: bytes | None


def _reserve_try(broker: "Broker", tx: Connection, biometrics_id: str, address: str) -> _Try | Refusal:
    at = broker.now()
    settings = broker.settings
    failures = table.c.failures + 1
    living = (table.c.biometrics_id == biometrics_id, table.c.ended_at.is_(None))
    row = tx.execute(
        update(table)
        .where(*living, table.c.next_try_at <= at)
        .values(
            failures=failures,
            next_try_at=case((failures >= settings.biometric_tries, at + settings.biometric_wait_seconds), else_=0.0),
        )
        .returning(table)
    ).one_or_none()
    if row is not None:
        return _Try(
            registration=biometrics.read_row(row), failures=row.failures, sealed_release_key=row.sealed_release_key
        )
    waiting = tx.execute(select(table.c.account, table.c.next_try_at).where(*living)).one_or_none()
    if waiting is None:
        _note(broker, tx, "", "unknown", address)
        return Refusal("biometrics-refused")
    _note(broker, tx, waiting.account, "limit", address)
    return Refusal("too-many-requests", max(1, math.ceil(waiting.next_try_at - at)))


def _refused(
    broker: "Broker",
    tx: Connection,
    tried: _Try,
    challenge: Challenge | None,
    request: UnlockRequest,
    address: str,
) -> Refusal | None:
    """Find out whether a try is to be refused; None if it is not."""
    found = tried.registration
    token = broker.soft_tokens.active(tx, found.account)
    assert token is not None  # a registration ends with its token
    if challenge is None:
        return _failed(broker, tx, tried, "challenge", address)
    signed = unlock_message(broker.settings.origin, found, challenge, request)
    if not signed_by(token.device_key, request.signature, signed, low_s=True):
        return _failed(broker, tx, tried, "signature", address)
    # From here on it is the customer's phone that asks: it may know how things stand.
    if token.state == "locked":
        _forget_failures(tx, tried)
        _note(broker, tx, found.account, "token-locked", address)
        return Refusal("biometrics-refused")
    if found.state == "suspended" or request.biometric_set != found.biometric_set:
        return _suspended(broker, tx, tried, address)
    if not signed_by(found.public_key, request.biometric_signature or b"", signed, low_s=True):
        return _failed(broker, tx, tried, "biometric-signature", address)
    return None


def _suspended(broker: "Broker", tx: Connection, tried: _Try, address: str) -> Refusal:
    """Refuse because the registration is suspended, or is from now on: the set is another."""
    reason = tried.registration.reason or Reason.BIOMETRIC_SET_CHANGED
    _suspend(broker, tx, tried.registration.account, reason, address)
    _forget_failures(tx, tried)
    _note(broker, tx, tried.registration.account, reason, address)
    return Refusal("biometrics-suspended", reason=reason)


def _failed(broker: "Broker", tx: Connection, tried: _Try, reason: str, address: str) -> Refusal:
    _note(broker, tx, tried.registration.account, reason, address)
    if tried.failures >= broker.settings.biometric_failures:
        _suspend(broker, tx, tried.registration.account, Reason.TOO_MANY_FAILURES, address)
    return Refusal("biometrics-refused")


def _suspend(broker: "Broker", tx: Connection, number: str, reason: Reason, address: str) -> None:
    if biometrics.suspend(tx, number, reason, at=broker.now(), channel=Channel.PHONE, address=address):
        account = accounts.find(tx, number)
        assert account is not None
        broker.notices.tell(tx, account, Notice.BIOMETRICS_SUSPENDED, Channel.PHONE)


def _forget_failures(tx: Connection, tried: _Try) -> None:
    statement = update(table).where(table.c.biometrics_id == tried.registration.biometrics_id)
    tx.execute(statement.values(failures=0, next_try_at=0.0))


def _note(broker: "Broker", tx: Connection, account: str, refused: str, address: str) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event="biometrics-unlock",
        result="refused" if refused else "success",
        account=account,
        reason=refused,
        channel=Channel.PHONE,
        address=address,
    )
