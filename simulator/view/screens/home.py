"""The home screen: the phone's apps."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.still import Tiles
from simulator.view.widgets.tile import Tile

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class HomeScreen(PhoneScreen):
    """The apps as tiles, with how many messages are unread."""

    NAME: ClassVar[str] = "home"
    HAS_WAY_BACK: ClassVar[bool] = False

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._mails = Tile(self.say("電郵"), lambda: view.open_app("mails"), id="app-mails", face="╲╱")
        self._texts = Tile(self.say("短訊"), lambda: view.open_app("texts"), id="app-texts", face="「」")
        self.phone_changed()

    @property
    def title(self) -> str:
        return ""

    def body(self) -> ComposeResult:
        open_app = self.view.open_app
        with Tiles(classes="-tiles"):
            yield Tile(
                self.say("鉅亨證券 2"), lambda: open_app("securities"), id="app-securities", face=self.say("鉅亨")
            )
            yield self._mails
            yield self._texts
            yield Tile(self.say("相機"), lambda: open_app("camera"), id="app-camera", face="[◉]")

    def phone_changed(self) -> None:
        self._mails.show_count(self.phone.unread_mails)
        self._texts.show_count(self.phone.unread_texts)
