"""The reports that machines read: JSON lines and JUnit XML."""

import json
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from harness.events import Failure, RunStarted, ServerNoted, Verdict
from harness.reports import ReportNotWritten
from harness.reports.json_lines import EventsNotRead, JsonLinesReport, last_verdicts, line_of, read_events
from harness.reports.junit import JUnitReport
from harness.reports.reporter import write_whole

STARTED = RunStarted(elapsed=0.0, total=1, seed="7f3a", target="reference", versions={"python": "3.11"})


def junit(events, folder: Path) -> Element:
    report = JUnitReport(folder / "junit.xml")
    for event in events:
        report.tell(event)
    report.close()
    return fromstring((folder / "junit.xml").read_text("utf-8"))  # noqa: S314 - our own file


def case_of(root: Element, id: str) -> Element:
    return next(case for case in root.iter("testcase") if case.get("name", "").startswith(f"{id} "))


@pytest.mark.parametrize("name", ["passing", "failing", "interrupted", "mixed"])
def test_events_are_read_back_as_they_were(runs, tmp_path: Path, name: str) -> None:
    events = getattr(runs, name)()
    report = JsonLinesReport(tmp_path / "deep" / "events.jsonl")
    for event in events:
        report.tell(event)
    report.close()
    assert list(read_events(tmp_path / "deep" / "events.jsonl")) == events


def test_a_line_names_its_event_and_keeps_chinese_readable() -> None:
    line = line_of(RunStarted(elapsed=0.5, total=1, seed="7f3a", target="鉅亨", versions={}))
    assert json.loads(line) == {
        "event": "RunStarted",
        "elapsed": 0.5,
        "total": 1,
        "seed": "7f3a",
        "target": "鉅亨",
        "versions": {},
    }
    assert "鉅亨" in line


def test_an_audit_row_keeps_its_own_event_beside_the_name_of_the_line() -> None:
    row = ServerNoted(elapsed=0.0, at=0.0, scenario="MAN-001", event="login", result="refused", reason="", account="")
    facts = json.loads(line_of(row))
    assert (facts["event"], facts["audit_event"]) == ("ServerNoted", "login")


def test_line_separators_and_halves_of_characters_stay_within_their_line(tmp_path: Path) -> None:
    odd = RunStarted(elapsed=0.0, total=1, seed="a\u2028b\nc\x85d", target="\ud800", versions={})
    report = JsonLinesReport(tmp_path / "events.jsonl")
    report.tell(odd)
    report.tell(STARTED)
    report.close()
    lines = (tmp_path / "events.jsonl").read_bytes().split(b"\n")
    assert len(lines) == 3
    assert json.loads(lines[0])["target"] == "\ufffd"
    assert list(read_events(tmp_path / "events.jsonl"))[1] == STARTED


def test_an_event_is_on_the_disk_before_the_next_one_comes(tmp_path: Path) -> None:
    report = JsonLinesReport(tmp_path / "events.jsonl")
    report.tell(STARTED)
    assert list(read_events(tmp_path / "events.jsonl")) == [STARTED]
    report.close()


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("nonsense", "this line is not a JSON object"),
        ("[1]", "this line is not a JSON object"),
        ('{"event": "Rain"}', 'there is no event "Rain"'),
        ('{"event": "RunFinished", "elapsed": "soon"}', "RunFinished.elapsed: "),
        ('{"event": "RunFinished", "elapsed": 1, "seconds": 1, "counts": {"lucky": 1}}', "RunFinished.counts.lucky"),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_its_place(tmp_path: Path, line: str, trouble: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(f"{line_of(STARTED)}\n{line}\n", "utf-8")
    events = read_events(path)
    assert next(events) == STARTED
    with pytest.raises(EventsNotRead) as refusal:
        next(events)
    assert str(refusal.value).startswith(f"{path}:2:1: {trouble}")


def test_the_last_run_is_known_by_its_verdicts_even_when_it_broke_off(runs, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert last_verdicts(path) == {}
    lines = [line_of(event) for event in runs.mixed()]
    path.write_text("\n".join(lines), "utf-8")
    whole = last_verdicts(path)
    assert whole["MAN-001"] is Verdict.FAILED
    assert whole["GWY-003"] is Verdict.FLAKY
    assert len(whole) == 30
    path.write_text("\n".join(lines[:60]) + lines[60][:20], "utf-8")
    assert 0 < len(last_verdicts(path)) < 30


def test_a_build_server_reads_one_case_for_each_row_with_its_file_and_line(runs, tmp_path: Path) -> None:
    root = junit(runs.mixed(), tmp_path)
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("30", "1", "0", "1")
    case = case_of(root, "RUL-006[at eight hours]")
    assert case.get("classname") == "scenarios.rules.reset_link_lifetime"
    assert case.get("file") == "scenarios/rules/reset_link_lifetime.scenario.yaml"
    assert case.get("line") == "1"
    values = {(found.get("name"), found.get("value")) for found in case.iter("property")}
    assert {
        ("case", "at eight hours"),
        ("manual", "M6"),
        ("tag", "limits"),
        ("id", "RUL-006[at eight hours]"),
    } <= values
    assert [child.tag for child in case] == ["properties"]


def test_a_failure_tells_the_step_and_why(runs, tmp_path: Path) -> None:
    failure = case_of(junit(runs.failing(), tmp_path), "MAN-001").find("failure")
    assert failure is not None
    assert failure.get("message") == "The page stayed at /cas/login: 驗證碼不正確."
    text = failure.text or ""
    assert "scenarios/manual/first_journey.scenario.yaml:59:9   web.url: /iweb" in text
    assert "Why: the code ‹otp#2› was right for the step before." in text
    assert "again: twofold run" in text


def test_each_verdict_has_its_element(runs, tmp_path: Path) -> None:
    root = junit(runs.mixed(), tmp_path)
    skipped = case_of(root, "BIO-002").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "The target “reference” cannot take our clock."
    assert case_of(root, "GWY-003").find("flakyFailure") is not None
    telling = runs.telling().scenario().end(Verdict.ENVIRONMENT, reason="no Chromium was found")
    error = case_of(junit(telling.done(), tmp_path), "MAN-001").find("error")
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("environment", "no Chromium was found")


def test_an_interrupted_scenario_is_an_error_and_not_a_pass(runs, tmp_path: Path) -> None:
    root = junit(runs.interrupted(), tmp_path)
    assert root.get("errors") == "1"
    error = case_of(root, "MAN-001").find("error")
    assert error is not None
    assert error.get("type") == "interrupted"
    assert any(found.get("name") == "interrupted" for found in root.iter("property"))


def test_what_xml_cannot_hold_does_not_break_the_file(runs, tmp_path: Path) -> None:
    telling = runs.telling().scenario(title="<&\"' \x1b \ud800 \uffff")
    telling.check("web.sees: x", Failure(summary="a \0 b ]]> <script>"))
    root = junit(telling.end(Verdict.FAILED).done(), tmp_path)
    case = next(root.iter("testcase"))
    assert case.get("name") == "MAN-001 <&\"' \ufffd \ufffd \ufffd"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "a \ufffd b ]]> <script>"


def test_a_full_disk_is_one_sentence() -> None:
    report = JsonLinesReport(Path("/dev/full"))
    with pytest.raises(ReportNotWritten, match="/dev/full cannot be written: no space left on device"):
        report.tell(STARTED)
    with pytest.raises(ReportNotWritten):
        report.close()


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("in the way", "utf-8")
    with pytest.raises(ReportNotWritten, match=r"events\.jsonl cannot be written"):
        JsonLinesReport(tmp_path / "report" / "events.jsonl")
    report = JUnitReport(tmp_path / "report" / "junit.xml")
    with pytest.raises(ReportNotWritten, match=r"junit\.xml cannot be written"):
        report.close()


def test_a_file_that_cannot_be_replaced_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(ReportNotWritten):
        write_whole(tmp_path / "index.html", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
