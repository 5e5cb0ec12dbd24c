"""A code in digits three lines high, drawn with box glyphs."""

from typing import ClassVar

from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.readable import Leaf

_GLYPHS: dict[str, tuple[str, str, str]] = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": ("╺┓ ", " ┃ ", "╺┻╸"),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
}
_GROUP = 3
"""Digits that an eye takes in at once."""


def drawn(digits: str) -> tuple[str, str, str]:
    """`digits` (0-9) as three lines of equal width: one cell between digits, three between groups of three."""
    top, middle, bottom = (
        "   ".join(
            " ".join(_GLYPHS[digit][row] for digit in digits[start : start + _GROUP])
            for start in range(0, len(digits), _GROUP)
        )
        for row in range(3)
    )
    return top, middle, bottom


class BigDigits(Leaf):
    """The six digits of a code, large for the eye and readable as text for hands.

    Args:
        digits: What to show, `[0-9]*`.
        id: Stable id.
    """

    IS_PRIVATE: ClassVar[bool] = True
    IS_DRAWN_SECRET: ClassVar[bool] = True

    def __init__(self, digits: str = "", *, id: str) -> None:
        super().__init__(id=id)
        self._digits = digits

    @property
    def digits(self) -> str:
        """What it shows."""
        return self._digits

    def show(self, digits: str) -> None:
        """Show another code."""
        self._digits = digits
        self.refresh()

    @property
    def said(self) -> tuple[str, ...]:
        return (self._digits,) if self._digits else ()

    def render(self) -> VisualType:
        return Content("\n".join(drawn(self._digits)))
