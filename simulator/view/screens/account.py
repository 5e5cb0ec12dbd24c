"""The app for a customer who is logged in."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.states import TokenState
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.still import Tiles
from simulator.view.widgets.tile import Tile
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words


class AccountScreen(PhoneScreen):
    """Who is logged in, the token and the way out."""

    NAME: ClassVar[str] = "account"

    @property
    def title(self) -> str:
        return self.say("我的帳戶")

    def body(self) -> ComposeResult:
        if (session := self.securities.session) is not None:
            yield Words(session.name, classes="-strong -tight")
            yield Words(session.account, classes="-quiet", id="account")
        yield self._token_words()
        with Tiles(classes="-tiles"):
            yield Tile(self.say("保安編碼器"), self.view.open_token, id="token", face="123456")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("登出"), self._log_out, id="log-out")

    def _token_words(self) -> Words:
        match self.securities.token:
            case TokenState.ACTIVE:
                return Words("✔ " + self.say("保安編碼器已啟用"), classes="-good")
            case TokenState.PENDING:
                return Words("… " + self.say("保安編碼器尚未完成啟用，請按「保安編碼器」繼續。"), classes="-waiting")
            case TokenState.NONE:
                return Words("… " + self.say("保安編碼器尚未啟用，請按「保安編碼器」啟用。"), classes="-waiting")
            case TokenState.DAMAGED:
                return Words("✘ " + self.say("此電話上的應用程式資料已損毀。"), classes="-failed")

    async def _log_out(self) -> None:
        await self.ask(self.securities.log_out())
        await self.view.open_entry()
