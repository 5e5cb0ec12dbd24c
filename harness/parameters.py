"""What a step can be told: each kind of parameter has a name for people, a converter and a JSON-Schema fragment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Protocol

from harness.scenario.durations import offset_of, seconds_of


class Takes(Enum):
    """What may stand in a parameter's place when the step runs."""

    TEXT = "text"
    CUSTOMER = "customer"
    PICTURE = "picture"


class Vocabulary(Enum):
    """Which of the target's lists of names a text must come from."""

    PROFILES = "message profile"


class Customer(Protocol):
    """The customer that a `$chan` in a scenario stands for. `password` is "" while there is none."""

    @property
    def account(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def pin(self) -> str: ...


CUSTOMER_ATTRIBUTES = ("account", "name", "email", "phone", "password", "pin")

_SCALAR: Mapping[str, object] = {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True, eq=False)
class ParameterKind:
    """A kind of parameter.

    `name` is what people call it, without its article. `convert` turns the text into the method's argument, or raises
    ValueError with the way out ("write it like …"). A `secret` is hidden wherever the step is shown.
    """

    name: str
    convert: Callable[[str], object]
    advice: str = ""
    schema: Mapping[str, object] = field(default_factory=lambda: _SCALAR)
    secret: bool = False
    takes: Takes = Takes.TEXT
    vocabulary: Vocabulary | None = None
    choices: tuple[str, ...] = ()

    def show(self, value: object) -> str:
        """Write a method's default value as a scenario would."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:g}s" if isinstance(value, float) else str(value)


def _as_it_is(text: str) -> str:
    return text


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("write what the customer sees there")
    return text


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("write it in digits, such as 3")
    return int(text)


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("write yes or no")
    return text == "yes"


def _url(text: str) -> str:
    if not re.fullmatch(r"(?:https?://[^\s/?#]+)?/[^\s]*|https?://[^\s/?#]+", text):
        raise ValueError("write a path such as /cas/login, or a whole address such as https://broker.example/")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", text):
        raise ValueError("write it in small letters with hyphens, such as token-bound")
    return text


def _only_by_variable(text: str) -> object:  # noqa: ARG001 - a converter's signature
    raise ValueError("write a variable, such as $chan")


_NAME_SCHEMA: Mapping[str, object] = {"type": "string", "pattern": r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$|\$"}
_VARIABLE_SCHEMA: Mapping[str, object] = {"type": "string", "pattern": r"^\$(\{.+\}|[A-Za-z_][A-Za-z0-9_]*)$"}
_DURATION_SCHEMA: Mapping[str, object] = {
    "type": "string",
    "pattern": r"^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m(?!s))?([0-9]+(\.[0-9]+)?s)?([0-9]+ms)?$|\$",
}
_OFFSET_SCHEMA: Mapping[str, object] = {"type": "string", "pattern": r"^[+-]?[0-9].*[a-z]$|\$"}
_COUNT_SCHEMA: Mapping[str, object] = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+$|\$"}]
}

TEXT = ParameterKind("text", _as_it_is, "any words")
LABEL = ParameterKind("label", _not_empty, "the words that the customer sees")
SECRET = ParameterKind("secret text", _as_it_is, "hidden in every report", secret=True)
DURATION = ParameterKind("duration", seconds_of, "such as 500ms, 90s, 2m, 7h59m59s or 1d", _DURATION_SCHEMA)
OFFSET = ParameterKind("time difference", offset_of, "such as +30s or -45s", _OFFSET_SCHEMA)
COUNT = ParameterKind("whole number", _count, "in digits, such as 3", _COUNT_SCHEMA)
YES_OR_NO = ParameterKind("yes or no", _yes_or_no, schema={"enum": ["yes", "no"]}, choices=("yes", "no"))
URL = ParameterKind("path or address", _url, "such as /cas/login", {"type": "string"})
SCREEN = ParameterKind("screen name", _name, "such as token-bound", _NAME_SCHEMA)
AUDIT_EVENT = ParameterKind("audit event", _name, "such as link-expired", _NAME_SCHEMA)
PROFILE = ParameterKind(
    "message profile", _name, "one that the target knows", _NAME_SCHEMA, vocabulary=Vocabulary.PROFILES
)
CUSTOMER = ParameterKind(
    "customer", _only_by_variable, "one from needs, such as $chan", _VARIABLE_SCHEMA, takes=Takes.CUSTOMER
)
PICTURE = ParameterKind(
    "picture",
    _only_by_variable,
    "one that a step saved, such as $qr",
    _VARIABLE_SCHEMA,
    takes=Takes.PICTURE,
)

Text = Annotated[str, TEXT]
Label = Annotated[str, LABEL]
Secret = Annotated[str, SECRET]
Duration = Annotated[float, DURATION]
"""Seconds."""
Offset = Annotated[float, OFFSET]
"""Seconds ahead; negative is behind."""
Count = Annotated[int, COUNT]
YesOrNo = Annotated[bool, YES_OR_NO]
Url = Annotated[str, URL]
ScreenName = Annotated[str, SCREEN]
AuditEvent = Annotated[str, AUDIT_EVENT]
ProfileName = Annotated[str, PROFILE]
CustomerRef = Annotated[Customer, CUSTOMER]
Picture = Annotated[bytes, PICTURE]
"""The bytes of a PNG or JPEG file."""


def choice(*words: str) -> ParameterKind:
    """Make the kind of parameter that takes one of `words`."""

    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(f"write {words[0]}" if len(words) == 1 else f"write one of {', '.join(words)}")
        return text

    name = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    schema = {"anyOf": [{"enum": list(words)}, {"type": "string", "pattern": r"\$"}]}
    return ParameterKind(name, convert, schema=schema, choices=words)
