"""Box and block characters as shapes, so that lines meet in a picture whatever font draws the words.

What each looks like is read off its Unicode name: `BOX DRAWINGS HEAVY DOWN AND RIGHT` is two heavy arms.
"""

import re
import unicodedata
from functools import cache

CELL_WIDTH = 9
CELL_HEIGHT = 20
"""Units of the picture to a cell."""

_ARMS = {"UP": "U", "DOWN": "D", "LEFT": "L", "RIGHT": "R", "HORIZONTAL": "LR", "VERTICAL": "UD"}
_ENDS = {"U": (0.5, 0.0), "D": (0.5, 1.0), "L": (0.0, 0.5), "R": (1.0, 0.5)}
_BOX = re.compile(r"BOX DRAWINGS (LIGHT|HEAVY)( ARC)? (\w+)(?: AND (\w+))?")
_DIAGONALS = {"╱": "M0 20L9 0", "╲": "M0 0L9 20"}
_SEXTANT = re.compile(r"BLOCK SEXTANT-([1-6]+)")
_BLOCKS = {
    "█": (0.0, 0.0, 1.0, 1.0),
    "▀": (0.0, 0.0, 1.0, 0.5),
    "▄": (0.0, 0.5, 1.0, 0.5),
    "▌": (0.0, 0.0, 0.5, 1.0),
    "▐": (0.5, 0.0, 0.5, 1.0),
    "▁": (0.0, 0.875, 1.0, 0.125),
    "▂": (0.0, 0.75, 1.0, 0.25),
    "▆": (0.0, 0.25, 1.0, 0.75),
}
"""Left, top, width and height as parts of the cell."""


def is_drawn(character: str) -> bool:
    """Whether `drawn` has a shape for it."""
    return bool(_path(character) or _rectangles(character))


def drawn(character: str, count: int, x: float, y: float, colour: str) -> str:
    """SVG of `count` equal characters side by side, the first one's top left corner at (x, y)."""
    if rectangles := _rectangles(character):
        return "".join(
            f'<rect x="{x + (number + left) * CELL_WIDTH:g}" y="{y + top * CELL_HEIGHT:g}" '
            f'width="{span * CELL_WIDTH:g}" height="{height * CELL_HEIGHT:g}" fill="{colour}"/>'
            for left, top, width, height in rectangles
            for number, span in ([(0, count)] if width == 1.0 else [(number, width) for number in range(count)])
        )
    path, thickness = _path(character) or ("", 0.0)
    shifted = f'fill="none" stroke="{colour}" stroke-width="{thickness:g}"'
    if character in "─━":
        middle = y + CELL_HEIGHT / 2
        return f'<path d="M{x:g} {middle:g}H{x + count * CELL_WIDTH:g}" {shifted}/>'
    return "".join(
        f'<path transform="translate({x + number * CELL_WIDTH:g} {y:g})" d="{path}" {shifted}/>'
        for number in range(count)
    )


@cache
def _rectangles(character: str) -> tuple[tuple[float, float, float, float], ...]:
    """Left, top, width and height of each part of a block character; empty for any other character."""
    if character in _BLOCKS:
        return (_BLOCKS[character],)
    sextant = _SEXTANT.fullmatch(unicodedata.name(character, ""))
    parts = [int(digit) - 1 for digit in sextant[1]] if sextant else []
    return tuple((part % 2 / 2, part // 2 / 3, 1 / 2, 1 / 3) for part in parts)


@cache
def _path(character: str) -> tuple[str, float] | None:
    """The SVG path inside one cell and its thickness, or None."""
    if character in _DIAGONALS:
        return _DIAGONALS[character], 1.0
    match = _BOX.fullmatch(unicodedata.name(character, ""))
    if match is None or any(word and word not in _ARMS for word in match.group(3, 4)):
        return None
    weight, arc, *directions = match.groups()
    arms = "".join(_ARMS[word] for word in directions if word)
    thickness = 1.0 if weight == "LIGHT" else 2.2
    points = [(_ENDS[arm][0] * CELL_WIDTH, _ENDS[arm][1] * CELL_HEIGHT) for arm in arms]
    middle = f"{CELL_WIDTH / 2:g} {CELL_HEIGHT / 2:g}"
    if arc:
        (x1, y1), (x2, y2) = points
        return f"M{x1:g} {y1:g}Q{middle} {x2:g} {y2:g}", thickness
    return "".join(f"M{middle}L{x:g} {y:g}" for x, y in points), thickness
