"""What a person reads on the terminal and in a build's log."""

import errno
import io
import os
from collections.abc import Iterable

import pytest

from harness.errors import Place
from harness.events import (
    Event,
    Failure,
    Lane,
    MessageArrived,
    PictureTaken,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
    Verdict,
)
from harness.reports import ReportNotWritten
from harness.reports.console import ConsoleReport, Manner
from harness.reports.detail import Detail
from harness.reports.words import briefly, display_width, jump, lasted, printable, shortened

ID, FILE = "MAN-001", "scenarios/manual/first_journey.scenario.yaml"
TITLE = "A new customer resets the password, binds the token by QR code and logs in on the web"

FAILURE_OF_THE_SPECIFICATION = """\
✘ MAN-001 A new customer resets the password, binds the token by QR code and logs in on the web      6.1 s
    scenarios/manual/first_journey.scenario.yaml:57:9   web.url: /iweb
    The page stayed at /cas/login: 驗證碼不正確.
    Why: the code ‹otp#2› was right for the step before. The phone's clock is 45 s behind the server's.
    phone, browser and messages at that moment: report/index.html#MAN-001
    again: twofold run scenarios/manual/first_journey.scenario.yaml --seed 7f3a --stop-before 57
"""


def told(events: Iterable[Event], **options: object) -> str:
    stream = io.StringIO()
    report = ConsoleReport(stream, environ={}, **options)
    for event in events:
        report.tell(event)
    report.close()
    return stream.getvalue()


def failing_at_line_57(failure: Failure) -> list[Event]:
    when = {"elapsed": 6.1, "at": 0.0, "scenario": ID}
    picture = {"step": 1, "caption": "", "path": "", "media": "", "text": ""}
    return [
        RunStarted(elapsed=0.0, total=1, seed="7f3a", target="reference", versions={}),
        ScenarioStarted(
            elapsed=0.0, at=0.0, id=ID, title=TITLE, case="", manual=(), tags=(), place=Place(FILE), source=""
        ),
        StepStarted(
            **when,
            number=1,
            lane=Lane.BROWSER,
            actor="web",
            text="web.url: /iweb",
            sentence="",
            place=Place(FILE, 57, 9),
        ),
        MessageArrived(
            **when, lane=Lane.MAIL, number=1, sender="", recipient="", subject="", text="", profile="login-notice"
        ),
        PictureTaken(**when, lane=Lane.PHONE, actor="phone", **picture),
        PictureTaken(**when, lane=Lane.BROWSER, actor="web", **picture),
        StepFinished(**when, number=1, verdict=Verdict.FAILED, waited=0.0, failure=failure),
        ScenarioFinished(
            **when,
            verdict=Verdict.FAILED,
            seconds=6.1,
            reason=failure.summary,
            again=f"twofold run {FILE} --seed 7f3a --stop-before 57",
        ),
        RunFinished(elapsed=6.1, seconds=6.1, counts={Verdict.FAILED: 1}),
    ]


WRONG_STEP = Failure(
    summary="The page stayed at /cas/login: 驗證碼不正確.",
    expected="/iweb",
    seen="/cas/login",
    why="the code ‹otp#2› was right for the step before. The phone's clock is 45 s behind the server's.",
)


def test_a_failure_reads_as_specified_to_the_letter() -> None:
    assert FAILURE_OF_THE_SPECIFICATION in told(failing_at_line_57(WRONG_STEP), page="report/index.html")


def test_what_the_summary_does_not_say_is_told_below_it() -> None:
    failure = Failure(summary="No such button.", expected="啟用", seen="a login page", candidates=("登入", "取消"))
    text = told(failing_at_line_57(failure))
    assert "    Expected: 啟用\n    Seen: a login page\n    Nearest: 登入 and 取消\n" in text


def test_without_a_page_nothing_points_to_one() -> None:
    assert "report" not in told(failing_at_line_57(WRONG_STEP))


def test_a_log_holds_no_escape_sequences(runs) -> None:
    assert "\x1b" not in told(runs.mixed())


def test_a_passed_scenario_shows_its_stages_with_their_times(runs) -> None:
    lines = told(runs.passing()).splitlines()
    at = lines.index(next(line for line in lines if line.startswith("✔ MAN-001")))
    assert [line.split("  ")[2] for line in lines[at + 1 : at + 4]] == [
        "✔ Reset the login password",
        "✔ Bind the soft token",
        "✔ Log in on the web with the token",
    ]
    assert all(line.endswith(" s") for line in lines[at : at + 4])
    assert {display_width(line) for line in lines[at : at + 4]} == {106}


def test_steps_are_told_only_when_they_are_asked_for(runs) -> None:
    sentence = "on phone, tap “同意”"
    assert sentence not in told(runs.passing())
    assert sentence in told(runs.passing(), detail=Detail.STEPS)
    assert "Bind the soft token" not in told(runs.passing(), detail=Detail.SCENARIOS)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("passing", "MAN-001 passed.  1 passed · 5.5 s"),
        ("failing", "MAN-001 failed.  1 failed · 7.6 s"),
        ("interrupted", "Interrupted after 1 of 3 scenarios; none had failed.  1 passed · 2 not finished · 6.0 s"),
        ("mixed", "1 of 30 scenarios failed.  1 failed · 1 flaky · 1 not applicable · 27 passed · 2 min 23 s"),
    ],
)
def test_the_last_word_is_the_verdict_as_a_sentence(runs, name: str, sentence: str) -> None:
    assert sentence in told(getattr(runs, name)()).splitlines()


def test_an_interrupted_scenario_says_where_it_was(runs) -> None:
    text = told(runs.interrupted())
    assert "◌ MAN-001" in text
    assert ":35:9   sms.expect: {to: $chan, profile: activation-code" in text


def test_a_run_without_its_last_event_is_not_taken_for_a_whole_one(runs) -> None:
    text = told(runs.passing()[:-1])
    assert "Broken off after 1 of 1 scenario; none had failed." in text
    assert "MAN-001 passed." not in text


def test_a_leak_is_told_even_when_all_passed(runs) -> None:
    telling = runs.journey(runs.telling())
    text = told(telling.done(leaks=("report/events.jsonl",)))
    assert "MAN-001 passed, and a secret was found in the report's own files." in text
    assert "a secret was found in: report/events.jsonl" in text


def test_each_check_of_a_soft_group_that_failed_is_told(runs) -> None:
    telling = runs.telling().scenario()
    for number in (1, 2):
        telling.check(f"web.sees: {number}", Failure(summary=f"Nothing says {number}."))
    text = told(telling.end(Verdict.FAILED, reason="2 checks failed").done())
    assert "Nothing says 1." in text
    assert "Nothing says 2." in text
    assert "2 checks failed" in text


def test_a_flaky_scenario_tells_why_it_did_not_pass_at_first(runs) -> None:
    lines = told(runs.mixed()).splitlines()
    flaky = next(number for number, line in enumerate(lines) if line.startswith("⚠ GWY-003"))
    assert lines[flaky].endswith("flaky  0.3 s")
    assert lines[flaky + 2].strip() == "No SMS for +852 5555 0101 in 1 s; it came 0.8 s after the check gave up."


def test_a_terminal_gets_colours_and_one_live_line_unless_it_refuses_them() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert Manner.of(Terminal(), {}).colour
    assert Manner.of(Terminal(), {}).live
    assert not Manner.of(Terminal(), {"NO_COLOR": "1"}).colour
    assert Manner.of(Terminal(), {"NO_COLOR": ""}).colour
    assert not Manner.of(Terminal(), {"TERM": "dumb"}).live
    assert not Manner.of(io.StringIO(), {}).live


def test_the_live_line_is_one_line_and_is_gone_at_the_end(runs) -> None:
    text = told(runs.passing(), manner=Manner(live=True, width=60))
    progress = [part for part in text.split("\r\x1b[2K")[1:] if not part.endswith("\n")]
    assert len(progress) == 38
    assert all(display_width(part) < 60 and "\n" not in part for part in progress)
    assert text.rindex("\r\x1b[2K") < text.index("✔ MAN-001")


def test_what_a_server_says_cannot_repaint_the_terminal() -> None:
    text = told(failing_at_line_57(Failure(summary="The title is \x1b[2J\u202eevil\x9b1m.")))
    assert "The title is \\u001b[2J\\u202eevil\\u009b1m." in text


def test_a_log_without_chinese_letters_is_still_written(runs) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    report = ConsoleReport(stream, environ={})
    for event in runs.failing():
        report.tell(event)
    assert b"The page stayed at /cas/login: \\u9a57" in raw.getvalue()


def test_a_full_disk_is_one_sentence() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    report = ConsoleReport(Full(), environ={})
    with pytest.raises(ReportNotWritten, match="the terminal cannot be written: no space left on device"):
        report.tell(RunStarted(elapsed=0.0, total=1, seed="7f3a", target="reference", versions={}))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.0 s"), (6.14, "6.1 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (125, "2 min 5 s"), (3720, "1 h 2 min")],
)
def test_a_run_lasts_in_units_that_people_use(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.0004, "0 ms"), (0.05, "50 ms"), (0.42, "0.42 s"), (1.42, "1.4 s")])
def test_a_step_lasts_in_finer_units(seconds: float, words: str) -> None:
    assert briefly(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(28_800, "+8 h"), (28_799, "+7 h 59 min 59 s"), (86_400, "+1 d"), (-30, "−30 s"), (0.5, "+500 ms")],
)
def test_a_jump_of_the_clock_is_told_in_whole_units(seconds: float, words: str) -> None:
    assert jump(seconds) == words


def test_chinese_letters_take_two_cells() -> None:
    assert display_width("保安code") == 8
    assert shortened("保安編碼器", 6) == "保安…"
    assert shortened("保安", 4) == "保安"


def test_line_ends_stay_and_other_controls_show() -> None:
    assert printable("a\nb\tc\0\ud800") == "a\nb\tc\\u0000\\ud800"
