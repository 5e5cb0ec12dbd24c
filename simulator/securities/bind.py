"""From a registration code to an active token, by steps that may each be the last before the phone is killed (M17–M19).

The registration code and an ephemeral key are written down before they are sent, and sent again until an answer has
come: the server gives the same device the same answer. The answer is written down with the seed already sealed under
the PIN, and the first code is sent until the server has said that the token is active.
"""

import asyncio
from dataclasses import replace

from simulator.securities.answers import ServerStep
from simulator.securities.api import Refused
from simulator.securities.binding import Agreement, EphemeralKey, agree, what_is_signed
from simulator.securities.enrolment import follow_server
from simulator.securities.login import read_account
from simulator.securities.records import AccountRecord, PendingBinding, SealedHalf
from simulator.securities.refusals import AppRefusal, Field
from simulator.securities.registration_code import (
    RegistrationCodeError,
    WrongCharacter,
    WrongLength,
    read_registration_code,
)
from simulator.securities.registration_qr import (
    NotSignedByServer,
    OfAnotherServer,
    OfAnotherVersion,
    RegistrationQrError,
    read_registration_qr,
)
from simulator.securities.soft_token import code_at, seal
from simulator.securities.states import LoginState, Session
from simulator.securities.vault import BindingSecret
from simulator.securities.workings import Workings
from simulator.storage import StorageDamaged

_CODE_IS_DEAD = frozenset({"wrong-registration-code", "binding-failed"})
"""Refusals after which the same registration code will never be taken with the same ephemeral key."""


async def bind_with_qr(workings: Workings, text: str) -> None:
    """Bind with the text of the QR code, if this app's own server has signed it. Nothing is sent otherwise."""
    workings.logged_in()
    with workings.asking():
        server = workings.vault.records.server
    if server is None:
        raise workings.refusal("請先登入。")
    try:
        code = read_registration_qr(
            text, origin=workings.api.origin, key_id=server.key_id, public_key=server.public_key
        )
    except RegistrationQrError as error:
        raise _qr_refusal(workings, error) from error
    await _bind(workings, code)


async def bind_with_code(workings: Workings, account_text: str, code_text: str) -> None:
    """Bind with account number and registration code. A typing error is caught here, and nothing is sent."""
    session = workings.logged_in()
    if read_account(account_text) != session.account:
        raise workings.refusal("用戶登入名稱與已登入的帳號不相同。", Field.ACCOUNT)
    try:
        code = read_registration_code(code_text)
    except RegistrationCodeError as error:
        raise _code_refusal(workings, error) from error
    await _bind(workings, code)


async def finish_binding(workings: Workings) -> None:
    """Go on with the binding that has begun, wherever it stopped."""
    workings.logged_in()
    workings.need_network()
    with workings.asking():
        await _finish(workings)


async def _bind(workings: Workings, code: str) -> None:
    session = workings.logged_in()
    workings.need_network()
    with workings.asking():
        if workings.server_step is ServerStep.ACTIVE:
            return  # the same button, pressed again while the first press was being answered
        pending = workings.record.pending
        if pending is not None and workings.vault.open_binding(session.account, pending).code != code:
            # An earlier binding is settled before another begins: the server may have agreed to it already.
            try:
                await _finish(workings)
            except Refused:
                if workings.record.pending is not None:
                    raise
            else:
                return
        if workings.record.pending is None:
            _need_pin(workings)
            secret = BindingSecret(code=code, ephemeral=EphemeralKey.make())
            workings.keep(replace(workings.record, pending=workings.vault.seal_binding(session.account, secret)))
        await _finish(workings)


async def _finish(workings: Workings) -> None:
    """Send what has not been answered yet. What is pending stays so unless the server has ended it."""
    session, pending = workings.logged_in(), workings.record.pending
    if pending is None:
        raise workings.refusal("請輸入註冊編碼，或掃描二維碼。")
    secret = workings.vault.open_binding(session.account, pending)
    try:
        half = pending.answered or await _exchange(workings, session, pending, secret)
        await _activate(workings, session, half, secret)
    except Refused as refused:
        await follow_server(workings, refused)
        raise


async def _exchange(workings: Workings, session: Session, pending: PendingBinding, secret: BindingSecret) -> SealedHalf:
    """Agree on the seed and keep it sealed."""
    pin = _need_pin(workings)
    keys, ephemeral_key = workings.vault.keys, secret.ephemeral.public_key
    signed = what_is_signed(
        origin=workings.api.origin, account=session.account, code=secret.code, device_ephemeral_key=ephemeral_key
    )
    try:
        answer = await workings.api.bind(
            session.secret, code=secret.code, device_ephemeral_key=ephemeral_key, signature=keys.sign(signed)
        )
    except Refused as refused:
        if refused.code in _CODE_IS_DEAD:
            workings.drop_pending()
        raise
    workings.server_step = ServerStep.ACTIVATION
    workings.note_server_time(answer.server_time)
    agreement = _agreement(session, secret, answer.server_ephemeral_key, answer.token_id)
    if agreement is None or not agreement.confirms(answer.confirmation):
        workings.drop_pending()
        raise workings.refusal("未能核實伺服器的身分，保安編碼器未有啟用。請重新設定。")
    token = await asyncio.to_thread(
        seal, agreement.seed, pin=pin, account=session.account, token_id=answer.token_id, keys=keys
    )
    half = SealedHalf(server_ephemeral_key=answer.server_ephemeral_key, token=token)
    workings.keep(replace(workings.record, pending=replace(pending, answered=half)))
    workings.pin = None
    return half


async def _activate(workings: Workings, session: Session, half: SealedHalf, secret: BindingSecret) -> None:
    """Prove the seed with a first code. Only then is the token the phone's own, and an older one gone."""
    token = half.token
    agreement = _agreement(session, secret, half.server_ephemeral_key, token.token_id)
    if agreement is None:
        raise StorageDamaged("the server's half of a binding is not what was written")
    first_code = code_at(agreement.seed, workings.phone.now()).code
    try:
        server_time = await workings.api.activate(
            session.secret, token_id=token.token_id, code=first_code, confirmation=agreement.phone_confirmation
        )
    except Refused as refused:
        if refused.code == "binding-failed" and workings.clock_is_off:
            raise workings.refusal("電話的時間不準確，驗證碼不被接受。請校正電話的時間後再試。") from refused
        raise
    workings.note_server_time(server_time)
    workings.keep(AccountRecord(token=token))
    workings.server_step, workings.sent_to = ServerStep.ACTIVE, ""
    workings.session = replace(session, state=LoginState.LOGGED_IN, token_id=token.token_id)


def _agreement(session: Session, secret: BindingSecret, server_ephemeral_key: bytes, token_id: str) -> Agreement | None:
    """Both keys, or None when what the server sent is no point on the curve."""
    try:
        return agree(
            ephemeral=secret.ephemeral,
            server_ephemeral_key=server_ephemeral_key,
            code=secret.code,
            account=session.account,
            token_id=token_id,
        )
    except ValueError:
        return None


def _need_pin(workings: Workings) -> str:
    if workings.pin is None:
        raise workings.refusal("請先設定保安編碼器密碼。", Field.PIN)
    return workings.pin


def _qr_refusal(workings: Workings, error: RegistrationQrError) -> AppRefusal:
    match error:
        case OfAnotherServer():
            return workings.refusal("此二維碼由另一個伺服器發出，不可在此應用程式使用。")
        case NotSignedByServer():
            return workings.refusal("此二維碼的簽署不正確，並非由本公司發出。請勿使用。")
        case OfAnotherVersion():
            return workings.refusal("此二維碼屬於另一版本的應用程式。請更新應用程式。")
        case _:
            return workings.refusal("這不是保安編碼器的註冊二維碼。請掃描電郵「保安編碼器註冊資料」內的二維碼。")


def _code_refusal(workings: Workings, error: RegistrationCodeError) -> AppRefusal:
    match error:
        case WrongLength():
            text = "註冊編碼必須是20個字元。請檢查有否遺漏或多出的字元。"
        case WrongCharacter():
            text = "註冊編碼只有英文字母和數字2至7。請檢查輸入的字元。"
        case _:
            text = "註冊編碼輸入有誤。請對照電郵內的註冊編碼再輸入。"
    return workings.refusal(text, Field.REGISTRATION_CODE)
