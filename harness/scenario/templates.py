"""Texts with variables in them: `$name`, `$name.attribute`, `${name}`, and `$$` for the sign itself."""

import re
from dataclasses import dataclass

from harness.errors import Place
from harness.scenario.problems import Findings
from harness.scenario.values import Value

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
HOW_TO_WRITE_A_NAME = "a variable's name has letters, digits and _, and begins with no digit"

_PIECE = re.compile(
    rf"\$(?:(?P<sign>\$)|\{{(?P<braced>{NAME})(?:\.(?P<braced_attribute>{NAME}))?\}}"
    rf"|(?P<name>{NAME})(?:\.(?P<attribute>{NAME}))?|(?P<bad>))"
)


@dataclass(frozen=True, slots=True)
class Literal:
    """Words that stand for themselves."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in a text: `$chan.account` has the name `chan` and the attribute `account` ("" for none)."""

    name: str
    attribute: str
    place: Place

    def __str__(self) -> str:
        return f"${self.name}.{self.attribute}" if self.attribute else f"${self.name}"


Template = tuple[Literal | Variable, ...]


def is_name(text: str) -> bool:
    """Whether `text` can be a variable's name."""
    return re.fullmatch(NAME, text) is not None


def parse_template(value: Value, findings: Findings) -> Template:
    """Take a text apart. A `$` that begins no variable is a finding, and stands for itself in the result."""
    text = value.text
    parts = list[Literal | Variable]()
    plain = ""
    position = 0
    for found in _PIECE.finditer(text):
        plain += text[position : found.start()]
        position = found.end()
        if found["sign"] is not None:
            plain += "$"
        elif found["bad"] is not None:
            findings.add(
                _place(value, found.start(), 1),
                'a "$" begins a variable, and none follows it',
                'write "$$" for the sign itself, or "${name}" around a name',
            )
            plain += "$"
        else:
            if plain:
                parts.append(Literal(plain))
                plain = ""
            name = found["name"] or found["braced"]
            attribute = found["attribute"] or found["braced_attribute"] or ""
            parts.append(Variable(name, attribute, _place(value, found.start(), found.end() - found.start())))
    plain += text[position:]
    if plain or not parts:
        parts.append(Literal(plain))
    return tuple(parts)


def _place(value: Value, offset: int, length: int) -> Place:
    """Point into a text; at the whole of it when what is written and what is meant differ."""
    if not value.inner:
        return value.place
    return Place(value.place.path, value.place.line, value.inner + offset, length)
