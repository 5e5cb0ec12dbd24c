"""The page in a browser: the script, the pictures, the keyboard, a telephone's width."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.browsers import find_chromium
from harness.reports.html import HtmlReport


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = find_chromium(os.environ, Path(playwright.chromium.executable_path))
        if program is None:
            pytest.skip("no Chromium here")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if not os.geteuid() else [])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, runs) -> Iterator["Opener"]:
    opener = Opener(browser, runs.folder)
    yield opener
    opener.close()


class Opener:
    """Writes a run as a page and opens it; what the page complains of, or asks the network for, fails the test."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._complaints: list[str] = []

    def __call__(self, events, *, at: str = "", width: int = 1280, script: bool = True) -> Page:
        report = HtmlReport(self._folder / "index.html", now=lambda: 0.0)
        for event in events:
            report.tell(event)
        report.close()
        self._context = self._browser.new_context(
            viewport={"width": width, "height": 800}, offline=True, java_script_enabled=script
        )
        page = self._context.new_page()
        page.on("console", lambda message: self._complaints.append(message.text))
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        page.on("request", lambda request: self._note(request.url))
        page.goto((self._folder / "index.html").as_uri() + at)
        return page

    def _note(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self._complaints.append(f"asked for {url}")

    def close(self) -> None:
        self._context.close()
        assert self._complaints == []


def test_pointing_at_a_step_shows_the_picture_of_its_moment(opened, runs) -> None:
    page = opened(runs.failing())
    phone = page.locator(".moment .phone img")
    expect(page.locator(".moment header span")).to_have_text("web is at /iweb")
    before = phone.get_attribute("data-number")
    page.locator('.row a[href="#MAN-001-11"]').hover()
    expect(page.locator(".moment header span")).to_have_text("on phone, tap “立即開始”")
    expect(page.locator(".moment .phone figcaption")).to_contain_text("鉅亨證券")
    assert phone.get_attribute("data-number") != before
    expect(page.locator(".moment .browser figcaption")).to_contain_text("nothing yet")
    page.locator("h1").hover()
    expect(page.locator(".moment header span")).to_have_text("web is at /iweb")


def test_the_picture_is_drawn_and_can_be_read_out(opened, runs) -> None:
    page = opened(runs.failing())
    phone = page.locator(".moment .phone img")
    assert phone.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert "保安編碼器" in (phone.get_attribute("alt") or "")


def test_the_keyboard_walks_along_the_steps(opened, runs) -> None:
    page = opened(runs.failing())
    page.locator('.row a[tabindex="0"]').focus()
    page.keyboard.press("Home")
    expect(page.locator(".moment header b")).to_have_text("✔ 1")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".moment header span")).to_have_text("on web, open ‹link#1›")
    expect(page.locator(".moment .heard")).to_contain_text("Password Reset")
    expect(page.locator(".steps li.now")).to_have_attribute("id", "MAN-001-3")
    page.keyboard.press("End")
    expect(page.locator(".moment header b")).to_have_text("✘ 37")
    expect(page.locator(".row a.failed")).to_have_attribute("aria-label", "37 web is at /iweb, failed")
    assert page.locator('.row a[tabindex="0"]').count() == 1


def test_an_address_opens_a_packed_scenario_at_its_step(opened, runs) -> None:
    page = opened(runs.mixed(8), at="#MAN-007-20")
    expect(page.locator("#MAN-007")).to_have_attribute("open", "")
    expect(page.locator("#MAN-007-20")).to_be_in_viewport()
    expect(page.locator("#MAN-007 .moment header b")).to_have_text("✔ 20")
    assert page.locator("#MAN-007 .moment .phone img").evaluate("image => image.decode().then(() => true)")


def test_a_row_of_examples_is_found_by_the_address_that_the_terminal_prints(opened, runs) -> None:
    page = opened(runs.mixed(8), at="#RUL-006-at-eight-hours")
    expect(page.locator("#RUL-006-at-eight-hours .jump")).to_have_text("+8 h 00:22:00")
    expect(page.locator("#RUL-006-at-eight-hours > summary")).to_be_in_viewport()


def test_scenarios_are_found_by_verdict_and_by_words(opened, runs) -> None:
    page = opened(runs.mixed(8))
    shown = page.locator(".scenario:visible")
    page.get_by_text("⚠ 1 flaky").click()
    expect(shown).to_have_count(1)
    page.get_by_text("all 8").click()
    page.get_by_placeholder("id, title, tag or requirement").fill("m6")
    expect(shown).to_have_count(3)
    page.get_by_placeholder("id, title, tag or requirement").fill("no such thing")
    expect(page.get_by_text("No scenario matches.")).to_be_visible()


def test_a_picture_can_be_looked_at_large_and_put_away(opened, runs) -> None:
    page = opened(runs.failing())
    page.locator(".moment .phone img").click()
    expect(page.locator("#large img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#large")).to_be_hidden()


def test_on_a_telephone_only_the_lanes_scroll_sideways(opened, runs) -> None:
    page = opened(runs.failing(), width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    failed = page.locator(".row a.failed").bounding_box()
    assert failed is not None
    assert failed["x"] + failed["width"] <= 390
    lanes = page.locator(".scroll").evaluate("lanes => lanes.scrollWidth > lanes.clientWidth")
    assert lanes


def test_without_a_script_the_failure_its_lanes_and_pictures_are_there(opened, runs) -> None:
    page = opened(runs.failing(), script=False)
    expect(page.get_by_role("heading", name="The page stayed at /cas/login: 驗證碼不正確.")).to_be_visible()
    expect(page.locator(".row a.failed")).to_be_visible()
    expect(page.locator(".moment img")).to_have_count(2)
    expect(page.locator(".filter")).to_be_hidden()


def test_on_paper_the_lanes_fit_and_nothing_asks_to_be_pressed(opened, runs) -> None:
    page = opened(runs.failing(), width=703)
    page.emulate_media(media="print")
    field = page.locator(".field").bounding_box()
    assert field is not None
    assert field["x"] + field["width"] <= 703
    expect(page.locator("button:visible")).to_have_count(0)
