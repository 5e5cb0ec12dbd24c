"""Reads restricted YAML into a tree: every scalar is text; no anchors, aliases, tags or second documents."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NoReturn, Protocol, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from harness.errors import Place
from harness.scenario.problems import Findings
from harness.scenario.trees import DEEPEST, Scalar, Sequence, Table, Tree
from harness.scenario.values import Value
from harness.scenario.yaml_trouble import say_what_is_wrong


class Mark(Protocol):
    """A position, counted from 0."""

    line: int
    column: int


class Unreadable(Exception):
    """The text is no restricted YAML; the findings say why."""


def read_yaml(text: str, path: str, findings: Findings) -> Tree | None:
    """Read a text. None when it is empty, or when it cannot be read: then the findings say why."""
    lines = text.split("\n")
    try:
        return _Reader(text, path, lines, findings).read()
    except Unreadable:
        return None
    except MarkedYAMLError as trouble:
        say_what_is_wrong(trouble, lines, path, findings)
    except (YAMLError, ValueError, OverflowError):
        findings.add(
            Place(path), "this file is not YAML that can be read", 'an escape such as "\\U…" in it is out of range'
        )
    return None


class _Reader:
    def __init__(self, text: str, path: str, lines: list[str], findings: Findings) -> None:
        parse = cast("Callable[[str], Iterator[Event]]", YAML(typ="safe", pure=True).parse)
        self._events = parse(text)
        self._path = path
        self._lines = lines
        self._findings = findings

    def read(self) -> Tree | None:
        documents = 0
        tree: Tree | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document begins here", "put it into a file of its own")
            elif isinstance(event, NodeEvent):
                tree = self._tree(event, 1)
        return tree

    def _tree(self, event: Event, depth: int) -> Tree:
        if depth > DEEPEST:
            self._refuse(event, "this is nested too deeply", "use a flow for what belongs together")
        if isinstance(event, AliasEvent):
            self._refuse(
                event, "an alias (*) is not part of this language", 'for the character itself write it in quotes: "*"'
            )
        if isinstance(event, NodeEvent) and cast("object", event.anchor) is not None:
            self._refuse(
                event, "an anchor (&) is not part of this language", 'for the character itself write it in quotes: "&"'
            )
        if isinstance(event, ScalarEvent | CollectionStartEvent) and cast("object", event.ctag) is not None:
            self._refuse(
                event, "a tag (!) is not part of this language", 'for the character itself write it in quotes: "!"'
            )
        if isinstance(event, MappingStartEvent):
            return Table(tuple(self._entries(depth)), replace(self._place(event), length=1))
        if isinstance(event, SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), replace(self._place(event), length=1))
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        raise AssertionError(event)

    def _items(self, depth: int) -> Iterator[Tree]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._tree(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Tree]]:
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._tree(event, depth + 1)
            if not isinstance(key, Scalar) or key.missing:
                self._refuse(event, "a key must be a text", "a text that begins with { or [ needs quotes")
            if key.text == "<<":
                self._refuse(event, "a merge key (<<) is not part of this language", "write the keys out")
            value = self._tree(next(self._events), depth + 1)
            missing = isinstance(value, Scalar) and value.missing
            yield key, Scalar(Value("", key.place), missing=True) if missing else value

    def _scalar(self, event: ScalarEvent) -> Scalar:
        text = cast("str", event.value)
        place = self._place(event)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self._refuse(event, "half of a surrogate pair is not a character", "write the character itself")
        if not text and cast("object", event.style) is None:
            return Scalar(Value("", replace(place, length=1)), missing=True)
        written = self._lines[place.line - 1][place.column - 1 :][: place.length]
        inner = {text: place.column, f"'{text}'": place.column + 1, f'"{text}"': place.column + 1}.get(written, 0)
        return Scalar(Value(text, place, inner))

    def _place(self, event: Event) -> Place:
        start, end = cast("Mark", event.start_mark), cast("Mark", event.end_mark)
        line = self._lines[start.line] if start.line < len(self._lines) else ""
        last = end.column if end.line == start.line else len(line)
        return Place(self._path, start.line + 1, start.column + 1, max(1, last - start.column))

    def _refuse(self, event: Event, message: str, hint: str) -> NoReturn:
        self._findings.add(self._place(event), message, hint)
        raise Unreadable
