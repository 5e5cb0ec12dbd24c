"""The reports of one run: opened before it, told everything, closed after it, and searched for secrets."""

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from harness.commands.options import RunOptions
from harness.events import Event, RunFinished
from harness.redaction import Redactor
from harness.reports.console import ConsoleReport
from harness.reports.html import HtmlReport
from harness.reports.json_lines import JsonLinesReport, last_verdicts
from harness.reports.junit import JUnitReport
from harness.reports.reporter import Reporter


class Reporting:
    """Console, HTML, JUnit and JSON lines for one run, in the report's folder.

    Entering the block raises ReportNotWritten when the folder takes nothing; leaving it writes what is left to write,
    whatever happened in between. `leaks` then names each secret that was found in a file.
    """

    def __init__(self, options: RunOptions, redactor: Redactor, *, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._options = options
        self._redactor = redactor
        self._lifetime = ExitStack()
        self._reporters: list[Reporter] = []
        self.leaks: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        folder, options = self._options.report, self._options
        page, lines = folder / "index.html", folder / "run.jsonl"
        before = last_verdicts(lines)
        shutil.rmtree(folder / "pictures", ignore_errors=True)
        with ExitStack() as opening:
            for reporter in (
                JsonLinesReport(lines),
                JUnitReport(folder / "junit.xml"),
                HtmlReport(page, now=time.time, before=before),
                ConsoleReport(self._stream, page=str(page), detail=options.detail, environ=options.environ),
            ):
                opening.callback(reporter.close)
                self._reporters.append(reporter)
            self._lifetime = opening.pop_all()
        return self

    def tell(self, event: Event) -> None:
        """Hand one event to every report. The last one carries what leaked into the files until then."""
        if isinstance(event, RunFinished):
            event = replace(event, leaks=self._redactor.leaks(self._files()))
        for reporter in self._reporters:
            reporter.tell(event)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lifetime.close()
        self.leaks = self._redactor.leaks(self._files())
        for leak in self.leaks:
            print(f"a secret leaked into the report: {leak}", file=sys.stderr)  # noqa: T201 - for the terminal

    def _files(self) -> list[Path]:
        return [path for path in self._options.report.rglob("*") if path.is_file()]
