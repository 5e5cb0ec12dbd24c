"""A run as JUnit XML, which every build server reads: one case for each scenario and each row of its examples."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.events import Event, Failure, Verdict
from harness.reports.record import RunRecord, ScenarioRecord, StepRecord
from harness.reports.reporter import write_whole
from harness.reports.words import listing

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in an XML document even as a reference (XML 1.0, production 2)."""


class JUnitReport:
    """Writes the file when it is closed.

    Failed scenarios are failures; where the environment was not ready, or the run was broken off, they are errors;
    scenarios that do not apply to the target are skipped; what passed on another try carries a `flakyFailure` for
    each earlier one, as Maven Surefire writes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._run = RunRecord()
        self._closed = False

    def tell(self, event: Event) -> None:
        """Take note of one event."""
        self._run.tell(event)

    def close(self) -> None:
        """Write the file.

        Raises:
            ReportNotWritten: when it cannot be written.
        """
        if self._closed:
            return
        self._closed = True
        root = document(self._run)
        indent(root)
        write_whole(self._path, tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def document(run: RunRecord) -> Element:
    """The run as a `testsuites` element with one suite."""
    records = tuple(run.scenarios.values())
    numbers = {
        "tests": str(len(records)),
        "failures": str(len(run.ended(Verdict.FAILED))),
        "errors": str(len(run.ended(Verdict.ENVIRONMENT, None))),
        "skipped": str(len(run.ended(Verdict.NOT_APPLICABLE))),
        "time": f"{run.seconds:.3f}",
    }
    root = Element("testsuites", {"name": "twofold", **numbers})
    suite = SubElement(root, "testsuite", {"name": _text(run.started.target if run.started else "twofold"), **numbers})
    properties = SubElement(suite, "properties")
    if run.started:
        _property(properties, "target", run.started.target)
        _property(properties, "seed", run.started.seed)
        for name, version in run.started.versions.items():
            _property(properties, f"version.{name}", version)
    if not run.whole:
        _property(properties, "interrupted", "true")
    for artefact in run.leaks:
        _property(properties, "leak", artefact)
    for record in records:
        suite.append(_case(record))
    return root


def _case(record: ScenarioRecord) -> Element:
    started = record.started
    case = Element(
        "testcase",
        {
            "name": _text(f"{started.id} {started.title}"),
            "classname": _text(re.sub(r"(\.scenario)?\.ya?ml$", "", started.place.path).strip("/").replace("/", ".")),
            "file": _text(started.place.path),
            "line": str(started.place.line),
            "time": f"{record.seconds:.3f}",
        },
    )
    properties = SubElement(case, "properties")
    _property(properties, "id", started.id)
    if started.case:
        _property(properties, "case", started.case)
    for requirement in started.manual:
        _property(properties, "manual", requirement)
    for tag in started.tags:
        _property(properties, "tag", tag)
    _property(properties, "world-clock", datetime.fromtimestamp(started.at, UTC).isoformat(timespec="seconds"))
    match record.verdict:
        case Verdict.PASSED:
            pass
        case Verdict.FAILED:
            _outcome(case, "failure", record, "check")
        case Verdict.ENVIRONMENT:
            _outcome(case, "error", record, "environment")
        case Verdict.NOT_APPLICABLE:
            SubElement(case, "skipped", {"message": _text(record.reason)})
        case Verdict.FLAKY:
            for earlier in record.earlier:
                _outcome(case, "flakyFailure", earlier, "check")
        case None:
            _outcome(case, "error", record, "interrupted")
    return case


def _outcome(case: Element, tag: str, record: ScenarioRecord, kind: str) -> None:
    failed = record.failed_steps
    summaries = tuple(step.failure.summary for step in failed if step.failure)
    message = summaries[0] if summaries else record.reason or "The run was broken off."
    if len(summaries) > 1:
        message = f"{len(summaries)} checks failed: {message}"
    element = SubElement(case, tag, {"message": _text(message), "type": kind})
    parts = [_told(step, step.failure) for step in failed if step.failure]
    if record.reason and record.reason not in summaries:
        parts.append(record.reason)
    if record.again:
        parts.append(f"again: {record.again}")
    element.text = _text("\n\n".join(parts))


def _told(step: StepRecord, failure: Failure) -> str:
    lines = [f"{step.started.place}   {step.started.text}", step.started.sentence, failure.summary]
    if failure.expected:
        lines.append(f"Expected: {failure.expected}")
    if failure.seen:
        lines.append(f"Seen: {failure.seen}")
    if failure.why:
        lines.append(f"Why: {failure.why}")
    if failure.candidates:
        lines.append(f"Nearest: {listing(failure.candidates)}")
    return "\n".join(lines)


def _property(parent: Element, name: str, value: str) -> None:
    SubElement(parent, "property", {"name": _text(name), "value": _text(value)})


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
