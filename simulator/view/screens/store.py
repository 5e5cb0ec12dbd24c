"""The App store, in which there is one app (M1)."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.scanning import Installation
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.setting import Setting
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_VERSIONS: Final = {"android": "安卓版本", "ios": "蘋果版本"}


class StoreScreen(PhoneScreen):
    """What there is to install."""

    NAME: ClassVar[str] = "store"

    @property
    def title(self) -> str:
        return self.say("App 商店")

    def body(self) -> ComposeResult:
        with Column(classes="-settings"):
            yield Setting(
                self.say("鉅亨證券 2"),
                self._open_page,
                id="store-securities",
                value=lambda: self.say("已安裝") if self.phone.broker_app_installed else self.say("未安裝"),
                leads_on=True,
            )
        yield Words(self.say("亦可用相機掃描網頁上的安裝二維碼。"), classes="-quiet")

    async def _open_page(self) -> None:
        await self.view.show(StorePageScreen)


class StorePageScreen(PhoneScreen):
    """The page of 「鉅亨證券 2」.

    Args:
        view: The phone that shows it.
        scanned: The install code that led here, if one did.
    """

    NAME: ClassVar[str] = "store-page"

    def __init__(self, view: "PhoneView", scanned: Installation | None = None) -> None:
        super().__init__(view)
        self._scanned = scanned

    @property
    def title(self) -> str:
        return self.say("App 商店")

    def body(self) -> ComposeResult:
        say, scanned = self.say, self._scanned
        yield Words(say("鉅亨證券 2"), classes="-strong -tight")
        yield Words(say("鉅亨證券有限公司"), classes="-quiet")
        yield Words(say("網上交易服務的流動應用程式：登入帳戶、啟用及使用保安編碼器。"))
        if scanned is not None:
            yield Words(say(_VERSIONS[scanned.platform]), classes="-tight")
            yield Words(say("來源：{host}", host=scanned.host), classes="-quiet")
        if self.phone.broker_app_installed:
            yield Words("✔ " + say("已安裝"), classes="-good")

    def foot(self) -> ComposeResult:
        if self.phone.broker_app_installed:
            yield Touch(self.say("開啟"), lambda: self.view.open_app("securities"), id="open", kind="primary")
        else:
            yield Touch(self.say("安裝"), self._install, id="install", kind="primary")

    async def _install(self) -> None:
        self.phone.install_broker_app()
        await self.view.replace(lambda view: StorePageScreen(view, self._scanned))
