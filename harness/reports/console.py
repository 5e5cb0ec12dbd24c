"""A run as it is told on a terminal or in a build's log."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO, assert_never

from harness.events import (
    ClockMoved,
    Event,
    Failure,
    Lane,
    MessageArrived,
    PictureTaken,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    ServerNoted,
    StageStarted,
    StepFinished,
    StepStarted,
    Verdict,
)
from harness.reports import summary
from harness.reports.detail import Detail
from harness.reports.record import RunRecord, ScenarioRecord, StepRecord, verdict_of
from harness.reports.reporter import writing
from harness.reports.words import (
    MARKS,
    NAMES,
    briefly,
    count_of,
    display_width,
    lasted,
    listing,
    printable,
    shortened,
)

PLAIN_WIDTH = 106
"""Cells in a line of a log, where no terminal says how wide it is."""

_INDENT = "    "


class _Style(StrEnum):
    """What colour says (SGR, ECMA-48 8.3.117): green passed, red failed, yellow held, faint what is past."""

    PASSED = "32"
    FAILED = "31"
    HELD = "33"
    STRONG = "1"
    FAINT = "2"


_STYLES: Mapping[Verdict | None, _Style] = {
    Verdict.PASSED: _Style.PASSED,
    Verdict.FAILED: _Style.FAILED,
    Verdict.FLAKY: _Style.HELD,
    Verdict.ENVIRONMENT: _Style.HELD,
    Verdict.NOT_APPLICABLE: _Style.FAINT,
    None: _Style.HELD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to write: `live` keeps one line of progress at the bottom; `width` counts terminal cells."""

    live: bool = False
    colour: bool = False
    width: int = PLAIN_WIDTH

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> "Manner":
        """Plain lines unless `stream` is a terminal; colours only there and without `NO_COLOR` (no-color.org)."""
        terminal = stream.isatty() and environ.get("TERM") != "dumb"
        return cls(
            live=terminal,
            colour=terminal and not environ.get("NO_COLOR"),
            width=shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if terminal else PLAIN_WIDTH,
        )


class ConsoleReport:
    """Prints each scenario when it ends, and at the end the verdict as a sentence.

    `page` is where a reader finds the HTML report, as it should be printed; without it the lines that point there
    are left out. `manner` is read off the stream and the environment when it is not given.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        page: str = "",
        detail: Detail = Detail.STAGES,
        manner: Manner | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._stream = stream
        self._page = page
        self._detail = detail
        self._manner = manner or Manner.of(stream, environ)
        self._run = RunRecord()
        self._progress = ""
        self._closed = False

    def tell(self, event: Event) -> None:
        """Print what `event` gives rise to.

        Raises:
            ReportNotWritten: when the stream takes no more.
        """
        self._run.tell(event)
        match event:
            case RunStarted():
                self._print([self._opening(event)])
            case StepStarted():
                self._show_progress(self._run.scenarios[event.scenario], event.sentence)
            case ScenarioStarted() | StageStarted():
                pass  # their first step follows at once and names them
            case ScenarioFinished():
                self._print(self._scenario(self._run.scenarios[event.scenario]))
            case RunFinished():
                self._end()
            case StepFinished() | MessageArrived() | PictureTaken() | ServerNoted() | ClockMoved():
                pass  # told with their scenario, and on the page
            case _:
                assert_never(event)

    def close(self) -> None:
        """Say how it ended, if the run was broken off before it could say so itself.

        Raises:
            ReportNotWritten: when the stream takes no more.
        """
        if not self._closed and self._run.finished is None and self._run.started is not None:
            self._end()

    def _end(self) -> None:
        self._closed = True
        lines: list[str] = []
        for record in self._run.ended(None):
            lines += self._scenario(record)
        self._print([*lines, "", *self._closing()])

    def _opening(self, event: RunStarted) -> str:
        facts = f"{count_of(event.total, 'scenario')} against {event.target} · seed {event.seed}"
        return self._styled(printable(facts), _Style.FAINT)

    def _closing(self) -> list[str]:
        run = self._run
        failed = run.ended(Verdict.FAILED)
        good = run.whole and not failed and not run.leaks and not run.ended(Verdict.ENVIRONMENT, Verdict.FLAKY)
        style = _Style.PASSED if good else _Style.FAILED if failed or run.leaks else _Style.HELD
        verdict = self._styled(printable(summary.sentence(run)), _Style.STRONG, style)
        lines = [f"{verdict}  {self._styled(summary.details(run), _Style.FAINT)}"]
        if failed and run.total > 1:
            lines.append(f"{_INDENT}failed: {printable(listing(tuple(record.started.id for record in failed), 20))}")
        if run.leaks:
            lines.append(f"{_INDENT}a secret was found in: {printable(', '.join(run.leaks))}")
        if self._page:
            lines.append(f"{_INDENT}report: {self._page}")
        return lines

    def _scenario(self, record: ScenarioRecord) -> list[str]:
        lines = [self._headline(record)]
        if self._detail is not Detail.SCENARIOS and (record.verdict is Verdict.PASSED or self._detail is Detail.STEPS):
            lines += self._course(record)
        if record.verdict is Verdict.PASSED:
            return lines
        if record.verdict is None and record.steps:
            lines.append(_INDENT + self._where(record.steps[-1]))
        tries = [*record.earlier, record] if record.verdict is Verdict.FLAKY else [record]
        for attempt in tries:
            for step in attempt.failed_steps:
                lines += [_INDENT + line for line in self._failure(step)]
        summaries = [step.failure.summary for step in record.failed_steps if step.failure]
        if record.reason and record.reason not in summaries:
            lines += [_INDENT + line for line in printable(record.reason).splitlines()]
        if record.verdict is not Verdict.NOT_APPLICABLE:
            lines += [_INDENT + line for line in self._ways_on(record)]
        return lines

    def _headline(self, record: ScenarioRecord) -> str:
        verdict = record.verdict
        mark = self._styled(MARKS[verdict], _STYLES[verdict])
        time = lasted(record.seconds)
        if verdict is Verdict.NOT_APPLICABLE:
            time = NAMES[verdict]
        elif verdict not in {Verdict.PASSED, Verdict.FAILED}:
            time = f"{NAMES[verdict]}  {time}"
        title = printable(f"{record.started.id} {record.started.title}").replace("\n", " ")
        gap = self._manner.width - 2 - display_width(title) - display_width(time)
        shown = self._styled(title, _Style.STRONG) if verdict is Verdict.FAILED else title
        return f"{mark} {shown}{' ' * max(gap, 2)}{self._styled(time, _Style.FAINT)}"

    def _course(self, record: ScenarioRecord) -> list[str]:
        lines: list[str] = []
        for stage in (None, *record.stages):
            steps = record.steps_of(stage)
            if stage is not None:
                verdict = verdict_of(steps)
                took = briefly(sum(step.seconds for step in steps))
                lines.append(self._row(_INDENT, verdict, stage.title, took))
            if self._detail is Detail.STEPS:
                inset = _INDENT if stage is None else _INDENT + "  "
                lines += [
                    self._row(inset, step.verdict, step.started.sentence, briefly(step.seconds)) for step in steps
                ]
        return lines

    def _row(self, inset: str, verdict: Verdict | None, text: str, time: str) -> str:
        mark = self._styled(MARKS[verdict], _STYLES[verdict])
        words = printable(text).replace("\n", " ")
        gap = self._manner.width - len(inset) - 2 - display_width(words) - len(time)
        return f"{inset}{mark} {words}{' ' * max(gap, 2)}{self._styled(time, _Style.FAINT)}"

    def _where(self, step: StepRecord) -> str:
        started = step.started
        through = f"   in {' › '.join(started.flow)}" if started.flow else ""
        return printable(f"{started.place}   {started.text}{through}").replace("\n", " ")

    def _failure(self, step: StepRecord) -> list[str]:
        failure = step.failure or Failure(summary="")
        lines = [self._where(step), *printable(failure.summary).splitlines()]
        told = f"{failure.summary}\n{step.started.text}"
        if failure.expected and failure.expected not in told:
            lines += _labelled("Expected", failure.expected)
        if failure.seen and failure.seen not in told:
            lines += _labelled("Seen", failure.seen)
        if failure.why:
            lines += _labelled("Why", failure.why)
        if failure.candidates:
            lines += _labelled("Nearest", listing(failure.candidates))
        return lines

    def _ways_on(self, record: ScenarioRecord) -> list[str]:
        lines: list[str] = []
        if self._page:
            seen = [lane.value for lane in (Lane.PHONE, Lane.BROWSER) if any(p.lane is lane for p in record.pictures)]
            seen += ["messages"] if record.messages else []
            what = f"{listing(tuple(seen))} at that moment" if seen else "more"
            lines.append(self._styled(f"{what}: {self._page}#{record.anchor}", _Style.FAINT))
        if record.again:
            lines.append(self._styled(f"again: {printable(record.again)}", _Style.FAINT))
        return lines

    def _styled(self, text: str, *styles: _Style) -> str:
        return f"\x1b[{';'.join(styles)}m{text}\x1b[0m" if self._manner.colour and text else text

    def _show_progress(self, record: ScenarioRecord, doing: str) -> None:
        if not self._manner.live:
            return
        done = sum(self._run.counts.values())
        stage = f" › {record.stages[-1].title}" if record.stages else ""
        line = printable(f"{done}/{self._run.total}  {record.started.id}{stage} › {doing}").replace("\n", " ")
        self._write(f"\r\x1b[2K{self._styled(shortened(line, self._manner.width - 1), _Style.FAINT)}")
        self._progress = line

    def _print(self, lines: list[str]) -> None:
        clear = "\r\x1b[2K" if self._progress else ""
        self._progress = ""
        self._write(clear + "".join(f"{line}\n" for line in lines))

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        with writing("the terminal"):
            # A log whose encoding has no Chinese is still a log: what it cannot hold shows as an escape.
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = printable(text).splitlines() or [""]
    return [f"{label}: {first}", *(f"  {line}" for line in rest)]
