"""帳戶安全: the customer's own sessions, logins and password (M31; ASVS 5.0, 6.2.2, 6.2.3, 7.4.3 and 7.5.2)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import Phone, World
    from tests.auth_server.web.conftest import Browser

PAGE = "/iweb/security"
PASSWORD = "Tseung7Kwan"
NEW = "Sheung9Wan"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

Others = Callable[[], "Browser"]


@pytest.fixture
def other(world: "World", browser: "Browser", new_browser: Others) -> "Browser":
    """The customer is logged in twice: in `browser`, and a while later in this one."""
    browser.log_in()
    world.clock.advance(61)
    other = new_browser()
    other.log_in()
    return other


def devices(browser: "Browser") -> list[str]:
    """The names of the devices on the page."""
    listed = browser.get(PAGE).text.partition('<ul class="rows">')[2]
    return re.findall("<strong>([^<]+)</strong>", listed)


def handles(browser: "Browser") -> list[str]:
    return re.findall(r'name="device" value="([0-9a-f]{32})"', browser.get(PAGE).text)


def change(browser: "Browser", current: str, new: str, again: str | None = None, *, end_others: bool = True) -> int:
    fields = {"current_password": current, "new_password": new, "new_password_again": new if again is None else again}
    return browser.post(f"{PAGE}/password", fields | ({"end_others": "yes"} if end_others else {})).status_code


def test_the_page_lists_browsers_and_phones_this_one_first(
    browser: "Browser", other: "Browser", new_phone: Callable[[], "Phone"]
) -> None:
    phone = new_phone()
    phone.be_logged_in()
    page = other.get(PAGE).text
    assert devices(other) == ["瀏覽器", "iPhone 15", "瀏覽器"]
    assert page.index("此裝置") < page.index("iPhone 15")
    assert page.count('action="/iweb/security/end"') == 2


def test_a_browser_is_named_by_what_it_says_of_itself_as_text(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = re.findall("[0-9]{6}", world.texts()[-1].text)[0]
    browser.post("/cas/login/code", {"code": code}, **{"Sec-Fetch-Site": "same-origin", "User-Agent": FIREFOX})
    assert devices(browser) == ["Firefox, Windows"]


def test_one_other_session_is_ended(world: "World", browser: "Browser", other: "Browser") -> None:
    [handle] = handles(other)
    other.post(f"{PAGE}/end", {"device": handle})
    assert "已登出該裝置。" in other.follow().text
    assert (browser.is_logged_in(), other.is_logged_in()) == (False, True)
    assert [(row.reason, row.channel) for row in world.audit(event="session-ended")] == [("by-customer", "web")]


def test_all_others_are_ended_with_the_phone(
    browser: "Browser", other: "Browser", new_phone: Callable[[], "Phone"]
) -> None:
    phone = new_phone()
    phone.be_logged_in()
    other.post(f"{PAGE}/end-others")
    assert "已登出所有其他裝置。" in other.follow().text
    assert (browser.is_logged_in(), other.is_logged_in()) == (False, True)
    assert phone.call("GET", "/enrolment").status_code == 401
    assert "登出所有其他裝置" not in other.get(PAGE).text


@pytest.mark.parametrize("handle", ["", "0" * 32, "x", "1' OR '1'='1"])
def test_a_handle_that_is_none_ends_nothing(world: "World", browser: "Browser", other: "Browser", handle: str) -> None:
    assert other.post(f"{PAGE}/end", {"device": handle}).status_code == 303
    assert browser.is_logged_in()
    assert world.audit(event="session-ended") == []


def test_nobody_ends_a_session_of_another_customer(
    world: "World", browser: "Browser", other: "Browser", new_browser: Others
) -> None:
    world.customer("8888-8880")
    stranger = new_browser()
    stranger.log_in("8888-8880")
    for handle in handles(other):
        stranger.post(f"{PAGE}/end", {"device": handle})
    stranger.post(f"{PAGE}/end-others")
    assert browser.is_logged_in()
    assert other.is_logged_in()


def test_the_page_lists_logins_and_what_others_tried(world: "World", browser: "Browser") -> None:
    world.customer("8888-8880")
    browser.log_in_with_password("8888-8880", password="Wrong1Wrong")
    browser.log_in_with_password(password="Wrong1Wrong")
    browser.log_in_with_password()
    browser.choose("sms")
    browser.give_code("000000")
    world.clock.advance(61)
    browser.log_in()
    found = re.findall(r'<span class="(?:good|bad)">([^<]+)</span>', browser.get(PAGE).text)
    assert found == ["成功", "失敗：驗證碼不正確", "失敗：未能核實"]


@pytest.mark.parametrize("path", ["", "/password"])
def test_without_a_session_the_pages_lead_to_the_login(browser: "Browser", path: str) -> None:
    assert browser.get(PAGE + path).headers["location"] == "/cas/login"


@pytest.mark.parametrize("path", ["/iweb/security/end", "/iweb/security/end-others", "/iweb/security/password"])
def test_a_form_without_a_session_is_refused_and_written_down(world: "World", browser: "Browser", path: str) -> None:
    assert browser.post(path, {"current_password": PASSWORD, "device": "x"}).headers["location"] == "/cas/login"
    assert world.reasons("request-refused") == ["no-session"]


def test_the_password_is_changed_with_the_current_one_and_the_other_sessions_end(
    world: "World", browser: "Browser", other: "Browser", new_browser: Others
) -> None:
    before = other.cookies["session"]
    world.texts()
    assert change(other, PASSWORD, NEW) == 303
    assert "密碼已更改。" in other.follow().text
    assert other.cookies["session"] != before
    assert (browser.is_logged_in(), other.is_logged_in()) == (False, True)
    thief = new_browser()
    thief.cookies.set("session", before, path="/")
    assert not thief.is_logged_in()
    assert thief.log_in_with_password(password=PASSWORD).status_code == 403
    assert thief.log_in_with_password(password=NEW).status_code == 303
    [row] = world.audit(event="password-changed")
    assert (row.result, row.channel) == ("success", "sms")
    # The session was opened by a code by text message: the notice goes by mail (M32).
    assert [mail.subject for mail in world.mails()][-1:] == ["密碼已更改通知"]
    assert world.texts() == []


def test_the_others_go_on_if_the_customer_takes_the_tick_away(
    world: "World", browser: "Browser", other: "Browser", new_browser: Others
) -> None:
    assert 'name="end_others" value="yes" checked' in other.get(f"{PAGE}/password").text
    on_its_way = new_browser()
    on_its_way.log_in_with_password()
    assert change(other, PASSWORD, NEW, end_others=False) == 303
    assert browser.is_logged_in()
    assert other.is_logged_in()
    assert on_its_way.get("/cas/login/channel").headers["location"] == "/cas/login?ended=1"


@pytest.mark.parametrize(
    ("current", "new", "again", "status", "errors"),
    [
        ("Wrong1Wrong", NEW, NEW, 403, ["現時密碼不正確。"]),
        ("", NEW, NEW, 403, ["現時密碼不正確。"]),
        (PASSWORD.lower(), NEW, NEW, 403, ["現時密碼不正確。"]),
        (PASSWORD, PASSWORD, PASSWORD, 422, ["不能與前1次密碼相同"]),
        (PASSWORD, "short1", "short1", 422, ["必須最少有8個字元"]),
        (PASSWORD, f"{NEW}\n", f"{NEW}\n", 422, ["字元必須是數字或英文字母"]),
        (PASSWORD, NEW, f"{NEW}x", 422, ["兩次輸入的新密碼不相同"]),
    ],
)
def test_each_fault_is_said_beside_its_field_and_changes_nothing(
    world: "World", browser: "Browser", current: str, new: str, again: str, status: int, errors: list[str]
) -> None:
    browser.log_in()
    assert change(browser, current, new, again) == status
    assert browser.errors == errors
    assert world.audit(event="password-changed") == []
    assert len(world.reasons("password-refused")) == 1
    assert browser.log_in_with_password().status_code == 303


def test_a_thief_at_an_open_browser_has_ten_guesses_and_the_owner_can_still_log_in(
    world: "World", browser: "Browser", new_browser: Others
) -> None:
    browser.log_in()
    assert [change(browser, "Wrong1Wrong", NEW) for _ in range(11)] == [403] * 10 + [429]
    assert change(browser, PASSWORD, NEW) == 429
    assert browser.page.headers["retry-after"] == "900"
    assert browser.errors == ["輸入錯誤次數過多，請於15分鐘後再試。"]
    assert new_browser().log_in_with_password().status_code == 303
    world.clock.advance(900)
    assert change(browser, PASSWORD, NEW) == 303


def test_of_two_changes_at_once_one_succeeds(
    world: "World", browser: "Browser", at_once: Callable[[Callable[[int], object], int], list[object]]
) -> None:
    browser.log_in()
    token = browser.cookies["session"]
    own = world.broker.web.own_passwords

    def one(number: int) -> str:
        new = f"{NEW}{number}"
        fields = {"current": PASSWORD, "new": new, "again": new, "others_go_on": False, "address": ""}
        return type(own.change(world.broker.database, token, **fields)).__name__

    assert sorted(at_once(one, 4)) == ["ChangedByOwner", "NoneType", "NoneType", "NoneType"]


def test_every_page_of_a_logged_in_customer_has_the_way_out(browser: "Browser") -> None:
    browser.log_in()
    for page in ("/iweb", PAGE, f"{PAGE}/password", "/iweb/order"):
        assert re.search(
            r'<form method="post" action="/cas/logout"><button [^>]*>登出</button>', browser.get(page).text
        )
