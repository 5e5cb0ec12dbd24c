"""Reads a tree as a scenario or as a flow."""

import re
from pathlib import Path
from typing import Final, Literal

from harness.errors import Place
from harness.scenario.durations import seconds_of
from harness.scenario.examples import read_examples
from harness.scenario.needs import check_name, read_needs
from harness.scenario.nodes import StandsIn, read_steps
from harness.scenario.problems import Findings, quoted
from harness.scenario.reading import Entries, text_of, texts_by_name
from harness.scenario.trees import Scalar, Sequence, Table
from harness.scenario.values import Flow, Scenario, Value

_SCENARIO_KEYS: Final = (
    *("scenario", "id", "manual", "tags", "timeout", "wait", "clock", "expect", "needs", "vars", "examples"),
    *("before", "steps", "on-failure", "after"),
)
_FLOW_KEYS: Final = ("flow", "inputs", "outputs", "steps")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ONE_LINE_EACH: Final = "under it stand the steps, each on a line of its own that begins with a hyphen"


def read_scenario(table: Table, file: Path, source: str, findings: Findings) -> Scenario | None:
    """Read a scenario. None when it lacks its sentence or its id; all else that is wrong is only noted."""
    entries = Entries(table, "a scenario", findings, _SCENARIO_KEYS)
    entries.required("scenario", "say in one sentence what it shows, such as scenario: A reset link works once")
    entries.required("id", "give it a short name of its own, such as id: RST-001")
    title, id_ = entries.text("scenario"), entries.text("id")
    if id_ is not None and not _ID.fullmatch(id_.text):
        findings.add(id_.place, f"{quoted(id_.text)} cannot be an id", "use letters, digits, dots and hyphens")
    variables, places = texts_by_name(entries.table("vars", "vars: {password: $random.password}"), "vars", findings)
    for name, place in places.items():
        check_name(name, place, findings)
    expect, reason = _expect(entries, findings)
    _require_steps(entries, findings)
    scenario = Scenario(
        id="" if id_ is None else id_.text,
        title="" if title is None else " ".join(title.text.split()),
        place=table.place if title is None else title.place,
        id_place=table.place if id_ is None else id_.place,
        source=source,
        manual=tuple(value.text for value in entries.texts("manual", "manual: [M2, M3]")),
        tags=tuple(value.text for value in entries.texts("tags", "tags: [smoke, reset]")),
        timeout_seconds=entries.convert("timeout", _some_time, 60.0, "a duration"),
        wait_seconds=entries.convert("wait", _some_time, 10.0, "a duration"),
        clock="real" if entries.choice("clock", ("virtual", "real")) == "real" else "virtual",
        expect=expect,
        expect_reason=reason,
        needs=read_needs(entries, findings),
        vars=variables,
        var_places=places,
        examples=read_examples(entries, file, findings),
        before=read_steps(entries, "before", StandsIn.SCENARIO, findings),
        steps=read_steps(entries, "steps", StandsIn.SCENARIO, findings),
        on_failure=read_steps(entries, "on-failure", StandsIn.SCENARIO, findings),
        after=read_steps(entries, "after", StandsIn.SCENARIO, findings),
    )
    return None if title is None or id_ is None else scenario


def read_flow(table: Table, name: str, source: str, findings: Findings) -> Flow | None:
    """Read a flow. None when it lacks its sentence; all else that is wrong is only noted."""
    entries = Entries(table, "a flow", findings, _FLOW_KEYS)
    entries.required("flow", "say in one sentence what it does, such as flow: Log in on the web")
    title = entries.text("flow")
    inputs, places = _inputs(entries, findings)
    outputs = entries.texts("outputs", "outputs: [code]")
    for output in outputs:
        check_name(output.text, output.place, findings)
    _require_steps(entries, findings)
    flow = Flow(
        name=name,
        title="" if title is None else " ".join(title.text.split()),
        place=table.place if title is None else title.place,
        source=source,
        inputs=inputs,
        input_places=places,
        outputs=outputs,
        steps=read_steps(entries, "steps", StandsIn.STAGE_OR_FLOW, findings),
    )
    return None if title is None else flow


def _inputs(entries: Entries, findings: Findings) -> tuple[dict[str, Value | None], dict[str, Place]]:
    """Read `inputs: [account, pin]`, or a table in which each has a default or nothing."""
    entry = entries.by_key.get("inputs")
    found = dict[str, Value | None]()
    places = dict[str, Place]()
    if entry is not None and isinstance(entry.tree, Table):
        for key, item in Entries(entry.tree, "inputs", findings).by_key.items():
            missing = isinstance(item.tree, Scalar) and item.tree.missing
            found[key] = None if missing else text_of(item, findings)
            places[key] = item.key.place
    else:
        for value in entries.texts(
            "inputs", "inputs: [account, pin], or inputs: {account: , pin: 240719} for a default"
        ):
            if value.text in found:
                findings.add(value.place, f"{quoted(value.text)} stands here twice", "name each input once")
            found[value.text] = None
            places[value.text] = value.place
    for key, place in places.items():
        check_name(key, place, findings)
    return found, places


def _expect(entries: Entries, findings: Findings) -> tuple[Literal["pass", "fail"], str]:
    """Read `expect: pass`, `expect: fail` or `expect: {fail: part of the reason}`."""
    entry = entries.by_key.get("expect")
    if entry is not None and isinstance(entry.tree, Table):
        inner = Entries(entry.tree, "expect", findings, ("fail",))
        reason = inner.text("fail")
        return "fail", "" if reason is None else reason.text
    return ("fail" if entries.choice("expect", ("pass", "fail")) == "fail" else "pass"), ""


def _require_steps(entries: Entries, findings: Findings) -> None:
    entry = entries.required("steps", _ONE_LINE_EACH)
    if entry is not None and isinstance(entry.tree, Sequence) and not entry.tree.items:
        findings.add(entry.key.place, "there are no steps", _ONE_LINE_EACH)


def _some_time(text: str) -> float:
    seconds = seconds_of(text)
    if not seconds:
        raise ValueError("it must be longer than nothing")
    return seconds
