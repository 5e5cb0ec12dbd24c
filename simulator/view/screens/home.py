"""The home screen: the phone's apps."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.stacks import AppName
from simulator.view.widgets.still import Tiles
from simulator.view.widgets.tile import Tile
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class HomeScreen(PhoneScreen):
    """The apps as tiles, with how many messages are unread."""

    NAME: ClassVar[str] = "home"
    HAS_WAY_BACK: ClassVar[bool] = False

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._mails = self._tile("mails", self.say("電郵"), "╲╱")
        self._texts = self._tile("texts", self.say("短訊"), "「」")
        self._no_room = Words("✘ " + self.say("電話的儲存空間不足，未能儲存新的內容。"), classes="-failed")
        self._make_room = Touch(self.say("管理儲存空間"), self._open_storage, id="make-room", kind="quiet")
        self.phone_changed()

    @property
    def title(self) -> str:
        return ""

    def body(self) -> ComposeResult:
        with Tiles(classes="-tiles"):
            if self.phone.broker_app_installed:
                yield self._tile("securities", self.say("鉅亨證券 2"), self.say("鉅亨"))
            yield self._mails
            yield self._texts
            yield self._tile("camera", self.say("相機"), "[◉]")
            yield self._tile("authenticator", "Authenticator", "⚷")
            yield self._tile("store", self.say("App 商店"), "⇩")
            yield self._tile("settings", self.say("設定"), "⚙")
        yield self._no_room
        yield self._make_room

    def phone_changed(self) -> None:
        self._mails.show_count(self.phone.unread_mails)
        self._texts.show_count(self.phone.unread_texts)
        self._no_room.display = self._make_room.display = self.phone.storage.ran_out_of_room

    def _tile(self, app: AppName, name: str, face: str) -> Tile:
        return Tile(name, lambda: self.view.open_app(app), id=f"app-{app}", face=face)

    async def _open_storage(self) -> None:
        from simulator.view.screens.settings.storage import StorageScreen  # noqa: PLC0415 - loaded when it is opened

        await self.view.open_at("settings", StorageScreen)
