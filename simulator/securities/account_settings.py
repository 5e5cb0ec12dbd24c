"""設定 of the broker's app: the account, its password, its token (M8, M20, M23). Biometrics have their own module."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from simulator.securities.answers import PasswordDates, Purpose
from simulator.securities.api import Refused, ServerBroken, ServerUnreachable
from simulator.securities.keys import fields
from simulator.securities.refusals import Field
from simulator.securities.states import Session
from simulator.securities.token_use import guard_pin, leave_pin_to_server
from simulator.securities.workings import Workings

_PASSWORD_LENGTH_AT_MOST: Final = 1024
_NOT_KNOWN: Final = "未能確認密碼是否已更改。請以新密碼登入；如未能登入，請使用舊密碼。"


class AccountSettings:
    """The settings on one phone. Every method that does something raises `AppRefusal` when it was not done."""

    def __init__(self, workings: Workings) -> None:
        self._workings = workings

    async def load(self) -> None:
        """Ask the server how things stand, and drop what it has ended meanwhile."""
        async with self._workings.turn():
            session = self._workings.logged_in()
            self._workings.need_network()
            with self._workings.asking():
                await _load(self._workings, session)

    # 投資帳戶

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that were logged in on this phone."""
        return tuple(sorted(self._workings.vault.records.accounts))

    @property
    def main_account(self) -> str:
        """The one that the app speaks of while nobody is logged in."""
        records = self._workings.vault.records
        return records.main_account or records.last_account

    async def choose_main_account(self, account: str) -> None:
        """Make one of `accounts` the main one."""
        async with self._workings.turn():
            with self._workings.asking():
                if account in self.accounts:
                    self._workings.vault.keep(replace(self._workings.vault.records, main_account=account))

    # 更改密碼

    async def change_password(self, current: str, new: str, again: str) -> PasswordDates:
        """Change the login password; all other sessions of the account end, and biometrics are suspended."""
        workings = self._workings
        async with workings.turn():
            session = workings.logged_in()
            if not _is_typable(current):
                raise workings.refusal("請輸入現時密碼。", Field.CURRENT_PASSWORD)
            _check_new(workings, new, again)
            workings.need_network()
            with workings.asking():
                before = await workings.api.settings(session.secret)
            dates = await self._change(session, current, new, before.password.changed_at)
            with workings.asking():
                workings.drop_biometrics()
                with suppress(Refused, ServerUnreachable, ServerBroken):
                    await _load(workings, session)
            return dates

    async def change_expired_password(self, new: str, again: str) -> PasswordDates:
        """Change the password of the login that was refused because of its age (M8). Nobody is logged in by it."""
        workings = self._workings
        async with workings.turn():
            if workings.expired_login is None:
                raise workings.refusal("請先登入。")
            _check_new(workings, new, again)
            workings.need_network()
            account, current = workings.expired_login
            with workings.asking():
                keys = workings.vault.keys
                challenge = await workings.api.challenge(Purpose.EXPIRED_PASSWORD)
                signed = fields("twofold-expired-password-v1", workings.api.origin, account, *challenge.signed_fields)
                try:
                    dates = await workings.api.change_expired_password(
                        account=account,
                        current=current,
                        new=new,
                        device_key=keys.public_key,
                        challenge_id=challenge.challenge_id,
                        signature=keys.sign(signed),
                    )
                except ServerUnreachable as error:
                    raise workings.refusal(_NOT_KNOWN) from error
                workings.expired_login = None
                records = workings.vault.records
                workings.vault.keep(records.with_account(account, replace(records.of(account), biometrics=None)))
            return dates

    # 保安編碼認證服務

    @property
    def counts_wrong_pins(self) -> bool:
        """Whether this phone itself counts wrong PINs, and wipes its token after ten; else the server counts."""
        return self._workings.record.pin_guard is not None

    async def count_wrong_pins(self, pin: str, again: str) -> None:
        """Let the phone count from now on; the PIN is typed twice."""
        async with self._workings.turn():
            await guard_pin(self._workings, pin, again)

    async def let_server_count(self, pin: str) -> None:
        """Let the server count again. It takes the PIN."""
        async with self._workings.turn():
            await leave_pin_to_server(self._workings, pin)

    async def clear_token(self) -> None:
        """Clear the token (M23): on the server, then here. All sessions of the account end, this one too."""
        workings = self._workings
        async with workings.turn():
            session = workings.logged_in()
            workings.need_network()
            with workings.asking():
                challenge = await workings.api.challenge(Purpose.CLEAR_TOKEN, session=session.secret)
                signed = fields(
                    "twofold-clear-token-v1",
                    workings.api.origin,
                    session.account,
                    session.token_id or "",
                    *challenge.signed_fields,
                )
                signature = workings.vault.keys.sign(signed)
                try:
                    await workings.api.clear_token(
                        session.secret, challenge_id=challenge.challenge_id, signature=signature
                    )
                except ServerUnreachable as error:
                    raise workings.refusal("未能確認保安編碼器是否已清除。請重新登入查看。") from error
                workings.keep(replace(workings.record, pending=None))
                workings.end_token(None)
            workings.forget_session()

    async def _change(self, session: Session, current: str, new: str, changed_before: int) -> PasswordDates:
        """Change it; when the answer is lost, the date of the last change tells whether it was done."""
        workings = self._workings
        with workings.asking():
            try:
                return await workings.api.change_password(session.secret, current=current, new=new)
            except ServerUnreachable:
                try:
                    dates = (await workings.api.settings(session.secret)).password
                except (ServerUnreachable, ServerBroken) as error:
                    raise workings.refusal(_NOT_KNOWN) from error
                if dates.changed_at == changed_before:
                    raise
                return dates


async def _load(workings: Workings, session: Session) -> None:
    workings.follow_settings(await workings.api.settings(session.secret))


def _check_new(workings: Workings, new: str, again: str) -> None:
    """Whether a password can be sent at all. The rules (M4) are the server's."""
    if not _is_typable(new):
        raise workings.refusal("請輸入新密碼。", Field.NEW_PASSWORD)
    if new != again:
        raise workings.refusal("兩次輸入的新密碼不相同。", Field.NEW_PASSWORD_AGAIN)


def _is_typable(password: str) -> bool:
    return password.isprintable() and 0 < len(password) <= _PASSWORD_LENGTH_AT_MOST
