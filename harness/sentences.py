"""The English sentence of a step: `“{actor} waits for {profile}[ to {to}]”`, read once, filled often."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PARTS = re.compile(
    r"(?P<field>\{[a-z][a-z0-9_-]*\})|(?P<open>\[)|(?P<close>\])|(?P<text>[^\[\]{}]+)|(?P<bad>.)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Words:
    """Text that stands as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A place for the value of a parameter, or for the actor's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A part that is left out when one of its fields has no value."""

    parts: tuple["Words | Field", ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with places for values: `{name}`. What stands in `[…]` is left out when a value in it is missing."""

    pattern: str
    parts: tuple[Words | Field | Bracketed, ...]

    def __str__(self) -> str:
        return self.pattern

    @property
    def always(self) -> frozenset[str]:
        """The fields that stand outside brackets."""
        return frozenset(part.name for part in self.parts if isinstance(part, Field))

    @property
    def fields(self) -> frozenset[str]:
        """All fields."""
        return self.always | {
            part.name for group in self.parts if isinstance(group, Bracketed) for part in _fields_of(group)
        }

    def fill(self, shown: Callable[[str], str | None]) -> str:
        """Put in the values. `shown` gives a field's text, or None for "not given"."""
        return "".join(self._filled(shown))

    def _filled(self, shown: Callable[[str], str | None]) -> Iterator[str]:
        for part in self.parts:
            match part:
                case Words(text):
                    yield text
                case Field(name):
                    yield shown(name) or ""
                case Bracketed(parts):
                    if all(shown(inner.name) is not None for inner in _fields_of(part)):
                        yield from (
                            inner.text if isinstance(inner, Words) else shown(inner.name) or "" for inner in parts
                        )


def read_sentence(pattern: str) -> Sentence:
    """Read a step's sentence. ValueError says what is wrong with it."""
    parts = list[Words | Field | Bracketed]()
    group: list[Words | Field] | None = None
    for found in _PARTS.finditer(pattern):
        text = found[0]
        match found.lastgroup:
            case "open" if group is None:
                group = []
            case "close" if group is not None:
                parts.append(Bracketed(tuple(group)))
                group = None
            case "field":
                (parts if group is None else group).append(Field(text[1:-1].rstrip("_").replace("_", "-")))
            case "text":
                (parts if group is None else group).append(Words(text))
            case _:
                raise ValueError(f"a stray {text!r} at character {found.start() + 1} of {pattern!r}")
    if group is not None:
        raise ValueError(f"a '[' without its ']' in {pattern!r}")
    return Sentence(pattern, tuple(parts))


def _fields_of(group: Bracketed) -> Iterator[Field]:
    return (part for part in group.parts if isinstance(part, Field))
