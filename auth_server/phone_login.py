"""Logging in on the phone: account and password, and the proof of the phone's device key (M12, M24)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from auth_server import accounts, audit, biometrics, enrolment, phone_challenges, phone_factors, phone_sessions
from auth_server.accounts import Account
from auth_server.biometrics import Reason
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.messages import Notice
from auth_server.phone_factors import RefusalNote
from auth_server.phone_sessions import SessionState
from auth_server.refusals import Refusal
from auth_server.signatures import signed_by

if TYPE_CHECKING:
    from auth_server.broker import Broker


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


def log_in(broker: "Broker", request: LoginRequest, *, address: str) -> LoggedIn | Refusal:
    """Log in on the phone. An account that is locked while its password is being checked stays out."""
    note = RefusalNote(code="login-refused", event="phone-login", written_account=request.account, address=address)
    with broker.database.writing() as tx:
        proved = _proves_its_key(broker, tx, request)
        attempt = phone_factors.begin(broker, tx, device_key=request.device_key, device_proved=proved, note=note)
    if isinstance(attempt, Refusal):
        return attempt
    right = phone_factors.is_right(broker, attempt, request.password)
    renewed = phone_factors.renewed_hash(broker, attempt, request.password) if right else None
    with broker.database.writing() as tx:
        account = phone_factors.conclude(broker, tx, attempt, right=right)
        if isinstance(account, Refusal):
            return account
        if renewed is not None:
            accounts.renew_password_hash(tx, account, renewed)
        if account.password_state(at=broker.now(), life_seconds=broker.settings.password_life_seconds) == "expired":
            # Who holds the token can change it here; anybody else has one factor only, and is sent to the web (M8).
            holds_token = broker.soft_tokens.active_on(tx, account.account, request.device_key) is not None
            code = "new-password-needed" if holds_token else "password-expired"
            return note.refuse(broker, tx, "password-expired", code)
        return _begin_session(broker, tx, account, request, address)


def _proves_its_key(broker: "Broker", tx: Connection, request: LoginRequest) -> bool:
    """Use up the challenge, and tell whether the device key signed it for this origin and this account."""
    challenge = phone_challenges.use_up(tx, request.challenge_id, at=broker.now())
    if challenge is None:
        return False
    signed = fields("twofold-login-v1", broker.settings.origin, request.account, challenge.challenge)
    return signed_by(request.device_key, request.signature, signed)


def _begin_session(broker: "Broker", tx: Connection, account: Account, request: LoginRequest, address: str) -> LoggedIn:
    at = broker.now()
    token = broker.soft_tokens.active(tx, account.account)
    own = broker.soft_tokens.active_on(tx, account.account, request.device_key)
    state: SessionState = "logged-in" if own is not None else "set-up-token"
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
    if own is not None:
        broker.notices.tell(tx, account, Notice.LOGIN, Channel.PHONE)
    elif token is not None:
        biometrics.suspend(tx, account.account, Reason.NEW_PHONE, at=at, channel=Channel.PHONE, address=address)
        broker.notices.tell(tx, account, Notice.NEW_PHONE, Channel.PHONE)
    unfinished = enrolment.unfinished(tx, account.account, request.device_key, at=at)
    return LoggedIn(
        session=session,
        account=account.account,
        name=account.name,
        state=state,
        enrolment=unfinished.step if unfinished else "none",
        token_id=own.token_id if own is not None else None,
    )
