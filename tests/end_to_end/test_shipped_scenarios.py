"""The scenarios that come with Twofold, played by the command that its users type."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from harness.browsers import find_chromium
from harness.events import (
    Lane,
    MessageArrived,
    PictureTaken,
    RunFinished,
    ScenarioFinished,
    ServerNoted,
    StepFinished,
    Verdict,
)
from tests.end_to_end.command import Command, Ran

MUST_FAIL = {
    "MUF-001": "驗證碼不正確",
    "MUF-002": "no mail for",
    "MUF-003": "is not on the screen “home”",
    "MUF-004": "it is disabled",
}


def test_every_shipped_scenario_ends_as_it_says(shipped: Ran) -> None:
    assert shipped.code == 0, shipped.out
    verdicts = {event.scenario: event.verdict for event in shipped.events(ScenarioFinished)}
    assert len(verdicts) >= 28
    assert {name for name, verdict in verdicts.items() if verdict is not Verdict.PASSED} == set()


def test_what_must_fail_fails_for_its_stated_reason(shipped: Ran) -> None:
    failures = {
        event.scenario: f"{event.failure.summary} {event.failure.why}"
        for event in shipped.events(StepFinished)
        if event.failure is not None
    }
    assert failures.keys() == MUST_FAIL.keys()
    for scenario, reason in MUST_FAIL.items():
        assert reason in failures[scenario]


def test_a_must_fail_scenario_that_passes_is_a_failure(twofold: Command, written: Callable[..., Path]) -> None:
    ran = twofold(
        "run",
        written("scenario: Nothing fails here\nid: T-1\nexpect: {fail: anything}\nsteps:\n  - clock.advance: 1s\n"),
    )
    assert ran.code == 1
    assert "must fail, and it passed" in ran.out


def test_a_must_fail_scenario_with_another_reason_is_a_failure(twofold: Command, written: Callable[..., Path]) -> None:
    ran = twofold(
        "run",
        written(
            "scenario: It fails for another reason\nid: T-2\nexpect: {fail: a hen}\nneeds:\n  - customer: chan\n"
            "steps:\n  - sms.expect: {to: $chan, profile: activation-code, within: 10ms}\n"
        ),
    )
    assert ran.code == 1
    assert "must fail with “a hen”, and it failed with: no SMS for" in ran.out


def test_the_report_shows_phone_browser_messages_and_audit_on_one_axis(shipped: Ran) -> None:
    pictures = {event.lane for event in shipped.events(PictureTaken) if event.scenario == "MAN-001"}
    messages = [event.profile for event in shipped.events(MessageArrived) if event.scenario == "MAN-001"]
    noted = [event.event for event in shipped.events(ServerNoted) if event.scenario == "MAN-001"]
    assert pictures == {Lane.PHONE, Lane.BROWSER}
    assert messages[0] == "password-reset"
    assert {"activation-code", "token-registration", "token-bound-notice", "login-notice"} <= set(messages)
    assert noted.index("password-changed") < noted.index("token-bound") < noted.index("login")


def test_no_secret_is_found_in_any_artefact(shipped: Ran) -> None:
    (finished,) = shipped.events(RunFinished)
    assert finished.leaks == ()
    assert "leaked" not in shipped.err
    everything = "".join(
        path.read_text() for path in shipped.report.rglob("*") if path.suffix in {".html", ".jsonl", ".xml", ".svg"}
    )
    assert "240719" not in everything
    assert not re.search(r"password-reset\?token=[A-Za-z0-9_-]{43}", everything)


def test_the_page_needs_nothing_from_outside_and_shows_chinese(shipped: Ran) -> None:
    asked = list[str]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium({"PATH": "/usr/bin:/bin"}), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        troubles = list[str]()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(shipped.report.joinpath("index.html").as_uri())
        assert "passed" in page.locator("h1").inner_text()
        text = page.locator("body").inner_text()
        browser.close()
    assert troubles == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert "保安編碼器註冊資料" in text or "MAN-001" in text


@pytest.mark.parametrize("file", ["index.html", "run.jsonl", "junit.xml"])
def test_each_report_is_written(shipped: Ran, file: str) -> None:
    assert (shipped.report / file).stat().st_size > 1000
