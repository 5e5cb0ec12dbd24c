"""What was asked for on the command line."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.reports.detail import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What `twofold run` was asked for. `report` is the folder that gets the report; `detail` how much is printed."""

    paths: tuple[Path, ...]
    target: str
    report: Path
    seed: str
    headed: bool
    keep: bool
    detail: Detail
    environ: Mapping[str, str]


def fresh_seed() -> str:
    """A seed that makes a run's chance repeatable: four hexadecimal digits are easy to type."""
    return secrets.token_hex(2)
