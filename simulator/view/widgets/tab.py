"""One of the headings between which a screen can be turned."""

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.touch import Action, Touch


class Tab(Touch):
    """A heading; a line is drawn under the one that shows.

    Args:
        label: The heading.
        action: Turns to it.
        id: Stable id.
        chosen: Whether it is the one that shows.
    """

    def __init__(self, label: str, action: Action, *, id: str, chosen: bool) -> None:
        super().__init__(label, action, id=id, kind="quiet")
        self._chosen = chosen
        self.set_class(chosen, "-chosen")

    def render(self) -> VisualType:
        mark = "━" if self._chosen else " "
        return Content(f"{self.label}\n{mark * cell_len(self.label)}")
