"""Logging in on the phone: password and device key (M12, M24)."""

import re
from dataclasses import replace
from typing import Final

from simulator.securities.answers import LoginAnswer, ServerIdentity, ServerStep
from simulator.securities.api import Refused, ServerBroken, ServerUnreachable
from simulator.securities.keys import fields
from simulator.securities.records import AccountRecord, PinnedServer
from simulator.securities.refusals import Field, NewPasswordNeeded
from simulator.securities.states import LoginState, Session
from simulator.securities.workings import Workings

_ACCOUNT_NUMBER: Final = re.compile(r"([0-9]{4})-?([0-9]{4})")
_ACCOUNT_LENGTH_AT_MOST: Final = 64
_PASSWORD_LENGTH_AT_MOST: Final = 1024

_LIVE_STEPS: Final = {
    False: frozenset({ServerStep.BINDING, ServerStep.ACTIVATION}),
    True: frozenset({ServerStep.ACTIVATION}),
}
"""At which of the server's steps a pending binding can still be finished: without the server's answer, and with it."""


def read_account(text: str) -> str:
    """An account as it goes to the server: without spaces around it, and a number of eight digits as `9999-9990`."""
    text = text.strip()
    number = _ACCOUNT_NUMBER.fullmatch(text)
    return f"{number[1]}-{number[2]}" if number else text


async def log_in(workings: Workings, account_text: str, password: str) -> Session:
    """Log in, and find out where an enrolment of this device stands.

    Raises `AppRefusal`; that is `NewPasswordNeeded` when the password has expired and this phone may change it (M8).
    """
    account = read_account(account_text)
    if not account.isprintable() or not 0 < len(account) <= _ACCOUNT_LENGTH_AT_MOST:
        raise workings.refusal("請輸入用戶名稱。", Field.ACCOUNT)
    if not password.isprintable() or not 0 < len(password) <= _PASSWORD_LENGTH_AT_MOST:
        raise workings.refusal("請輸入密碼。", Field.PASSWORD)
    workings.expired_login = None
    workings.need_network()
    with workings.asking():
        await _know_server(workings)
        keys = workings.vault.keys
        challenge = await workings.api.challenge()
        try:
            answer = await workings.api.log_in(
                account=account,
                password=password,
                device_key=keys.public_key,
                device_name=workings.phone.name,
                challenge_id=challenge.challenge_id,
                signature=keys.sign(fields("twofold-login-v1", workings.api.origin, account, challenge.challenge)),
            )
        except Refused as refused:
            if refused.code == "new-password-needed":
                workings.expired_login = account, password
                raise NewPasswordNeeded(refused.message) from refused
            raise
        if answer.account != account:
            raise ServerBroken("the session is for another account")
        workings.forget_session()
        records = workings.vault.records
        workings.vault.keep(replace(records.with_account(account, records.of(account)), last_account=account))
        workings.session = Session(
            account=account,
            name=answer.name,
            state=answer.state,
            token_id=answer.token_id if answer.state is LoginState.LOGGED_IN else None,
            secret=answer.session,
        )
        workings.note_server_time(answer.server_time)
        try:
            await _settle(workings, answer)
        except (Refused, ServerUnreachable, ServerBroken):
            workings.forget_session()
            raise
        return workings.session


async def _know_server(workings: Workings) -> PinnedServer:
    """Ask the server who it is and hold it against what this phone saw first. Raises `AppRefusal`."""
    identity = await workings.api.server()
    workings.note_server_time(identity.time)
    seen = _as_pinned(identity)
    if seen.origin != workings.api.origin:
        raise workings.refusal("伺服器的身分與此應用程式不符，未有傳送任何資料。")
    pinned = workings.vault.records.server
    if pinned is None:
        workings.vault.keep(replace(workings.vault.records, server=seen))
    elif pinned != seen:
        raise workings.refusal("伺服器的密鑰與此電話以往所見的不同，未有傳送任何資料。請聯絡客戶服務部。")
    return seen


def _as_pinned(identity: ServerIdentity) -> PinnedServer:
    return PinnedServer(origin=identity.origin, key_id=identity.key_id, public_key=identity.public_key)


async def _settle(workings: Workings, answer: LoginAnswer) -> None:
    """Bring what the phone has kept together with what the server says, after a login (M19)."""
    record = workings.record
    half = record.pending.answered if record.pending is not None else None
    if half is not None and workings.logged_in().token_id == half.token.token_id:
        # The token was activated and the answer was lost, or the phone was killed before it could note it.
        workings.keep(AccountRecord(token=half.token))
        return
    if record.token is not None and record.token.token_id != answer.token_id:
        # Cleared, or another phone holds the account's token now (M23).
        workings.follow_settings(await workings.api.settings(workings.logged_in().secret))
    workings.server_step = answer.enrolment
    if record.pending is not None and answer.state is LoginState.LOGGED_IN:
        # An older token of this phone is active; the enrolment of the next one is told apart from it.
        status = await workings.api.enrolment(workings.logged_in().secret)
        workings.server_step, workings.sent_to = status.step, status.sent_to or ""
    if workings.server_step not in _LIVE_STEPS[half is not None]:
        workings.drop_pending()
    if workings.record.biometrics is not None:
        from simulator.securities import biometric_service  # noqa: PLC0415 - for phones that have them registered

        await biometric_service.report_changed_set(workings)
