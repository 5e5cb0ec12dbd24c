"""The app for a customer who is logged in."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.states import TokenState
from simulator.view.screens.screen import PhoneScreen
from simulator.view.screens.warnings import about_codes, about_the_phone
from simulator.view.widgets.still import Tiles
from simulator.view.widgets.tile import Tile
from simulator.view.widgets.words import Words


class AccountScreen(PhoneScreen):
    """Who is logged in, the token, and the settings."""

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
            yield Tile(self.say("設定"), self._open_settings, id="settings", face="≡")
        yield from about_the_phone(self)
        yield from about_codes(self)

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
            case TokenState.ENDED:
                return Words("✘ " + self.say("此電話上的保安編碼器已失效，請按「保安編碼器」查看。"), classes="-failed")

    async def _open_settings(self) -> None:
        from simulator.view.screens.account_settings.main import open_settings  # noqa: PLC0415 - when it is opened

        await open_settings(self)
