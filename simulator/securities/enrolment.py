"""Getting a token: consent, SMS code, PIN, and the mail with the registration code (M13–M16, M19)."""

import re
from contextlib import suppress
from typing import Final

from simulator.securities.answers import ServerStep
from simulator.securities.api import Refused, ServerBroken, ServerUnreachable
from simulator.securities.pins import PinWeakness, weakness
from simulator.securities.refusals import Field
from simulator.securities.states import EnrolmentStep, TokenState
from simulator.securities.workings import Workings

_SMS_CODE: Final = re.compile(r"[0-9]{6}")

_MESSAGE_STEPS: Final = frozenset({ServerStep.SMS_CODE, ServerStep.BINDING})
"""The steps at which the customer waits for a message of the server."""

_WEAK_PIN: Final = {
    PinWeakness.FORM: "保安編碼器密碼必須是6位數字。",
    PinWeakness.REPEATS: "保安編碼器密碼不可使用重複的數字。請另選密碼。",
    PinWeakness.RUN: "保安編碼器密碼不可使用連續的數字。請另選密碼。",
    PinWeakness.COMMON: "此保安編碼器密碼太常用。請另選密碼。",
    PinWeakness.ACCOUNT: "保安編碼器密碼不可使用帳號內的數字。請另選密碼。",
    PinWeakness.BIRTHDAY: "保安編碼器密碼不可使用出生日期。請另選密碼。",
}


def token_state(workings: Workings) -> TokenState:
    """What the phone has of a token for the account that the app speaks of."""
    if workings.vault.damaged:
        return TokenState.DAMAGED
    token, session = workings.record.token, workings.session
    if token is not None and (session is None or session.token_id == token.token_id):
        return TokenState.ACTIVE
    pending = workings.record.pending is not None
    if pending or _step(workings, active=False) is not EnrolmentStep.NONE:
        return TokenState.PENDING
    return TokenState.NONE if workings.record.ended is None else TokenState.ENDED


def enrolment_step(workings: Workings) -> EnrolmentStep:
    """The next thing to do, from the server's step and what the phone has kept."""
    state = token_state(workings)
    return EnrolmentStep.NONE if state is TokenState.DAMAGED else _step(workings, active=state is TokenState.ACTIVE)


def _step(workings: Workings, *, active: bool) -> EnrolmentStep:
    pending = workings.record.pending if workings.session is not None else None
    with_pin = workings.pin is not None or (pending is not None and pending.answered is not None)
    match workings.server_step:
        case ServerStep.NONE | ServerStep.ACTIVE:
            return EnrolmentStep.ACTIVE if active else EnrolmentStep.NONE
        case ServerStep.SMS_CODE:
            return EnrolmentStep.SMS_CODE
        case ServerStep.REGISTRATION:
            return EnrolmentStep.REGISTRATION if with_pin else EnrolmentStep.CHOOSE_PIN
        case ServerStep.BINDING | ServerStep.ACTIVATION if pending is not None:
            return EnrolmentStep.FINISH if with_pin else EnrolmentStep.CHOOSE_PIN
        case ServerStep.BINDING:
            return EnrolmentStep.BINDING if with_pin else EnrolmentStep.CHOOSE_PIN
        case ServerStep.ACTIVATION:
            # The server waits for a proof that this phone cannot give (its own half is lost): it starts anew.
            return EnrolmentStep.ACTIVE if active else EnrolmentStep.NONE


async def start_enrolment(workings: Workings) -> None:
    """Give consent and have an SMS code sent."""
    session = workings.logged_in()
    workings.need_network()
    with workings.asking():
        sent = await workings.api.start_enrolment(session.secret)
        workings.server_step, workings.sent_to, workings.pin = ServerStep.SMS_CODE, sent.sent_to, None
        workings.delivery = None
        workings.drop_pending()


async def confirm_sms_code(workings: Workings, text: str) -> None:
    """Prove the SMS code."""
    session = workings.logged_in()
    code = text.strip()
    if not _SMS_CODE.fullmatch(code):
        raise workings.refusal("請輸入短訊內的6位數字驗證碼。", Field.SMS_CODE)
    workings.need_network()
    with workings.asking():
        try:
            await workings.api.confirm_sms_code(session.secret, code)
        except Refused as refused:
            await follow_server(workings, refused)
            raise
        workings.server_step, workings.sent_to = ServerStep.REGISTRATION, ""


def choose_pin(workings: Workings, pin: str, again: str) -> None:
    """Take the PIN into memory. Raises `AppRefusal` when it is weak or was typed differently the second time."""
    session = workings.logged_in()
    trouble = weakness(pin, account=session.account)
    if trouble is not None:
        raise workings.refusal(_WEAK_PIN[trouble], Field.PIN)
    if pin != again:
        raise workings.refusal("兩次輸入的保安編碼器密碼不相同。", Field.PIN_AGAIN)
    workings.pin = pin


async def request_registration(workings: Workings) -> None:
    """Have the mail with the registration code sent; an earlier code, and a binding begun with it, end."""
    session = workings.logged_in()
    workings.need_network()
    with workings.asking():
        try:
            sent = await workings.api.send_registration(session.secret)
        except Refused as refused:
            await follow_server(workings, refused)
            raise
        workings.server_step, workings.sent_to, workings.delivery = ServerStep.BINDING, sent.sent_to, None
        workings.drop_pending()


async def look_after_message(workings: Workings) -> bool:
    """Learn how the message that the customer waits for fares, and tell whether that is news.

    Whatever goes wrong is left for when it matters.
    """
    session, before = workings.session, workings.delivery
    if session is None or workings.server_step not in _MESSAGE_STEPS or not workings.phone.network_on:
        return False
    with suppress(Refused, ServerUnreachable, ServerBroken):
        status = await workings.api.enrolment(session.secret)
        if status.step is workings.server_step:
            workings.delivery = status.message
    return workings.delivery is not before


async def follow_server(workings: Workings, refused: Refused) -> None:
    """After `wrong-step`: ask the server where it is and go there. Other refusals change nothing."""
    if refused.code != "wrong-step":
        return
    status = await workings.api.enrolment(workings.logged_in().secret)
    workings.server_step, workings.sent_to, workings.delivery = status.step, status.sent_to or "", status.message
    if status.step not in (ServerStep.BINDING, ServerStep.ACTIVATION):
        workings.drop_pending()
