"""Registering and cancelling biometrics in the app (M21).

A registration needs the terms, the PIN (by a code of the token), the device key, and a second key that only the phone's
biometrics release. The server keeps a release key without which the phone cannot open its biometric copy of the seed.
"""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, select

from auth_server import biometrics, phone_challenges, phone_sessions
from auth_server.biometrics import Ending
from auth_server.biometrics_terms import TERMS
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.enrolment import account_of, note
from auth_server.messages import Notice
from auth_server.one_time_codes import Outcome
from auth_server.phone_challenges import Challenge, Purpose
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import Refusal, RefusalCode
from auth_server.signatures import signed_by
from auth_server.tables import biometrics as table

if TYPE_CHECKING:
    from auth_server.broker import Broker

_RELEASE_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """What a phone says to register: the key an uncompressed point, the set 32 bytes, signatures DER."""

    terms_version: str
    public_key: bytes
    biometric_set: bytes
    code: str = field(repr=False)
    challenge_id: str
    signature: bytes
    biometric_signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Biometrics are registered; `release_key` (32 bytes) is to be used at once and forgotten."""

    biometrics_id: str
    release_key: bytes = field(repr=False)


def register(
    broker: "Broker", session: PhoneSession, request: RegistrationRequest, *, address: str
) -> Registered | Refusal:
    """Register the biometrics of the phone that holds the token; an earlier registration ends.

    The same request again gets the same answer as long as the registration is active.
    """
    with broker.database.writing() as tx:
        token = phone_sessions.bound_token(tx, session, broker.soft_tokens)
        if token is None or token.token_id is None:
            return _refuse(broker, tx, session, "token-required", "token-required", address)
        repeated = _answer_again(broker, tx, token.token_id, request)
        if repeated is not None:
            return repeated
        if request.terms_version != TERMS.version:
            return _refuse(broker, tx, session, "terms", "terms-changed", address)
        unproved = _unproved(broker, tx, session, token.token_id, request)
        if unproved is not None:
            return _refuse(broker, tx, session, *unproved, address)
        outcome = broker.soft_tokens.accept_code(tx, session.account, request.code)
        if outcome is not Outcome.ACCEPTED:
            return _refuse(broker, tx, session, outcome.value, "wrong-pin", address)
        biometrics.end(tx, session.account, Ending.REPLACED, at=broker.now(), channel=Channel.PHONE, address=address)
        registered = _keep(broker, tx, session.account, token.token_id, request)
        note(broker, tx, session, "biometrics-registered", address=address)
        broker.notices.tell(tx, account_of(tx, session), Notice.BIOMETRICS_REGISTERED, Channel.PHONE)
        return registered


def cancel(broker: "Broker", session: PhoneSession, *, address: str) -> Refusal | None:
    """End the registration of this phone if there is one; None if there is none any more."""
    with broker.database.writing() as tx:
        if phone_sessions.bound_token(tx, session, broker.soft_tokens) is None:
            note(broker, tx, session, "biometrics-ended", refused="token-required", address=address)
            return Refusal("token-required")
        ended = biometrics.end(
            tx, session.account, Ending.CANCELLED, at=broker.now(), channel=Channel.PHONE, address=address
        )
        if ended:
            broker.notices.tell(tx, account_of(tx, session), Notice.BIOMETRICS_ENDED, Channel.PHONE)
        return None


def registration_message(
    origin: str, account: str, token_id: str, challenge: Challenge, request: RegistrationRequest
) -> bytes:
    """Give what device key and biometric key both sign to register; see docs/phone-api.md."""
    return fields(
        "twofold-biometrics-v1",
        origin,
        account,
        token_id,
        *challenge.signed_fields,
        request.terms_version,
        request.biometric_set,
        request.public_key,
    )


def _unproved(
    broker: "Broker", tx: Connection, session: PhoneSession, token_id: str, request: RegistrationRequest
) -> tuple[str, RefusalCode] | None:
    """Tell which of the two keys did not prove itself, for the audit trail and for the phone; None if both did."""
    challenge = phone_challenges.use_up(
        tx, request.challenge_id, at=broker.now(), purpose=Purpose.BIOMETRICS, bound_to=session.key
    )
    if challenge is None:
        return "challenge", "device-not-proved"
    signed = registration_message(broker.settings.origin, session.account, token_id, challenge, request)
    if not signed_by(session.device_key, request.signature, signed, low_s=True):
        return "signature", "device-not-proved"
    if request.public_key == session.device_key:  # it would be signed without anybody's face or finger
        return "device-key", "biometrics-refused"
    if not signed_by(request.public_key, request.biometric_signature, signed, low_s=True):
        return "biometric-signature", "biometrics-refused"
    return None


def _keep(broker: "Broker", tx: Connection, account: str, token_id: str, request: RegistrationRequest) -> Registered:
    at = broker.now()
    registered = Registered(
        biometrics_id=secrets.token_urlsafe(16), release_key=secrets.token_bytes(_RELEASE_KEY_BYTES)
    )
    place = biometrics.release_key_place(registered.biometrics_id, token_id, account)
    tx.execute(
        insert(table).values(
            biometrics_id=registered.biometrics_id,
            account=account,
            token_id=token_id,
            state="active",
            public_key=request.public_key,
            biometric_set=request.biometric_set,
            sealed_release_key=broker.seal.seal(registered.release_key, *place),
            request_hash=broker.mac.of(*_whole(request)),
            terms_version=request.terms_version,
            terms_accepted_at=at,
            failures=0,
            next_try_at=0.0,
            registered_at=at,
        )
    )
    return registered


def _answer_again(broker: "Broker", tx: Connection, token_id: str, request: RegistrationRequest) -> Registered | None:
    query = select(table).where(table.c.token_id == token_id, table.c.state == "active")
    row = tx.execute(query).one_or_none()
    if row is None or not broker.mac.is_of(row.request_hash, *_whole(request)):
        return None
    place = biometrics.release_key_place(row.biometrics_id, token_id, row.account)
    return Registered(biometrics_id=row.biometrics_id, release_key=broker.seal.unseal(row.sealed_release_key, *place))


def _whole(request: RegistrationRequest) -> tuple[bytes | str, ...]:
    return (
        "biometrics",
        request.terms_version,
        request.public_key,
        request.biometric_set,
        request.code,
        request.challenge_id,
        request.signature,
        request.biometric_signature,
    )


def _refuse(
    broker: "Broker", tx: Connection, session: PhoneSession, reason: str, code: RefusalCode, address: str
) -> Refusal:
    note(broker, tx, session, "biometrics-registered", refused=reason, address=address)
    return Refusal(code)
