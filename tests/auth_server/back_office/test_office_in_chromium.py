"""The back office in a real browser, by keyboard alone, as wide as a desk and as narrow as a phone."""

import shutil
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

if TYPE_CHECKING:
    from tests.auth_server.back_office.conftest import StaffBrowser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def settings(settings: dict[str, str], free_port: int) -> dict[str, str]:
    """A port of its own is part of the server's origin."""
    return {**settings, "AUTH_SERVER_ORIGIN": f"http://localhost:{free_port}"}


@pytest.fixture
def served(stranger: "StaffBrowser") -> Iterator[str]:
    """The server on a real port; gives its origin."""
    origin = stranger.world.broker.settings.origin
    with socket.create_server(("127.0.0.1", int(origin.rpartition(":")[2]))) as listening:
        server = uvicorn.Server(uvicorn.Config(stranger.world.app, lifespan="off", log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield origin
        server.should_exit = True
        thread.join()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a fresh browser; what it complains about fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--no-first-run"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []


def test_a_customer_is_found_and_locked_by_keyboard_alone(page: Page, served: str, stranger: "StaffBrowser") -> None:
    stranger.world.customer(password=None)
    page.goto(f"{served}/back-office")
    for typed in ("wong", "correct horse battery", stranger.code()):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="客戶")).to_be_visible()
    page.keyboard.type("大文")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="9999-9990").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="鎖定帳號").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="確認").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("帳號已鎖定。")
    expect(page.locator("#main .heading .badge").first).to_have_text("已鎖定")
    for path in ("customers", "customers/9999-9990", "customers/new", "audit", "outbox"):
        page.goto(f"{served}/back-office/{path}")
        fields = page.locator("main input, main select")
        assert fields.evaluate_all("all => all.every(one => one.labels.length > 0)"), path
        for width in (320, 390, 1200):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, path)
