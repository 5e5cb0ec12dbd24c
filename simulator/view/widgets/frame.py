"""The phone itself around its screen: the status bar at the top, the bar that leads home at the bottom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parseaddr
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.settings import Network
from simulator.view.widgets.touch import Action, Touch

HONG_KONG = timezone(timedelta(hours=8), "HKT")
"""Where the phone is. Hong Kong has had no summer time since 1979."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the status bar tells of: the time (`16:22`), and in words what is not as usual."""

    time: str = ""
    notifications: int = 0
    network: Network | None = Network.ON
    """None is the aeroplane mode."""
    biometrics: bool | None = None
    """Whether the sensor is ready; None while nothing is enrolled."""


class StatusBar(Touch, can_focus=False):
    """The top edge, the time and the signal. A touch pulls the notification shade down; a keyboard has F4 for it.

    Args:
        say: Puts words into the phone's language.
        action: Opens the shade.
    """

    LEAVES: ClassVar[bool] = True

    def __init__(self, say: Callable[[str], str], action: Action) -> None:
        super().__init__("", action, id="status-bar", kind="quiet")
        self._say = say
        self._status = Status()

    @property
    def label(self) -> str:
        return self._say("通知中心")

    def show(self, status: Status) -> None:
        """Show what has changed."""
        if status != self._status:
            self._status = status
            self.refresh()

    @property
    def said(self) -> tuple[str, ...]:
        status = self._status
        count = f"{self.label} {status.notifications}" if status.notifications else ""
        sensor = {None: "", True: "生物認證可用", False: "生物認證已鎖定"}[status.biometrics]
        return tuple(text for text in (status.time, count, self._network_words(), sensor and self._say(sensor)) if text)

    def render(self) -> VisualType:
        status, inner = self._status, self.size.width - 2
        count = f"  ● {min(status.notifications, 99)}" if status.notifications else ""
        signal = {None: "✈", Network.ON: "▂▄▆", Network.SLOW: "▂▁▁", Network.OFF: "✕"}[status.network]
        left = f" {status.time + count:<15}{signal} {self._network_words()}"
        sensor = {None: "", True: "ID  ", False: "ID✕  "}[status.biometrics]
        right = f"{sensor}{_BATTERY}  "
        line = left + " " * (inner - cell_len(left) - len(right)) + right
        edge = EDGE
        return Content.assemble((f"╭{'─' * inner}╮\n│", edge), line, (f"│\n├{'─' * inner}┤", edge))

    def _network_words(self) -> str:
        words = {None: "飛航模式", Network.ON: "", Network.SLOW: "網絡緩慢", Network.OFF: "無網絡"}
        return self._say(words[self._status.network]) if words[self._status.network] else ""


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


FRAME: Final = (StatusBar, HomeBar)
"""The phone's own, around every screen."""
