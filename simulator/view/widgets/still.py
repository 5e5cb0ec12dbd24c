"""What the phone's widgets are made of: Textual's, without the news that none of them needs."""

from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.events import Resize, Show
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget


class Still(Widget):
    """A widget that takes the size which a layout gives it as it comes.

    In Textual that size is a change which asks for another layout, so that each new screen is laid out twice; and it is
    an event for every widget. Here a layout that has changed no scroll bar is the last one, and nobody waits for the
    event: what a widget draws fits the size that it has when it draws.
    """

    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)

    def check_message_enabled(self, message: Message) -> bool:
        return not isinstance(message, Resize | Show) and super().check_message_enabled(message)


class Column(Vertical, Still):
    """Widgets one below the other."""


class Row(Horizontal, Still):
    """Widgets side by side."""


class Tiles(Container, Still):
    """Tiles in rows of three."""


class Body(VerticalScroll, Still):
    """Widgets one below the other that scroll when there is not enough room."""
