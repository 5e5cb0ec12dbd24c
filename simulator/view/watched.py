"""How somebody outside the app's own tasks follows a phone: waits for changes, and looks at once."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar, cast

from textual.app import App

from simulator.view.prompt_screen import PromptScreen
from simulator.view.widgets.touch import Performer

_Drawn = TypeVar("_Drawn")


class Watched(Performer):
    """A widget whose changes can be waited for, and that can be drawn without waiting for the next frame."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()
        self._surroundings = copy_context()

    @property
    def host(self) -> App[object]:
        """The Textual app that the widget is shown in."""
        return cast("App[object]", self.app)

    def begin_being_watched(self) -> None:
        """Remember where widgets find their app: to be called by one of the app's own tasks."""
        self._surroundings = copy_context()

    def note_change(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, patience_seconds: float) -> bool:
        """Wait for the next change of anything on the phone; False if none came in time."""
        try:
            async with asyncio.timeout(patience_seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def draw_now(self) -> None:
        """Lay out and paint at once, where the app's screen can do that."""
        if isinstance(self.screen, PromptScreen):
            self.within(self.screen.draw_now)

    def within(self, draw: Callable[[], _Drawn]) -> _Drawn:
        """Call `draw` where widgets find their app."""
        return self._surroundings.copy().run(draw)
