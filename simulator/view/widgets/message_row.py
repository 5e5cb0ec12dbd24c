"""One message in a list of messages."""

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.visual import VisualType

from simulator.view.plain import plain
from simulator.view.widgets.touch import Action, Touch


class MessageRow(Touch):
    """Who wrote, when, and how it begins; a mark before what nobody has opened.

    Args:
        label: A mail's subject or a text message's words; cut to one line.
        action: Opens it.
        id: Stable id.
        sender: Who wrote it.
        when: When it came, in words.
        unread: Nobody has opened it.
    """

    IS_PRIVATE: ClassVar[bool] = True

    def __init__(self, label: str, action: Action, *, id: str, sender: str, when: str, unread: bool) -> None:
        super().__init__(" ".join(label.split()), action, id=id, kind="row")
        self._sender = plain(sender)
        self._when = when
        self._unread = unread

    @property
    def said(self) -> tuple[str, ...]:
        return (self._sender, self._when, self.label)

    def render(self) -> VisualType:
        width = self.content_size.width - 2
        sender = set_cell_size(self._sender, max(width - cell_len(self._when) - 1, 0))
        label = cut(self.label, width)
        mark, style = ("● ", "$foreground bold") if self._unread else ("  ", "$text-muted")
        return Content.assemble(
            (mark, "$primary"), (sender, style), (f" {self._when}\n  ", "$text-muted"), (label, style)
        )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"
