"""The mailed link and the new password (M2–M6)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

pytestmark = pytest.mark.on_both_databases

PAGE = "/iweb/password-reset"
OLD, NEW = "Tseung7Kwan", "Sheung9Wan"


def give(browser: "Browser", password: str, again: str | None = None) -> int:
    fields = {"new_password": password, "new_password_again": password if again is None else again}
    return browser.post(PAGE, fields).status_code


def test_the_link_asks_for_the_new_password_twice_and_lists_the_rules_in_the_manuals_words(
    browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.get(reset_link())
    browser.follow()
    assert browser.page.status_code == 200
    assert re.findall(r"<label for=\"\w+\">(.*?)</label>", browser.page.text) == ["新密碼", "確認新密碼"]
    rules = re.findall(r"<li>(.*?)</li>", browser.page.text.partition("密碼規則")[2].partition("</ul>")[0])
    assert rules == [
        "必須最少有8個字元",
        "字元必須是數字或英文字母",
        "包含最少一個英文字母",
        "包含最少一個數字",
        "不能與前1次密碼相同",
        "有效期為90日",
    ]


def test_success_says_when_and_that_the_page_can_be_closed(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.get(reset_link())
    assert give(browser, NEW) == 200
    assert browser.heading == "你的密碼在16:00成功更改。"  # 1,800,000,000 is 08:00 UTC, and Hong Kong is UTC+8
    assert "關閉此頁" in browser.page.text
    changed = world.audit(event="password-changed")
    assert [(row.result, row.channel) for row in changed] == [("success", "mail")]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Abcdef1", ["必須最少有8個字元"]),
        ("Abcdefg1é", ["字元必須是數字或英文字母"]),
        ("Abcdefg1 ", ["字元必須是數字或英文字母"]),
        ("Abcdefg1\n", ["字元必須是數字或英文字母"]),
        ("Ａｂｃｄｅｆｇ１", ["字元必須是數字或英文字母", "包含最少一個英文字母", "包含最少一個數字"]),
        ("Abcdefg²", ["字元必須是數字或英文字母", "包含最少一個數字"]),
        ("12345678", ["包含最少一個英文字母"]),
        ("Lantauisland", ["包含最少一個數字"]),
        (OLD, ["不能與前1次密碼相同"]),
        ("A1" * 33, ["不能多於64個字元"]),
        ("password1", ["不能是常見或容易猜到的密碼"]),
        ("Anue2027x", ["不能包含客戶帳號、姓名、電郵或本公司名稱"]),
        ("x99999990", ["不能包含客戶帳號、姓名、電郵或本公司名稱"]),
    ],
)
def test_each_rule_is_refused_with_its_own_words_and_the_link_lives_on(
    world: "World", browser: "Browser", reset_link: Callable[..., str], password: str, said: list[str]
) -> None:
    browser.get(reset_link())
    assert give(browser, password) == 422
    assert browser.errors == said
    assert world.reasons("password-refused")
    assert not world.audit(event="password-changed")
    assert give(browser, NEW) == 200


def test_the_two_passwords_must_be_equal(world: "World", browser: "Browser", reset_link: Callable[..., str]) -> None:
    browser.get(reset_link())
    assert give(browser, NEW, NEW.lower()) == 422
    assert browser.errors == ["兩次輸入的新密碼不相同"]
    assert world.reasons("password-refused") == ["differ"]
    assert give(browser, NEW) == 200


def test_a_password_of_64_characters_is_taken_whole(browser: "Browser", reset_link: Callable[..., str]) -> None:
    longest = "Kowloon8" * 8
    browser.get(reset_link())
    assert give(browser, longest) == 200
    assert browser.log_in_with_password(password=longest[:-1]).status_code == 403
    assert browser.log_in_with_password(password=longest).status_code == 303


def test_the_old_password_ends_and_the_new_one_works_as_it_was_typed(
    browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.get(reset_link())
    give(browser, NEW)
    assert browser.log_in_with_password(password=OLD).status_code == 403
    assert browser.log_in_with_password(password=NEW.upper()).status_code == 403
    assert browser.log_in_with_password(password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("age", "works"), [(8 * 3600 - 1, True), (8 * 3600, False), (8 * 3600 + 1, False), (24 * 3600, False)]
)
def test_a_link_works_for_eight_hours_from_sending(
    world: "World", browser: "Browser", reset_link: Callable[..., str], age: float, works: bool
) -> None:
    link = reset_link()
    world.clock.advance(age)
    browser.get(link)
    browser.follow()
    assert browser.page.status_code == (200 if works else 410)
    assert give(browser, NEW) == (200 if works else 410)
    event = "link-opened" if works else "link-expired"
    assert world.audit(event=event)[0].result == ("success" if works else "refused")


def test_a_link_that_expires_while_the_page_is_open_is_refused(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.get(reset_link())
    assert browser.follow().status_code == 200
    world.clock.advance(8 * 3600)
    assert give(browser, NEW) == 410
    assert world.reasons("link-expired") == ["late"]


def test_an_ended_link_says_so_and_names_the_way_to_another(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    link = reset_link()
    browser.get(link)
    give(browser, NEW)
    browser.get(link)
    browser.follow()
    assert browser.page.status_code == 410
    assert browser.heading == "此鏈結已失效"
    assert ">忘記密碼</a>" in browser.page.text
    assert world.reasons("link-used") == ["used"]


def test_a_newer_link_ends_the_older_ones(world: "World", browser: "Browser", reset_link: Callable[..., str]) -> None:
    older, newer = reset_link(), reset_link()
    browser.get(older)
    assert browser.follow().status_code == 410
    assert world.reasons("link-replaced") == ["replaced"]
    browser.get(newer)
    assert give(browser, NEW) == 200


def test_a_change_of_password_ends_links_that_are_still_open(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    world.clock.advance(90 * 86400)
    browser.log_in()
    link = reset_link()
    fields = {"new_password": NEW, "new_password_again": NEW}
    assert browser.post("/cas/login/password", fields).status_code == 200
    browser.get(link)
    assert browser.follow().status_code == 410


def test_of_sixteen_uses_of_a_link_at_once_one_succeeds(
    world: "World",
    new_browser: Callable[[], "Browser"],
    reset_link: Callable[..., str],
    at_once: Callable[[Callable[[int], object], int], list[object]],
) -> None:
    world.customer()
    link = reset_link()
    browsers = [new_browser() for _ in range(16)]
    for browser in browsers:
        browser.get(link)
    statuses = at_once(lambda number: give(browsers[number], f"{NEW}{number}"), 16)
    assert sorted(statuses) == [200] + [410] * 15
    assert len(world.audit(event="password-changed")) == 1
    assert len(world.reasons("link-used")) == 15


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 10_000, "é" * 43])
def test_an_unknown_link_ends_on_the_same_page_as_an_old_one(world: "World", browser: "Browser", token: str) -> None:
    browser.send("GET", PAGE, params={"token": token})
    assert not browser.cookies
    browser.follow()
    assert browser.page.status_code == 410
    assert browser.heading == "此鏈結已失效"
    assert world.reasons("link-unknown") == ["unknown"]


def test_mail_scanners_may_open_the_link_before_the_customer(
    new_browser: Callable[[], "Browser"], browser: "Browser", reset_link: Callable[..., str]
) -> None:
    link = reset_link()
    scanner = new_browser()
    for method in ("HEAD", "GET", "GET", "HEAD"):
        assert scanner.get(link, method=method).status_code == 303
        scanner.get(PAGE, method=method)
    browser.get(link)
    assert give(browser, NEW) == 200


def test_the_token_leaves_the_address_and_appears_on_no_page(
    browser: "Browser", reset_link: Callable[..., str]
) -> None:
    link = reset_link()
    token = link.partition("token=")[2]
    opened = browser.get(link)
    assert opened.headers["location"] == PAGE
    [cookie] = opened.headers.get_list("set-cookie")
    assert cookie.startswith(f"reset={token};")
    assert "HttpOnly" in cookie
    assert "Path=/;" in cookie
    assert "SameSite=lax" in cookie
    page = browser.follow()
    assert token not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"Origin": "http://localhost:8000", "X-Original-URL": "http://evil.example/"},
    ],
)
def test_no_header_changes_where_the_mailed_link_leads(
    world: "World", browser: "Browser", headers: dict[str, str]
) -> None:
    sent = {"Sec-Fetch-Site": "same-origin", **headers}
    browser.post("/cas/forgot-password", {"username": "9999-9990"}, **sent)
    [mail] = world.mails()
    assert "evil.example" not in mail.text + mail.html
    assert re.findall(r"https?://[^/\s\"<]+", mail.text) == ["http://localhost:8000"] * 2


def test_a_reset_ends_every_session_and_login_and_makes_none(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"], reset_link: Callable[..., str]
) -> None:
    logged_in, half_way = new_browser(), new_browser()
    logged_in.log_in()
    assert logged_in.is_logged_in()
    half_way.log_in_with_password()
    browser.get(reset_link())
    give(browser, NEW)
    assert not browser.is_logged_in()
    assert not logged_in.is_logged_in()
    assert half_way.choose("sms").headers["location"].startswith("/cas/login?")


def test_the_customer_hears_of_it_by_text_message_and_not_by_the_mail_that_was_used(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    browser.get(reset_link())
    give(browser, NEW)
    [text] = world.texts()
    assert text.text.startswith("鉅亨證券：密碼已更改通知。帳號 9999-9990 的登入密碼於 2027年1月15日 16:00 更改。")
    assert world.mails() == []


def test_the_password_cannot_be_set_without_a_link(world: "World", browser: "Browser") -> None:
    assert give(browser, NEW) == 410
    browser.post("/cas/forgot-password", {"username": "9999-9990"})
    assert give(browser, NEW) == 410
    assert browser.log_in_with_password(password=NEW).status_code == 403


def test_fields_that_name_an_account_or_an_address_are_not_looked_at(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    world.customer("8888-8880", email="other@example.com", password="Victoria6Peak")
    browser.get(reset_link())
    more = {"account": "8888-8880", "username": "8888-8880", "email": "thief@example.com"}
    browser.post(PAGE, {"new_password": NEW, "new_password_again": NEW, **more})
    assert browser.log_in_with_password("8888-8880", "Victoria6Peak").status_code == 303
    assert browser.log_in_with_password(password=NEW).status_code == 303


def test_a_link_is_of_no_use_while_its_account_is_locked(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    link = reset_link()
    world.back_office("POST", "/customers/9999-9990/lock")
    browser.get(link)
    assert give(browser, NEW) == 410
    assert world.reasons("link-opened") == ["locked", "locked"]


def test_a_customer_without_a_password_sets_the_first_one(
    world: "World", new_browser: Callable[[], "Browser"], reset_link: Callable[..., str]
) -> None:
    world.customer(password=None)
    browser = new_browser()
    browser.get(reset_link())
    assert give(browser, NEW) == 200
    assert browser.log_in_with_password(password=NEW).status_code == 303


def test_the_reset_lets_in_a_customer_whom_someone_else_has_locked_out_by_wrong_passwords(
    browser: "Browser", reset_link: Callable[..., str]
) -> None:
    for _ in range(11):
        browser.log_in_with_password(password="wrong")
    assert browser.log_in_with_password().status_code == 403
    browser.get(reset_link())
    give(browser, NEW)
    assert browser.log_in_with_password(password=NEW).status_code == 303
