"""A text whose names are resolved: fixed parts, and slots that are filled when the step runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from harness.errors import Place, StepFailed

HIDDEN = "•••"


class Holds(Enum):
    """What is known, before anything runs, of the thing that will fill a slot."""

    CUSTOMER = "a customer"
    SAVED = "a text or a picture that a step saves"
    ANYTHING = "whatever the flow is given"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A part that is known before anything runs.

    A `secret` one is never shown. `origin` is where the text comes from, when that is not where it is used: the
    variable's or the row's own line.
    """

    text: str
    secret: bool = False
    origin: Place | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A part that a customer or a saved variable fills.

    `keys` are names in the run's variables, the newest first; `attribute` is the one of a customer that is meant (""
    for the thing itself); `shown` is the variable as written, such as `$chan.account`.
    """

    keys: tuple[str, ...]
    shown: str
    attribute: str = ""
    holds: Holds = Holds.SAVED


Part = Fixed | Slot


@dataclass(frozen=True, slots=True)
class ResolvedText:
    """A text in parts."""

    parts: tuple[Part, ...]

    @property
    def fixed(self) -> str | None:
        """The whole text, when it is known before anything runs."""
        if not all(isinstance(part, Fixed) for part in self.parts):
            return None
        return "".join(part.text for part in self.parts if isinstance(part, Fixed))

    @property
    def secret(self) -> bool:
        """Whether a part of it is secret."""
        return any(isinstance(part, Fixed) and part.secret for part in self.parts)

    @property
    def slot(self) -> Slot | None:
        """The slot that this text consists of, when it is one and nothing else."""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], Slot) else None

    def text(self, variables: Mapping[str, object]) -> str:
        """Fill the slots. Raises StepFailed when a slot has no value, or one that is no text."""
        return "".join(part.text if isinstance(part, Fixed) else _text_of(part, variables) for part in self.parts)

    def thing(self, variables: Mapping[str, object]) -> object:
        """Give the one customer or picture that this text stands for. Raises StepFailed when it has no value."""
        if self.slot is None:
            return self.text(variables)
        return value_of(self.slot, variables)

    def show(self, variables: Mapping[str, object] | None) -> str:
        """Give the text for people: secrets hidden, and slots by their names where they have no value yet."""
        return "".join(_shown(part, variables) for part in self.parts)


def value_of(slot: Slot, variables: Mapping[str, object]) -> object:
    """Give what fills a slot. Raises StepFailed when nothing does."""
    for key in slot.keys:
        if key in variables:
            value = variables[key]
            return getattr(value, slot.attribute) if slot.attribute else value
    raise StepFailed(f"{slot.shown} has no value", why="the step that saves it did not run, or failed")


def _text_of(slot: Slot, variables: Mapping[str, object]) -> str:
    value = value_of(slot, variables)
    if not isinstance(value, str):
        raise StepFailed(f"{slot.shown} is not a text", why="a picture or a customer cannot stand in a text")
    return value


def _shown(part: Part, variables: Mapping[str, object] | None) -> str:
    match part:
        case Fixed(text, secret):
            return HIDDEN if secret else text
        case Slot():
            if part.holds is Holds.CUSTOMER and not part.attribute:
                return part.keys[0]
            if variables is not None and any(key in variables for key in part.keys):
                value = value_of(part, variables)
                if isinstance(value, str):
                    return value
            return part.shown
