"""JSON from outside, read strictly once: every key is asked for by name and type, and none may be left over."""

import base64
import binascii
import json
from collections.abc import Callable
from enum import StrEnum
from typing import NoReturn, Self, TypeVar, cast

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_WIDE_SPACES = str.maketrans("\u00a0\u3000", "  ")
"""Blanks that belong in names and sentences, though Python does not count them as printable."""


class NotAsDescribed(ValueError):
    """The JSON is not what the one who reads it was told to expect. The text names the key, never the value."""


class JsonObject:
    """A JSON object whose keys are taken one by one. Every method raises `NotAsDescribed`."""

    def __init__(self, content: dict[str, object]) -> None:
        self._left = dict(content)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read JSON in UTF-8. A key that comes twice, `NaN` and the like are refused (RFC 8259 leaves them open)."""
        try:
            content: object = json.loads(
                data.decode(), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant
            )
        except (ValueError, RecursionError) as error:
            if isinstance(error, NotAsDescribed):
                raise
            raise NotAsDescribed("not JSON in UTF-8") from error
        return cls(_mapping(content, "the whole"))

    def text(self, key: str) -> str:
        """A text."""
        value = self._take(key)
        return value if isinstance(value, str) else _wrong(key, "a text")

    def line(self, key: str, *, at_most: int = 500) -> str:
        """A text that can be shown as it stands: printable, in one line, of 1 to `at_most` characters."""
        value = self.text(key)
        return value if _shows(value, at_most) else _wrong(key, "one printable line")

    def whole(self, key: str) -> int:
        """A whole number (`true` is none)."""
        value = self._take(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else _wrong(key, "a whole number")

    def number(self, key: str) -> float:
        """A number, whole or not."""
        value = self._take(key)
        return (
            float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _wrong(key, "a number")
        )

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._take(key)
        return value if isinstance(value, bool) else _wrong(key, "true or false")

    def choice(self, key: str, choices: type[E]) -> E:
        """One of an enumeration's values."""
        value = self.text(key)
        try:
            return choices(value)
        except ValueError:
            return _wrong(key, f"one of {', '.join(choices)}")

    def octets(self, key: str, *, length: int | None = None) -> bytes:
        """Bytes in base64url without padding (RFC 4648, 5), `length` of them when given."""
        data = from_base64url(self.text(key))
        if data is None or (length is not None and len(data) != length):
            _wrong(key, "base64url" if length is None else f"{length} bytes in base64url")
        return data

    def list_of_octets(self, key: str) -> tuple[bytes, ...]:
        """A list of bytes in base64url without padding."""
        found = tuple(from_base64url(item) for item in self.texts(key))
        return tuple(_wrong(key, "a list of base64url") if data is None else data for data in found)

    def inner(self, key: str) -> "JsonObject":
        """An object inside this one."""
        return JsonObject(_mapping(self._take(key), key))

    def inners(self, key: str) -> dict[str, "JsonObject"]:
        """An object whose values are objects, as a mapping: its keys are data."""
        return {name: JsonObject(_mapping(value, key)) for name, value in _mapping(self._take(key), key).items()}

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item if isinstance(item, str) else _wrong(key, "a list of texts") for item in self._list(key))

    def lines(self, key: str, *, at_most: int = 500) -> tuple[str, ...]:
        """A list of texts that can each be shown as `line` says."""
        return tuple(
            item if _shows(item, at_most) else _wrong(key, "a list of printable lines") for item in self.texts(key)
        )

    def objects(self, key: str) -> tuple["JsonObject", ...]:
        """A list of objects."""
        return tuple(JsonObject(_mapping(item, key)) for item in self._list(key))

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(
            item if isinstance(item, int) and not isinstance(item, bool) else _wrong(key, "a list of whole numbers")
            for item in self._list(key)
        )

    def unless_null(self, key: str, read: Callable[[str], T]) -> T | None:
        """None when the key's value is null, else what `read` (one of the methods above) makes of it."""
        if key in self._left and self._left[key] is None:
            del self._left[key]
            return None
        return read(key)

    def has(self, key: str) -> bool:
        """Whether the key is there and was not taken yet."""
        return key in self._left

    def end(self) -> None:
        """To be called last: refuses keys that nobody asked for."""
        if self._left:
            raise NotAsDescribed(f"unknown key {min(self._left)!r}")

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise NotAsDescribed(f"{key!r} is missing")
        return self._left.pop(key)

    def _list(self, key: str) -> list[object]:
        value = self._take(key)
        return cast("list[object]", value) if isinstance(value, list) else _wrong(key, "a list")


def to_base64url(data: bytes) -> str:
    """Bytes as base64url without padding (RFC 4648, 5 and 3.2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """The bytes of base64url without padding, or None. Only the one canonical spelling of each value is taken."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64url(data) == text else None


def _shows(value: str, at_most: int) -> bool:
    return value.translate(_WIDE_SPACES).isprintable() and 0 < len(value) <= at_most


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise NotAsDescribed("a key comes twice")
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise NotAsDescribed(f"{name} is not a JSON number")


def _mapping(value: object, key: str) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else _wrong(key, "an object")


def _wrong(key: str, wanted: str) -> NoReturn:
    raise NotAsDescribed(f"{key!r} is not {wanted}")
