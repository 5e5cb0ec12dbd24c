"""更改密碼: of a customer who is logged in (M20), and of one whose password has expired (M8)."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.securities.answers import PasswordDates
from simulator.securities.refusals import Field as FieldName
from simulator.view.screens.account_settings.main import back_to_settings
from simulator.view.screens.login import LoginScreen, WelcomeScreen
from simulator.view.screens.screen import Opening, PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.frame import clock_words
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Sections, Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

RULES: Final = (
    "必須最少有8個字元",
    "字元必須是數字或英文字母",
    "包含最少一個英文字母",
    "包含最少一個數字",
    "不能與前1次密碼相同",
    "有效期為90日",
)
"""密碼規則 (M4), as they are listed; which of them a password breaks is for the server to say."""


class NewPasswordScreen(PhoneScreen):
    """Asks for a new password, typed twice, under the rules that it must keep."""

    @property
    def title(self) -> str:
        return self.say("更改密碼")

    def new_password(self) -> ComposeResult:
        """The fields of the new password, and its rules."""
        look = (self.say("顯示"), self.say("隱藏"))
        yield Field(self.say("新密碼"), id=FieldName.NEW_PASSWORD, look=look)
        yield Field(self.say("確認新密碼"), id=FieldName.NEW_PASSWORD_AGAIN, look=look)
        yield Sections([(self.say("密碼規則"), "\n".join(f"· {self.say(rule)}" for rule in RULES))])

    def typed(self, field: FieldName) -> str:
        """What stands in a field."""
        return self.query_one(f"#{field}", Field).value


class ChangePasswordScreen(NewPasswordScreen):
    """The current password and the new one."""

    NAME: ClassVar[str] = "change-password"

    def body(self) -> ComposeResult:
        look = (self.say("顯示"), self.say("隱藏"))
        yield Field(self.say("現時密碼"), id=FieldName.CURRENT_PASSWORD, look=look)
        yield from self.new_password()

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._change, id="change", kind="primary")

    async def _change(self) -> None:
        change = self.securities.settings.change_password(
            self.typed(FieldName.CURRENT_PASSWORD),
            self.typed(FieldName.NEW_PASSWORD),
            self.typed(FieldName.NEW_PASSWORD_AGAIN),
        )
        dates = await self.ask(change)
        await back_to_settings(self, lambda view: PasswordChangedScreen(view, dates))


class ExpiredPasswordScreen(NewPasswordScreen):
    """The password was right and is too old: a new one, on the phone that holds the token (M8)."""

    NAME: ClassVar[str] = "expired-password"

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        yield Words(self.say("密碼已過期，請設定新密碼。"), classes="-waiting")
        yield from self.new_password()

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._change, id="change", kind="primary")

    async def _change(self) -> None:
        change = self.securities.settings.change_expired_password(
            self.typed(FieldName.NEW_PASSWORD), self.typed(FieldName.NEW_PASSWORD_AGAIN)
        )
        dates = await self.ask(change)
        await self.view.start(WelcomeScreen, lambda view: PasswordChangedScreen(view, dates, then=LoginScreen))


class PasswordChangedScreen(PhoneScreen):
    """Done.

    Args:
        view: The phone that shows it.
        dates: When the password was changed, and how long it lives.
        then: Where its button leads; the way back if nowhere.
    """

    NAME: ClassVar[str] = "password-changed"

    def __init__(self, view: "PhoneView", dates: PasswordDates, *, then: Opening | None = None) -> None:
        super().__init__(view)
        self._dates = dates
        self._then = then

    @property
    def title(self) -> str:
        return self.say("更改密碼")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        done = self.say("你的密碼在{time}成功更改。", time=clock_words(self._dates.changed_at))
        yield Words(f"✔ {done}", classes="-good -strong")
        if self._then is None:
            yield Words(self.say("其他裝置上的登入已全部結束。"))
            yield Words(self.securities.biometrics.suspended_for, classes="-waiting")
        else:
            yield Words(self.say("請以新密碼登入。"))

    def foot(self) -> ComposeResult:
        label = self.say("完成") if self._then is None else self.say("登入")
        yield Touch(label, self._go_on, id="done", kind="primary")

    async def _go_on(self) -> None:
        if self._then is None:
            await self.view.back()
        else:
            await self.view.replace(self._then)
