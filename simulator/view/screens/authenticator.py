"""The Authenticator: its accounts, and the codes of one of them."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.authenticator.accounts import Account
from simulator.authenticator.explained import EXPLAINED
from simulator.authenticator.otpauth import Kind, OtpauthError, read_otpauth
from simulator.securities.refusals import AppRefusal
from simulator.view.screens.account_changes import AddScreen, ConfirmScreen, RemoveScreen, RenameScreen
from simulator.view.screens.notice import NoticeScreen
from simulator.view.screens.screen import Opening, PhoneScreen
from simulator.view.widgets.big_digits import BigDigits
from simulator.view.widgets.countdown import Countdown
from simulator.view.widgets.following_code import FollowingCode
from simulator.view.widgets.setting import Setting
from simulator.view.widgets.still import Column, Row
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


def first_screen(view: "PhoneView") -> Opening:
    """What the app begins with."""
    return AccountsDamagedScreen if view.authenticator.damaged else AccountsScreen


def scanned_screen(view: "PhoneView", text: str) -> Opening:
    """What follows the scan of an `otpauth:` address. Raises `AppRefusal` when no account can be made of it."""
    if view.authenticator.damaged:
        return AccountsDamagedScreen
    try:
        key = read_otpauth(text)
    except OtpauthError as error:
        raise AppRefusal(view.say(EXPLAINED[error.fault])) from error
    return lambda view: ConfirmScreen(view, key)


class AccountsScreen(PhoneScreen):
    """All accounts. Their codes are behind a touch: nobody reads them in passing."""

    NAME: ClassVar[str] = "authenticator"

    @property
    def title(self) -> str:
        return "Authenticator"

    def body(self) -> ComposeResult:
        with Column(classes="-settings"):
            for account in self.view.authenticator.accounts:
                key = account.key
                yield Setting(
                    f"{key.issuer}: {key.name}" if key.issuer else key.name,
                    partial(self.view.show, partial(AccountCodeScreen, number=account.number)),
                    id=f"account-{account.number}",
                    value=str,
                    leads_on=True,
                )
        if not self.view.authenticator.accounts:
            yield Words(self.say("沒有帳戶"), classes="-quiet -centred")
            yield Words(self.say("在網站的兩步驗證設定中取得二維碼，然後掃描，或輸入密鑰。"), classes="-centred")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("掃描二維碼"), lambda: self.view.open_app("camera"), id="scan", kind="primary")
        yield Touch(self.say("輸入密鑰"), lambda: self.view.show(AddScreen), id="add")


class AccountCodeScreen(PhoneScreen):
    """The code of one account: of this moment, or the next one when it is asked for.

    Args:
        view: The phone that shows it.
        number: The account's.
    """

    NAME: ClassVar[str] = "authenticator-code"

    def __init__(self, view: "PhoneView", *, number: int) -> None:
        super().__init__(view)
        self._number = number
        self._digits = BigDigits(id="code")
        self._countdown = Countdown(unit=self.say("秒"), id="countdown")
        self._following = FollowingCode(id="following", classes="-quiet -centred")
        self._valid_until = self._valid_from = 0.0

    @property
    def title(self) -> str:
        return "Authenticator"

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        key = self._account.key
        if key.issuer:
            yield Words(key.issuer, classes="-strong -tight")
        yield Words(key.name, id="account")
        yield self._digits
        if key.kind is Kind.TOTP:
            yield self._countdown
            yield self._following
        else:
            yield Words(self.say("每按一次「下一個」便產生一個新的驗證碼。"), classes="-quiet -centred")
            yield Touch(self.say("下一個"), self._next, id="next", kind="secondary")
        yield Words(id="done", classes="-good")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("複製"), self._copy, id="copy", kind="primary")
        with Row(classes="-pair"):
            yield Touch(self.say("重新命名"), self._rename, id="rename", kind="quiet")
            yield Touch(self.say("刪除"), self._remove, id="remove", kind="quiet")

    def on_mount(self) -> None:
        """Begin where the clock is."""
        self.clock_moved(self.phone.now())

    def clock_moved(self, moment: float) -> None:
        account = self._account
        if account.key.kind is not Kind.TOTP:
            return
        if not self._valid_from <= moment < self._valid_until:
            codes = self.view.authenticator.codes(account)
            self._valid_from, self._valid_until = codes.valid_from, codes.valid_until
            self._digits.show(codes.code)
            self._following.show(self.say("下一個驗證碼"), codes.following)
        self._countdown.show(
            left_seconds=self._valid_until - moment, whole_seconds=self._valid_until - self._valid_from
        )

    @property
    def _account(self) -> Account:
        account = self.view.authenticator.account(self._number)
        assert account is not None, "this screen is left before its account is removed"
        return account

    def _next(self) -> None:
        try:
            _, code = self.view.authenticator.next_code(self._account)
        except OtpauthError as error:
            raise AppRefusal(self.say(EXPLAINED[error.fault])) from error
        self._digits.show(code)
        self.query_one("#done", Words).say("")

    def _copy(self) -> None:
        if not self._digits.digits:
            raise AppRefusal(self.say("請先按「下一個」。"))
        self.phone.clipboard = self._digits.digits
        self.query_one("#done", Words).say("✔ " + self.say("已複製"))

    async def _rename(self) -> None:
        await self.view.show(partial(RenameScreen, account=self._account))

    async def _remove(self) -> None:
        await self.view.show(partial(RemoveScreen, account=self._account))


class AccountsDamagedScreen(NoticeScreen):
    """The accounts are there and cannot be opened: that is not the same as having none."""

    NAME: ClassVar[str] = "authenticator-damaged"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(
            view,
            title=view.say("資料已損毀"),
            trouble=view.say("Authenticator 的帳戶資料已損毀，未能開啟。"),
            words=view.say("清除後，請到各網站重新設定兩步驗證，再掃描新的二維碼。"),
        )

    def foot(self) -> ComposeResult:
        yield Touch(self.say("清除資料"), self._clear, id="clear", kind="primary")

    async def _clear(self) -> None:
        self.view.authenticator.clear_damaged()
        await self.view.open_entry()
