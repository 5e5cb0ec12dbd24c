"""Reads whom and what a scenario needs: `- customer: {as: chan, token: none}`, `- browser: web`."""

import re
from typing import Final

from harness.errors import Place
from harness.scenario.problems import Findings, did_you_mean, quoted
from harness.scenario.reading import Entries, Entry, texts_by_name
from harness.scenario.templates import HOW_TO_WRITE_A_NAME, is_name
from harness.scenario.trees import Scalar, Sequence, Table, Tree
from harness.scenario.values import Need, Value

NEED_KINDS: Final = {"customer": "customer", "phone": "phone", "browser": "web"}
"""What a scenario can need, each with the name that it has when `as` gives it no other."""

RESERVED_NAMES: Final = ("row", "env", "random")

_ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_EXAMPLE: Final = "write - customer: {as: chan}, - phone: phone or - browser: web"


def read_needs(entries: Entries, findings: Findings) -> tuple[Need, ...]:
    """Read the list under `needs`; () when there is none."""
    sequence = entries.sequence("needs", "one need on each line, such as - browser: web")
    needs = list[Need]()
    for item in sequence.items if sequence else ():
        need = _need(item, findings)
        if need is None:
            continue
        first = next((other for other in needs if other.alias == need.alias), None)
        if first is None:
            needs.append(need)
        else:
            hint = f"the first one is in line {first.place.line}; give this one another name: {{as: {need.alias}2}}"
            findings.add(need.place, f"two needs have the name {quoted(need.alias)}", hint)
    return tuple(needs)


def check_name(name: str, place: Place, findings: Findings) -> None:
    """See to it that a scenario may give this name to a variable."""
    if not is_name(name):
        findings.add(place, f"{quoted(name)} cannot be a variable's name", HOW_TO_WRITE_A_NAME)
    elif name in RESERVED_NAMES:
        findings.add(place, f'"{name}" already means something: ${name}.…', "choose another name")


def _need(item: Tree, findings: Findings) -> Need | None:
    if not isinstance(item, Table) or not item.entries:
        findings.add(item.place, "this is no need", _EXAMPLE)
        return None
    (kind, entry), *others = Entries(item, "a need", findings).by_key.items()
    for name, other in others:
        findings.add(other.key.place, f"{quoted(name)} is a second need in one", "begin a new line with a hyphen")
    if kind not in NEED_KINDS:
        hint = did_you_mean(kind, NEED_KINDS)
        findings.add(entry.key.place, f"{quoted(kind)} is nothing that a scenario can need", hint)
        return None
    options, places = _options(entry, findings)
    alias = options.pop("as", Value(NEED_KINDS[kind], entry.key.place))
    if kind == "customer":
        check_name(alias.text, alias.place, findings)
    elif not _ALIAS.fullmatch(alias.text):
        findings.add(alias.place, f"{quoted(alias.text)} cannot be a name", "use letters, digits and hyphens")
    return Need(kind, alias.text, options, places, entry.key.place)


def _options(entry: Entry, findings: Findings) -> tuple[dict[str, Value], dict[str, Place]]:
    match entry.tree:
        case Scalar(missing=True):
            return {}, {}
        case Scalar(value):
            return {"as": value}, {}
        case Sequence():
            findings.add(entry.key.place, "a need takes no list", _EXAMPLE)
            return {}, {}
        case Table():
            return texts_by_name(entry.tree, entry.key.text, findings)
