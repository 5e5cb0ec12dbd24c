"""The phone as a widget: its frame, the screen that is showing, and what happens when somebody touches it."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from simulator.language import translate
from simulator.phone import Banner, Phone, PushOnPhone
from simulator.view.acting import Acting
from simulator.view.apps import opening_of, opening_of_message
from simulator.view.screens.screen import Opening
from simulator.view.stacks import AppName, Stacks
from simulator.view.widgets.banner import BannerBox
from simulator.view.widgets.frame import HomeBar, Status, StatusBar, clock_words
from simulator.view.widgets.still import Column

if TYPE_CHECKING:
    from simulator.authenticator.app import Authenticator
    from simulator.securities.app import SecuritiesApp

BANNER_SECONDS = 10.0
"""How long a banner stays, on the phone's clock. The message itself stays unread where it belongs."""

_CLOCK_PERIOD_SECONDS = 0.25
"""How often the view looks at the clock by itself: the seconds of a countdown should not stumble."""


class PhoneView(Acting):
    """Shows a phone, 44 × 40 cells and scrolling inside itself when there is less room, one screen at a time.

    Args:
        phone: What is shown.
        securities: The broker's app on it, or how to have it: then it is had when it is first opened.
        restart: Switches the phone off and on again, if whoever shows it can do that.
    """

    DEFAULT_CSS = Path(__file__).with_name("phone.tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("ctrl+home,f2", "home", show=False),
        Binding("f4", "shade", show=False),
    ]

    def __init__(
        self,
        phone: Phone,
        securities: "SecuritiesApp | Callable[[], SecuritiesApp]",
        *,
        restart: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.phone = phone
        self._securities = securities
        self.restart = restart
        self._stacks: Stacks[Opening] = Stacks(lambda app: opening_of(app, self))
        self.shown = self._stacks.top(self)
        self._glass = Column(id="glass")
        self.status_bar = StatusBar(self.say, self.open_shade)
        self.home_bar = HomeBar(self.say("主畫面"), self.home)
        self._banner: BannerBox | None = None
        self._banner_since = 0.0
        self._moving = asyncio.Lock()
        self._fingers = 0
        self._look_due = False
        self._unsubscribe: Callable[[], None] = lambda: None

    def say(self, words: str, **values: object) -> str:
        """The Traditional Chinese `words` in the phone's language, with `{names}` filled in."""
        translated = translate(words, self.phone.language)
        return translated.format(**values) if values else translated

    @cached_property
    def securities(self) -> "SecuritiesApp":
        """The broker's app on this phone."""
        return self._securities() if callable(self._securities) else self._securities

    @cached_property
    def authenticator(self) -> "Authenticator":
        """The Authenticator on this phone."""
        from simulator.authenticator.app import Authenticator  # noqa: PLC0415 - loaded when it is opened

        return Authenticator(self.phone)

    # What a watcher may ask

    @property
    def front(self) -> AppName:
        """The app that shows."""
        return self._stacks.front

    @property
    def is_moving(self) -> bool:
        """Whether one screen is being replaced by another."""
        return self._moving.locked()

    @property
    def at_rest(self) -> bool:
        """Whether everything that was set off in the app in front has come to its end, and the screen shows it."""
        return not (self.is_acting or self._look_due or self.is_moving) and self.shown.settled

    @contextmanager
    def held_still(self) -> Generator[None]:
        """Let no banner come or go meanwhile: nothing moves under a finger that is on its way."""
        self._fingers += 1
        try:
            yield
        finally:
            self._fingers -= 1
            if self._look_due:
                self.call_later(self._look_at_phone)

    # Life

    def compose(self) -> ComposeResult:
        yield self.status_bar
        with self._glass:
            yield self.shown
        yield self.home_bar

    async def on_mount(self) -> None:
        """Begin to follow the phone and its clock."""
        self.begin_being_watched()
        self._unsubscribe = self.phone.subscribe(self._phone_changed)
        self.set_interval(_CLOCK_PERIOD_SECONDS, self.look_at_clock)
        await self._look_at_phone()

    def on_unmount(self) -> None:
        """Stop following."""
        self._unsubscribe()

    # Moving about, within the app whose action asks for it

    async def show(self, *openings: Opening) -> None:
        """Go on to a screen; the way back leads here again."""
        await self._move(lambda: self._stacks.show(self.acting, *openings))

    async def replace(self, *openings: Opening) -> None:
        """Go on to a screen in place of this one; the way back leads where it led from here."""
        await self._move(lambda: self._stacks.replace(self.acting, *openings))

    async def start(self, *openings: Opening) -> None:
        """Go to the last of these screens, with the ones before it behind it and nothing else."""
        await self._move(lambda: self._stacks.start(self.acting, *openings))

    async def back(self) -> None:
        """The way back: to the screen before, and from an app's first screen to where the app was opened."""
        await self._move(lambda: self._stacks.back(self.acting))

    async def open_entry(self) -> None:
        """Go to where the app begins that asks for it, as things are now: the broker's app by where its customer is."""
        await self.start(*opening_of(self.acting, self))

    async def open_after_login(self) -> None:
        """Go to what follows a login."""
        from simulator.view import journey  # noqa: PLC0415 - loaded with the broker's app

        await self.start(*journey.after_login(self.securities))

    async def open_token(self) -> None:
        """Go to what is behind 保安編碼器: the code, or the next step towards having one."""
        from simulator.view import journey  # noqa: PLC0415 - loaded with the broker's app

        await self.start(*journey.token(self.securities))

    # Moving about, from app to app

    async def home(self) -> None:
        """Leave the app in front for the home screen. Opened again, it is where it was."""
        await self._move(lambda: self._stacks.bring("home"))

    async def open_app(self, app: AppName) -> None:
        """Bring an app to the front: where it was left, else at its beginning."""
        await self._move(lambda: self._stacks.bring(app))

    async def open_at(self, app: AppName, opening: Opening) -> None:
        """Bring an app to the front at one screen. The way back from there leads to the app that was in front."""
        await self._move(lambda: self._stacks.bring_at(app, opening))

    async def open_shade(self) -> None:
        """Pull the notification shade down over the app in front, or push it up again."""
        if self.front == "shade":
            await self._move(lambda: self._stacks.back("shade"))
        else:
            await self.open_at("shade", *opening_of("shade", self))

    async def open_message(self, banner: Banner) -> None:
        """Open what a notification tells of. The way back from there leads to the app that was in front."""
        message = banner.message

        def step() -> None:
            if self.front == "shade":
                self._stacks.back("shade")
            if isinstance(message, PushOnPhone):
                self._stacks.bring("securities")
            else:
                self._stacks.bring_at(*opening_of_message(message))

        await self._move(step)
        if isinstance(message, PushOnPhone):
            self.phone.mark_read(message)

    async def _move(self, step: Callable[[], None]) -> None:
        """Take a step through the stacks, and show what is on top then; one of an app that was left shows nothing."""
        async with self._moving:
            front, acting = self._stacks.front, self.acting
            step()
            if self._stacks.front == front and acting != front:
                return
            if self._stacks.front != front and self.shown.forgets:
                self._stacks.drop(front)
            before, self.shown = self.shown, self._stacks.top(self)
            with self.host.batch_update():
                focused = self.screen.focused
                await self._glass.mount(self.shown, before=0)
                if focused is not None and self in focused.ancestors:
                    self.shown.take_focus()
                await before.remove()
            await self.say_what_was_refused()
        self.note_change()

    # Keys

    def action_back(self) -> None:
        """The escape key: the way back."""
        if self.shown.way_back is not None:
            self.shown.way_back.action_press()

    def action_home(self) -> None:
        """The keyboard's way home."""
        self.home_bar.action_press()

    def action_shade(self) -> None:
        """The keyboard's way to the notifications."""
        self.status_bar.action_press()

    # The phone's own changes

    def look_at_clock(self) -> None:
        """Follow the phone's clock: the status bar, a countdown, a banner's end."""
        moment = self.phone.now()
        self.status_bar.show(self._status_at(moment))
        self.shown.clock_moved(moment)
        if self._banner is not None and not 0 <= moment - self._banner_since < BANNER_SECONDS and not self._fingers:
            self.phone.dismiss(self._banner.banner)

    def _status_at(self, moment: float) -> Status:
        phone = self.phone
        return Status(
            time=clock_words(moment),
            notifications=len(phone.shade),
            network=None if phone.settings.airplane_mode else phone.settings.network,
            biometrics=not phone.biometrics.locked_seconds if phone.biometrics.enrolled else None,
        )

    def _phone_changed(self) -> None:
        if not self._look_due:
            self._look_due = True
            self.call_later(self._look_at_phone)

    async def _look_at_phone(self) -> None:
        if self._fingers:
            return
        self._look_due = False
        self.look_at_clock()
        await self._show_banner()
        self.shown.phone_changed()
        self.note_change()

    async def _show_banner(self) -> None:
        notices = self.phone.notices
        newest = notices[-1] if notices else None
        if self._banner is not None and self._banner.banner is newest:
            return
        if self._banner is not None:
            old, self._banner = self._banner, None
            await old.remove()
        if newest is not None:
            self._banner_since = self.phone.now()
            self._banner = BannerBox(
                newest,
                open=lambda: self.open_message(newest),
                dismiss=lambda: self.phone.dismiss(newest),
                more=len(notices) - 1,
            )
            await self._glass.mount(self._banner)
