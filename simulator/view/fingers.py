"""Mouse and key events for a phone, posted as a terminal would post them, and known to have been handled."""

import asyncio
from collections.abc import Callable

from textual import events
from textual.message_pump import MessagePump
from textual.widget import Widget

from simulator.view.phone_view import PhoneView

_LAYOUTS_AT_MOST = 8
"""Two are enough for any screen of the phone; the rest is for screens of others around it."""


class WentAway(Exception):
    """A widget was gone before it had handled what was posted to it."""


class OutOfReach(Exception):
    """A widget is covered, or the terminal is too small to show it."""


class Fingers:
    """Presses and types on one phone.

    Args:
        view: The phone, mounted in a running app.
        patience_seconds: How long a widget may take to handle what was posted; then `WentAway` is raised.
    """

    def __init__(self, view: PhoneView, *, patience_seconds: float) -> None:
        self._view = view
        self.patience_seconds = patience_seconds

    async def click(self, widget: Widget) -> None:
        """Press and release the mouse in the middle of `widget`, scrolled into sight, and wait until it knows."""
        with self._view.held_still():
            x, y = await self._middle_in_sight(widget)
            for kind in (events.MouseDown, events.MouseUp):
                self._view.host.post_message(
                    kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)
                )
            await self.pass_through(widget)

    async def _middle_in_sight(self, widget: Widget) -> tuple[int, int]:
        """Column and line of `widget`'s middle, once a finger there would touch nothing else.

        A layout may ask for another one: a scroll bar that appears makes the text beside it longer.
        """
        view = self._view
        for _ in range(_LAYOUTS_AT_MOST):
            await self.pass_through(view.screen)
            view.draw_now()
            if not view.screen.find_widget(widget).visible_region.contains_region(widget.region):
                widget.scroll_visible(animate=False, immediate=True, force=True)
                view.draw_now()
            x, y = widget.region.x + widget.region.width // 2, widget.region.y + widget.region.height // 2
            if view.screen.region.contains(x, y) and view.screen.get_widget_at(x, y)[0] is widget:
                return x, y
        raise OutOfReach

    def key(self, key: str, character: str | None = None) -> None:
        """Press a key: its name in Textual, and the character that it types, if any."""
        self._view.host.post_message(events.Key(key, character))

    async def pass_through(self, *pumps: MessagePump) -> None:
        """Wait until the app and then each of `pumps` has handled all that was in its queue when its turn came.

        A key goes from the app to the widget with the focus, and one that the widget does not take from there to the
        widgets around it, back to the app. Whoever waits in the same order arrives after it.
        """
        passed = asyncio.Event()
        step: Callable[[], object] = passed.set
        order: tuple[MessagePump, ...] = (self._view.host, *pumps)
        for pump in reversed(order):
            step = _later(pump, step)
        step()
        try:
            async with asyncio.timeout(self.patience_seconds):
                await passed.wait()
        except TimeoutError:
            raise WentAway from None


def _later(pump: MessagePump, step: Callable[[], object]) -> Callable[[], object]:
    return lambda: pump.call_later(step)
