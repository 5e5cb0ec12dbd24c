"""Reads tables, lists and texts off a tree. What is not as it should be becomes a finding, and reading goes on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from harness.errors import Place
from harness.scenario.problems import Findings, did_you_mean, quoted
from harness.scenario.trees import Scalar, Sequence, Table, Tree
from harness.scenario.values import Value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a table with its value."""

    key: Scalar
    tree: Tree


class Entries:
    """A table's entries by key. Duplicate keys are findings when this is made, unknown ones if `known` is given."""

    def __init__(self, table: Table, what: str, findings: Findings, known: Collection[str] | None = None) -> None:
        self.place = table.place
        self.by_key: dict[str, Entry] = {}
        self._what = what
        self._findings = findings
        for key, tree in table.entries:
            if key.text in self.by_key:
                first = self.by_key[key.text].key.place.line
                findings.add(key.place, f"{quoted(key.text)} stands here twice", f"the first one is in line {first}")
            elif known is not None and key.text not in known:
                findings.add(
                    key.place, f"{what} has no {quoted(key.text)}", did_you_mean(key.text, known, whole="it has")
                )
            else:
                self.by_key[key.text] = Entry(key, tree)

    def required(self, key: str, hint: str, place: Place | None = None) -> Entry | None:
        """Give an entry; that it is missing is a finding, at `place` if that is given."""
        if key not in self.by_key:
            self._findings.add(place or self.place, f"{self._what} needs {quoted(key)}", hint)
        return self.by_key.get(key)

    def text(self, key: str) -> Value | None:
        """Give a text, or None when there is none."""
        entry = self.by_key.get(key)
        return None if entry is None else text_of(entry, self._findings)

    def convert(self, key: str, convert: Callable[[str], T], default: T, what: str) -> T:
        """Give a converted text, or the default. `what` says in a finding what it should have been, with article."""
        value = self.text(key)
        if value is None:
            return default
        try:
            return convert(value.text)
        except ValueError as problem:
            self._findings.add(value.place, f"{quoted(value.text)} is not {what}", str(problem))
            return default

    def choice(self, key: str, words: tuple[str, ...]) -> str | None:
        """Give one of `words`, or None when nothing, or nothing of the kind, is written."""
        value = self.text(key)
        if value is None:
            return None
        if value.text not in words:
            message = f'"{key}" is {" or ".join(words)}, not {quoted(value.text)}'
            self._findings.add(value.place, message, did_you_mean(value.text, words))
            return None
        return value.text

    def table(self, key: str, example: str) -> Table | None:
        """Give a table, or None."""
        entry = self.by_key.get(key)
        if entry is None:
            return None
        if isinstance(entry.tree, Table):
            return entry.tree
        self._findings.add(place_of(entry), f"{quoted(key)} needs keys with values", f"write {example}")
        return None

    def sequence(self, key: str, example: str) -> Sequence | None:
        """Give a list, or None."""
        entry = self.by_key.get(key)
        if entry is None:
            return None
        if isinstance(entry.tree, Sequence):
            return entry.tree
        self._findings.add(place_of(entry), f"{quoted(key)} needs a list", f"write {example}")
        return None

    def texts(self, key: str, example: str) -> tuple[Value, ...]:
        """Give a list of texts, or ()."""
        sequence = self.sequence(key, example)
        values = list[Value]()
        for item in sequence.items if sequence else ():
            if isinstance(item, Scalar) and not item.missing:
                values.append(item.value)
            else:
                self._findings.add(item.place, f"{quoted(key)} is a list of texts", f"write {example}")
        return tuple(values)


def place_of(entry: Entry) -> Place:
    """Where to point for an entry's value: at its key, when the value is missing or spreads over lines."""
    if isinstance(entry.tree, Scalar) and not entry.tree.missing:
        return entry.tree.place
    return entry.key.place


def text_of(entry: Entry, findings: Findings) -> Value | None:
    """Give an entry's text. That it is missing, or no text, is a finding."""
    if not isinstance(entry.tree, Scalar):
        findings.add(
            entry.tree.place, f"{quoted(entry.key.text)} takes one text", "put a text with [ ] or { } into quotes"
        )
        return None
    if entry.tree.missing:
        findings.add(entry.key.place, f"{quoted(entry.key.text)} has no value", 'write "" for the empty text')
        return None
    return entry.tree.value


def texts_by_name(table: Table | None, what: str, findings: Findings) -> tuple[dict[str, Value], dict[str, Place]]:
    """Read a table of texts: the values, and the places of their keys."""
    values = dict[str, Value]()
    places = dict[str, Place]()
    if table is not None:
        for key, entry in Entries(table, what, findings).by_key.items():
            value = text_of(entry, findings)
            if value is not None:
                values[key] = value
                places[key] = entry.key.place
    return values, places
