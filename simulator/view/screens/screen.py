"""What all screens have in common: a title, a way back, a body that scrolls and a foot where the thumb is."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

from simulator.securities.refusals import AppRefusal
from simulator.view.widgets.field import Entry, Field
from simulator.view.widgets.still import Body, Column, Row
from simulator.view.widgets.touch import Action, Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.securities.app import SecuritiesApp
    from simulator.view.phone_view import PhoneView

_Answer = TypeVar("_Answer")

Opening = Callable[["PhoneView"], "PhoneScreen"]
"""How to make a screen: most often its class."""


class WayBack(Touch):
    """The arrow at the top left."""

    def __init__(self, label: str, action: Action) -> None:
        super().__init__(label, action, id="back", kind="quiet", interrupts=True)

    def render(self) -> VisualType:
        return Content(f"‹ {self.label}")


class PhoneScreen(Column):
    """One screen of the phone.

    Args:
        view: The phone that shows it.
    """

    NAME: ClassVar[str]
    """Stable name, by which hands and the harness know the screen."""

    HAS_WAY_BACK: ClassVar[bool] = True

    IS_TO_BE_READ: ClassVar[bool] = False
    """Whether the keyboard begins in the text, so that nobody agrees to it by a blind press of the enter key."""

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(name=self.NAME, classes="phone-screen")
        self.view = view
        self.phone = view.phone
        self.say = view.say
        self.way_back: Touch | None = WayBack(self.say("返回"), view.back) if self.HAS_WAY_BACK else None
        self._foot = Column(classes="-foot")
        self._refusal: Words | None = None

    @property
    def securities(self) -> "SecuritiesApp":
        """The broker's app."""
        return self.view.securities

    # What a screen says of itself

    @property
    def title(self) -> str:
        """The words in the middle of the top; empty for a screen without a top."""
        raise NotImplementedError

    @property
    def corner(self) -> Touch | None:
        """What stands at the top right."""
        return None

    def body(self) -> ComposeResult:
        """What scrolls."""
        return ()

    def foot(self) -> ComposeResult:
        """What stays at the thumb's place."""
        return ()

    @property
    def forgets(self) -> bool:
        """Whether an app that was left here is not found here again: it holds a secret, or has nothing more to say."""
        return False

    @property
    def settled(self) -> bool:
        """Whether it shows the state of this moment."""
        return True

    def phone_changed(self) -> None:
        """Something on the phone has changed: a message, the network, the picture before the camera."""

    def clock_moved(self, moment: float) -> None:
        """The phone's clock shows `moment` (seconds since 1970). Called several times a second, and after each jump."""

    # What a screen can rely on

    def compose(self) -> ComposeResult:
        if self.title:
            corner = self.corner
            with Row(classes="-top" if corner is None else "-top -with-corner"):
                if self.way_back is not None:
                    yield self.way_back
                yield Words(self.title, id="title")
                if corner is not None:
                    yield corner
        # What is to be read is longer than any phone: its scroll bar is there from the start, for one layout fewer.
        classes = "-body -to-be-read" if self.IS_TO_BE_READ else "-body"
        with Body(classes=classes, can_focus=self.IS_TO_BE_READ):
            yield from self.body()
        if type(self).foot is not PhoneScreen.foot:
            with self._foot:
                yield from self.foot()

    async def ask(self, question: Awaitable[_Answer]) -> _Answer:
        """Await somebody outside the phone, such as the broker's server, and let it be seen that one waits."""
        async with self.view.waiting():
            return await question

    async def refuse(self, refusal: AppRefusal) -> None:
        """Show why something was not done: under the field it speaks of, else above the buttons."""
        field = next((field for field in self.query(Field) if field.id == refusal.field), None)
        if field is not None:
            await field.refuse(refusal.message)
        else:
            self._refusal = Words(f"{Field.ERROR_MARK}{refusal.message}", classes="-refusal")
            if not self._foot.is_attached:
                await self.mount(self._foot)
            await self._foot.mount(self._refusal, before=0 if self._foot.children else None)

    async def forget_refusal(self) -> None:
        """Take away what stands above the buttons; what stands under a field stays until the field changes."""
        if self._refusal is not None:
            before, self._refusal = self._refusal, None
            await before.remove()

    def take_focus(self) -> None:
        """Put the cursor into the first field, else on the main action, so that a keyboard can go on at once."""
        candidates: Iterable[Widget] = (
            *self.query(Body),
            *self.query(Entry),
            *self.query("Touch.-primary"),
            *self.query(Touch).exclude("#back"),
        )
        target = next((widget for widget in candidates if widget.focusable), None)
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)
