"""Changing the login password in the app: of a customer who is logged in (M20), and after it has expired (M8)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from auth_server import accounts, phone_challenges, phone_factors, phone_sessions
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.encoding import fields
from auth_server.password_change import Changed, Unfit
from auth_server.phone_challenges import Purpose
from auth_server.phone_factors import Attempt, RefusalNote
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import Refusal
from auth_server.signatures import signed_by

if TYPE_CHECKING:
    from auth_server.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredChange:
    """What a phone says to change an expired password: both factors, as for a login, and the new password."""

    account: str
    current: str = field(repr=False)
    new: str = field(repr=False)
    device_key: bytes
    challenge_id: str
    signature: bytes


def change(broker: "Broker", session: PhoneSession, *, current: str, new: str, address: str) -> Changed | Refusal:
    """Change the password of a customer who is logged in and knows the current one.

    The session goes on, all others of the account end (ASVS 5.0, 7.4.3).
    """
    note = RefusalNote(
        code="wrong-password", event="password-refused", written_account=session.account, address=address
    )
    with broker.database.writing() as tx:
        if phone_sessions.bound_token(tx, session, broker.soft_tokens) is None:
            return note.refuse(broker, tx, "token-required", "token-required")
        attempt = phone_factors.begin(broker, tx, device_key=session.device_key, device_proved=True, note=note)
    account = _knows(broker, attempt, current)
    if isinstance(account, Refusal):
        return account
    return _put_in_place(broker, account, new, session.device_key, note, but=session.token_hash)


def change_expired(broker: "Broker", request: ExpiredChange, *, address: str) -> Changed | Refusal:
    """Change a password that has expired, from the phone whose token is the second factor, and from no other.

    Nobody is logged in by it.
    """
    note = RefusalNote(code="login-refused", event="password-refused", written_account=request.account, address=address)
    with broker.database.writing() as tx:
        proved = _proves_its_key(broker, tx, request)
        attempt = phone_factors.begin(broker, tx, device_key=request.device_key, device_proved=proved, note=note)
    account = _knows(broker, attempt, request.current)
    if isinstance(account, Refusal):
        return account
    life = broker.settings.password_life_seconds
    with broker.database.writing() as tx:
        if broker.soft_tokens.active_on(tx, account.account, request.device_key) is None:
            return note.refuse(broker, tx, "token-required", "password-expired")
        if account.password_state(at=broker.now(), life_seconds=life) != "expired":
            return note.refuse(broker, tx, "wrong-step", "wrong-step")
    return _put_in_place(broker, account, request.new, request.device_key, note, but=None)


def _proves_its_key(broker: "Broker", tx: Connection, request: ExpiredChange) -> bool:
    challenge = phone_challenges.use_up(tx, request.challenge_id, at=broker.now(), purpose=Purpose.EXPIRED_PASSWORD)
    if challenge is None:
        return False
    signed = fields("twofold-expired-password-v1", broker.settings.origin, request.account, *challenge.signed_fields)
    return signed_by(request.device_key, request.signature, signed, low_s=True)


def _knows(broker: "Broker", attempt: Attempt | Refusal, password: str) -> Account | Refusal:
    if isinstance(attempt, Refusal):
        return attempt
    right = phone_factors.is_right(broker, attempt, password)
    with broker.database.writing() as tx:
        return phone_factors.conclude(broker, tx, attempt, right=right)


def _put_in_place(
    broker: "Broker", account: Account, new: str, device_key: bytes, note: RefusalNote, *, but: bytes | None
) -> Changed | Refusal:
    """Take the `new` password of `account` if it keeps the rules and nothing has changed since both were looked at."""
    changes = broker.web.password_changes
    prepared = changes.prepare(account, new, new)  # typed twice on the phone, which compares them
    with broker.database.writing() as tx:
        if isinstance(prepared, Unfit):
            changes.refuse(tx, account, prepared, used=Channel.PHONE, address=note.address)
            return Refusal("password-refused", rules=prepared.broken)
        now = accounts.find(tx, account.account, hold=True)
        same = now is not None and not now.locked and now.password_hash == account.password_hash
        if not same or broker.soft_tokens.active_on(tx, account.account, device_key) is None:
            return note.refuse(broker, tx, "changed-meanwhile")
        return changes.apply(tx, account, prepared, used=Channel.PHONE, address=note.address, but=but)
