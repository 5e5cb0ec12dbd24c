"""The notice that something has come."""

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.content import Content
from textual.visual import VisualType

from simulator.phone import Banner
from simulator.view.plain import plain
from simulator.view.widgets.frame import clock_words, sender_words
from simulator.view.widgets.message_row import cut
from simulator.view.widgets.still import Row
from simulator.view.widgets.touch import Action, Touch


class BannerWords(Touch):
    """Who wrote and when, and how it begins. A touch opens the message; its label is the message's own first words."""

    IS_PRIVATE: ClassVar[bool] = True
    LEAVES: ClassVar[bool] = True

    def __init__(self, banner: Banner, action: Action, *, more: int) -> None:
        super().__init__(" ".join(banner.text.split()), action, id="banner", kind="row")
        self._sender = plain(sender_words(banner.title))
        self._time = clock_words(banner.message.received_at)
        self._more = more

    @property
    def said(self) -> tuple[str, ...]:
        return (self._sender, self.label)

    def render(self) -> VisualType:
        width = self.content_size.width
        when = f"+{self._more}  {self._time}" if self._more else self._time
        first = set_cell_size(self._sender, max(width - cell_len(when) - 1, 0)) + f" {when}"
        second = cut(self.label, width)
        return Content.assemble((first, "$text-muted"), "\n", (second, "$foreground"))


class Dismiss(Touch):
    """Puts a banner aside, whatever the app in front is doing."""

    LEAVES: ClassVar[bool] = True


class BannerBox(Row):
    """A banner with a way to open it and one to put it aside."""

    def __init__(self, banner: Banner, *, open: Action, dismiss: Action, more: int) -> None:
        super().__init__()
        self.banner = banner
        self._open = open
        self._dismiss = dismiss
        self._more = more

    def compose(self) -> ComposeResult:
        with Row():
            yield BannerWords(self.banner, self._open, more=self._more)
            yield Dismiss("✕", self._dismiss, id="dismiss-banner", kind="quiet")
