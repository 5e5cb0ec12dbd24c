"""What a run's exit code says to CI."""

from collections.abc import Mapping
from enum import IntEnum

from harness.events import Verdict


class ExitCode(IntEnum):
    """1: a check failed or a secret leaked; 2: invalid files or options; 4: environment not ready; 130: Ctrl-C."""

    PASSED = 0
    FAILED = 1
    INVALID = 2
    FLAKY = 3
    ENVIRONMENT = 4
    INTERRUPTED = 130


def exit_code_of(counts: Mapping[Verdict, int], *, leaks: bool = False) -> ExitCode:
    """The gravest thing that happened: a failed check outweighs an environment that was not ready."""
    if counts.get(Verdict.FAILED) or leaks:
        return ExitCode.FAILED
    if counts.get(Verdict.ENVIRONMENT):
        return ExitCode.ENVIRONMENT
    return ExitCode.PASSED
