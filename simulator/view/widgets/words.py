"""Text to read."""

from collections.abc import Iterable
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


class Sections(Words):
    """A long text: headings, bold, each with its paragraph under it. Widgets are dear, text is not: it is one widget.

    Args:
        sections: Heading, one line, and paragraph of each.
    """

    def __init__(self, sections: Iterable[tuple[str, str]]) -> None:
        self._sections = tuple((plain(heading), plain(paragraph)) for heading, paragraph in sections)
        super().__init__("\n\n".join(self.said))

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(f"{heading}\n{paragraph}" for heading, paragraph in self._sections)

    def render(self) -> Content:
        content, start = super().render(), 0
        for (heading, _), section in zip(self._sections, self.said, strict=True):
            content = content.stylize("bold", start, start + len(heading))
            start += sum(len(line) + 1 for line in wrap(section, self.content_size.width)) + 1
        return content


class MessageWords(Words):
    """What a mail or a text message says: it may hold a code or a link."""

    IS_PRIVATE: ClassVar[bool] = True
