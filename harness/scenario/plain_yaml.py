"""Reads the plain part of YAML, in which nearly all scenarios are written, many times faster than a whole YAML reader.

Plain are: one `key: value` or `- item` on a line; keys of letters, digits, `.`, `_` and `-`; plain and quoted texts
without escapes; `{…}` and `[…]` that end on their line; comments. Anything else, mistakes included, is declined and
left to the whole reader, so this one has no messages of its own. What it does read is, place by place, what the whole
reader would.
"""

import re
from typing import Final

from harness.errors import Place
from harness.scenario.trees import DEEPEST, Scalar, Sequence, Table, Tree
from harness.scenario.values import Value

_KEY: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?= |$)")
_FLOW_KEY: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*): +")
_NOTHING: Final = re.compile(r" *(?: #.*)?$")
_QUOTED: Final = re.compile(r"'([^']*)'(?!')|\"([^\"\\]*)\"")
_FIRST: Final = r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[A-Za-z0-9]))"
_PLAIN: Final = re.compile(_FIRST + r"(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*")
_FLOW_PLAIN: Final = re.compile(_FIRST + r"(?:[^\s:#?,\[\]{}]|:(?=[A-Za-z0-9/])|(?<=\S)#| +(?=[^\s#,\[\]{}]))*")
_STRANGE: Final = re.compile("[\t\ufeff]|^(?:---|\\.\\.\\.|%)", re.MULTILINE)


class _Declined(Exception):
    """This is not plain."""


def read_plain_yaml(text: str, path: str) -> Tree | None:
    """Read a text. None when it is not plain YAML: then the whole reader must look at it."""
    if _STRANGE.search(text):
        return None
    try:
        return _Reader(text, path).document()
    except _Declined:
        return None


class _Reader:
    """Goes through the lines that say something: each is its number, its indentation, and itself."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        self._lines = [
            (number, len(line) - len(content), line)
            for number, line in enumerate(text.split("\n"), 1)
            if (content := line.lstrip(" ")) and not content.startswith("#")
        ]
        self._next = 0

    def document(self) -> Tree:
        if not self._lines:
            raise _Declined
        tree = self._block(self._lines[0][1], 1)
        if self._next < len(self._lines):
            raise _Declined
        return tree

    @property
    def _indent(self) -> int:
        """The indentation of the next line; -1 after the last one."""
        return self._lines[self._next][1] if self._next < len(self._lines) else -1

    def _block(self, indent: int, depth: int) -> Tree:
        """Read the block that begins with the next line."""
        line = self._lines[self._next][2]
        if depth > DEEPEST:
            raise _Declined
        return self._sequence(indent, depth) if line.startswith("- ", indent) else self._table(indent, indent, depth)

    def _sequence(self, indent: int, depth: int) -> Sequence:
        first = self._place(self._lines[self._next][0], indent, 1)
        items = list[Tree]()
        while self._indent == indent:
            _, _, line = self._lines[self._next]
            if not line.startswith("- ", indent):
                break
            start = indent + 2
            while line.startswith(" ", start):
                start += 1
            if _KEY.match(line, start):
                items.append(self._table(indent, start, depth + 1))
            else:
                items.append(self._value(start, indent, depth + 1))
        return Sequence(tuple(items), first)

    def _table(self, indent: int, start: int, depth: int) -> Table:
        """Read a table whose first key stands at `start` of the next line; its other keys stand below that one."""
        if depth > DEEPEST:
            raise _Declined
        first = self._place(self._lines[self._next][0], start, 1)
        entries = list[tuple[Scalar, Tree]]()
        while True:
            number, _, line = self._lines[self._next]
            found = _KEY.match(line, start)
            if found is None:
                raise _Declined
            key = self._scalar(number, start, found[1], start)
            position = found.end()
            while line.startswith(" ", position):
                position += 1
            if position < len(line) and line[position] != "#":
                value = self._value(position, start, depth + 1)
            else:
                self._next += 1
                value = self._below(key, start, depth + 1)
            entries.append((key, value))
            if self._indent != start or self._lines[self._next][2].startswith("- ", start):
                break
        if self._indent > indent and self._indent != start:
            raise _Declined
        return Table(tuple(entries), first)

    def _below(self, key: Scalar, indent: int, depth: int) -> Tree:
        """Read what stands under a key."""
        if self._indent > indent:
            return self._block(self._indent, depth)
        if self._indent == indent and self._lines[self._next][2].startswith("- ", indent):
            return self._sequence(indent, depth)
        return Scalar(Value("", key.place), missing=True)

    def _value(self, start: int, indent: int, depth: int) -> Tree:
        """Read a value that ends on the next line. What is indented deeper than `indent` would still belong to it."""
        number, _, line = self._lines[self._next]
        tree, end = self._inline(number, line, start, depth, _PLAIN)
        if not _NOTHING.match(line, end):
            raise _Declined
        self._next += 1
        if self._indent > indent:
            raise _Declined
        return tree

    def _inline(self, number: int, line: str, start: int, depth: int, plain: re.Pattern[str]) -> tuple[Tree, int]:
        if depth > DEEPEST:
            raise _Declined
        match line[start : start + 1]:
            case "{":
                return self._flow_table(number, line, start, depth)
            case "[":
                return self._flow_sequence(number, line, start, depth)
            case "'" | '"':
                found = _QUOTED.match(line, start)
                if found is None:
                    raise _Declined
                return self._scalar(number, start, found[1] or found[2] or "", start + 1, found[0]), found.end()
            case _:
                found = plain.match(line, start)
                if found is None:
                    raise _Declined
                return self._scalar(number, start, found[0], start), found.end()

    def _flow_table(self, number: int, line: str, start: int, depth: int) -> tuple[Tree, int]:
        entries = list[tuple[Scalar, Tree]]()
        position = start
        while position == start or line[position] == ",":
            position = _past_blanks(line, position + 1)
            found = _FLOW_KEY.match(line, position)
            if found is None:
                raise _Declined
            key = self._scalar(number, position, found[1], position)
            value, position = self._inline(number, line, found.end(), depth + 1, _FLOW_PLAIN)
            position = _past_blanks(line, position)
            entries.append((key, value))
            if line[position : position + 1] not in (",", "}"):
                raise _Declined
        return Table(tuple(entries), self._place(number, start, 1)), position + 1

    def _flow_sequence(self, number: int, line: str, start: int, depth: int) -> tuple[Tree, int]:
        items = list[Tree]()
        position = start
        while position == start or line[position] == ",":
            value, position = self._inline(number, line, _past_blanks(line, position + 1), depth + 1, _FLOW_PLAIN)
            position = _past_blanks(line, position)
            items.append(value)
            if line[position : position + 1] not in (",", "]"):
                raise _Declined
        return Sequence(tuple(items), self._place(number, start, 1)), position + 1

    def _scalar(self, number: int, start: int, text: str, inner: int, written: str = "") -> Scalar:
        return Scalar(Value(text, self._place(number, start, len(written or text)), inner + 1))

    def _place(self, number: int, start: int, length: int) -> Place:
        return Place(self._path, number, start + 1, length)


def _past_blanks(line: str, position: int) -> int:
    while line.startswith(" ", position):
        position += 1
    return position
