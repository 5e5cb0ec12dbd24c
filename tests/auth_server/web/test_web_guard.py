"""What every page request passes: where it comes from, the headers it is answered with, the cookies, the language."""

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from auth_server.app import create_app
from auth_server.pages.visit import LANGUAGE, LOGIN, RESET, SESSION, Cookie, Visit

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

FORMS = [
    "/cas/login",
    "/cas/login/channel",
    "/cas/login/code",
    "/cas/login/resend",
    "/cas/login/password",
    "/cas/forgot-password",
    "/cas/logout",
    "/iweb/password-reset",
    "/iweb/security/end",
    "/iweb/security/end-others",
    "/iweb/security/password",
    "/iweb/order",
]
PAGES = [
    "/",
    "/iweb",
    "/cas/login",
    "/cas/login/channel",
    "/cas/login/code",
    "/cas/login/password",
    "/cas/forgot-password",
    "/cas/logout",
    "/cas/login?service=https://evil.example/",
    "/cas/login?service=https://orders.anue.example/app",
    "/iweb/password-reset",
    "/iweb/password-reset?token=x",
    "/cas/serviceValidate",
    "/cas/p3/serviceValidate?format=JSON",
    "/cas/validate",
    "/cas/proxy",
    "/iweb/app",
    "/iweb/app/ios",
    "/iweb/security",
    "/iweb/security/password",
    "/iweb/order",
    "/static/pages.css",
    "/static/no-such-file.css",
    "/no-such-page",
]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8000.evil.example", "Sec-Fetch-Site": "same-origin"},
        {"X-Nothing": "said"},
    ],
)
def test_a_form_from_anywhere_else_changes_nothing(world: "World", browser: "Browser", headers: dict[str, str]) -> None:
    browser.log_in_with_password()
    fields = {"username": "9999-9990", "password": "Tseung7Kwan", "channel": "sms"}
    kept = dict(browser.cookies)
    for path in FORMS:
        assert browser.post(path, fields, **headers).status_code == 403
    assert world.reasons("request-refused") == ["cross-site"] * len(FORMS)
    assert (world.mails(), world.texts(), dict(browser.cookies)) == ([], [], kept)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_of_our_own_page_is_taken(browser: "Browser", headers: dict[str, str]) -> None:
    fields = {"username": "9999-9990", "password": "Tseung7Kwan"}
    assert browser.post("/cas/login", fields, **headers).status_code == 303


def test_reading_a_page_changes_nothing(world: "World", browser: "Browser") -> None:
    for method, path in product(("GET", "HEAD"), FORMS):
        browser.get(path + "?username=9999-9990&password=Tseung7Kwan&channel=sms&code=1", method=method)
    assert (world.mails(), world.texts(), list(browser.cookies)) == ([], [], [])
    assert {(row.event, row.reason) for row in world.audit()} == {("request-refused", "wrong-method")}


@pytest.mark.parametrize("logged_in", [False, True])
def test_every_answer_has_the_security_headers(browser: "Browser", logged_in: bool) -> None:
    if logged_in:
        browser.log_in()
    kept = httpx.Cookies(browser.cookies)
    for path in PAGES:
        browser.cookies = httpx.Cookies(kept)
        assert_headers(path, browser.get(path).headers)
    assert_headers("", browser.post("/cas/login", **{"Sec-Fetch-Site": "cross-site"}).headers)
    assert_headers("", browser.post("/cas/login", {"username": "x" * 100_000}).headers)


def assert_headers(path: str, headers: httpx.Headers) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "script-src" not in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path == "/static/pages.css" else "no-store")


def test_forms_may_lead_on_to_the_service_that_asked_and_to_no_other(browser: "Browser") -> None:
    def forms() -> str:
        return re.findall("form-action ([^;]+)", browser.page.headers["content-security-policy"])[0]

    browser.get("/cas/login")
    assert forms() == "'self'"
    browser.get("/cas/login?service=https://orders.anue.example/app")
    assert forms() == "'self' https://orders.anue.example"
    browser.log_in_with_password(service="https://orders.anue.example/app")
    browser.follow()
    assert forms() == "'self' https://orders.anue.example"
    browser.choose("sms")
    browser.follow()
    assert forms() == "'self' https://orders.anue.example"


def test_no_page_has_a_script_a_style_or_an_address_from_elsewhere(browser: "Browser") -> None:
    for path in PAGES:
        if not path.startswith("/static"):
            text = browser.get(path).text
            assert "<script" not in text
            assert "style=" not in text
            assert not re.search(r"\son\w+=", text)
            fetched = re.findall(r"<(?:link|img|script)[^>]+(?:href|src)=\"([^\"]+)", text)
            assert all(address.startswith("/static/") for address in fetched)


def test_the_style_sheet_may_be_kept_for_good_under_the_address_of_its_version(browser: "Browser") -> None:
    address = re.findall(r'href="(/static/pages\.css\?v=[0-9a-f]+)"', browser.get("/cas/login").text)[0]
    answer = browser.get(address)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert "@import" not in answer.text
    assert re.findall(r"url\(([^)]*)\)", answer.text) == ['"rise.svg"']
    assert browser.get("/static/rise.svg").status_code == 200


def test_the_language_is_chosen_by_a_link_and_kept(browser: "Browser") -> None:
    assert '<html lang="zh-Hant">' in browser.get("/cas/login").text
    browser.get("/cas/login?lang=en&service=https%3A%2F%2Forders.anue.example%2Fapp%3Fa%3D1%26b%3D2")
    assert browser.page.headers["location"] == (
        "/cas/login?service=https%3A%2F%2Forders.anue.example%2Fapp%3Fa%3D1%26b%3D2"
    )
    assert '<html lang="en">' in browser.follow().text
    assert "Log in to online trading" in browser.page.text
    browser.get("/cas/forgot-password?lang=zh-Hant")
    assert browser.follow().text.count("忘記密碼") >= 2


@pytest.mark.parametrize("language", ["fr", "", "zh", "EN", "../en", "<script>"])
def test_a_language_that_is_none_of_ours_is_not_looked_at(browser: "Browser", language: str) -> None:
    answer = browser.send("GET", "/cas/login", params={"lang": language})
    assert answer.status_code == 200
    assert '<html lang="zh-Hant">' in answer.text


def test_what_a_browser_prefers_does_not_change_the_default(browser: "Browser") -> None:
    assert '<html lang="zh-Hant">' in browser.get("/cas/login", **{"Accept-Language": "en-US"}).text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe%%%&&&==", "application/x-www-form-urlencoded"),
        (b'{"username": ["9999-9990"], "code": true}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\na\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_malformed_form_is_refused_without_a_fault(browser: "Browser", body: bytes, kind: str) -> None:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    for path in FORMS:
        assert browser.send("POST", path, content=body, headers=headers).status_code < 500


@pytest.fixture
def over_tls(settings: dict[str, str]) -> Iterator[Callable[[str], httpx.Response]]:
    """A server that customers reach by TLS: asks it for a page."""
    app = create_app({**settings, "AUTH_SERVER_ORIGIN": "https://trade.anue.example"}, lambda: 1_800_000_000.0)
    app.broker.open()

    def get(path: str) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="https://trade.anue.example") as client:
                return await client.get(path)

        return asyncio.run(send())

    yield get
    app.broker.database.close()


def test_over_tls_cookies_are_secure_and_their_names_cannot_be_planted(
    over_tls: Callable[[str], httpx.Response],
) -> None:
    answer = over_tls("/cas/login?lang=en")
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-language=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_an_address_that_leads_nowhere_is_answered_with_a_page_in_the_chosen_language(browser: "Browser") -> None:
    assert browser.get("/no-such-page").status_code == 404
    assert browser.heading == "未能處理請求"
    assert 'href="/cas/login"' in browser.page.text
    browser.get("/cas/login?lang=en")
    browser.get("/iweb/no-such-page")
    assert browser.heading == "Your request could not be handled"


@pytest.mark.parametrize("cookie", [SESSION, LOGIN, RESET, LANGUAGE])
@pytest.mark.parametrize(
    ("origin", "name", "secure"),
    [("https://trade.anue.example", "__Host-{}", True), ("http://localhost:8000", "{}", False)],
)
def test_every_cookie_of_ours_is_for_this_host_alone_but_on_the_machine_itself(
    settings: dict[str, str], cookie: Cookie, origin: str, name: str, secure: bool
) -> None:
    app = create_app({**settings, "AUTH_SERVER_ORIGIN": origin}, lambda: 1_800_000_000.0)
    response = Response()
    Visit(Request({"type": "http", "headers": []}), app.broker).put(response, cookie, "value")
    parts = {part.strip() for part in response.headers["set-cookie"].split(";")}
    assert f"{name.format(cookie.name)}=value" in parts
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= parts
    assert ("Secure" in parts) is secure
    assert not any(part.startswith("Domain") for part in parts)
