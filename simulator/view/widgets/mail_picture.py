"""A picture in a mail."""

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.readable import Leaf


class MailPicture(Leaf):
    """A QR code, drawn in half blocks, black on white in every theme; a real phone can scan it off the terminal.

    Args:
        lines: What `simulator.qr.half_blocks` made of the picture; all of one width.
        words: What it is, for those who only hear it.
    """

    def __init__(self, lines: list[str], *, words: str) -> None:
        super().__init__()
        self.styles.width = cell_len(lines[0])
        self.styles.height = len(lines)
        self._lines = lines
        self._words = words

    @property
    def said(self) -> tuple[str, ...]:
        return (self._words,)

    def render(self) -> VisualType:
        return Content("\n".join(self._lines))
