"""A Textual screen for those who cannot wait for its next frame, and that paints for nobody."""

from textual.screen import Screen


class PromptScreen(Screen[None]):
    """Lays out at once when asked to, and paints only when there is a terminal to see it.

    A frame is 1/60 s, more than a whole tap takes; and painting is most of the work of a change. An app without a
    terminal is painted when somebody asks for its picture.
    """

    AUTO_FOCUS = ""

    _asked = False

    def draw_now(self) -> None:
        """Lay everything out, and paint where there is a terminal. Changes that are still only announced count too."""
        self._layout_required = True
        self._asked = True
        self._on_timer_update()

    def _on_timer_update(self) -> None:
        if self.app.is_headless and not self._asked:  # pyright: ignore[reportUnknownMemberType]
            self._update_timer.pause()
            if self._callbacks:
                self.call_next(self._invoke_and_clear_callbacks)
            return
        self._asked = False
        super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        if self.app.is_headless:  # pyright: ignore[reportUnknownMemberType] - its type says no more
            self._dirty_widgets.clear()
        else:
            super()._compositor_refresh()
