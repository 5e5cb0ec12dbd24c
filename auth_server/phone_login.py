"""Logging in on the phone: account and password, and the proof of the phone's device key (M12, M24).

What is refused looks and lasts alike, whether the account exists or not; the audit trail has the reason.
"""

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, insert

from auth_server import accounts, audit, enrolment, lockout, phone_sessions
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.lockout import Limited
from auth_server.messages import Notice
from auth_server.phone_sessions import SessionState
from auth_server.refusals import Refusal
from auth_server.signatures import signed_by
from auth_server.soft_token import TokenSummary
from auth_server.tables import phone_challenges

if TYPE_CHECKING:
    from auth_server.broker import Broker

_CHALLENGE_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a device key is to sign, once, before `expires_at` (unix seconds)."""

    challenge_id: str
    challenge: bytes
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """What a phone says to log in; `account` as it was typed, the key an uncompressed point, the signature DER."""

    account: str
    password: str = field(repr=False)
    device_key: bytes
    device_name: str
    challenge_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A login that succeeded. `token_id` is that of this device's bound token."""

    session: str = field(repr=False)
    account: str
    name: str
    state: SessionState
    enrolment: enrolment.Step
    token_id: str | None


def new_challenge(broker: "Broker") -> Challenge:
    """Make a challenge; those that have expired are forgotten."""
    at = broker.now()
    challenge = Challenge(
        challenge_id=secrets.token_urlsafe(16),
        challenge=secrets.token_bytes(_CHALLENGE_BYTES),
        expires_at=at + broker.settings.challenge_life_seconds,
    )
    with broker.database.writing() as tx:
        tx.execute(delete(phone_challenges).where(phone_challenges.c.expires_at <= at))
        tx.execute(
            insert(phone_challenges).values(
                challenge_id=challenge.challenge_id,
                challenge=challenge.challenge,
                expires_at=challenge.expires_at,
            )
        )
    return challenge


def log_in(broker: "Broker", request: LoginRequest, *, address: str) -> LoggedIn | Refusal:
    """Log in on the phone.

    The try is counted, then the password is hashed outside of any transaction, then all is decided on what the
    database says at that moment: an account that was locked meanwhile stays out.
    """
    number = accounts.read_account(request.account) or ""
    with broker.database.writing() as tx:
        proved = _proves_its_key(broker, tx, request)
        account = accounts.find(tx, number)
        token = broker.soft_tokens.active(tx, number)
        # The bound phone has a counter of its own: who types wrong passwords elsewhere cannot lock its owner out.
        bound = proved and token is not None and token.device_key == request.device_key
        counter = lockout.password_counter(number, on_bound_phone=bound)
        limited = _reserve(broker, tx, number, counter)
        if limited is not None:
            _refuse(broker, tx, number or request.account, "limit", address)
            return Refusal("too-many-requests", limited.retry_after_seconds)
    right = broker.passwords.verify_password(account.password_hash if account else None, request.password)
    with broker.database.writing() as tx:
        current = accounts.find(tx, number)
        reason = _reason_to_refuse(account, current, right=right, proved=proved)
        if reason is not None or current is None:
            _refuse(broker, tx, number or request.account, reason or "unknown-account", address)
            return Refusal("login-refused")
        lockout.forgive(tx, counter)
        life = broker.settings.password_life_seconds
        if current.password_state(at=broker.now(), life_seconds=life) == "expired":
            _refuse(broker, tx, number, "password-expired", address)
            return Refusal("password-expired")
        return _begin_session(broker, tx, current, request, address)


def _proves_its_key(broker: "Broker", tx: Connection, request: LoginRequest) -> bool:
    """Use up the challenge, and tell whether the device key signed it for this origin and this account."""
    challenge = tx.execute(
        delete(phone_challenges)
        .where(phone_challenges.c.challenge_id == request.challenge_id, phone_challenges.c.expires_at > broker.now())
        .returning(phone_challenges.c.challenge)
    ).scalar_one_or_none()
    if challenge is None:
        return False
    signed = fields("twofold-login-v1", broker.settings.origin, request.account, challenge)
    return signed_by(request.device_key, request.signature, signed)


def _reserve(broker: "Broker", tx: Connection, number: str, counter: str) -> Limited | None:
    if not number:
        return None  # not even an account number: there is nothing to guess at
    return lockout.reserve(
        tx,
        counter,
        limit=broker.settings.password_tries,
        window_seconds=broker.settings.password_window_seconds,
        at=broker.now(),
    )


def _reason_to_refuse(then: Account | None, current: Account | None, *, right: bool, proved: bool) -> str | None:
    if then is None or current is None:
        return "unknown-account"
    if current.locked:
        return "locked"
    if not right or current.password_hash != then.password_hash:
        return "wrong"
    return None if proved else "device-not-proved"


def _refuse(broker: "Broker", tx: Connection, account: str, reason: str, address: str) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event="phone-login",
        result="refused",
        account=account,
        reason=reason,
        channel=Channel.PHONE,
        address=address,
    )


def _begin_session(broker: "Broker", tx: Connection, account: Account, request: LoginRequest, address: str) -> LoggedIn:
    at = broker.now()
    token: TokenSummary | None = broker.soft_tokens.active(tx, account.account)
    bound = token is not None and token.device_key == request.device_key
    state: SessionState = "logged-in" if bound else "set-up-token"
    session = phone_sessions.begin(
        tx,
        account=account.account,
        device_key=request.device_key,
        device_name=request.device_name,
        state=state,
        at=at,
    )
    audit.record(
        tx,
        at=at,
        event="phone-login",
        result="success",
        account=account.account,
        reason=state,
        channel=Channel.PHONE,
        address=address,
    )
    if bound:
        broker.notices.tell(tx, account, Notice.LOGIN, Channel.PHONE)
    elif token is not None:
        broker.notices.tell(tx, account, Notice.NEW_PHONE, Channel.PHONE)
    unfinished = enrolment.unfinished(tx, account.account, request.device_key, at=at)
    return LoggedIn(
        session=session,
        account=account.account,
        name=account.name,
        state=state,
        enrolment=unfinished.step if unfinished else "none",
        token_id=token.token_id if token is not None and bound else None,
    )
