"""What a thumb and an eye can do with the phone: tap, type, hold a picture before the camera, look.

Real events are posted to the view, as a terminal would, and then the wanted state is waited for: a widget that is there
and enabled, a screen, a text. Nothing here sleeps, and nothing calls the core behind the screen's back.
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from difflib import get_close_matches
from typing import TypeVar

from textual.widget import Widget

from simulator.cannot_touch import CannotTouch
from simulator.labels import Label, Reading, label_of
from simulator.phone import Phone
from simulator.securities.app import SecuritiesApp
from simulator.view.app import PhoneApp
from simulator.view.fingers import Fingers, OutOfReach, WentAway
from simulator.view.phone_view import PhoneView
from simulator.view.picture import lines_of, picture_of
from simulator.view.screens.camera import CameraScreen
from simulator.view.widgets.big_digits import BigDigits
from simulator.view.widgets.field import Field
from simulator.view.widgets.frame import FRAME
from simulator.view.widgets.readable import Readable
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

_Found = TypeVar("_Found")


class Hands:
    """A thumb and an eye for one phone.

    All that waits does so for at most `patience_seconds` of real time, and then raises `CannotTouch`. Before anything
    is touched or looked for, the phone is let come to rest: what was set off earlier has ended and is shown.

    Where several widgets carry the same label, the enabled one nearest the top is meant.

    Args:
        view: The phone, mounted in a Textual app that runs in this event loop.
        patience_seconds: How long to wait for a wanted state.
    """

    def __init__(self, view: PhoneView, *, patience_seconds: float = 5.0) -> None:
        self._view = view
        self._fingers = Fingers(view, patience_seconds=patience_seconds)

    @property
    def patience_seconds(self) -> float:
        """How long to wait for a wanted state."""
        return self._fingers.patience_seconds

    @patience_seconds.setter
    def patience_seconds(self, seconds: float) -> None:
        self._fingers.patience_seconds = seconds

    # Touching

    async def tap(self, label: str, *, id: str = "") -> None:
        """Press what is labelled `label` (and has that id, if one is given), and let what it sets off happen.

        Comes back while the phone still waits for somebody else, such as the server; the next call waits for that.
        """

        def find() -> Touch | None:
            named = (touch for touch in self._touches() if touch.label == label and id in ("", touch.id))
            return next((touch for touch in named if not touch.is_disabled), None)

        await self._press(find, lambda: self._untouchable(label))

    async def back(self) -> None:
        """Take the screen's way back; also while the phone waits for the server."""
        await self._press(
            lambda: self._view.shown.way_back,
            lambda: CannotTouch(f"the screen “{self.screen_name}” has no way back"),
            at_rest=False,
        )

    async def home(self) -> None:
        """Touch the bar at the bottom: to the home screen from anywhere, also while the phone waits for the server."""
        await self._press(lambda: self._view.home_bar, lambda: CannotTouch("there is no home bar"), at_rest=False)

    async def shade(self) -> None:
        """Pull the notification shade down; also while the phone waits for the server."""
        await self._press(lambda: self._view.status_bar, lambda: CannotTouch("there is no status bar"), at_rest=False)

    async def type(self, *, into: str, text: str) -> None:
        """Type `text`, key by key, into the field labelled `into`, in place of what it held."""
        if not text.isprintable():
            raise CannotTouch(f"what is to go into “{into}” has characters that no keyboard has")

        def find() -> Field | None:
            return next((field for field in self._fields() if field.label == into and not field.is_disabled), None)

        entry = (await self._find(find, lambda: self._untypable(into))).entry
        with self._reachable():
            if self._view.screen.focused is not entry:
                await self._fingers.click(entry)
            if entry.value:
                self._fingers.key("end")
                self._fingers.key("ctrl+u")
                await self._fingers.pass_through(entry, *entry.ancestors)
            for character in text:
                self._fingers.key(character, character)
            await self._fingers.pass_through(entry)
        if entry.value != text:
            raise CannotTouch(
                f"the field “{into}” holds {len(entry.value)} characters after {len(text)} were typed into it"
            )

    async def scan(self, picture: bytes) -> None:
        """Hold a picture (a file's bytes) before the camera, which must be open, until the phone has looked at it."""
        await self.screen(CameraScreen.NAME)
        self._view.phone.show_to_camera(picture)
        await self._come_to_rest()

    # Looking

    async def see(self, text: str) -> None:
        """Wait until `text` can be read on the screen, scrolling included."""
        await self._find(lambda: self._is_seen(text) or None, lambda: self._unseen(text))

    async def see_not(self, text: str) -> None:
        """Wait until `text` can no longer be read on the screen."""
        await self._find(
            lambda: not self._is_seen(text) or None,
            lambda: CannotTouch(f"“{text}” is still on the screen “{self.screen_name}”"),
        )

    async def screen(self, name: str) -> None:
        """Wait for the screen with the stable name `name`."""
        await self._find(
            lambda: self.screen_name == name or None,
            lambda: CannotTouch(f"the phone shows the screen “{self.screen_name}”, not “{name}”{self._troubles()}"),
        )

    async def code(self) -> str:
        """The six digits on the token's screen, once they are those of this moment."""
        return await self._find(
            lambda: next((shown.digits for shown in self._view.query(BigDigits) if shown.digits), None),
            lambda: CannotTouch(f"there is no code on the screen “{self.screen_name}”{self._troubles()}"),
        )

    async def rest(self) -> None:
        """Wait until everything that was set off has ended and is shown."""
        await self._find(lambda: True, lambda: CannotTouch(f"the phone is still busy on “{self.screen_name}”"))

    @property
    def screen_name(self) -> str:
        """The stable name of the screen that shows."""
        return self._view.shown.NAME

    def texts(self) -> tuple[str, ...]:
        """Everything that can be read now, top to bottom, scrolling included; hidden secrets read as bullets."""
        self._view.look_at_clock()
        return tuple(text for widget in self._readable() for text in widget.said)

    def labels(self) -> tuple[Label, ...]:
        """Everything that can be touched now, top to bottom."""
        return tuple(part.label for part in self.reading() if part.label is not None)

    def reading(self) -> tuple[Reading, ...]:
        """The screen, part by part from top to bottom, as one would read it out; without the phone's own frame."""
        self._view.look_at_clock()
        return tuple(
            Reading(said=part.said, label=label_of(part)) for part in self._readable() if not isinstance(part, FRAME)
        )

    def picture(self, *, covered: bool = False) -> str:
        """The phone alone as an SVG document; `covered` for one that shows neither the token's digits nor a QR code."""
        self._view.draw_now()
        return picture_of(self._view, covered=covered)

    def lines(self) -> list[str]:
        """The phone alone as lines of text, exactly as the terminal shows them."""
        self._view.draw_now()
        return lines_of(self._view)

    @property
    def status(self) -> tuple[str, ...]:
        """What the status bar says: the time, and what is not as usual."""
        self._view.look_at_clock()
        return self._view.status_bar.said

    # Finding

    def _touches(self) -> Iterable[Touch]:
        return (touch for touch in self._view.query(Touch).results(Touch) if touch.display)

    def _fields(self) -> Iterable[Field]:
        return self._view.query(Field).results(Field)

    def _readable(self) -> Iterable[Readable]:
        return (
            widget for widget in self._view.walk_children(Widget) if isinstance(widget, Readable) and widget.display
        )

    def _is_seen(self, text: str) -> bool:
        return any(text in said for said in self.texts())

    async def _find(
        self, find: Callable[[], _Found | None], complaint: Callable[[], CannotTouch], *, at_rest: bool = True
    ) -> _Found:
        """Wait until the phone rests and `find` finds something."""
        patience = _Patience(self.patience_seconds)
        while True:
            self._view.look_at_clock()
            if self._view.at_rest or not at_rest:
                found = find()
                if found is not None:
                    return found
            if not await self._view.changed(patience.left_seconds):
                raise complaint()

    async def _come_to_rest(self) -> None:
        """Wait until the phone rests, or waits for somebody else."""
        patience = _Patience(self.patience_seconds)
        while not (self._view.at_rest or self._view.waits_for_others):
            if not await self._view.changed(patience.left_seconds):
                raise CannotTouch(f"the phone is still busy on the screen “{self.screen_name}”")

    # Moving

    async def _press(
        self, find: Callable[[], Touch | None], complaint: Callable[[], CannotTouch], *, at_rest: bool = True
    ) -> None:
        touch = await self._find(find, complaint, at_rest=at_rest)
        before = touch.presses
        with self._reachable():
            await self._fingers.click(touch)
        if touch.presses == before:
            raise CannotTouch(f"“{touch.label}” on the screen “{self.screen_name}” did not take the touch")
        await self._come_to_rest()

    # Saying what is wrong

    @contextmanager
    def _reachable(self) -> Generator[None]:
        screen = self.screen_name
        try:
            yield
        except WentAway:
            raise CannotTouch(f"the screen “{screen}” went away under the finger") from None
        except OutOfReach:
            raise CannotTouch(f"on the screen “{screen}” it is covered, or the terminal is too small") from None

    def _untouchable(self, label: str) -> CannotTouch:
        touches = list(self._touches())
        if any(touch.label == label for touch in touches):
            why = "the phone is busy" if not self._view.at_rest else "it is disabled"
            return CannotTouch(f"“{label}” on the screen “{self.screen_name}” cannot be pressed: {why}")
        public = (touch.label for touch in touches if not touch.IS_PRIVATE and not isinstance(touch, FRAME))
        nearest = _nearest(label, public)
        return CannotTouch(f"no “{label}” to press on the screen “{self.screen_name}”{self._troubles()}", nearest)

    def _untypable(self, label: str) -> CannotTouch:
        nearest = _nearest(label, (field.label for field in self._fields()))
        return CannotTouch(f"no field “{label}” on the screen “{self.screen_name}”{self._troubles()}", nearest)

    def _unseen(self, text: str) -> CannotTouch:
        public = (said for widget in self._readable() if not widget.IS_PRIVATE for said in widget.said)
        message = f"“{text}” is not on the screen “{self.screen_name}”{self._troubles()}"
        return CannotTouch(message, _nearest(text, public))

    def _troubles(self) -> str:
        """What the screen itself complains of."""
        shown = (words.text for words in self._view.query(Words) if words.display)
        complaints = (text for text in shown if text.startswith(Field.ERROR_MARK))
        said = " ".join(complaint.removeprefix(Field.ERROR_MARK) for complaint in complaints)
        return f", which says: {said}" if said else ""


class _Patience:
    """A time that runs out."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left_seconds(self) -> float:
        return max(self._end - time.monotonic(), 0.0)


def _nearest(wanted: str, there: Iterable[str]) -> tuple[str, ...]:
    """At most three of `there` that come closest to `wanted`; if none is close, the first few."""
    candidates = list(dict.fromkeys(text for text in there if text))
    return tuple(get_close_matches(wanted, candidates, n=3, cutoff=0.5) or candidates[:5])


@asynccontextmanager
async def phone_in_hand(
    phone: Phone,
    securities: SecuritiesApp,
    *,
    size: tuple[int, int] = (44, 40),
    light: bool = False,
    patience_seconds: float = 5.0,
    restart: Callable[[], None] | None = None,
) -> AsyncGenerator[Hands]:
    """Show a phone in an app without a terminal, in the running loop, and give hands for it.

    An error that ends the app while it runs is raised when the block is left.

    Args:
        phone: What is shown.
        securities: The broker's app on it.
        size: Columns and lines of the make-believe terminal.
        light: Show it in the light theme.
        patience_seconds: As in `Hands`.
        restart: As in `PhoneApp`.
    """
    app = PhoneApp(phone, securities, light=light, restart=restart)
    loop, printed_to = asyncio.get_running_loop(), (sys.stdout, sys.stderr)
    task_factory = loop.get_task_factory()
    running = asyncio.create_task(app.run_async(headless=True, size=size))
    ready = asyncio.create_task(app.ready.wait())
    await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
    # Textual makes the whole process print through the app and the whole loop start tasks eagerly. A phone without a
    # terminal needs neither, and several phones would undo it in the wrong order.
    sys.stdout, sys.stderr = printed_to
    loop.set_task_factory(task_factory)
    try:
        if app.ready.is_set():
            yield Hands(app.view, patience_seconds=patience_seconds)
    finally:
        ready.cancel()
        await app.close()
        await running
    if app.failure is not None:
        raise app.failure
