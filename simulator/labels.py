"""What a screen says and what of it can be touched, as values that outlive the screen."""

from dataclasses import dataclass, field

from simulator.view.widgets.field import Field
from simulator.view.widgets.readable import Readable
from simulator.view.widgets.touch import Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Something touchable, by its visible name. `id` tells two of one name apart."""

    text: str
    enabled: bool
    id: str = field(default="", compare=False)
    is_field: bool = field(default=False, compare=False)
    """Whether it is to be typed into."""
    is_secret: bool = field(default=False, compare=False)
    """Whether what is typed into it shows as bullets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one part of the screen says, and its label if it can be touched."""

    said: tuple[str, ...] = field(repr=False)
    label: Label | None = None


def label_of(part: Readable) -> Label | None:
    """The label of a part of the screen, if it can be touched."""
    match part:
        case Touch():
            return Label(text=part.label, enabled=not part.is_disabled, id=part.id or "")
        case Field():
            is_secret = part.entry.password
            return Label(
                text=part.label, enabled=not part.is_disabled, id=part.id or "", is_field=True, is_secret=is_secret
            )
        case _:
            return None
