"""The first start of the broker's app: notifications, disclaimer, tutorial (M9–M11)."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.terms import DISCLAIMER, TUTORIAL
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Sections, Words


class NotificationPermissionScreen(PhoneScreen):
    """May the app send notifications? Either answer leads on (M9)."""

    NAME: ClassVar[str] = "notification-permission"

    @property
    def title(self) -> str:
        return self.say("通知")

    def body(self) -> ComposeResult:
        yield Words(self.say("「鉅亨證券 2」想傳送通知給您"), classes="-strong")
        yield Words(self.say("通知可包括提示、聲音和圖示標記。您可隨時更改此選擇；不允許亦可繼續使用本程式。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("允許"), self._allow, id="allow", kind="primary")
        yield Touch(self.say("不允許"), self._refuse, id="do-not-allow")

    async def _allow(self) -> None:
        await self._answer(allowed=True)

    async def _refuse(self) -> None:
        await self._answer(allowed=False)

    async def _answer(self, *, allowed: bool) -> None:
        await self.securities.answer_permission(allowed)
        await self.view.open_entry()


class DisclaimerScreen(PhoneScreen):
    """The whole disclaimer; the button is at its end, where one has seen all of it (M10)."""

    NAME: ClassVar[str] = "disclaimer"
    IS_TO_BE_READ: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return self.say("免責聲明")

    def body(self) -> ComposeResult:
        yield Sections((self.say(heading), self.say(paragraph)) for heading, paragraph in DISCLAIMER)
        yield Touch(self.say("我明白及同意"), self._agree, id="agree", kind="primary")

    async def _agree(self) -> None:
        await self.securities.accept_disclaimer()
        await self.view.open_entry()


class TutorialScreen(PhoneScreen):
    """How the app is used, in a few paragraphs; the button is at the end (M11)."""

    NAME: ClassVar[str] = "tutorial"

    @property
    def title(self) -> str:
        return self.say("基本教學")

    def body(self) -> ComposeResult:
        yield Sections(
            (f"{number}  {self.say(heading)}", self.say(paragraph))
            for number, (heading, paragraph) in enumerate(TUTORIAL, 1)
        )
        yield Touch(self.say("立即開始"), self._begin, id="begin", kind="primary")

    async def _begin(self) -> None:
        await self.securities.finish_tutorial()
        await self.view.open_entry()
