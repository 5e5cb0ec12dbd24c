"""The login and the reset in a real browser, by keyboard, with its own idea of origins, cookies and policies."""

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEW = "Sheung9Wan"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    """A port of its own is part of the server's origin."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {**settings, "AUTH_SERVER_ORIGIN": f"http://localhost:{free.getsockname()[1]}"}


@pytest.fixture
def served(world: "World") -> Iterator[str]:
    """The server on a real port; gives its origin. Nothing is delivered: messages stay in the outbox."""
    origin = world.broker.settings.origin
    listening = socket.create_server(("127.0.0.1", int(origin.rpartition(":")[2])))
    server = uvicorn.Server(uvicorn.Config(world.app, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield origin
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a fresh browser; what it complains about fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []


def test_a_customer_resets_the_password_and_logs_in_by_keyboard(
    world: "World", served: str, page: Page, token_code: Callable[[], str]
) -> None:
    world.customer()
    token_code()
    page.goto(f"{served}/cas/login")
    page.get_by_role("link", name="忘記密碼").press("Enter")
    page.get_by_role("heading", name="忘記密碼").wait_for()
    page.keyboard.type("9999-9990")  # the first field has the focus
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="請查看電郵").wait_for()
    link = re.findall(r"http\S+token=\S+", world.mails()[-1].text)[0]
    page.goto(link)
    assert page.url == f"{served}/iweb/password-reset"
    page.get_by_label("新密碼", exact=True).fill(NEW)
    page.get_by_label("確認新密碼", exact=True).fill(NEW)
    page.get_by_role("button", name="確定").click()
    page.get_by_role("heading", name=re.compile("成功更改")).wait_for()
    page.get_by_role("link", name="登入", exact=True).click()
    page.get_by_role("heading", name="登入網上交易").wait_for()
    page.keyboard.type("9999-9990")
    page.keyboard.press("Tab")
    page.keyboard.type(NEW)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="iToken").press("Enter")
    page.get_by_label("一次性驗證碼").fill(token_code())
    page.get_by_role("button", name="確定").click()
    page.wait_for_url(f"{served}/iweb")
    assert page.get_by_text("9999-9990").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="登出").click()
    page.get_by_role("heading", name="你已登出").wait_for()
    page.goto(f"{served}/iweb")
    assert page.url == f"{served}/cas/login"


def test_a_login_for_a_service_is_led_on_to_it(world: "World", served: str, page: Page) -> None:
    world.customer()
    page.route(
        "https://orders.anue.example/**", lambda route: route.fulfill(body="<h1>Orders</h1>", content_type="text/html")
    )
    page.goto(f"{served}/cas/login?service=https://orders.anue.example/app")
    page.get_by_label("登入帳號").fill("9999-9990")
    page.get_by_label("登入密碼").fill("Tseung7Kwan")
    page.get_by_role("button", name="登入", exact=True).click()
    page.get_by_role("button", name="短訊").click()
    page.get_by_label("一次性驗證碼").fill(re.findall("[0-9]{6}", world.texts()[-1].text)[0])
    page.get_by_role("button", name="確定").click()
    page.get_by_role("heading", name="Orders").wait_for()
    assert re.fullmatch(r"https://orders\.anue\.example/app\?ticket=ST-[\w-]{43}", page.url)
