"""An order asks for the second factor again if the last one is not recent (ASVS 5.0, 7.5.3)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

PAGE = "/iweb/order"
ORDER = {"side": "sell", "stock": "700", "quantity": "100", "price": "320.40"}


def placed(world: "World") -> list[str]:
    return [row.reason for row in world.audit(event="order-placed")]


def code_by_text(world: "World") -> str:
    return re.findall("[0-9]{6}", world.texts()[-1].text)[0]


@pytest.mark.parametrize(("age", "asked"), [(299, False), (300, True)])
def test_five_minutes_after_the_second_factor_it_is_asked_for_again(
    world: "World", browser: "Browser", age: float, asked: bool
) -> None:
    browser.log_in()
    world.clock.advance(age)
    answer = browser.post(PAGE, ORDER)
    assert (answer.headers.get("location") == "/cas/login/channel") is asked
    assert placed(world) == ([] if asked else ["sell 00700 100 at 320.40"])


def test_after_the_second_factor_the_order_is_shown_again_and_taken_once_confirmed(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    browser.log_in()
    before = browser.cookies["session"]
    world.clock.advance(600)
    browser.post(PAGE, ORDER)
    assert "為保障閣下，請再次核實身分。" in browser.follow().text
    browser.choose("sms")
    assert browser.give_code("000000").status_code == 403
    browser.give_code(code_by_text(world))
    page = browser.follow().text
    assert "身分已確認。" in page
    assert all(f'value="{value}"' in page for value in ("700", "100", "320.40"))
    assert re.search(r'value="sell" checked', page)
    assert placed(world) == []
    assert "已收到閣下的賣出指示" in browser.post(PAGE, ORDER).text
    assert placed(world) == ["sell 00700 100 at 320.40"]
    assert [row.result for row in world.audit(event="stepped-up")] == ["success"]
    assert len(world.audit(event="login")) == 1
    # The session has another token from then on (ASVS 5.0, 7.2.4), and goes on within its own limits.
    thief = new_browser()
    thief.cookies.set("session", before, path="/")
    assert not thief.is_logged_in()
    world.clock.advance(12 * 3600 - 600)
    assert not browser.is_logged_in()


def test_no_order_is_taken_between_the_question_and_the_code(world: "World", browser: "Browser") -> None:
    browser.log_in()
    world.clock.advance(600)
    browser.post(PAGE, ORDER)
    browser.choose("sms")
    for _ in range(2):
        assert browser.post(PAGE, ORDER).headers["location"] == "/cas/login/channel"
    assert placed(world) == []


def test_the_code_of_a_step_up_is_of_no_use_once_its_session_has_ended(world: "World", browser: "Browser") -> None:
    browser.log_in()
    world.clock.advance(600)
    browser.post(PAGE, ORDER)
    browser.choose("sms")
    code = code_by_text(world)
    kept = httpx.Cookies(browser.cookies)
    browser.post("/cas/logout")
    browser.cookies = kept
    assert browser.give_code(code).status_code == 403
    assert not browser.is_logged_in()
    assert world.reasons("stepped-up") == ["session-ended"]


def test_a_step_up_is_of_no_use_in_another_browser(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    browser.log_in()
    world.clock.advance(600)
    browser.post(PAGE, ORDER)
    browser.choose("sms")
    thief = new_browser()
    thief.cookies.set("login", browser.cookies["login"], path="/")
    assert thief.give_code(code_by_text(world)).headers["location"] == "/cas/login?ended=1"
    assert not thief.is_logged_in()
    assert world.reasons("login-code") == ["other-session"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("side", "hold"),
        ("side", ""),
        ("stock", "000"),
        ("stock", "123456"),
        ("stock", "７００"),
        ("quantity", "0"),
        ("quantity", "-100"),
        ("quantity", "1e3"),
        ("quantity", "１００"),
        ("price", "0"),
        ("price", "NaN"),
        ("price", "1.2345"),
        ("price", "+1"),
        ("price", ""),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_taken(
    world: "World", browser: "Browser", field: str, value: str
) -> None:
    browser.log_in()
    assert browser.post(PAGE, ORDER | {field: value}).status_code == 422
    assert len(browser.errors) == 1
    assert f'id="{field}-wrong"' in browser.page.text
    assert placed(world) == []


def test_without_a_session_there_are_no_orders(world: "World", browser: "Browser") -> None:
    assert browser.get(PAGE).headers["location"] == "/cas/login"
    assert browser.post(PAGE, ORDER).headers["location"] == "/cas/login"
    assert world.reasons("request-refused") == ["no-session"]
