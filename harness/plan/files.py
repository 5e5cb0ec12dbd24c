"""Finds the files that are to be checked."""

from collections.abc import Iterable
from pathlib import Path

from harness.errors import Place
from harness.scenario.loading import FLOW_SUFFIX, SCENARIO_SUFFIX, shown_path
from harness.scenario.problems import Findings, nearest


def find_files(paths: Iterable[Path], root: Path, findings: Findings) -> tuple[Path, ...]:
    """Find all scenarios and flows under `paths`, each once, folders in the order of their names.

    A path that is not there, and a folder without any, is a finding.
    """
    found = dict[Path, Path]()
    for path in paths:
        place = Place(shown_path(path, root))
        if path.is_dir():
            files = sorted(file for suffix in (SCENARIO_SUFFIX, FLOW_SUFFIX) for file in path.rglob(f"*{suffix}"))
            if not files:
                hint = f"scenarios are files whose names end in {SCENARIO_SUFFIX}"
                findings.add(place, "there is no scenario in this folder", hint)
        elif path.exists():
            files = [path]
        else:
            files = []
            beside = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
            near = nearest(path.name, beside)
            hint = f'did you mean "{shown_path(path.parent / near, root)}"?' if near else "look at its name"
            findings.add(place, "there is no such file or folder", hint)
        for file in files:
            found.setdefault(file.resolve(), file)
    return tuple(found.values())
