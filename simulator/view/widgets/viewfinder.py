"""What the camera frames."""

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

_WIDTH = 24
_HEIGHT = 9
_CORNER = 4


class Viewfinder(Widget):
    """Four corners between which a code is to be held."""

    def render(self) -> VisualType:
        gap = " " * (_WIDTH - 2 * _CORNER)
        bar = "━" * (_CORNER - 1)
        top, bottom = f"┏{bar}{gap}{bar}┓", f"┗{bar}{gap}{bar}┛"
        side = f"┃{' ' * (_WIDTH - 2)}┃"
        blank = " " * _WIDTH
        middle = [side, *[blank] * (_HEIGHT - 4), side]
        return Content("\n".join([top, *middle, bottom]))
