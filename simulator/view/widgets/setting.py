"""One line of the Settings app."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from rich.cells import cell_len
from textual.content import Content
from textual.visual import VisualType

from simulator.view.widgets.message_row import cut
from simulator.view.widgets.touch import Action, Touch

_T = TypeVar("_T")


def after(chosen: _T, options: Iterable[_T]) -> _T:
    """The option after the chosen one; after the last one the first."""
    order = list(options)
    return order[(order.index(chosen) + 1) % len(order)]


class Setting(Touch):
    """What can be set, and to what it is: a touch changes it, or leads to where it is changed.

    Args:
        label: What it is.
        action: Changes it.
        id: Stable id.
        value: Says what it is set to, in the phone's language; asked for at each drawing.
        leads_on: Whether a touch opens another screen.
    """

    def __init__(
        self, label: str, action: Action, *, id: str, value: Callable[[], str], leads_on: bool = False
    ) -> None:
        super().__init__(label, action, id=id, kind="row")
        self._value = value
        self._leads_on = leads_on

    @property
    def said(self) -> tuple[str, ...]:
        value = self._value()
        return (self.label, value) if value else (self.label,)

    def render(self) -> VisualType:
        width = self.content_size.width
        value = cut(self._value(), width - cell_len(self.label) - 4)
        arrow = " ›" if self._leads_on else ""
        gap = " " * (width - cell_len(self.label) - cell_len(value) - len(arrow))
        return Content.assemble(self.label, gap, (value + arrow, "$text-muted" if self._leads_on else "$primary"))


class Choice(Setting, Generic[_T]):
    """One of a few options, kept by the line itself: each touch goes on to the next.

    Args:
        label: What is chosen.
        options: The options and their words, the first one chosen at first.
        id: Stable id.
    """

    def __init__(self, label: str, options: Mapping[_T, str], *, id: str) -> None:
        super().__init__(label, self._go_on, id=id, value=lambda: options[self.chosen])
        self._options = options
        self.chosen = next(iter(options))

    def _go_on(self) -> None:
        self.chosen = after(self.chosen, self._options)
        self.refresh()
