"""Text to read."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size

from simulator.view.plain import plain
from simulator.view.typesetting import wrap
from simulator.view.widgets.readable import Leaf


class Words(Leaf):
    """A paragraph, a title or a line of small print: never markup, always made safe to show.

    Args:
        text: What it says. May come from outside the phone.
        id: Stable id.
        classes: How it is set: `-strong`, `-quiet`, `-good`, `-waiting`, `-failed`, `-centred`.
    """

    DEFAULT_CSS: ClassVar[str] = "Words { height: auto; width: 1fr; }"

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = plain(text)
        self.display = bool(text)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str) -> None:
        """Say something else. The layout follows, since the text may need another number of lines."""
        if (safe := plain(text)) != self._text:
            self._text = safe
            self.display = bool(safe)
            self.refresh(layout=True)

    @property
    def said(self) -> tuple[str, ...]:
        return (self._text,) if self._text else ()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        del container, viewport
        return max(cell_len(line) for line in self._text.split("\n"))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return len(wrap(self._text, width))

    def render(self) -> Content:
        return Content("\n".join(wrap(self._text, self.content_size.width)))


class Section(Words):
    """A heading, bold, and its paragraph under it.

    Args:
        heading: One line.
        paragraph: What it is about.
    """

    def __init__(self, heading: str, paragraph: str) -> None:
        super().__init__(f"{heading}\n{paragraph}")
        self._heading_characters = len(heading)

    def render(self) -> Content:
        return super().render().stylize("bold", 0, self._heading_characters)


class MessageWords(Words):
    """What a mail or a text message says: it may hold a code or a link."""

    IS_PRIVATE: ClassVar[bool] = True
