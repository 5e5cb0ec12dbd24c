"""What every answer carries, whoever makes it, and every cookie: over TLS, as customers reach the server.

Asked of every route in the name of whom it answers and of nobody, and of what is refused before any route.
"""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.auth_server.attacks.people import VICTIM
from tests.auth_server.attacks.server import opened
from tests.auth_server.proofs.policy import Who, policy
from tests.auth_server.proofs.routes import routes
from tests.auth_server.proofs.visitors import Visitors

ORIGIN = "https://trade.anue.example"
STYLES = "/static/pages.css"


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    """Everybody, before one server that is reached by TLS."""
    with opened(settings={"AUTH_SERVER_ORIGIN": ORIGIN}) as server:
        yield Visitors(server)


@pytest.fixture(scope="module")
def answers(visitors: Visitors) -> dict[str, httpx.Response]:
    """One answer of each kind, by what was asked."""
    found: dict[str, httpx.Response] = {}
    for route in routes():
        for who in {policy()[str(route)], Who.ANYBODY}:
            found[f"{route} with {who.value}"] = visitors.ask(who, route.method, route.address())
    for path in ("/cas/login", "/phone-api/v1/challenges", "/back-office/api/customers"):
        found[f"a wrong method at {path}"] = visitors.ask(Who.ANYBODY, "PATCH", path)
        found[f"a large body at {path}"] = visitors.ask(Who.ANYBODY, "POST", path, content=b"x" * 100_000)
        found[f"nothing below {path}"] = visitors.ask(Who.ANYBODY, "GET", f"{path}/nothing/here")
    found["a form of another site"] = visitors.ask(
        Who.CUSTOMER, "POST", "/iweb/order", headers={"Origin": "https://evil.example"}
    )
    return found


def cookies_of(answer: httpx.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


def test_no_answer_is_a_fault(answers: dict[str, httpx.Response]) -> None:
    assert {asked: answer.status_code for asked, answer in answers.items() if answer.status_code >= 500} == {}


# ASVS 5.0: 3.4.1, 3.4.3 to 3.4.6, 3.4.8, 3.2.1, 14.3.2.
@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("Strict-Transport-Security", r"max-age=31536000; includeSubDomains"),
        ("Content-Security-Policy", r"default-src 'none'; .*base-uri 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ],
)
def test_every_answer_has_the_header(answers: dict[str, httpx.Response], header: str, wanted: str) -> None:
    said = {asked: answer.headers.get(header, "") for asked, answer in answers.items()}
    other = {asked for asked, value in said.items() if not re.fullmatch(wanted, value)}
    kept_by_browsers = {asked for asked in answers if header == "Cache-Control" and "/static/" in asked}
    assert other == kept_by_browsers


def test_no_answer_lets_another_site_read_it(answers: dict[str, httpx.Response]) -> None:
    """ASVS 3.4.2: there is no cross-origin sharing at all."""
    assert {asked for asked, answer in answers.items() if "Access-Control-Allow-Origin" in answer.headers} == set()


def test_no_policy_lets_a_script_run(answers: dict[str, httpx.Response]) -> None:
    policies = {answer.headers["Content-Security-Policy"] for answer in answers.values()}
    assert not [policy for policy in policies if "script-src" in policy or "unsafe" in policy or "*" in policy]


def test_every_answer_with_a_body_says_its_type_and_texts_their_encoding(answers: dict[str, httpx.Response]) -> None:
    """ASVS 4.1.1; JSON is UTF-8 by itself (RFC 8259, 8.1)."""
    types = {asked: answer.headers.get("content-type", "") for asked, answer in answers.items() if answer.content}
    fit = r"(text/[a-z]+|application/xml); ?charset=utf-8|application/json|image/svg\+xml"
    assert {asked: said for asked, said in types.items() if not re.fullmatch(fit, said, re.IGNORECASE)} == {}


def test_no_answer_names_the_software(answers: dict[str, httpx.Response]) -> None:
    """ASVS 13.4.6."""
    telling = {"server", "x-powered-by", "via"}
    assert not [asked for asked, answer in answers.items() if telling & {name.lower() for name in answer.headers}]


def test_every_cookie_is_for_this_host_secure_and_out_of_reach_of_scripts(visitors: Visitors) -> None:
    """ASVS 3.3.1 to 3.3.4: set by each way to one, and the same where it is taken back."""
    broker = visitors.server.broker
    password = {"username": VICTIM.account, "password": VICTIM.password}
    token = visitors.link()
    visitors.server.clock.advance(60)
    ways = {
        "__Host-language": visitors.ask(Who.ANYBODY, "GET", "/cas/login?lang=en"),
        "__Host-login": visitors.ask(Who.ANYBODY, "POST", "/cas/login", data=password),
        "__Host-session": visitors.ask(Who.LOGGING_IN, "POST", "/cas/login/code", data={"code": visitors.phone.code()}),
        "__Host-reset": visitors.ask(Who.ANYBODY, "GET", f"/iweb/password-reset?token={token}"),
        "__Secure-staff": visitors.ask(Who.ANYBODY, "POST", "/back-office/login", data=visitors.staff_form()),
    }
    taken_back = [
        visitors.ask(Who.CUSTOMER, "POST", "/cas/logout"),
        visitors.ask(Who.STAFF, "POST", "/back-office/logout"),
    ]
    assert broker.settings.origin == ORIGIN
    for name, answer in ways.items():
        assert any(cookie.startswith(f"{name}=") for cookie in cookies_of(answer)), name
    for cookie in [cookie for answer in (*ways.values(), *taken_back) for cookie in cookies_of(answer)]:
        name, *attributes = (part.strip() for part in cookie.split(";"))
        assert {"Secure", "HttpOnly"} <= set(attributes), cookie
        assert not any(attribute.lower().startswith("domain") for attribute in attributes), cookie
        staff = name.startswith("__Secure-staff=")
        assert ("Path=/back-office" if staff else "Path=/") in attributes, cookie
        assert ("SameSite=strict" if staff else "SameSite=lax") in attributes, cookie
        assert staff or name.startswith("__Host-"), cookie
