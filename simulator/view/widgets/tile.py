"""An app's icon on the home screen, or a large choice inside an app."""

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.visual import VisualType

from simulator.view.typesetting import wrap
from simulator.view.widgets.touch import Action, Touch

_FACE_CELLS = 6


class Tile(Touch):
    """A square with a face, and its name under it.

    Args:
        label: The name under the square.
        action: What pressing it does.
        id: Stable id.
        face: The glyphs inside, at most six cells wide and of the same width in every terminal.
        count: How much is waiting there; 0 shows nothing.
    """

    def __init__(self, label: str, action: Action, *, id: str, face: str, count: int = 0) -> None:
        super().__init__(label, action, id=id, kind="tile")
        self._face = face
        self._count = count

    def show_count(self, count: int) -> None:
        """Show how much is waiting."""
        if count != self._count:
            self._count = count
            self.refresh()

    @property
    def said(self) -> tuple[str, ...]:
        return (self.label, str(self._count)) if self._count else (self.label,)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return 3 + len(wrap(self.label, width))

    def render(self) -> VisualType:
        face = f"{self._face} {min(self._count, 99)}" if self._count else self._face
        spare = _FACE_CELLS - cell_len(face)
        padded = " " * ((spare + 1) // 2) + face + " " * (spare // 2)
        lines = (f"┌{'─' * _FACE_CELLS}┐", f"│{padded}│", f"└{'─' * _FACE_CELLS}┘")
        return Content("\n".join((*lines, *wrap(self.label, self.content_size.width))))
