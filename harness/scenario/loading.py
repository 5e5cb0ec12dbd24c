"""Loads scenario and flow files: a text in, frozen values out, or all that is wrong with it."""

import re
from pathlib import Path
from typing import Final

from harness.errors import Place
from harness.scenario.documents import read_flow, read_scenario
from harness.scenario.plain_yaml import read_plain_yaml
from harness.scenario.problems import Findings
from harness.scenario.trees import Table, Tree
from harness.scenario.values import Flow, Scenario

SCENARIO_SUFFIX: Final = ".scenario.yaml"
FLOW_SUFFIX: Final = ".flow.yaml"
LARGEST_BYTES: Final = 1_000_000

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")


def load(path: Path, root: Path | None = None) -> Scenario | Flow:
    """Load one file; which of the two it is, its name tells. Places are given relative to `root`.

    Raises Problems with everything that is wrong.
    """
    findings = Findings()
    loaded = load_into(findings, path, root)
    findings.raise_if_any()
    assert loaded is not None, "what could not be read has a finding"
    return loaded


def load_into(findings: Findings, path: Path, root: Path | None = None) -> Scenario | Flow | None:
    """Load one file, noting what is wrong. None when too little can be read to go on with."""
    shown = shown_path(path, root)
    place = Place(shown)
    if not path.name.endswith((SCENARIO_SUFFIX, FLOW_SUFFIX)):
        findings.add(
            place, "this is neither a scenario nor a flow", f"its name must end in {SCENARIO_SUFFIX} or {FLOW_SUFFIX}"
        )
        return None
    try:
        content = path.read_bytes()
    except OSError as trouble:
        findings.add(place, f"this file cannot be read: {trouble.strerror}")
        return None
    if len(content) > LARGEST_BYTES:
        findings.add(place, f"this file is larger than {LARGEST_BYTES // 1000} kB", "a scenario is a page or two")
        return None
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = content.count(b"\n", 0, trouble.start) + 1
        findings.add(Place(shown, line), "this file is not UTF-8 text", "save it with the encoding UTF-8")
        return None
    return parse(findings, source, path, shown)


def parse(findings: Findings, source: str, path: Path, shown: str) -> Scenario | Flow | None:
    """Read the text of a file, noting what is wrong. `shown` is what its places call the file."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    findings.sources[shown] = text
    if (bad := _UNPRINTABLE.search(text)) is not None:
        findings.add(
            _place(shown, text, bad.start()), "this character cannot be seen and must not stand here", "remove it"
        )
        return None
    if (percent := re.search("^%", text, re.MULTILINE)) is not None:
        place = _place(shown, text, percent.start())
        findings.add(place, 'a line cannot begin with "%"', "indent it, or put the text into quotes")
        return None
    before = len(findings.problems)
    tree = read_tree(text, shown, findings)
    if not isinstance(tree, Table):
        if len(findings.problems) == before:
            what = "flow" if path.name.endswith(FLOW_SUFFIX) else "scenario"
            place = Place(shown) if tree is None else tree.place
            findings.add(place, f"there is no {what} in this file", f"begin it with {what}: and one sentence")
        return None
    if path.name.endswith(FLOW_SUFFIX):
        return read_flow(tree, path.name.removesuffix(FLOW_SUFFIX), text, findings)
    return read_scenario(tree, path, text, findings)


def read_tree(text: str, shown: str, findings: Findings) -> Tree | None:
    """Read a text as restricted YAML. None when it is empty, or cannot be read: then the findings say why."""
    if (plain := read_plain_yaml(text, shown)) is not None:
        return plain
    # The whole reader takes 40 ms to import, and most runs never need it.
    from harness.scenario.yaml_reader import read_yaml  # noqa: PLC0415

    return read_yaml(text, shown, findings)


def shown_path(path: Path, root: Path | None) -> str:
    """Name a file relative to `root`, when it lies in there."""
    if root is not None and path.is_absolute() and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.as_posix()


def _place(shown: str, text: str, position: int) -> Place:
    line = text.count("\n", 0, position) + 1
    return Place(shown, line, position - (text.rfind("\n", 0, position) + 1) + 1)
