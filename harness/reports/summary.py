"""The verdict on a run, as a sentence."""

from harness.events import Verdict
from harness.reports.record import RunRecord
from harness.reports.words import count_of, lasted


def sentence(run: RunRecord) -> str:
    """What a person wants to know first: `1 of 30 scenarios failed.`, `All 30 scenarios passed.`"""
    counts = run.counts
    done = sum(counts.values())
    if not run.whole:
        text = _broken_off(run, done)
    elif done == 0:
        text = "No scenario ran"
    elif failed := counts.get(Verdict.FAILED, 0):
        text = f"{_share(run, failed, done)} failed"
    elif unready := counts.get(Verdict.ENVIRONMENT, 0):
        text = (
            "The environment was not ready: nothing can be said about the server"
            if unready == done
            else f"The environment was not ready for {unready} of {count_of(done, 'scenario')}"
        )
    else:
        text = _nothing_failed(run, done)
    return f"{text}, and a secret was found in the report's own files." if run.leaks else f"{text}."


def details(run: RunRecord) -> str:
    """The rest of the verdict: the counts and the time, `1 failed · 29 passed · 12.3 s`."""
    counts = run.counts
    parts = [
        f"{counts[verdict]} {name}"
        for verdict, name in (
            (Verdict.FAILED, "failed"),
            (Verdict.FLAKY, "flaky"),
            (Verdict.ENVIRONMENT, "not ready"),
            (Verdict.NOT_APPLICABLE, "not applicable"),
            (Verdict.PASSED, "passed"),
        )
        if counts.get(verdict, 0)
    ]
    if not_finished := run.total - sum(counts.values()):
        parts.append(f"{not_finished} not finished")
    return " · ".join([*parts, lasted(run.seconds)])


def _share(run: RunRecord, number: int, done: int) -> str:
    if number < done:
        return f"{number} of {count_of(done, 'scenario')}"
    return f"All {number} scenarios" if done > 1 else next(iter(run.scenarios))


def _nothing_failed(run: RunRecord, done: int) -> str:
    counts = run.counts
    elsewhere = counts.get(Verdict.NOT_APPLICABLE, 0)
    if elsewhere == done:
        return (
            f"None of the {done} scenarios applies to this target"
            if done > 1
            else f"{_share(run, 1, 1)} does not apply to this target"
        )
    if flaky := counts.get(Verdict.FLAKY, 0):
        return f"{_share(run, flaky, done)} passed only when tried again"
    passed = f"{_share(run, counts.get(Verdict.PASSED, 0), done)} passed"
    if elsewhere:
        return f"{passed}; {elsewhere} {'does' if elsewhere == 1 else 'do'} not apply to this target"
    return passed


def _broken_off(run: RunRecord, done: int) -> str:
    stopped = "Interrupted" if run.finished is not None else "Broken off"
    if done == 0:
        return f"{stopped} before a scenario had ended"
    failed = run.counts.get(Verdict.FAILED, 0)
    return f"{stopped} after {done} of {count_of(run.total, 'scenario')}; {failed or 'none'} had failed"
