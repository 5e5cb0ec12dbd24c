"""What no page of ours sends is refused with a page and an audit row, and changes nothing."""

import re
from typing import TYPE_CHECKING

import pytest

from auth_server.pages.forms import MalformedFormError, read_fields

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

FORM = "application/x-www-form-urlencoded"
FORMS = [
    "/cas/login",
    "/cas/login/channel",
    "/cas/login/code",
    "/cas/login/password",
    "/cas/forgot-password",
    "/cas/logout",
    "/iweb/password-reset",
    "/iweb/security/end",
    "/iweb/security/password",
    "/iweb/order",
]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"username=9999-9990&username=8888-8880", "duplicate"),
        (b"username=9999-9990&username=9999-9990", "duplicate"),
        (b"username=9999-9990%0d%0aBcc:x", "control-character"),
        (b"username=9999-9990%00", "control-character"),
        (b"username=%1b[31m", "control-character"),
        (b"username=%c2%85", "control-character"),
        (b"user%0aname=9999-9990", "control-character"),
        (b"username=%ff%fe", "encoding"),
        (b"username=\xe9", "encoding"),
        (b"username=%ed%a0%80", "encoding"),
        (b"&".join(b"a%d=" % number for number in range(100)), "too-many-fields"),
    ],
)
def test_fields_that_can_be_read_in_two_ways_are_not_read(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedFormError) as refused:
        read_fields(body)
    assert str(refused.value) == reason


def test_fields_are_read_as_they_were_typed() -> None:
    assert read_fields(b"a=+b%2B&c=&%E9%99%B3=%e5%a4%a7&password=%0a") == {
        "a": " b+",
        "c": "",
        "陳": "大",
        "password": "\n",
    }
    assert read_fields(b"") == {}


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (
            FORM,
            b"username=a&username=b&channel=x&channel=y&code=1&code=2&service=a&service=b&stock=1&stock=2",
            "duplicate",
        ),
        (FORM, b"username=a%0d%0ab&channel=%0d&code=1%0a&device=%00&side=%1b", "control-character"),
        (FORM, b"username=%ff", "encoding"),
        ("application/json", b'{"username": ["9999-9990"], "code": true}', "content-type"),
        ("text/plain", b"username=9999-9990", "content-type"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", "content-type"),
        ("", b"username=9999-9990", "content-type"),
    ],
)
def test_each_form_refuses_it_with_a_page_and_an_audit_row(
    world: "World", browser: "Browser", kind: str, body: bytes, reason: str
) -> None:
    for path in FORMS:
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"Content-Type": kind} if kind else {})
        answer = browser.send("POST", path, content=body, headers=headers)
        assert answer.status_code == 400
        assert browser.heading == "請求格式不正確"
    assert [(row.event, row.reason) for row in world.audit()] == [("request-refused", reason)] * len(FORMS)
    assert (world.mails(), world.texts(), list(browser.cookies)) == ([], [], [])


@pytest.mark.parametrize(
    "query", ["service=a&service=b", "lang=en&lang=zh-Hant", "service=%00", "lang=en%0d%0aSet-Cookie:+a=b", "x=%ff"]
)
def test_an_address_is_read_as_strictly_as_a_form(world: "World", browser: "Browser", query: str) -> None:
    for path in ("/cas/login", "/iweb", "/iweb/order", "/iweb/app", "/cas/forgot-password"):
        assert browser.get(f"{path}?{query}").status_code == 400
    assert not browser.cookies
    assert len(world.audit(event="request-refused")) == 5


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_with_a_page_and_an_audit_row(
    world: "World", browser: "Browser", method: str
) -> None:
    for path in ("/cas/login", "/iweb", "/iweb/security", "/cas/serviceValidate"):
        answer = browser.get(path, method=method)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
    assert world.reasons("request-refused") == ["wrong-method"] * 4


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_large_form_is_refused_with_a_page_and_an_audit_row(world: "World", browser: "Browser", size: int) -> None:
    answer = browser.post("/cas/login", {"username": "9999-9990", "password": "a" * size})
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert browser.heading == "未能處理請求"
    assert world.reasons("request-refused") == ["too-large"]
    assert world.audit(event="login-password") == []


def test_a_field_that_nobody_asked_for_is_not_looked_at(world: "World", browser: "Browser") -> None:
    more = {"role": "admin", "email": "thief@example.com", "locked_at": "", "account": "8888-8880", "attempts": "0"}
    browser.post("/cas/login", {"username": "9999-9990", "password": "Tseung7Kwan", **more})
    browser.post("/cas/login/channel", {"channel": "mail", **more})
    assert [mail.to for mail in world.mails()] == ["chan@example.com"]
    assert world.broker.settings.password_tries == 10


@pytest.mark.parametrize("agent", ["", "a" * 8000, "<script>", "Firefox/1 \x7f", "\u202e"])
def test_no_header_breaks_a_login(world: "World", browser: "Browser", agent: str) -> None:
    browser.log_in_with_password()
    browser.choose("sms")
    code = re.findall("[0-9]{6}", world.texts()[-1].text)[0]
    headers = {"Sec-Fetch-Site": "same-origin", "User-Agent": agent.encode(), "X-Forwarded-For": "a"}
    assert browser.post("/cas/login/code", {"code": code}, **headers).status_code == 303
    page = browser.get("/iweb/security").text
    assert "<script" not in page
