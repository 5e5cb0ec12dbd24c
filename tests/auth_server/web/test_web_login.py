"""The login on the web, step by step (M25–M30, M8)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

pytestmark = pytest.mark.on_both_databases

WRONG_CODE = "驗證碼不正確。請核對後再試，或取得新的驗證碼。"
NEW = "Sheung9Wan"


def digits_in(text: str) -> str:
    [code] = re.findall(r"(?<![0-9])[0-9]{6}(?![0-9])", text)
    return code


def cookie_of(browser: "Browser", name: str) -> str:
    [value] = [cookie.value for cookie in browser.cookies.jar if cookie.name == name]
    assert value
    return value


def test_a_code_by_mail_logs_in_and_the_notice_goes_by_text_message(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    assert browser.choose("mail").headers["location"] == "/cas/login/code"
    [mail] = world.mails()
    assert (mail.to, mail.subject) == ("chan@example.com", "登入驗證碼")
    assert world.texts() == []
    assert "ch••••@example.com" in browser.follow().text
    browser.give_code(mail.text.partition("登入驗證碼：")[2][:6])
    assert browser.page.headers["location"] == "/iweb"
    assert browser.is_logged_in()
    assert [text.text[:10] for text in world.texts()] == ["鉅亨證券：登入通知。"]
    assert world.mails() == []


def test_a_code_by_text_message_logs_in_and_the_notice_goes_by_mail(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    [text] = world.texts()
    assert text.to == "+852 5555 0101"
    code = text.text.removeprefix("鉅亨證券：登入驗證碼是 ")[:6]
    rest = "，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。"
    assert text.text == f"鉅亨證券：登入驗證碼是 {code}{rest}"
    assert "+852 •••• 0101" in browser.follow().text
    browser.give_code(code)
    assert browser.is_logged_in()
    assert [mail.subject for mail in world.mails()] == ["登入通知"]
    assert world.texts() == []


def test_a_code_of_the_soft_token_logs_in_and_the_notice_goes_by_mail(
    world: "World", browser: "Browser", token_code: Callable[[], str]
) -> None:
    code = token_code()
    browser.log_in_with_password()
    browser.choose("token")
    assert (world.mails(), world.texts()) == ([], [])
    browser.give_code(code)
    assert browser.is_logged_in()
    assert [mail.subject for mail in world.mails()] == ["登入通知"]


def test_the_token_is_offered_only_once_it_is_bound(
    world: "World", browser: "Browser", token_code: Callable[[], str]
) -> None:
    browser.log_in_with_password()
    page = browser.follow()
    assert browser.heading == "獲取一次性驗證碼的方式"
    assert re.findall(r"<strong>(.*?)</strong><small>(.*?)</small>", page.text)[1:] == [
        ("電郵", "傳送至 ch••••@example.com"),
        ("短訊", "傳送至 +852 •••• 0101"),
    ]
    assert browser.choose("token").headers["location"] == "/cas/login/channel"
    assert world.reasons("code-sent") == ["wrong-channel"]
    token_code()
    assert "iToken（保安編碼器）" in browser.get("/cas/login/channel").text


def test_every_wrong_password_is_refused_alike(world: "World", browser: "Browser") -> None:
    world.customer("8888-8880", password=None)
    world.customer("7777-7770")
    world.back_office("POST", "/customers/7777-7770/lock")
    world.customer("6666-6660")
    for _ in range(10):
        browser.log_in_with_password("6666-6660", "Wrong1Wrong")
    tries = [
        ("9999-9990", "Wrong1Wrong"),
        ("9999-9990", ""),
        ("9999-9990", "x" * 10_000),
        ("9999-9990", "Tseung7Kwan "),
        ("8888-8880", "Tseung7Kwan"),
        ("7777-7770", "Tseung7Kwan"),
        ("6666-6660", "Tseung7Kwan"),
        ("0000-0000", "Tseung7Kwan"),
        ("0000-0000", ""),
    ]
    answers = []
    for account, password in tries:
        answer = browser.log_in_with_password(account, password)
        assert not browser.cookies
        answers.append((answer.status_code, answer.text.replace(f'value="{account}"', "")))
    assert {status for status, _ in answers} == {403}
    assert len({text for _, text in answers}) == 1
    reasons = world.reasons("login-password")[10:]
    assert reasons == [*["wrong"] * 4, "no-password", "locked", "limit", "unknown-account", "unknown-account"]


def test_ten_wrong_passwords_lock_the_door_for_a_quarter_of_an_hour(world: "World", browser: "Browser") -> None:
    for number in ("9999-9990", "99999990") * 5:
        browser.log_in_with_password(number, "Wrong1Wrong")
    assert browser.log_in_with_password().status_code == 403
    world.clock.advance(15 * 60 - 1)
    assert browser.log_in_with_password().status_code == 403
    world.clock.advance(1)
    assert browser.log_in_with_password().status_code == 303


def test_of_many_passwords_at_once_no_more_than_ten_are_looked_at(
    world: "World",
    new_browser: Callable[[], "Browser"],
    at_once: Callable[[Callable[[int], object], int], list[object]],
) -> None:
    world.customer()
    at_once(lambda number: new_browser().log_in_with_password(password=f"Guess{number:04d}").status_code, 16)
    reasons = world.reasons("login-password")
    assert (reasons.count("wrong"), reasons.count("limit")) == (10, 6)


def refused_codes(world: "World", browser: "Browser", newest: Callable[[], str]) -> dict[str, httpx.Response]:
    """Give a code in each way in which it is not the right one."""
    browser.log_in_with_password()
    browser.choose("sms")
    older = digits_in(newest())
    world.clock.advance(60)
    browser.post("/cas/login/resend")
    right = digits_in(newest())
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    answers = {"replaced": browser.give_code(older), "wrong": browser.give_code(wrong), "empty": browser.give_code("")}
    world.clock.advance(300)
    answers["late"] = browser.give_code(right)
    return answers


def test_wrong_late_replaced_and_locked_codes_look_alike_and_the_audit_trail_knows_which(
    world: "World", browser: "Browser"
) -> None:
    answers = refused_codes(world, browser, lambda: world.texts()[-1].text)
    world.clock.advance(60)
    browser.post("/cas/login/resend")
    right = digits_in(world.texts()[-1].text)
    for _ in range(5):
        browser.give_code("000000" if right != "000000" else "000001")
    answers["locked"] = browser.give_code(right)
    texts = {name: (answer.status_code, answer.text) for name, answer in answers.items()}
    assert set(texts.values()) == {texts["wrong"]}
    assert texts["wrong"][0] == 403
    assert browser.errors == [WRONG_CODE]
    reasons = world.reasons("login-code")
    assert reasons[:4] == ["replaced", "wrong", "wrong", "late"]
    assert reasons[-1] == "locked"
    assert not browser.is_logged_in()


def test_a_used_code_of_the_token_looks_like_a_wrong_one(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"], token_code: Callable[[], str]
) -> None:
    code = token_code()
    browser.log_in_with_password()
    browser.choose("token")
    wrong = browser.give_code(f"{(int(code) + 1) % 1_000_000:06d}")
    browser.give_code(code)
    assert browser.is_logged_in()
    second = new_browser()
    second.log_in_with_password()
    second.choose("token")
    used = second.give_code(code)
    assert (used.status_code, used.text) == (wrong.status_code, wrong.text)
    assert world.reasons("login-code") == ["wrong", "used"]


@pytest.mark.parametrize("shape", ["{} ", " {}", "+{}", "0{}", "{}0", "wide", "arabic", "x" * 250])
def test_a_code_is_six_ascii_digits_and_nothing_else(world: "World", browser: "Browser", shape: str) -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = digits_in(world.texts()[-1].text)
    widths = {"wide": ord("０"), "arabic": ord("٠")}
    if shape in widths:
        browser.give_code("".join(chr(widths[shape] + int(digit)) for digit in code))
    else:
        browser.give_code(shape.format(code))
    assert browser.errors == [WRONG_CODE]
    browser.give_code(code)
    assert browser.is_logged_in()


def test_a_code_is_good_for_its_own_login_only(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    world.customer("8888-8880", phone="+852 5555 0202", email="lee@example.com")
    other, same = new_browser(), new_browser()
    codes = []
    for one, account in ((browser, "9999-9990"), (other, "8888-8880"), (same, "9999-9990")):
        one.log_in_with_password(account)
        one.choose("sms")
        codes.append(digits_in(world.texts()[-1].text))
    for stranger in (other, same):
        if codes[0] not in codes[1:]:
            stranger.give_code(codes[0])
            assert not stranger.is_logged_in()
    browser.give_code(codes[0])
    assert browser.is_logged_in()


def test_a_right_code_given_sixteen_times_at_once_makes_one_session(
    world: "World", browser: "Browser", at_once: Callable[[Callable[[int], object], int], list[object]]
) -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = digits_in(world.texts()[-1].text)
    cookie = browser.cookies["login"]

    def give(_: int) -> bool:
        headers = {"Cookie": f"login={cookie}", "Sec-Fetch-Site": "same-origin"}
        answer = world.request("POST", "/cas/login/code", data={"code": code}, headers=headers)
        return any(header.startswith("session=") for header in answer.headers.get_list("set-cookie"))

    assert sum(at_once(give, 16)) == 1
    assert len(world.audit(event="login")) == 1


@pytest.mark.parametrize("path", ["/iweb", "/cas/login/code", "/cas/login/password"])
def test_nothing_opens_between_the_password_and_the_code(browser: "Browser", path: str) -> None:
    browser.log_in_with_password()
    assert browser.get(path).status_code == 303
    browser.choose("sms")
    assert browser.get("/iweb").headers["location"] == "/cas/login"
    assert browser.get("/cas/login/password").headers["location"] == "/cas/login/code"
    # A login half done is no session, for services either.
    asked = browser.get("/cas/login?service=https://orders.anue.example/app")
    assert asked.status_code == 200
    assert "ticket" not in asked.text


@pytest.mark.parametrize(
    ("path", "fields", "event"),
    [
        ("/cas/login/channel", {"channel": "sms"}, "code-sent"),
        ("/cas/login/code", {"code": "123456"}, "login-code"),
        ("/cas/login/resend", {}, "code-sent"),
        ("/cas/login/password", {"new_password": NEW, "new_password_again": NEW}, "password-refused"),
    ],
)
def test_no_step_is_possible_without_the_one_before(
    world: "World", browser: "Browser", path: str, fields: dict[str, str], event: str
) -> None:
    assert browser.post(path, fields).headers["location"].startswith("/cas/login")
    assert (world.mails(), world.texts()) == ([], [])
    assert not browser.is_logged_in()
    browser.log_in_with_password()
    assert world.reasons(event) == ["none"]
    if path != "/cas/login/channel":
        assert browser.post(path, fields).headers["location"] == "/cas/login/channel"
        assert world.reasons(event) == ["none", "wrong-step"]
    assert not browser.is_logged_in()


def test_every_proof_brings_a_new_cookie_and_the_old_ones_are_dead(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    for name in ("session", "login"):
        browser.cookies.set(name, "planted", domain="localhost.local", path="/")
    browser.log_in_with_password()
    first = cookie_of(browser, "login")
    browser.choose("sms")
    browser.give_code(digits_in(world.texts()[-1].text))
    session = cookie_of(browser, "session")
    assert len({first, session, "planted"}) == 3
    assert "login" not in browser.cookies
    for name, value in (("session", "planted"), ("session", first), ("login", first), ("login", session)):
        thief = new_browser()
        thief.cookies.set(name, value, path="/")
        assert not thief.is_logged_in()
        assert thief.get("/cas/login/channel").status_code == 303
    browser.log_in()
    old = new_browser()
    old.cookies.set("session", session, path="/")
    assert not old.is_logged_in()


def test_a_second_login_in_the_same_browser_ends_the_first(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    browser.log_in_with_password()
    older = browser.cookies["login"]
    browser.log_in_with_password()
    thief = new_browser()
    thief.cookies.set("login", older, path="/")
    assert thief.choose("sms").headers["location"] == "/cas/login?ended=1"


def test_a_login_waits_a_quarter_of_an_hour_for_its_code(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    world.clock.advance(15 * 60 - 1)
    assert browser.get("/cas/login/channel").status_code == 200
    world.clock.advance(1)
    assert browser.get("/cas/login/channel").headers["location"] == "/cas/login?ended=1"
    assert "請重新登入" in browser.follow().text
    assert browser.give_code("123456").headers["location"] == "/cas/login"


def test_an_account_that_is_locked_while_its_code_is_awaited_stays_out(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = digits_in(world.texts()[-1].text)
    world.back_office("POST", "/customers/9999-9990/lock")
    browser.give_code(code)
    assert not browser.is_logged_in()
    assert world.reasons("login-code") == ["locked"]


def test_another_code_can_be_had_after_a_minute_and_the_older_one_ends(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    first = digits_in(world.texts()[-1].text)
    world.clock.advance(59)
    early = browser.post("/cas/login/resend")
    assert (early.status_code, early.headers["retry-after"]) == (429, "1")
    assert "請於1秒後再要求重新發送" in early.text
    assert world.texts() == []
    world.clock.advance(1)
    assert browser.post("/cas/login/resend").status_code == 303
    assert "較早的驗證碼已失效" in browser.follow().text
    second = digits_in(world.texts()[-1].text)
    if first != second:
        browser.give_code(first)
        assert browser.errors == [WRONG_CODE]
    browser.give_code(second)
    assert browser.is_logged_in()


def test_five_codes_an_hour_over_all_logins_of_an_account(world: "World", browser: "Browser") -> None:
    for _ in range(5):
        browser.log_in_with_password()
        assert browser.choose("sms").status_code == 303
    browser.log_in_with_password()
    limited = browser.choose("sms")
    assert limited.status_code == 429
    assert "請於60分鐘後再試，或選擇其他方式" in limited.text
    assert len(world.texts()) == 5
    assert browser.choose("mail").status_code == 303


def test_choosing_another_channel_ends_the_code_of_the_first(world: "World", browser: "Browser") -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    by_text = digits_in(world.texts()[-1].text)
    browser.choose("mail")
    by_mail = world.mails()[-1].text.partition("登入驗證碼：")[2][:6]
    if by_text != by_mail:
        browser.give_code(by_text)
        assert browser.errors == [WRONG_CODE]
    browser.give_code(by_mail)
    assert browser.is_logged_in()


def test_going_back_and_choosing_the_same_channel_keeps_the_code_that_was_sent(
    world: "World", browser: "Browser"
) -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = digits_in(world.texts()[-1].text)
    assert browser.choose("sms").headers["location"] == "/cas/login/code"
    assert world.texts() == []
    browser.give_code(code)
    assert browser.is_logged_in()


@pytest.mark.parametrize(("age", "expired"), [(90 * 86400 - 1, False), (90 * 86400, True)])
def test_after_ninety_days_the_login_leads_to_a_change_of_password(
    world: "World", browser: "Browser", age: float, expired: bool
) -> None:
    world.clock.advance(age)
    browser.log_in()
    assert browser.page.headers["location"] == ("/cas/login/password" if expired else "/iweb")
    assert browser.is_logged_in() is not expired


def test_an_expired_password_is_changed_after_both_factors_and_logs_nobody_in(
    world: "World", browser: "Browser"
) -> None:
    world.clock.advance(90 * 86400)
    browser.log_in_with_password()
    before = browser.cookies["login"]
    assert browser.get("/cas/login/password").headers["location"] == "/cas/login/channel"
    browser.choose("sms")
    browser.give_code(digits_in(world.texts()[-1].text))
    assert browser.cookies["login"] != before
    assert browser.follow().status_code == 200
    assert browser.get("/cas/login/channel").headers["location"] == "/cas/login/password"
    assert browser.give_code("123456").headers["location"] == "/cas/login/password"
    change = "/cas/login/password"
    assert browser.post(change, {"new_password": "short", "new_password_again": "short"}).status_code == 422
    assert browser.errors[0] == "必須最少有8個字元"
    old = {"new_password": "Tseung7Kwan", "new_password_again": "Tseung7Kwan"}
    browser.post(change, old)
    assert browser.errors == ["不能與前1次密碼相同"]
    assert browser.post(change, {"new_password": NEW, "new_password_again": NEW}).status_code == 200
    assert re.fullmatch(r"你的密碼在\d\d:\d\d成功更改。", browser.heading)
    assert not browser.is_logged_in()
    assert [mail.subject for mail in world.mails()] == ["密碼已更改通知"]  # the code had come by text message
    assert browser.post(change, {"new_password": NEW + "2", "new_password_again": NEW + "2"}).status_code == 303
    browser.log_in(password=NEW)
    assert browser.is_logged_in()


def test_no_code_and_no_token_is_in_any_answer(world: "World", browser: "Browser") -> None:
    answers = [browser.log_in_with_password(), browser.follow(), browser.choose("sms"), browser.follow()]
    code = digits_in(world.texts()[-1].text)
    answers.append(browser.give_code(code[::-1] if code != code[::-1] else "000000"))
    cookie = browser.cookies["login"]
    for answer in answers:
        assert code not in answer.text + str(answer.headers)
        assert cookie not in answer.text
        assert cookie not in answer.headers.get("location", "")


def test_what_a_customer_typed_is_shown_as_text(browser: "Browser") -> None:
    page = browser.log_in_with_password('"><script>alert(1)</script>')
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
