"""How the reports put things: marks, durations, times and texts that are safe to print."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from harness.events import Verdict

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
"""The broker's time zone: the times on its pages and in its messages are read in it (M5)."""

MARKS: Mapping[Verdict | None, str] = MappingProxyType(
    {
        Verdict.PASSED: "✔",
        Verdict.FAILED: "✘",
        Verdict.FLAKY: "⚠",
        Verdict.ENVIRONMENT: "⚠",
        Verdict.NOT_APPLICABLE: "◌",
        None: "◌",
    }
)
"""One sign for each verdict, so that nothing is told by colour alone. `None` is what was broken off."""

NAMES: Mapping[Verdict | None, str] = MappingProxyType(
    {
        Verdict.PASSED: "passed",
        Verdict.FAILED: "failed",
        Verdict.FLAKY: "flaky",
        Verdict.ENVIRONMENT: "environment not ready",
        Verdict.NOT_APPLICABLE: "not applicable",
        None: "interrupted",
    }
)

_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, explicit directional formatting (UAX #9, 2.1–2.5) and halves of characters."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def count_of(number: int, thing: str) -> str:
    """`1 scenario`, `3 scenarios`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def listing(things: tuple[str, ...], limit: int = 5) -> str:
    """`a, b and c`; beyond `limit`, the first ones and how many more there are."""
    if len(things) > limit:
        return f"{', '.join(things[:limit])} and {len(things) - limit} more"
    if len(things) > 1:
        return f"{', '.join(things[:-1])} and {things[-1]}"
    return "".join(things)


def lasted(seconds: float) -> str:
    """How long a scenario or a run took: `0.2 s`, `6.1 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < 59.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def briefly(seconds: float) -> str:
    """How long a step took: `4 ms`, `0.42 s`, then as `lasted`."""
    if seconds < 0.0995:
        return f"{round(max(seconds, 0.0) * 1_000)} ms"
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    return lasted(seconds)


def jump(seconds: float) -> str:
    """How far a clock was moved: `+8 h`, `+7 h 59 min 59 s`, `−30 s`; whole units, largest first."""
    sign = "−" if seconds < 0 else "+"
    size = abs(seconds)
    if size < 1:
        return f"{sign}{round(size * 1_000)} ms"
    rest = round(size)
    parts: list[str] = []
    for length, unit in _UNITS:
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number} {unit}")
    return sign + " ".join(parts)


def clock_time(at: float, zone: tzinfo = HONG_KONG) -> str:
    """`16:22:31` on the world's clock (`at` in Unix seconds)."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")


def calendar_time(at: float, zone: tzinfo = HONG_KONG) -> str:
    """`2025-11-23 16:22:31` (`at` in Unix seconds)."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def display_width(text: str) -> int:
    """How many terminal cells a text takes: two for wide characters, none for combining ones (UAX #11)."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def shortened(text: str, width: int) -> str:
    """The text, cut to `width` cells with an ellipsis where it is longer."""
    if display_width(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for character in text:
        room -= display_width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def printable(text: str) -> str:
    """The text with its control and direction-changing characters made visible; line ends stay.

    What a server sends may end up here: an escape sequence in a page's title must not repaint the terminal, and a
    right-to-left override must not make a line read as another one.
    """
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
