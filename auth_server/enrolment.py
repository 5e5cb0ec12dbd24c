"""Setting up the soft token: consent, SMS code, registration mail, binding, first code (M13–M19).

An enrolment belongs to one account and one device key. It can be taken up again after a restart and a new login of the
same device; another device begins anew, and what it ends by that was never bound.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, select, update

from auth_server import accounts, audit, outbox
from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.database import insert_if_absent
from auth_server.lockout import Limited
from auth_server.masking import masked_mail, masked_phone
from auth_server.messages import activation_code_text
from auth_server.one_time_codes import Outcome, Purpose
from auth_server.outbox import Fate
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import Refusal
from auth_server.tables import enrolments

if TYPE_CHECKING:
    from auth_server.broker import Broker

Step = Literal["none", "sms-code", "registration", "binding", "activation", "active"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An unfinished enrolment and the step that comes next."""

    enrolment_id: str
    account: str
    device_key: bytes
    step: Step
    token_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where an enrolment stands, and where the message that its step waits for went (masked)."""

    step: Step
    sent_to: str | None
    message: Fate | None = None
    """How that message fares; None if none is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """An activation code is on its way. Times are unix seconds."""

    sent_to: str
    expires_at: float
    resend_at: float


def unfinished(tx: Connection, account: str, device_key: bytes | None, *, at: float) -> Enrolment | None:
    """Find the unfinished enrolment of `account` that this device (None: any) can take up again."""
    columns = [enrolments.c[name] for name in Enrolment.__slots__]
    query = select(*columns).where(
        enrolments.c.account == account, enrolments.c.ended_at.is_(None), enrolments.c.expires_at > at
    )
    if device_key is not None:
        query = query.where(enrolments.c.device_key == device_key)
    row = tx.execute(query).mappings().one_or_none()
    return Enrolment(**row) if row else None


def where(broker: "Broker", tx: Connection, session: PhoneSession) -> Where:
    """Tell where the enrolment of this session's account and device stands."""
    found = unfinished(tx, session.account, session.device_key, at=broker.now())
    if found is None:
        bound = broker.soft_tokens.active_on(tx, session.account, session.device_key) is not None
        return Where(step="active" if bound else "none", sent_to=None)
    account = account_of(tx, session)
    sent_to = {"sms-code": masked_phone(account.phone), "binding": masked_mail(account.email)}.get(found.step)
    return Where(step=found.step, sent_to=sent_to, message=outbox.fate(tx, found.enrolment_id) if sent_to else None)


def start(broker: "Broker", tx: Connection, session: PhoneSession, *, address: str) -> CodeSent | Refusal:
    """Begin, or begin again, by sending an activation code by SMS (M13).

    At the step of that code it stays the same enrolment, and the older code ends.
    """
    at = broker.now()
    account = account_of(tx, session)
    found = unfinished(tx, session.account, session.device_key, at=at)
    again = found is not None and found.step == "sms-code"
    enrolment_id = found.enrolment_id if found is not None and again else secrets.token_urlsafe(16)
    issued = broker.one_time_codes.issue(
        tx,
        purpose=Purpose.ACTIVATION,
        account=session.account,
        transaction=enrolment_id,
        channel=Channel.SMS,
    )
    if isinstance(issued, Limited):
        note(broker, tx, session, "code-sent", refused="limit", address=address, channel=Channel.SMS)
        return Refusal("too-many-requests", issued.retry_after_seconds)
    if not again:
        end_unfinished(broker, tx, session.account)
        begun = insert_if_absent(
            tx,
            enrolments,
            enrolment_id=enrolment_id,
            account=session.account,
            device_key=session.device_key,
            device_name=session.device_name,
            step="sms-code",
            started_at=at,
            expires_at=at + broker.settings.enrolment_life_seconds,
        )
        if not begun:  # another device of this account began at the same moment
            note(broker, tx, session, "enrolment-started", refused="replaced", address=address)
            return Refusal("wrong-step")
        note(broker, tx, session, "enrolment-started", address=address)
    broker.outbox.queue_text(
        tx,
        at=at,
        to=account.phone,
        text=activation_code_text(account, issued.code, broker.settings),
        account=session.account,
        about=enrolment_id,
        until=issued.expires_at,
    )
    note(broker, tx, session, "code-sent", address=address, channel=Channel.SMS)
    return CodeSent(sent_to=masked_phone(account.phone), expires_at=issued.expires_at, resend_at=issued.resend_at)


def confirm_sms_code(
    broker: "Broker", tx: Connection, session: PhoneSession, code: str, *, address: str
) -> Refusal | None:
    """Take the activation code; None if it was right (M14).

    The same device repeating the request that led to the next step is told so again: its answer was lost.
    """
    found = unfinished(tx, session.account, session.device_key, at=broker.now())
    if found is None or found.step != "sms-code":
        if found is not None and _was_confirmed(broker, tx, found, code):
            return None
        note(broker, tx, session, "activation-code", refused="wrong-step", address=address)
        return Refusal("wrong-step")
    outcome = broker.one_time_codes.accept(
        tx, purpose=Purpose.ACTIVATION, account=session.account, transaction=found.enrolment_id, text=code
    )
    if outcome is not Outcome.ACCEPTED or not advance(tx, found, "registration"):
        note(broker, tx, session, "activation-code", refused=outcome.value, address=address)
        return Refusal("wrong-code")
    note(broker, tx, session, "activation-code", address=address)
    return None


def _was_confirmed(broker: "Broker", tx: Connection, enrolment: Enrolment, code: str) -> bool:
    return enrolment.step == "registration" and broker.one_time_codes.was_accepted(
        tx, purpose=Purpose.ACTIVATION, account=enrolment.account, transaction=enrolment.enrolment_id, text=code
    )


def advance(tx: Connection, enrolment: Enrolment, step: Step, *, token_id: str | None = None) -> bool:
    """Move `enrolment` on to `step`; False if it is no longer where it was."""
    statement = update(enrolments).where(
        enrolments.c.enrolment_id == enrolment.enrolment_id,
        enrolments.c.step == enrolment.step,
        enrolments.c.ended_at.is_(None),
    )
    return tx.execute(statement.values(step=step, token_id=token_id)).rowcount == 1


def finish(tx: Connection, enrolment: Enrolment, *, at: float) -> None:
    """End `enrolment` because its token is active."""
    statement = update(enrolments).where(enrolments.c.enrolment_id == enrolment.enrolment_id)
    tx.execute(statement.values(step="active", ended_at=at))


def end_unfinished(broker: "Broker", tx: Connection, account: str) -> None:
    """End the unfinished enrolment of `account`, if there is one, and the token that waits for its first code."""
    statement = update(enrolments).where(enrolments.c.account == account, enrolments.c.ended_at.is_(None))
    tx.execute(statement.values(ended_at=broker.now()))
    broker.soft_tokens.drop_pending(tx, account)


def account_of(tx: Connection, session: PhoneSession) -> Account:
    """Find the account of a session; there is one as long as there is a session."""
    account = accounts.find(tx, session.account)
    assert account is not None
    return account


def note(
    broker: "Broker",
    tx: Connection,
    session: PhoneSession,
    event: audit.Event,
    *,
    address: str,
    refused: str | None = None,
    channel: Channel = Channel.PHONE,
) -> None:
    """Write the audit row of a step: a success, or why it was `refused`."""
    audit.record(
        tx,
        at=broker.now(),
        event=event,
        result="success" if refused is None else "refused",
        account=session.account,
        reason=refused or "",
        channel=channel,
        address=address,
    )
