"""How long a code still lives."""

import math

from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.readable import Leaf

_CELLS = 24


class Countdown(Leaf):
    """A bar that empties from the right, and the whole seconds that are left.

    Args:
        unit: The word after the number.
        id: Stable id.
    """

    def __init__(self, *, unit: str, id: str) -> None:
        super().__init__(id=id)
        self._unit = unit
        self._share = 0.0
        self._seconds = 0

    def show(self, *, left_seconds: float, whole_seconds: float) -> None:
        """Show how much is left. Amber in the last sixth, when a slow typist had better wait for the next code."""
        left = min(max(left_seconds, 0.0), whole_seconds)
        share, seconds = left / whole_seconds, math.ceil(left)
        if (share, seconds) != (self._share, self._seconds):
            self._share, self._seconds = share, seconds
            self.set_class(share <= 1 / 6, "-ending")
            self.refresh()

    @property
    def said(self) -> tuple[str, ...]:
        return (f"{self._seconds} {self._unit}",)

    def render(self) -> VisualType:
        full = math.ceil(self._share * _CELLS)
        return Content(f"{'━' * full}{'─' * (_CELLS - full)} {self._seconds:>2} {self._unit}")
