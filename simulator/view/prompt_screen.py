"""A Textual screen for those who cannot wait for its next frame, and that works for nobody where nobody looks."""

from rich.style import Style
from textual import messages
from textual.events import TextSelected
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

_LAYOUTS_AT_MOST = 8
"""A layout may ask for another one: a scroll bar that appears makes the text beside it longer. Two are mostly all."""

_OF_NO_USE_UNSEEN = (messages.Update, messages.Layout, messages.UpdateScroll, TextSelected)
"""What a screen is told only for its next frame, and that a finger has gone up, which may have marked text."""


class PromptScreen(Screen[None]):
    """Lays out at once when asked to, and paints only when there is a terminal to see it.

    A frame is 1/60 s, more than a whole tap takes; and painting is most of the work of a change. An app without a
    terminal is laid out when somebody looks for a place on it, and painted when somebody asks for its picture.
    """

    AUTO_FOCUS = ""

    _asked = False

    @property
    def _is_unseen(self) -> bool:
        return self.app.is_headless  # pyright: ignore[reportUnknownMemberType] - its type says no more

    def draw_now(self) -> None:
        """Lay everything out, and paint where there is a terminal. Changes that are still only announced count too."""
        if not self._is_unseen:
            self._layout_required = True
            self._draw()
            return
        for _ in range(_LAYOUTS_AT_MOST):
            if not self._is_change_announced():
                break
            self._draw()

    def _is_change_announced(self) -> bool:
        """Whether there is something to lay out; each widget says now what it would say when it is next idle."""
        for widget in self.walk_children(Widget):
            widget._check_refresh()  # noqa: SLF001 - there is no other way to hurry it
        return self._layout_required or self._scroll_required

    def _draw(self) -> None:
        self._scroll_required = self._scroll_required and not self._layout_required  # a layout scrolls too
        self._asked = True
        self._on_timer_update()

    def post_message(self, message: Message) -> bool:
        """As Textual's; but without a terminal a change to be laid out is noted at once, one to be painted not at all.

        Each new screen of the phone announces dozens of both, and each would be a turn of the event loop.
        """
        if isinstance(message, _OF_NO_USE_UNSEEN) and self._is_unseen:
            self._layout_required = self._layout_required or isinstance(message, messages.Layout)
            self._scroll_required = self._scroll_required or isinstance(message, messages.UpdateScroll)
            return True
        return super().post_message(message)

    def _extend_compose(self, widgets: list[Widget]) -> None:
        if not self._is_unseen:  # the places of tooltips and of Textual's own notices
            super()._extend_compose(widgets)

    def get_style_at(self, x: int, y: int) -> Style:
        """As Textual's; without a terminal there are no links in what is drawn, so nothing is drawn to look for one."""
        return Style.null() if self._is_unseen else super().get_style_at(x, y)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """As Textual's; without a terminal nobody marks text, so none is drawn to find the character that was hit."""
        return (self.get_widget_at(x, y)[0], None) if self._is_unseen else super().get_widget_and_offset_at(x, y)

    def _on_timer_update(self) -> None:
        if self._is_unseen and not self._asked:
            self._update_timer.pause()
            if self._callbacks:
                self.call_next(self._invoke_and_clear_callbacks)
            return
        self._asked = False
        super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        if self._is_unseen:
            self._dirty_widgets.clear()
        else:
            super()._compositor_refresh()
