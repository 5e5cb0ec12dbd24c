"""One line of 設定 in the broker's app: a service, how it stands, and what can be done about it."""

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.visual import VisualType

from simulator.view.widgets.message_row import cut
from simulator.view.widgets.touch import Action, Touch


class Service(Touch):
    """A name at the left, a word to press at the right; its label reads across both, as 「更改密碼 設定」.

    Args:
        name: What it is.
        verb: What a touch does about it.
        action: Does it.
        id: Stable id.
        note: How it stands, on a line of its own; empty for nothing to say.
    """

    def __init__(self, name: str, verb: str, action: Action, *, id: str, note: str = "") -> None:
        super().__init__(f"{name} {verb}".strip(), action, id=id, kind="row")
        self._name = name
        self._verb = verb
        self._note = note

    @property
    def said(self) -> tuple[str, ...]:
        return (self.label, self._note) if self._note else (self.label,)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport, width
        return 2 if self._note else 1

    def render(self) -> VisualType:
        width = self.content_size.width
        verb = self._verb + " ›"
        name = cut(self._name, width - cell_len(verb) - 1)
        gap = " " * (width - cell_len(name) - cell_len(verb))
        note = ("\n" + cut("  " + self._note, width), "$foreground 60%") if self._note else ""
        return Content.assemble((name + gap, "$foreground"), (verb, "$primary"), note)
