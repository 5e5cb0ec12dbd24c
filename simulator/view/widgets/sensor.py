"""Where a finger is put, or a face looked at."""

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

_LINES = (
    "╭───────╮",
    "│ ╭───╮ │",
    "│ │╭─╮│ │",
    "│ ││ ││ │",
    "│ │╰─╯│ │",
    "│ ╰───╯ │",
    "╰───────╯",
)


class Sensor(Widget):
    """The sensor's mark."""

    def render(self) -> VisualType:
        return Content("\n".join(_LINES))
