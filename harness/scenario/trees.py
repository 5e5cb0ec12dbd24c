"""A YAML text as a tree in which everything has its place: scalars (always text), sequences and tables."""

from dataclasses import dataclass

from harness.errors import Place
from harness.scenario.values import Value

DEEPEST = 12
"""Levels of nesting. A stage with a soft block with a step with `save` is 9 deep."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `missing` is true where nothing at all is written; its place is then its key's."""

    value: Value
    missing: bool = False

    @property
    def text(self) -> str:
        return self.value.text

    @property
    def place(self) -> Place:
        return self.value.place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: "tuple[Tree, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in the order written. A key may occur twice: whoever reads the table refuses that."""

    entries: "tuple[tuple[Scalar, Tree], ...]"
    place: Place


Tree = Scalar | Sequence | Table
