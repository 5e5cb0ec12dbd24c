"""Adding an account to the Authenticator, calling it otherwise, removing it."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.authenticator.accounts import Account
from simulator.authenticator.app import AlreadyThere, TooManyAccounts
from simulator.authenticator.explained import EXPLAINED
from simulator.authenticator.otpauth import Algorithm, Fault, Key, Kind, OtpauthError, read_otpauth, read_secret
from simulator.securities.refusals import AppRefusal
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.setting import Choice
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_ALGORITHMS: Final = {Algorithm.SHA1: "SHA-1", Algorithm.SHA256: "SHA-256", Algorithm.SHA512: "SHA-512"}
_PERIODS_SECONDS: Final = (30, 60, 15)
_DIGITS: Final = (6, 7, 8)


class AddingScreen(PhoneScreen):
    """A screen that ends with one account more."""

    async def _add(self, key: Key) -> None:
        try:
            self.view.authenticator.add(key)
        except AlreadyThere as error:
            raise AppRefusal(self.say("此密鑰已在 Authenticator 中。")) from error
        except TooManyAccounts as error:
            raise AppRefusal(self.say("帳戶數目已達上限。請先刪除不再使用的帳戶。")) from error
        await self.view.open_entry()


class ConfirmScreen(AddingScreen):
    """What was scanned, before it is added.

    Args:
        view: The phone that shows it.
        key: What the code holds.
    """

    NAME: ClassVar[str] = "authenticator-confirm"

    def __init__(self, view: "PhoneView", key: Key) -> None:
        super().__init__(view)
        self._key = key

    @property
    def title(self) -> str:
        return self.say("加入帳戶")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        key = self._key
        if key.issuer:
            yield Words(key.issuer, classes="-strong -tight")
        yield Words(key.name)
        digits = self.say("{digits}位數字", digits=key.digits)
        period = f" · {key.period_seconds} {self.say('秒')}" if key.kind is Kind.TOTP else ""
        yield Words(f"{key.kind.upper()} · {_ALGORITHMS[key.algorithm]} · {digits}{period}", classes="-quiet")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("加入"), lambda: self._add(self._key), id="add", kind="primary")
        yield Touch(self.say("取消"), self.view.back, id="cancel")


class AddScreen(AddingScreen):
    """A key that a site shows in letters; a whole `otpauth:` address may be pasted in its place."""

    NAME: ClassVar[str] = "authenticator-add"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        seconds = self.say("秒")
        self._kind = Choice(self.say("種類"), {kind: kind.upper() for kind in Kind}, id="kind")
        self._algorithm = Choice(self.say("演算法"), _ALGORITHMS, id="algorithm")
        self._digits = Choice(self.say("位數"), {digits: str(digits) for digits in _DIGITS}, id="digits")
        self._period = Choice(
            self.say("週期"), {period: f"{period} {seconds}" for period in _PERIODS_SECONDS}, id="period"
        )

    @property
    def title(self) -> str:
        return self.say("輸入密鑰")

    def body(self) -> ComposeResult:
        yield Field(self.say("帳戶名稱"), id="name")
        yield Field(self.say("密鑰，或 otpauth:// 連結"), id="key", look=(self.say("顯示"), self.say("隱藏")))
        yield Touch(self.say("貼上"), self._paste, id="paste", kind="quiet")
        with Column(classes="-settings"):
            yield from (self._kind, self._algorithm, self._digits, self._period)

    def foot(self) -> ComposeResult:
        yield Touch(self.say("加入"), self._add_typed, id="add", kind="primary")

    def _paste(self) -> None:
        self.query_one("#key", Field).fill(self.phone.clipboard)

    async def _add_typed(self) -> None:
        name, key = self.query_one("#name", Field), self.query_one("#key", Field)
        try:
            if "://" in key.value:
                typed = read_otpauth(key.value)
            else:
                typed = Key(
                    kind=self._kind.chosen,
                    issuer="",
                    name=name.value.strip(),
                    secret=read_secret(key.value),
                    algorithm=self._algorithm.chosen,
                    digits=self._digits.chosen,
                    period_seconds=self._period.chosen,
                )
        except OtpauthError as error:
            at_fault = name if error.fault is Fault.NAME and "://" not in key.value else key
            await at_fault.refuse(self.say(EXPLAINED[error.fault]))
            return
        await self._add(typed)


class RenameScreen(PhoneScreen):
    """Another name for an account.

    Args:
        view: The phone that shows it.
        account: What is renamed.
    """

    NAME: ClassVar[str] = "authenticator-rename"

    def __init__(self, view: "PhoneView", *, account: Account) -> None:
        super().__init__(view)
        self._account = account

    @property
    def title(self) -> str:
        return self.say("重新命名")

    def body(self) -> ComposeResult:
        yield Field(self.say("帳戶名稱"), id="name", value=self._account.key.name)

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._rename, id="rename", kind="primary")

    async def _rename(self) -> None:
        field = self.query_one(Field)
        try:
            self.view.authenticator.rename(self._account, field.value)
        except OtpauthError as error:
            await field.refuse(self.say(EXPLAINED[error.fault]))
            return
        await self.view.back()


class RemoveScreen(PhoneScreen):
    """The last question before an account is gone.

    Args:
        view: The phone that shows it.
        account: What is removed.
    """

    NAME: ClassVar[str] = "authenticator-remove"

    def __init__(self, view: "PhoneView", *, account: Account) -> None:
        super().__init__(view)
        self._account = account

    @property
    def title(self) -> str:
        return self.say("刪除帳戶")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        yield Words(self._account.key.name, classes="-strong")
        yield Words(
            self.say("刪除後，此電話再不能產生該帳戶的驗證碼。請先在網站關閉兩步驗證，否則您可能無法登入。"),
            classes="-waiting",
        )

    def foot(self) -> ComposeResult:
        yield Touch(self.say("取消"), self.view.back, id="cancel", kind="primary")
        yield Touch(self.say("刪除"), self._remove, id="remove")

    async def _remove(self) -> None:
        self.view.authenticator.remove(self._account)
        await self.view.open_entry()
