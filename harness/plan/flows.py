"""Finds flows by their names: in the target's folders first, then beside the scenario."""

import re
from collections.abc import Iterator
from pathlib import Path

from harness.scenario.loading import FLOW_SUFFIX, load_into
from harness.scenario.problems import Findings
from harness.scenario.values import Flow


class FlowLibrary:
    """All flows that a scenario can run. Each file is read once."""

    def __init__(self, folders: tuple[Path, ...], root: Path, findings: Findings) -> None:
        self._folders = folders
        self._root = root
        self._findings = findings
        self._read: dict[Path, Flow | None] = {}

    def find(self, name: str, beside: Path) -> Path | None:
        """Find the file of a flow; `beside` is the folder of the scenario or flow that runs it."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            return None
        files = (folder / f"{name}{FLOW_SUFFIX}" for folder in (*self._folders, beside))
        return next((file for file in files if file.is_file()), None)

    def read(self, file: Path) -> Flow | None:
        """Read a flow. None when it cannot be: the findings say why."""
        if file not in self._read:
            loaded = load_into(self._findings, file, self._root)
            self._read[file] = loaded if isinstance(loaded, Flow) else None
        return self._read[file]

    def names(self, beside: Path) -> tuple[str, ...]:
        """Name all flows that can be run from a folder."""
        return tuple(sorted({name for folder in (*self._folders, beside) for name in _names_in(folder)}))


def _names_in(folder: Path) -> Iterator[str]:
    return (file.name.removesuffix(FLOW_SUFFIX) for file in folder.glob(f"*{FLOW_SUFFIX}"))
