"""Durations as people write them: `500ms`, `90s`, `2m`, `7h59m59s`, `1d`."""

import re

HOW_TO_WRITE_A_DURATION = "write it like 500ms, 90s, 2m, 7h59m59s or 1d"

_DURATION = re.compile(
    r"(?:([0-9]{1,5})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,7})m(?!s))?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)s)?(?:([0-9]{1,9})ms)?"
)
_SECONDS = (86_400, 3_600, 60, 1, 0.001)


def seconds_of(text: str) -> float:
    """Read a duration: days, hours, minutes, seconds and milliseconds in this order, each at most once.

    ValueError when it is anything else: a bare number has no unit, and a unit alone no number.
    """
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(HOW_TO_WRITE_A_DURATION)
    return sum(float(count) * seconds for count, seconds in zip(found.groups(), _SECONDS, strict=True) if count)


def offset_of(text: str) -> float:
    """Read a duration that may go either way: `-45s` is 45 seconds behind, `+2m` or `2m` two minutes ahead."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    try:
        return sign * seconds_of(rest)
    except ValueError:
        raise ValueError("write it like +30s for ahead or -45s for behind") from None
