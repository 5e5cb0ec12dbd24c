"""What is different from the run before."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.events import Verdict
from harness.reports.record import RunRecord, ScenarioRecord

_GOOD = frozenset({Verdict.PASSED, Verdict.FLAKY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The scenarios that ended otherwise than last time, and those that were not there."""

    fail_now: tuple[ScenarioRecord, ...]
    pass_again: tuple[ScenarioRecord, ...]
    new: tuple[ScenarioRecord, ...]

    def __bool__(self) -> bool:
        return bool(self.fail_now or self.pass_again or self.new)


def changes(before: Mapping[str, Verdict], run: RunRecord) -> Changes:
    """Compare with how each scenario ended before, by id.

    A scenario that did not run this time is no change: a person may have asked for only some of them.
    """
    pairs = [(before.get(record.started.id), record) for record in run.scenarios.values()]
    return Changes(
        fail_now=tuple(record for earlier, record in pairs if earlier in _GOOD and record.verdict is Verdict.FAILED),
        pass_again=tuple(record for earlier, record in pairs if earlier is Verdict.FAILED and record.verdict in _GOOD),
        new=tuple(record for earlier, record in pairs if earlier is None and record.verdict is not None),
    )
