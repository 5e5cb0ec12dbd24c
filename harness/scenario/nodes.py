"""Reads lists of steps: `actor.verb`, and the words `stage`, `soft`, `run` and `note`."""

import re
from enum import Enum
from itertools import zip_longest
from typing import Final

from harness.errors import Place
from harness.scenario.problems import Findings, nearest, quoted
from harness.scenario.reading import Entries, Entry, text_of, texts_by_name
from harness.scenario.templates import HOW_TO_WRITE_A_NAME, is_name
from harness.scenario.trees import Scalar, Sequence, Table, Tree
from harness.scenario.values import Node, NoteNode, RunNode, SoftNode, StageNode, StepNode, Value

_STEP = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\.([a-z][a-z0-9-]*)")
_CONTROL: Final = {
    "stage": ("stage", "steps"),
    "soft": ("soft",),
    "run": ("run", "with", "save"),
    "note": ("note",),
}
_WHERE: Final = {
    "stage": "stages stand side by side in a scenario's list of steps, not inside each other",
    "soft": "a soft block does not stand inside another one",
}
_RESERVED: Final = ("within", "save")
_HOW_TO_WRITE_A_STEP: Final = "a step is written actor.verb, such as phone.tap: 登入"


class StandsIn(Enum):
    """What a list of steps stands in. It decides which words may be used."""

    SCENARIO = ("stage", "soft", "run", "note")
    STAGE_OR_FLOW = ("soft", "run", "note")
    SOFT = ("run", "note")


def read_steps(entries: Entries, key: str, stands_in: StandsIn, findings: Findings) -> tuple[Node, ...]:
    """Read the list of steps under `key`; () when there is none."""
    sequence = entries.sequence(key, "each step on a line of its own that begins with a hyphen")
    return _nodes(sequence, stands_in, findings)


def _nodes(sequence: Sequence | None, stands_in: StandsIn, findings: Findings) -> tuple[Node, ...]:
    nodes = [_node(item, stands_in, findings) for item in (sequence.items if sequence else ())]
    read = tuple(node for node in nodes if node is not None)
    for node, after in zip_longest(read, read[1:]):
        if isinstance(node, NoteNode) and (after is None or isinstance(after, NoteNode)) and len(read) == len(nodes):
            findings.add(node.place, "a note explains the step after it, and none follows", "move it before its step")
    return read


def _node(item: Tree, stands_in: StandsIn, findings: Findings) -> Node | None:
    if isinstance(item, Scalar) and not item.missing:
        hint = f'a step ends in a colon: "- {item.text}:"' if _STEP.fullmatch(item.text) else _HOW_TO_WRITE_A_STEP
        findings.add(item.place, f"{quoted(item.text)} is not a step", hint)
        return None
    if not isinstance(item, Table) or not item.entries:
        findings.add(item.place, "a step is missing here", _HOW_TO_WRITE_A_STEP)
        return None
    word = next((key.text for key, _ in item.entries if key.text in _CONTROL), None)
    if word is None:
        return _step(Entries(item, "a step", findings), findings)
    entries = Entries(item, f'"{word}"', findings, _CONTROL[word])
    entry = entries.by_key[word]
    if word not in stands_in.value:
        findings.add(entry.key.place, f'"{word}" cannot stand here', _WHERE[word])
        return None
    return _control(word, entries, entry, findings)


def _control(word: str, entries: Entries, entry: Entry, findings: Findings) -> Node | None:
    match word:
        case "stage":
            return _stage(entries, entry, findings)
        case "soft":
            return SoftNode(entry.key.place, read_steps(entries, "soft", StandsIn.SOFT, findings))
        case "run":
            return _run(entries, entry, findings)
        case _:
            note = text_of(entry, findings)
            return None if note is None else NoteNode(entry.key.place, note.text)


def _stage(entries: Entries, entry: Entry, findings: Findings) -> StageNode | None:
    title = text_of(entry, findings)
    steps = read_steps(entries, "steps", StandsIn.STAGE_OR_FLOW, findings)
    required = entries.required("steps", "a stage has a name and, under it, its steps", entry.key.place)
    if required is None or title is None:
        return None
    return StageNode(entry.key.place, title.text, steps)


def _run(entries: Entries, entry: Entry, findings: Findings) -> RunNode | None:
    flow = text_of(entry, findings)
    inputs, input_places = texts_by_name(entries.table("with", "with: {input: value}"), "with", findings)
    save, save_places = _saves(entries, findings)
    if flow is None:
        return None
    return RunNode(
        place=entry.key.place,
        flow=flow,
        with_=inputs,
        with_places=input_places,
        save=save,
        save_places=save_places,
    )


def _step(entries: Entries, findings: Findings) -> StepNode | None:
    found = [(read, entry) for key, entry in entries.by_key.items() if (read := _STEP.fullmatch(key))]
    others = [entry for key, entry in entries.by_key.items() if not _STEP.fullmatch(key)]
    for entry in others:
        key = entry.key.text
        if found and key in _RESERVED:
            hint = f"write it inside: {found[0][1].key.text}: {{…, {key}: …}}"
            findings.add(entry.key.place, f'"{key}" stands beside the step', hint)
        else:
            near = nearest(key, _CONTROL)
            hint = f'did you mean "{near}"?' if near else _HOW_TO_WRITE_A_STEP
            findings.add(entry.key.place, f"{quoted(key)} is not a step", hint)
    for _, entry in found[1:]:
        hint = "begin it on a line of its own, with a hyphen"
        findings.add(entry.key.place, f"{quoted(entry.key.text)} is a second step in one", hint)
    if not found:
        return None
    (actor, verb), entry = found[0][0].groups(), found[0][1]
    place = entry.key.place
    match entry.tree:
        case Scalar(missing=True):
            return StepNode(place=place, actor=actor, verb=verb)
        case Scalar(value):
            return StepNode(place=place, actor=actor, verb=verb, bare=value)
        case Sequence():
            findings.add(entry.tree.place, "a step takes no list", "write one step for each, or quotes around the text")
            return None
        case Table():
            arguments = Entries(entry.tree, entry.key.text, findings)
            save, save_places = _saves(arguments, findings)
            within = arguments.by_key.get("within")
            texts, places = dict[str, Value](), dict[str, Place]()
            for key, argument in arguments.by_key.items():
                if key not in _RESERVED and (value := text_of(argument, findings)) is not None:
                    texts[key], places[key] = value, argument.key.place
            return StepNode(
                place=place,
                actor=actor,
                verb=verb,
                arguments=texts,
                argument_places=places,
                save=save,
                save_places=save_places,
                within=None if within is None else text_of(within, findings),
                within_place=None if within is None else within.key.place,
            )


def _saves(entries: Entries, findings: Findings) -> tuple[dict[str, Value], dict[str, Place]]:
    """Read `save: {output: variable}`."""
    values, places = texts_by_name(entries.table("save", "save: {code: sms_code}"), "save", findings)
    for output, value in [*values.items()]:
        if value.text.startswith("$") and is_name(value.text[1:]):
            findings.add(value.place, "a variable is saved by its bare name", f'write "{value.text[1:]}"')
        elif not is_name(value.text):
            findings.add(value.place, f"{quoted(value.text)} cannot be a variable's name", HOW_TO_WRITE_A_NAME)
        else:
            continue
        values[output] = Value(value.text.removeprefix("$"), value.place)
    return values, places
