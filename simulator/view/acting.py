"""Carries out what touches set off: one action at a time in each app, and behind the app in front too."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from inspect import isawaitable

from textual.worker import Worker

from simulator.securities.refusals import AppRefusal, SessionEnded
from simulator.storage import StorageError, StorageFull
from simulator.view.screens.screen import PhoneScreen
from simulator.view.stacks import AppName
from simulator.view.watched import Watched
from simulator.view.widgets.touch import Action, Touch

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


class Acting(Watched):
    """A widget around a screen whose touches do something, and that says on the screen why something was not done."""

    shown: PhoneScreen
    """The screen that shows."""

    def __init__(self) -> None:
        super().__init__()
        self._actions: dict[AppName, _Running] = {}
        self._leaving: _Running | None = None
        self._unsaid: dict[AppName, AppRefusal] = {}
        self._waiting: dict[AppName, int] = {}
        self.disable_messages(Worker.StateChanged)  # an action tells how it went by itself

    # What it is told by who shows the screens

    @property
    def front(self) -> AppName:
        """The app that shows."""
        raise NotImplementedError

    @property
    def is_moving(self) -> bool:
        """Whether one screen is being replaced by another."""
        raise NotImplementedError

    async def open_entry(self) -> None:
        """Go to where the app begins that asks for it."""
        raise NotImplementedError

    def say(self, words: str, **values: object) -> str:
        """The Traditional Chinese `words` in the phone's language, with `{names}` filled in."""
        raise NotImplementedError

    # What it tells

    @property
    def acting(self) -> AppName:
        """The app whose action asks: the one in front, unless that was left while the action ran."""
        return _acting_in.get(self.front)

    @property
    def is_acting(self) -> bool:
        """Whether an action of the app in front, or one that leads out of it, is on its way."""
        return self._leaving is not None or self.front in self._actions

    @property
    def waits_for_others(self) -> bool:
        """Whether the app in front waits for somebody outside the phone, such as the broker's server."""
        return self._leaving is None and self._waiting.get(self.front, 0) > 0

    async def say_what_was_refused(self) -> None:
        """Say on the screen what was refused to its app while another one was in front."""
        unsaid = self._unsaid.pop(self.front, None)
        if unsaid is not None:
            await self.shown.refuse(unsaid)

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
        app = self.front
        earlier = self._actions.get(app)
        if earlier is not None:
            if touch is None or not touch.interrupts or self.is_moving:
                return
            earlier.cancel()
        self._actions[app] = running = _Running(touch)
        running.worker = self.run_worker(self._carry_out(action, app, running))
        self.note_change()

    @asynccontextmanager
    async def waiting(self) -> AsyncGenerator[None]:
        """Mark a time of waiting for somebody outside the phone, on the touch too that one waits after."""
        app = self.acting
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
        except StorageFull:
            await self._refuse(AppRefusal(self.say("電話的儲存空間不足，未能儲存。請騰出空間後再試。")))
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
        if self.acting == self.front:
            await self.shown.refuse(refusal)
        else:
            self._unsaid[self.acting] = refusal
