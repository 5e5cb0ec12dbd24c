"""The phone's clock, which may be off."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.phone import CLOCK_OFFSET_SECONDS_AT_MOST
from simulator.view.screens.screen import PhoneScreen
from simulator.view.screens.settings.page import SettingsPage
from simulator.view.widgets.field import Field
from simulator.view.widgets.frame import local_time
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_SECONDS: Final = re.compile(r"[+-]?[0-9]{1,8}")


def offset_words(screen: PhoneScreen) -> str:
    """How far the clock is off, as `+90 秒`."""
    seconds = screen.phone.clock_offset_seconds
    return f"{seconds:+g} {screen.say('秒')}" if seconds else screen.say("準確")


class ClockScreen(SettingsPage):
    """What the clock shows, and by how much it is ahead of the right time or behind it."""

    NAME: ClassVar[str] = "settings-clock"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._time = Words("-", classes="-strong")

    @property
    def title(self) -> str:
        return self.say("時鐘")

    def body(self) -> ComposeResult:
        yield self._time
        yield Words(self.say("保安編碼器的驗證碼以此時鐘計算。偏差超過30秒的電話產生不到有效的驗證碼。"))
        yield Field(self.say("偏差（秒），例如 -45"), id="offset", value=f"{self.phone.clock_offset_seconds:g}")

    def foot(self) -> ComposeResult:
        yield Words(id="done", classes="-good")
        yield Touch(self.say("確定"), self._set, id="set", kind="primary")

    def clock_moved(self, moment: float) -> None:
        self._time.say(f"{local_time(moment):%Y-%m-%d %H:%M:%S}")

    async def _set(self) -> None:
        field = self.query_one(Field)
        self.query_one("#done", Words).say("")
        text = field.value.strip()
        if not _SECONDS.fullmatch(text) or abs(int(text)) > CLOCK_OFFSET_SECONDS_AT_MOST:
            await field.refuse(self.say("請輸入整數秒數，最多一年；落後的時鐘以 - 開頭。"))
            return
        self.phone.change(replace(self.phone.settings, clock_offset_seconds=float(text)))
        self.query_one("#done", Words).say("✔ " + self.say("已設定"))
