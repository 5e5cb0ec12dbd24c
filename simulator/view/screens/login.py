"""Before and during the login (M12, M24)."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.visual import VisualType

from simulator.securities.refusals import AppRefusal, NewPasswordNeeded
from simulator.securities.refusals import Field as FieldName
from simulator.securities.states import TokenState
from simulator.view.screens.screen import PhoneScreen
from simulator.view.screens.warnings import about_the_phone
from simulator.view.widgets.field import Field
from simulator.view.widgets.still import Tiles
from simulator.view.widgets.tile import Tile
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words


class Lock(Touch):
    """The lock at the top right that opens the login."""

    def render(self) -> VisualType:
        return Content(f"╭─╮\n▐█▌ {self.label}")


class WelcomeScreen(PhoneScreen):
    """The app for somebody who is not logged in. The token is here too: it works without a network (M29)."""

    NAME: ClassVar[str] = "welcome"

    @property
    def title(self) -> str:
        return self.say("鉅亨證券 2")

    @property
    def corner(self) -> Touch | None:
        return Lock(self.say("登入"), self._open_login, id="lock", kind="quiet")

    def body(self) -> ComposeResult:
        yield Words(self.say("歡迎使用鉅亨證券"), classes="-strong -centred")
        yield Words(self.say("請按右上角的鎖登入。保安編碼器毋須登入或網絡亦可使用。"), classes="-centred")
        with Tiles(classes="-tiles"):
            yield Tile(self.say("保安編碼器"), self._open_token, id="token", face="123456")
        yield from about_the_phone(self)

    async def _open_login(self) -> None:
        await self.view.show(LoginScreen)

    async def _open_token(self) -> None:
        if self.securities.token in (TokenState.NONE, TokenState.PENDING):
            raise AppRefusal(self.say("此電話尚未啟用保安編碼器，請先登入。"))
        await self.view.open_token()


class LoginScreen(PhoneScreen):
    """Account number and password; the phone itself is the second factor."""

    NAME: ClassVar[str] = "login"

    @property
    def title(self) -> str:
        return self.say("登入")

    def body(self) -> ComposeResult:
        look = (self.say("顯示"), self.say("隱藏"))
        yield Field(self.say("用戶名稱"), id=FieldName.ACCOUNT, value=self.securities.last_account)
        yield Field(self.say("密碼"), id=FieldName.PASSWORD, look=look)

    def foot(self) -> ComposeResult:
        yield Touch(self.say("登入"), self._log_in, id="log-in", kind="primary")

    async def _log_in(self) -> None:
        account = self.query_one(f"#{FieldName.ACCOUNT}", Field).value
        password = self.query_one(f"#{FieldName.PASSWORD}", Field).value
        try:
            await self.ask(self.securities.log_in(account, password))
        except NewPasswordNeeded:
            from simulator.view.screens.account_settings.password import ExpiredPasswordScreen  # noqa: PLC0415 - seldom

            await self.view.show(ExpiredPasswordScreen)
        else:
            await self.view.open_after_login()
