"""How long a web session lasts, and what ends it (M31)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser


def test_the_customers_page_shows_the_account_and_the_last_login(world: "World", browser: "Browser") -> None:
    browser.log_in()
    page = browser.follow()
    assert "9999-9990" in page.text
    assert "陳大文" in page.text
    assert "這是閣下首次登入。" in page.text
    assert ">登出</button>" in page.text
    world.clock.advance(3600)
    browser.log_in()
    assert "上次登入：2027年1月15日 16:00（香港時間）" in browser.follow().text


@pytest.mark.parametrize(("idle", "lasts"), [(30 * 60 - 1, True), (30 * 60, False)])
def test_thirty_minutes_without_a_request_end_a_session(
    world: "World", browser: "Browser", idle: float, lasts: bool
) -> None:
    browser.log_in()
    world.clock.advance(1700)
    assert browser.is_logged_in()
    world.clock.advance(idle)
    assert browser.is_logged_in() is lasts
    assert [row.reason for row in world.audit(event="session-ended")] == [] if lasts else ["late"]


@pytest.mark.parametrize(("rest", "lasts"), [(-1, True), (0, False)])
def test_twelve_hours_after_the_login_a_session_ends_however_busy(
    world: "World", browser: "Browser", rest: float, lasts: bool
) -> None:
    browser.log_in()
    for _ in range(24):
        world.clock.advance(29 * 60)
        assert browser.is_logged_in()
    world.clock.advance(12 * 3600 - 24 * 29 * 60 + rest - 25 * 60)
    browser.is_logged_in()
    world.clock.advance(25 * 60)
    assert browser.is_logged_in() is lasts


def test_a_clock_set_back_does_not_revive_a_session(world: "World", browser: "Browser") -> None:
    browser.log_in()
    cookies = httpx.Cookies(browser.cookies)
    world.clock.advance(3600)
    assert not browser.is_logged_in()
    world.clock.advance(-3600)
    browser.cookies = cookies
    assert not browser.is_logged_in()


def test_logout_ends_the_session_on_the_server(world: "World", browser: "Browser") -> None:
    browser.log_in()
    kept = httpx.Cookies(browser.cookies)
    assert browser.post("/cas/logout").status_code == 200
    assert browser.heading == "你已登出"
    assert "session" not in browser.cookies
    browser.cookies = kept
    assert not browser.is_logged_in()
    assert [row.result for row in world.audit(event="logout")] == ["success"]


def test_a_locked_account_is_out_at_its_next_request(world: "World", browser: "Browser") -> None:
    browser.log_in()
    world.back_office("POST", "/customers/9999-9990/lock")
    assert not browser.is_logged_in()
    world.back_office("POST", "/customers/9999-9990/unlock")
    assert not browser.is_logged_in()


def test_an_account_has_five_sessions_and_the_sixth_ends_the_oldest(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    browsers = [new_browser() for _ in range(6)]
    for one in browsers:
        world.clock.advance(900)
        one.log_in()
        for earlier in browsers[:5]:
            earlier.is_logged_in()
    assert [one.is_logged_in() for one in browsers] == [False, True, True, True, True, True]


def test_two_customers_in_two_browsers_see_their_own_page(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    world.customer("8888-8880", name="李小龍")
    other = new_browser()
    browser.log_in()
    other.log_in("8888-8880")
    for _ in range(5):
        mine, theirs = browser.get("/iweb").text, other.get("/iweb").text
        assert ("9999-9990" in mine, "8888-8880" in mine) == (True, False)
        assert ("9999-9990" in theirs, "8888-8880" in theirs) == (False, True)


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "a b;c", "A" * 4000])
def test_a_made_up_cookie_is_no_session(browser: "Browser", value: str) -> None:
    answer = browser.get("/iweb", Cookie=f"session={value}")
    assert answer.headers["location"] == "/cas/login"


def test_the_database_holds_no_token_and_no_link(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.log_in()
    session = browser.cookies["session"]
    browser.log_in_with_password()
    login = browser.cookies["login"]
    link_token = reset_link().partition("token=")[2]
    with world.broker.database.reading() as tx:
        dump = "\n".join(tx.connection.driver_connection.iterdump())
    for secret in (session, login, link_token):
        assert secret
        assert secret not in dump
        assert secret.encode().hex().upper() not in dump
