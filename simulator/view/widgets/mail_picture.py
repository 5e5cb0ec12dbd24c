"""A picture in a mail."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.readable import Leaf


class MailPicture(Leaf):
    """A QR code, drawn in blocks, black on white in every theme; a real phone can scan it off the terminal.

    Args:
        lines: What `simulator.qr` made of the picture; all of one width.
        words: What it is, for those who only hear it.
    """

    IS_DRAWN_SECRET: ClassVar[bool] = True

    def __init__(self, lines: list[str], *, words: str) -> None:
        super().__init__()
        self.columns = cell_len(lines[0])
        self.styles.width = self.columns
        self.styles.height = len(lines)
        self._lines = lines
        self._words = words

    @property
    def said(self) -> tuple[str, ...]:
        return (self._words,)

    def render(self) -> VisualType:
        return Content("\n".join(self._lines))
