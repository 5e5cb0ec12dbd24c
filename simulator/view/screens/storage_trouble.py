"""The phone's own file is damaged: said on a screen of its own, with a way out."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.view.screens.notice import NoticeScreen
from simulator.view.widgets.touch import Touch

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class SettingsDamagedScreen(NoticeScreen):
    """In place of the home screen while the phone's settings cannot be read."""

    NAME: ClassVar[str] = "settings-damaged"
    HAS_WAY_BACK: ClassVar[bool] = False

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(
            view,
            title=view.say("設定已損毀"),
            trouble=view.say("此電話的設定檔案已損毀，未能讀取。"),
            words=view.say(
                "重設後，語言、網絡、時鐘、生物認證及權限會回復至原廠設定，訊息會顯示為未讀。"
                "電郵、短訊、應用程式及其資料（包括保安編碼器）不受影響。"
            ),
        )

    def foot(self) -> ComposeResult:
        yield Touch(self.say("重設電話設定"), self._reset, id="reset", kind="primary")

    async def _reset(self) -> None:
        self.phone.reset_settings()
        await self.view.open_entry()
