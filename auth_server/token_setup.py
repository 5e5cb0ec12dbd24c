"""From the registration mail to the active token: the second half of an enrolment (M16–M19)."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, select, update

from auth_server import lockout, phone_sessions
from auth_server.accounts import Account
from auth_server.binding import agree, binding_message
from auth_server.channels import Channel
from auth_server.enrolment import Enrolment, account_of, advance, finish, note, unfinished
from auth_server.lockout import Limited
from auth_server.masking import masked_mail
from auth_server.messages import Notice, registration_mail
from auth_server.one_time_codes import Outcome
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import Refusal
from auth_server.registration_code import new_code, read_code, write_code
from auth_server.registration_qr import registration_picture, registration_text
from auth_server.signatures import read_public_key, signed_by
from auth_server.soft_token import BindingAnswer
from auth_server.tables import registration_codes

if TYPE_CHECKING:
    from auth_server.broker import Broker

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLetter:
    """What a registration mail brings: the code and its QR code as a PNG."""

    code: str = field(repr=False)
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSent:
    """The registration mail is on its way."""

    sent_to: str
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The server's half of the agreement on the seed: its ephemeral point and its confirmation (32 bytes)."""

    token_id: str
    server_ephemeral_key: bytes
    confirmation: bytes


def send_registration(broker: "Broker", session: PhoneSession, *, address: str) -> RegistrationSent | Refusal:
    """Send the registration mail (M16); the code of an earlier one ends."""
    letter = registration_letter(broker)
    with broker.database.writing() as tx:
        found = unfinished(tx, session.account, session.device_key, at=broker.now())
        if found is None or found.step not in {"registration", "binding"}:
            note(broker, tx, session, "registration-sent", refused="wrong-step", address=address)
            return Refusal("wrong-step")
        sent = mail_registration(broker, tx, account_of(tx, session), found, letter)
        if isinstance(sent, Limited):
            note(broker, tx, session, "registration-sent", refused="limit", address=address)
            return Refusal("too-many-requests", sent.retry_after_seconds)
        note(broker, tx, session, "registration-sent", address=address, channel=Channel.MAIL)
    return sent


def registration_letter(broker: "Broker") -> RegistrationLetter:
    """Make a registration code and its picture: some milliseconds, so outside of transactions where it matters."""
    code = new_code()
    return RegistrationLetter(
        code=code, picture=registration_picture(registration_text(code, broker.settings.origin, broker.server_key))
    )


def mail_registration(
    broker: "Broker", tx: Connection, account: Account, enrolment: Enrolment, letter: RegistrationLetter
) -> RegistrationSent | Limited:
    """Mail `account` the code that `enrolment` waits for; the code of an earlier mail ends."""
    at = broker.now()
    key = f"registration mail to {account.account}"
    limited = lockout.reserve(tx, key, limit=broker.settings.code_sends_per_hour, window_seconds=_HOUR, at=at)
    if limited is not None:
        return limited
    expires_at = at + broker.settings.registration_code_life_seconds
    _replace_code(broker, tx, enrolment, letter.code, at=at, expires_at=expires_at)
    advance(tx, enrolment, "binding")
    words = registration_mail(account, write_code(letter.code), letter.picture, broker.settings)
    broker.outbox.queue_mail(
        tx,
        at=at,
        to=account.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        pictures=words.pictures,
        account=account.account,
        about=enrolment.enrolment_id,
        until=expires_at,
    )
    return RegistrationSent(sent_to=masked_mail(account.email), expires_at=expires_at)


def bind(
    broker: "Broker",
    tx: Connection,
    session: PhoneSession,
    *,
    code: str,
    device_ephemeral_key: bytes,
    signature: bytes,
    address: str,
) -> Bound | Refusal:
    """Use up the registration code and agree on a seed (M17, M18).

    The same request of the same device gets the same answer again; the try is counted before the code is looked at.
    """
    counter = f"wrong registration codes of {session.account}"
    tries = broker.settings.registration_code_tries
    limited = lockout.reserve(tx, counter, limit=tries, window_seconds=_HOUR, at=broker.now())
    if limited is not None:
        note(broker, tx, session, "binding", refused="limit", address=address)
        return Refusal("too-many-requests", limited.retry_after_seconds)
    found = unfinished(tx, session.account, session.device_key, at=broker.now())
    asked = ("binding", code, device_ephemeral_key)
    repeated = _answer_again(broker, tx, found, asked)
    if found is None or (found.step != "binding" and repeated is None):
        note(broker, tx, session, "binding", refused="wrong-step", address=address)
        return Refusal("wrong-step")
    key = read_public_key(device_ephemeral_key)
    signed = binding_message(broker.settings.origin, session.account, code, device_ephemeral_key)
    if key is None or not signed_by(session.device_key, signature, signed):
        note(broker, tx, session, "binding", refused="signature", address=address)
        return Refusal("binding-failed")
    if repeated is not None:
        lockout.give_back(tx, counter)
        return repeated
    reason = _use_up_code(broker, tx, found, code)
    if reason is not None:
        note(broker, tx, session, "binding", refused=reason, address=address)
        return Refusal("wrong-registration-code")
    lockout.give_back(tx, counter)
    token_id = secrets.token_hex(8)
    agreement = agree(key, account=session.account, token_id=token_id, code=code)
    broker.soft_tokens.add_pending(
        tx,
        token_id=token_id,
        account=session.account,
        device_key=session.device_key,
        device_name=session.device_name,
        seed=agreement.seed,
        answer=BindingAnswer(
            request_hash=broker.mac.of(*asked),
            server_ephemeral_key=agreement.server_ephemeral_key,
            server_confirmation=agreement.server_confirmation,
            phone_confirmation_hash=sha256(agreement.phone_confirmation).digest(),
        ),
    )
    advance(tx, found, "activation", token_id=token_id)
    note(broker, tx, session, "binding", address=address)
    return Bound(
        token_id=token_id,
        server_ephemeral_key=agreement.server_ephemeral_key,
        confirmation=agreement.server_confirmation,
    )


def activate(
    broker: "Broker",
    tx: Connection,
    session: PhoneSession,
    *,
    token_id: str,
    code: str,
    confirmation: bytes,
    address: str,
) -> Refusal | None:
    """Prove the seed by the phone's confirmation and a first code; None if the token is active.

    An older token works until then, and ends then, as do the sessions of other phones. Repeating an activation that
    succeeded succeeds.
    """
    state = broker.soft_tokens.state_on(tx, token_id=token_id, account=session.account, device_key=session.device_key)
    answer = broker.soft_tokens.binding_answer(tx, token_id)
    if state is None or answer is None:
        note(broker, tx, session, "token-bound", refused="wrong-step", address=address)
        return Refusal("wrong-step")
    confirmed = hmac.compare_digest(sha256(confirmation).digest(), answer.phone_confirmation_hash)
    if state == "active":
        if confirmed:
            return None
        note(broker, tx, session, "token-bound", refused="confirmation", address=address)
        return Refusal("binding-failed")
    found = unfinished(tx, session.account, session.device_key, at=broker.now())
    if found is None or found.token_id != token_id:
        note(broker, tx, session, "token-bound", refused="wrong-step", address=address)
        return Refusal("wrong-step")
    outcome = broker.soft_tokens.activate(
        tx, token_id=token_id, account=session.account, confirmed=confirmed, text=code
    )
    if outcome is not Outcome.ACCEPTED:
        reason = outcome.value if confirmed else "confirmation"
        note(broker, tx, session, "token-bound", refused=reason, address=address)
        return Refusal("binding-failed")
    finish(tx, found, at=broker.now())
    phone_sessions.become_logged_in(tx, session)
    ended = phone_sessions.end_all(tx, session.account, at=broker.now(), but_of_device=session.device_key)
    if ended:
        note(broker, tx, session, "session-ended", address=address)
    note(broker, tx, session, "token-bound", address=address)
    broker.notices.tell(tx, account_of(tx, session), Notice.TOKEN_BOUND, Channel.PHONE)
    return None


def _replace_code(
    broker: "Broker", tx: Connection, enrolment: Enrolment, code: str, *, at: float, expires_at: float
) -> None:
    tx.execute(
        update(registration_codes)
        .where(registration_codes.c.account == enrolment.account, registration_codes.c.state == "open")
        .values(state="replaced")
    )
    tx.execute(
        insert(registration_codes).values(
            code_mac=broker.mac.of("registration", code),
            account=enrolment.account,
            enrolment_id=enrolment.enrolment_id,
            issued_at=at,
            expires_at=expires_at,
            state="open",
        )
    )


def _use_up_code(broker: "Broker", tx: Connection, enrolment: Enrolment, code: str) -> str | None:
    """Use up `code` for `enrolment`; None if it could be, else why not."""
    if read_code(code) != code:
        return "checksum"
    of_code = registration_codes.c.code_mac.in_(broker.mac.candidates("registration", code))
    used = tx.execute(
        update(registration_codes)
        .where(
            of_code,
            registration_codes.c.account == enrolment.account,
            registration_codes.c.enrolment_id == enrolment.enrolment_id,
            registration_codes.c.state == "open",
            registration_codes.c.expires_at > broker.now(),
        )
        .values(state="used")
    )
    if used.rowcount == 1:
        return None
    row = tx.execute(select(registration_codes).where(of_code)).one_or_none()
    if row is None:
        return "unknown"
    if row.account != enrolment.account:
        return "another-account"
    if row.state == "open":
        return "late" if row.enrolment_id == enrolment.enrolment_id else "replaced"
    return row.state


def _answer_again(
    broker: "Broker", tx: Connection, enrolment: Enrolment | None, asked: Sequence[bytes | str]
) -> Bound | None:
    if enrolment is None or enrolment.step != "activation" or enrolment.token_id is None:
        return None
    answer = broker.soft_tokens.binding_answer(tx, enrolment.token_id)
    if answer is None or not broker.mac.is_of(answer.request_hash, *asked):
        return None
    return Bound(
        token_id=enrolment.token_id,
        server_ephemeral_key=answer.server_ephemeral_key,
        confirmation=answer.server_confirmation,
    )
