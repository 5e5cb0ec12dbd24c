"""The phone as a widget: its frame, the screen that is showing, and what happens when somebody touches it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker

from simulator.language import translate
from simulator.phone import Banner, Phone
from simulator.securities.app import SecuritiesApp
from simulator.securities.refusals import AppRefusal, SessionEnded
from simulator.storage import StorageError
from simulator.view import journey
from simulator.view.apps import APPS, opening_of
from simulator.view.screens.screen import Opening
from simulator.view.stacks import AppName, Stacks
from simulator.view.watched import Watched
from simulator.view.widgets.banner import BannerBox
from simulator.view.widgets.frame import HomeBar, StatusBar
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Action, Touch

BANNER_SECONDS = 10.0
"""How long a banner stays, on the phone's clock. The message itself stays unread where it belongs."""

_CLOCK_PERIOD_SECONDS = 0.25
"""How often the view looks at the clock by itself: the seconds of a countdown should not stumble."""

_acting_in: ContextVar[AppName] = ContextVar("_acting_in")
"""The app whose action runs in this task. It may have been left since: then it goes on behind the app in front."""


@dataclass(slots=True, eq=False)
class _Running:
    """An action on its way, and the touch that set it off."""

    touch: Touch | None = None
    worker: Worker[None] | None = None

    def cancel(self) -> None:
        if self.worker is not None:
            self.worker.cancel()


class PhoneView(Watched):
    """Shows a phone, 44 × 40 cells and scrolling inside itself when there is less room, one screen at a time.

    Args:
        phone: What is shown.
        securities: The broker's app on it.
    """

    DEFAULT_CSS = Path(__file__).with_name("phone.tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("ctrl+home,f2", "home", show=False),
    ]

    def __init__(self, phone: Phone, securities: SecuritiesApp) -> None:
        super().__init__()
        self.phone = phone
        self.securities = securities
        self._stacks: Stacks[Opening] = Stacks(lambda app: APPS[app](securities))
        self.shown = self._stacks.top(self)
        self._glass = Column(id="glass")
        self._status = StatusBar(no_network=lambda: self.say("無網絡"))
        self.home_bar = HomeBar(self.say("主畫面"), self.home)
        self._banner: BannerBox | None = None
        self._banner_since = 0.0
        self._actions: dict[AppName, _Running] = {}
        self._leaving: _Running | None = None
        self._unsaid: dict[AppName, AppRefusal] = {}
        self._waiting: dict[AppName, int] = {}
        self._moving = asyncio.Lock()
        self._fingers = 0
        self._look_due = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self.disable_messages(Worker.StateChanged)  # an action tells how it went by itself

    def say(self, words: str, **values: object) -> str:
        """The Traditional Chinese `words` in the phone's language, with `{names}` filled in."""
        translated = translate(words, self.phone.language)
        return translated.format(**values) if values else translated

    # What a watcher may ask

    @property
    def at_rest(self) -> bool:
        """Whether everything that was set off in the app in front has come to its end, and the screen shows it."""
        busy = self._leaving or self._actions.get(self._stacks.front) or self._look_due or self._moving.locked()
        return not busy and self.shown.settled

    @property
    def waits_for_others(self) -> bool:
        """Whether the app in front waits for somebody outside the phone, such as the broker's server."""
        return self._leaving is None and self._waiting.get(self._stacks.front, 0) > 0

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
        yield self._status
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
        await self._move(lambda: self._stacks.show(self._acting, *openings))

    async def replace(self, *openings: Opening) -> None:
        """Go on to a screen in place of this one; the way back leads where it led from here."""
        await self._move(lambda: self._stacks.replace(self._acting, *openings))

    async def start(self, *openings: Opening) -> None:
        """Go to the last of these screens, with the ones before it behind it and nothing else."""
        await self._move(lambda: self._stacks.start(self._acting, *openings))

    async def back(self) -> None:
        """The way back: to the screen before, and from an app's first screen to where the app was opened."""
        await self._move(lambda: self._stacks.back(self._acting))

    async def open_entry(self) -> None:
        """Go to where the broker's app begins for this customer."""
        await self.start(*journey.entry(self.securities))

    async def open_after_login(self) -> None:
        """Go to what follows a login."""
        await self.start(*journey.after_login(self.securities))

    async def open_token(self) -> None:
        """Go to what is behind 保安編碼器: the code, or the next step towards having one."""
        await self.start(*journey.token(self.securities))

    # Moving about, from app to app

    async def home(self) -> None:
        """Leave the app in front for the home screen. Opened again, it is where it was."""
        await self._move(lambda: self._stacks.bring("home"))

    async def open_app(self, app: AppName) -> None:
        """Bring an app to the front: where it was left, else at its beginning."""
        await self._move(lambda: self._stacks.bring(app))

    async def open_message(self, banner: Banner) -> None:
        """Open what a banner tells of. The way back from there leads to the app that was in front."""
        await self._move(lambda: self._stacks.bring_at(*opening_of(banner.message)))

    @property
    def _acting(self) -> AppName:
        return _acting_in.get(self._stacks.front)

    async def _move(self, step: Callable[[], None]) -> None:
        """Take a step through the stacks, and show what is on top then; one of an app that was left shows nothing."""
        async with self._moving:
            front, acting = self._stacks.front, self._acting
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
            unsaid = self._unsaid.pop(self._stacks.front, None)
            if unsaid is not None:
                await self.shown.refuse(unsaid)
        self.note_change()

    # Touches

    def perform(self, touch: Touch) -> None:
        if not touch.LEAVES:
            self.act(touch.action, touch)
        elif self._leaving is None:
            self._leaving = running = _Running()
            running.worker = self.run_worker(self._carry_out(touch.action, None, running))
        self.note_change()

    def act(self, action: Action, touch: Touch | None = None) -> None:
        """Carry out `action` in the app in front; while an earlier one runs, only a touch that interrupts counts."""
        app = self._stacks.front
        earlier = self._actions.get(app)
        if earlier is not None:
            if touch is None or not touch.interrupts or self._moving.locked():
                return
            earlier.cancel()
        self._actions[app] = running = _Running(touch)
        running.worker = self.run_worker(self._carry_out(action, app, running))
        self.note_change()

    def action_back(self) -> None:
        """The escape key: the way back."""
        if self.shown.way_back is not None:
            self.shown.way_back.action_press()

    def action_home(self) -> None:
        """The keyboard's way home."""
        self.home_bar.action_press()

    @asynccontextmanager
    async def waiting(self) -> AsyncGenerator[None]:
        """Mark a time of waiting for somebody outside the phone, on the touch too that one waits after."""
        app = self._acting
        running = self._actions.get(app)
        touch = None if running is None else running.touch
        if touch is not None:
            touch.add_class("-busy")
        self._waiting[app] = self._waiting.get(app, 0) + 1
        self.note_change()
        try:
            yield
        finally:
            self._waiting[app] -= 1
            if touch is not None:
                touch.remove_class("-busy")

    async def _carry_out(self, action: Action, app: AppName | None, running: _Running) -> None:
        """Carry out `action`, and say why if it is refused. `app` is None for an action that leads out of its app."""
        if app is not None:
            _acting_in.set(app)
        try:
            await self.shown.forget_refusal()
            outcome = action()
            if isawaitable(outcome):
                await outcome
        except SessionEnded as refusal:
            await self.open_entry()
            await self._refuse(refusal)
        except AppRefusal as refusal:
            await self._refuse(refusal)
        except StorageError:
            await self._refuse(AppRefusal(self.say("電話的儲存空間無法使用，請檢查後再試。")))
        finally:
            if app is None:
                self._leaving = None
            elif self._actions.get(app) is running:
                del self._actions[app]
            self.note_change()
        self.shown.phone_changed()

    async def _refuse(self, refusal: AppRefusal) -> None:
        """Say why on the screen; of an app that was left meanwhile, when it is in front again."""
        if self._acting == self._stacks.front:
            await self.shown.refuse(refusal)
        else:
            self._unsaid[self._acting] = refusal

    # The phone's own changes

    def look_at_clock(self) -> None:
        """Follow the phone's clock: the status bar, a countdown, a banner's end."""
        moment = self.phone.now()
        self._status.show(moment=moment, network_on=self.phone.network_on)
        self.shown.clock_moved(moment)
        if self._banner is not None and not 0 <= moment - self._banner_since < BANNER_SECONDS and not self._fingers:
            self.phone.dismiss(self._banner.banner)

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
