"""The phone itself around its screen: the status bar at the top, the bar that leads home at the bottom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parseaddr
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.readable import Leaf
from simulator.view.widgets.touch import Action, Touch

HONG_KONG = timezone(timedelta(hours=8), "HKT")
"""Where the phone is. Hong Kong has had no summer time since 1979."""

_SIGNAL = "▂▄▆"
_NO_SIGNAL = "✕"
_BATTERY = "84%"
_HOME_BAR = "━━━━"

EDGE = "$foreground 45%"
"""The colour of the phone itself."""


def local_time(moment: float) -> datetime:
    """A time in seconds since 1970 as the clock on the wall shows it."""
    return datetime.fromtimestamp(moment, UTC).astimezone(HONG_KONG)


def clock_words(moment: float) -> str:
    """`16:22`, as on the status bar."""
    return f"{local_time(moment):%H:%M}"


def sender_words(sender: str) -> str:
    """Who wrote: the name of `Name <address>`, else the whole."""
    return parseaddr(sender)[0] or sender


def when_words(moment: float, now: float) -> str:
    """When something came, short: the time for today, else the date."""
    then, today = local_time(moment), local_time(now)
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%m-%d}"


class StatusBar(Leaf):
    """The top edge, the time and the signal.

    Args:
        no_network: What stands beside the signal when the network is off; asked for at each drawing.
    """

    def __init__(self, *, no_network: Callable[[], str]) -> None:
        super().__init__(id="status-bar")
        self._no_network = no_network
        self._time = ""
        self._network_on = True

    def show(self, *, moment: float, network_on: bool) -> None:
        """Show the time (seconds since 1970) and whether there is a network."""
        if (clock_words(moment), network_on) != (self._time, self._network_on):
            self._time, self._network_on = clock_words(moment), network_on
            self.refresh()

    @property
    def said(self) -> tuple[str, ...]:
        return (self._time,) if self._network_on else (self._time, self._no_network())

    def render(self) -> VisualType:
        inner = self.size.width - 2
        signal = _SIGNAL if self._network_on else f"{_NO_SIGNAL} {self._no_network()}"
        left = f" {self._time:<15}{signal}"
        line = left + " " * (inner - cell_len(left) - len(_BATTERY) - 2) + _BATTERY + "  "
        edge = EDGE
        return Content.assemble((f"╭{'─' * inner}╮\n│", edge), line, (f"│\n├{'─' * inner}┤", edge))


class HomeBar(Touch):
    """The bar at the bottom: a touch leads home from anywhere."""

    LEAVES: ClassVar[bool] = True

    def __init__(self, label: str, action: Action) -> None:
        super().__init__(label, action, id="home-bar", kind="quiet")

    @property
    def said(self) -> tuple[str, ...]:
        return ()

    def render(self) -> VisualType:
        inner = self.size.width - 2
        left = (inner - len(_HOME_BAR)) // 2
        edge = EDGE
        return Content.assemble(
            ("│", edge),
            " " * left + _HOME_BAR + " " * (inner - left - len(_HOME_BAR)),
            (f"│\n╰{'─' * inner}╯", edge),
        )
