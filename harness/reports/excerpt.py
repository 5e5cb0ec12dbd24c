"""The lines of a scenario file around the step that did not pass."""

from dataclasses import dataclass

from harness.errors import Place

_LINES_BEFORE = 4
_LINES_AFTER = 2


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its number. On the line that is meant, `marked` is the part that a caret would underline."""

    number: int
    before: str
    marked: str = ""
    after: str = ""
    meant: bool = False


def excerpt(place: Place, source_path: str, source: str, written: str) -> tuple[SourceLine, ...]:
    """The line at `place` with its neighbours.

    When the place is in another file than `source`, as a flow's step is, the step as it is `written` stands alone.
    """
    lines = source.splitlines()
    if place.path != source_path or not 1 <= place.line <= len(lines):
        return (SourceLine(place.line, "", written, meant=True),)
    first = max(place.line - _LINES_BEFORE, 1)
    last = min(place.line + _LINES_AFTER, len(lines))
    return tuple(
        _marked(number, lines[number - 1], place) if number == place.line else SourceLine(number, lines[number - 1])
        for number in range(first, last + 1)
    )


def _marked(number: int, line: str, place: Place) -> SourceLine:
    start = min(place.column - 1, len(line))
    end = min(start + max(place.length, 1), len(line))
    return SourceLine(number, line[:start], line[start:end], line[end:], meant=True)
