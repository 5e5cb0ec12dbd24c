"""保安編碼認證服務: how the token stands, who counts wrong PINs, and clearing it (M20, M23)."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.securities.answers import TokenStanding
from simulator.securities.refusals import Field as FieldName
from simulator.securities.refusals import TokenEnded
from simulator.securities.states import TokenState
from simulator.view.screens.login import WelcomeScreen
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.frame import local_time
from simulator.view.widgets.service import Service
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_COUNTED_BY: Final = {False: "由伺服器計算", True: "由此電話計算"}


class TokenServiceScreen(PhoneScreen):
    """How the token stands, and what can be set about it."""

    NAME: ClassVar[str] = "token-service"

    @property
    def title(self) -> str:
        return self.say("保安編碼認證服務")

    def body(self) -> ComposeResult:
        say, shown = self.say, self.securities.settings_shown
        if shown is not None and shown.token is TokenStanding.LOCKED:
            yield Words("✘ " + say("保安編碼器已鎖定：驗證碼連續10次不正確。請致電客戶服務部解鎖。"), classes="-failed")
        elif self.securities.token is TokenState.ACTIVE:
            yield Words("✔ " + say("保安編碼器已在此電話上啟用。"), classes="-good")
        elif shown is not None and shown.token is TokenStanding.ELSEWHERE:
            yield Words(
                "… " + say("保安編碼器在另一部電話上。在此電話啟用後，該電話的會隨即失效。"), classes="-waiting"
            )
        else:
            yield Words("… " + say("此電話尚未啟用保安編碼器。"), classes="-waiting")
        if shown is not None and shown.activated_at is not None:
            day = f"{local_time(shown.activated_at):%Y-%m-%d %H:%M}"
            yield Words(say("{device}，{day}啟用", device=shown.device_name or "", day=day), classes="-quiet")
        if self.securities.token is TokenState.ACTIVE:
            counts = self.securities.settings.counts_wrong_pins
            yield Service(
                say("錯誤密碼的計算"), say("設定"), self._count, id="pin-count", note=say(_COUNTED_BY[counts])
            )

    def foot(self) -> ComposeResult:
        active = self.securities.token is TokenState.ACTIVE
        label = self.say("開啟保安編碼器") if active else self.say("啟用")
        yield Touch(label, self.view.open_token, id="open-token", kind="primary")

    async def _count(self) -> None:
        await self.view.show(PinCountScreen)


class PinCountScreen(PhoneScreen):
    """Who notices a wrong PIN: the server, by the wrong code that it gives, or this phone."""

    NAME: ClassVar[str] = "pin-count"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._counts = self.securities.settings.counts_wrong_pins

    @property
    def title(self) -> str:
        return self.say("錯誤密碼的計算")

    def body(self) -> ComposeResult:
        look = (self.say("顯示"), self.say("隱藏"))
        if self._counts:
            yield Words(self.say("現時由此電話計算：連續10次輸入錯誤密碼，此電話上的保安編碼器即會清除。"))
            yield Words(self.say("改由伺服器計算後，錯誤的密碼會顯示錯誤的驗證碼，由伺服器識別。"))
            yield Field(self.say("保安編碼器密碼"), id=FieldName.PIN, look=look)
        else:
            yield Words(self.say("現時由伺服器計算：錯誤的密碼會顯示錯誤的驗證碼，由伺服器識別。"))
            yield Words(self.say("改由此電話計算後，連續10次輸入錯誤密碼，此電話上的保安編碼器即會清除。"))
            yield Field(self.say("保安編碼器密碼"), id=FieldName.PIN, look=look)
            yield Field(self.say("確認保安編碼器密碼"), id=FieldName.PIN_AGAIN, look=look)

    def foot(self) -> ComposeResult:
        label = self.say("改由伺服器計算") if self._counts else self.say("改由此電話計算")
        yield Touch(label, self._turn, id="turn", kind="primary")

    async def _turn(self) -> None:
        settings = self.securities.settings
        pin = self.query_one(f"#{FieldName.PIN}", Field).value
        try:
            if self._counts:
                await settings.let_server_count(pin)
            else:
                await settings.count_wrong_pins(pin, self.query_one(f"#{FieldName.PIN_AGAIN}", Field).value)
        except TokenEnded:
            await self.view.open_token()
        else:
            await self.view.back()


class ClearTokenScreen(PhoneScreen):
    """Asks once more before the token is cleared."""

    NAME: ClassVar[str] = "clear-token"

    @property
    def title(self) -> str:
        return self.say("清除保安編碼器")

    def body(self) -> ComposeResult:
        yield Words(self.say("清除後，此帳戶的保安編碼器及生物認證即時失效，所有登入亦會結束。"), classes="-strong")
        yield Words(self.say("本公司會以電郵及短訊通知您。您可隨時重新登入，並再次啟用保安編碼器。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("清除"), self._clear, id="clear", kind="primary")
        yield Touch(self.say("取消"), self.view.back, id="cancel", interrupts=True)

    async def _clear(self) -> None:
        await self.ask(self.securities.settings.clear_token())
        await self.view.start(WelcomeScreen, TokenClearedScreen)


class TokenClearedScreen(PhoneScreen):
    """Done; nobody is logged in any more."""

    NAME: ClassVar[str] = "token-cleared"

    @property
    def title(self) -> str:
        return self.say("清除保安編碼器")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        yield Words("✔ " + self.say("保安編碼器已清除"), classes="-good -strong")
        yield Words(self.say("如要再次使用，請登入並重新啟用。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("完成"), self.view.open_entry, id="done", kind="primary")
