"""The page, as text: what is on it, what is not, and how large it is."""

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path

import pytest

from harness.errors import Place
from harness.events import Event, Failure, Lane, Verdict
from harness.reports import ReportNotWritten
from harness.reports.excerpt import excerpt
from harness.reports.html import HtmlReport

WRITTEN_AT = 1_763_886_420.0
"""2025-11-23 16:27:00 in Hong Kong."""


def page(runs, events: list[Event], **options: object) -> str:
    report = HtmlReport(runs.folder / "index.html", now=lambda: WRITTEN_AT, **options)
    for event in events:
        report.tell(event)
    report.close()
    return (runs.folder / "index.html").read_text("utf-8")


def unpacked(text: str) -> dict[str, dict[str, object]]:
    packed = re.search(r'id="packed">([^<]*)<', text)
    assert packed is not None
    return json.loads(zlib.decompress(base64.b64decode(packed[1]), wbits=-15))


def words(text: str) -> str:
    """What a reader reads: no tags, one space between words."""
    return " ".join(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL).split())


def test_the_first_heading_is_the_verdict_as_a_sentence(runs) -> None:
    heading = re.search(r"<h1>(.*?)</h1>", page(runs, runs.mixed()), re.DOTALL)
    assert heading is not None
    assert words(heading[1]) == "✘ 1 of 30 scenarios failed."


def test_the_page_has_no_address_outside_itself(runs) -> None:
    text = page(runs, runs.failing())
    everything = text + json.dumps(unpacked(text))
    addresses = set(re.findall(r"https?://[^\s\"'<>\\)]*", everything))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a language, which nobody fetches
    assert not re.search(r"<(link|script|img|iframe)[^>]+(src|href)=\"(?!data:|#)", text)
    assert "@import" not in text
    assert "url(" not in text


def test_the_page_allows_no_script_but_its_own(runs) -> None:
    text = page(runs, runs.failing())
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert f"script-src 'sha256-{digest}';" in policy[1]
    assert "default-src 'none'" in policy[1]


def test_what_failed_is_open_and_what_passed_is_closed(runs) -> None:
    text = page(runs, runs.mixed())
    opened = re.findall(r'<details class="scenario [a-z]+" id="([^"]+)" open', text)
    assert opened == ["MAN-001"]
    assert text.index('id="MAN-001"') < text.index('id="MAN-006"')


def test_a_failure_shows_expected_seen_why_and_the_line_with_its_mark(runs) -> None:
    text = page(runs, runs.failing())
    card = re.search(r'<article class="card failed">.*?</article>', text, re.DOTALL)
    assert card is not None
    told = words(card[0])
    assert told.startswith("The page stayed at /cas/login: 驗證碼不正確. Step 37: web is at /iweb")
    assert "Expected /iweb Seen /cas/login Why the code ‹otp#2› was right for the step before." in told
    assert "scenarios/manual/first_journey.scenario.yaml:59:9" in told
    assert '<span class="meant"><i>59</i>      - <mark>web.url</mark>: /iweb</span>' in card[0]
    assert "twofold run scenarios/manual/first_journey.scenario.yaml --seed 7f3a --stop-before 57" in words(text)


def test_a_place_beyond_the_end_of_its_line_still_shows_the_line() -> None:
    lines = excerpt(Place("a.yaml", 2, 40, 3), "a.yaml", "one\ntwo\nthree\n", "two")
    assert [(line.number, line.before, line.meant) for line in lines] == [
        (1, "one", False),
        (2, "two", True),
        (3, "three", False),
    ]


def test_a_failure_in_a_flow_shows_the_step_as_written(runs) -> None:
    telling = runs.telling().scenario()
    telling.check("phone.tap: 確定", Failure(summary="No button 確定."), flow=("choose-a-pin",))
    text = page(runs, telling.end(Verdict.FAILED).done())
    assert "<i>6</i><mark>phone.tap: 確定</mark>" in text
    assert "No button 確定. Step 1: phone.tap: 確定, in choose-a-pin" in words(text)


def test_the_pictures_of_a_failed_moment_show_without_a_script(runs) -> None:
    text = page(runs, runs.failing())
    moment = re.search(r'<section class="moment".*?</section>', text, re.DOTALL)
    assert moment is not None
    assert re.findall(r'<img src="data:(image/[a-z+]+);base64,', moment[0]) == ["image/svg+xml", "image/jpeg"]


def test_a_picture_is_kept_once_however_often_it_was_taken(runs) -> None:
    once = unpacked(page(runs, runs.many(1)))["drawings"]
    often = unpacked(page(runs, runs.many(20)))["drawings"]
    assert len(once) == len(often) == 15


def test_drawings_lose_their_web_fonts_and_keep_their_words(runs) -> None:
    drawings = unpacked(page(runs, runs.passing()))["drawings"]
    assert not any("@font-face" in svg or "<!--" in svg or "cdnjs" in svg for svg, _ in drawings.values())
    assert any("立即開始" in read for _, read in drawings.values())


def test_fifty_passed_scenarios_with_pictures_of_their_own_are_under_a_megabyte(runs) -> None:
    size = len(page(runs, runs.fifty_different()).encode())
    assert len(unpacked((runs.folder / "index.html").read_text("utf-8"))["drawings"]) == 750
    assert size <= 1_000_000


def test_a_picture_that_is_not_there_is_said_to_be_missing(runs) -> None:
    telling = runs.telling().scenario().check("web.sees: x", Failure(summary="No x."))
    telling.picture(b"\xff\xd8", Lane.BROWSER, "web", "image/jpeg", ("a page",))
    events = telling.end(Verdict.FAILED).done()
    (runs.folder / "pictures" / "MAN-001-1-browser.jpg").unlink()
    assert "The picture pictures/MAN-001-1-browser.jpg is missing." in words(page(runs, events))


def test_what_a_server_says_stays_text(runs) -> None:
    evil = "</script></details><img src=x onerror=alert(1)>' \" \u202e\x1b"
    telling = runs.telling().scenario(title=evil, case=evil, tags=(evil,), manual=(evil,))
    telling.check(evil, Failure(summary=evil, expected=evil, seen=evil, why=evil, candidates=(evil,)))
    telling.picture(b"<svg/>", Lane.PHONE, evil, "image/svg+xml", (evil,))
    text = page(runs, telling.end(Verdict.FAILED, reason=evil, again=evil).done(leaks=(evil,)))
    assert "<img src=x" not in text
    assert text.count("</script>") == 3
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_an_interrupted_run_says_so_and_shows_where_it_stopped(runs) -> None:
    text = words(page(runs, runs.interrupted()))
    assert "Interrupted after 1 of 3 scenarios; none had failed." in text
    assert "The run was stopped here. Step 17 was under way: an activation-code SMS comes for chan" in text


def test_a_run_that_broke_off_is_written_all_the_same(runs) -> None:
    assert "Broken off before a scenario had ended." in words(page(runs, runs.failing()[:20]))
    assert "No scenario had started." in words(page(runs, runs.failing()[:1]))
    assert "Broken off" in words(page(runs, []))


def test_what_changed_since_the_last_run_is_told_below_the_verdict(runs) -> None:
    before = {"MAN-001": Verdict.PASSED, "MAN-006": Verdict.FAILED, "MAN-007": Verdict.PASSED}
    text = words(page(runs, runs.mixed(8), before=before))
    assert "Since the last run ✘ 1 fails now: MAN-001 ✔ 1 passes again: MAN-006 + 5 new" in text
    assert "Since the last run nothing has changed." in words(
        page(runs, runs.passing(), before={"MAN-001": Verdict.PASSED, "OLD-001": Verdict.FAILED})
    )
    assert "Since the last run" not in words(page(runs, runs.passing()))


def test_the_tries_of_a_flaky_scenario_are_all_there(runs) -> None:
    text = page(runs, runs.mixed(8))
    assert 'id="GWY-003"' in text
    assert 'id="GWY-003-try-1"' in text
    assert "It did not pass the first time." in text


def test_a_failure_that_the_scenario_expects_is_not_shown_as_one(runs) -> None:
    telling = runs.telling().scenario().check("web.sees: x", Failure(summary="Refused."))
    text = page(runs, telling.end(Verdict.PASSED).done())
    assert "As this scenario expects Refused." in words(text)
    assert 'class="card failed"' not in text


def test_each_requirement_names_its_scenarios_with_their_verdicts(runs) -> None:
    text = page(runs, runs.mixed(8))
    rows = dict(re.findall(r'<th scope="row">(M\d+)</th><td>(.*?)</td>', text))
    assert list(rows) == ["M2", "M3", "M5", "M6", "M9", "M14", "M16", "M17", "M22", "M29", "M31"]
    assert words(rows["M6"]).count("✔ RUL-006") == 3
    assert words(rows["M2"]).startswith("✘ MAN-001 ✔ MAN-006")


def test_ids_that_look_alike_in_an_address_keep_addresses_of_their_own(runs) -> None:
    telling = runs.telling(3)
    for id in ("RUL-006[a b]", "RUL-006[a-b]", "密碼[八小時]"):
        telling.scenario(id).end()
    text = page(runs, telling.done())
    found = re.findall(r'<details class="scenario [a-z]+" id="([^"]+)"', text)
    assert found == ["RUL-006-a-b", "RUL-006-a-b-2", "密碼-八小時"]


def test_a_leak_stands_at_the_top(runs) -> None:
    text = words(page(runs, runs.journey(runs.telling()).done(leaks=("report/events.jsonl",))))
    assert "✘ A secret was found in report/events.jsonl." in text


def test_a_folder_that_is_a_file_is_one_sentence(runs) -> None:
    runs.folder.write_text("in the way", "utf-8")
    report = HtmlReport(Path(runs.folder / "index.html"), now=lambda: WRITTEN_AT)
    with pytest.raises(ReportNotWritten, match=r"index\.html cannot be written"):
        report.close()
    report.close()  # a second time does nothing
