"""What all pages have in common that a customer types into, and what a customer sees when the server has a fault."""

import logging
import re
from collections.abc import Iterator

import httpx
import pytest

from auth_server.cas import Services
from auth_server.phone_sessions import PhoneSession
from tests.auth_server.attacks.server import opened
from tests.auth_server.proofs.policy import Who, policy
from tests.auth_server.proofs.routes import routes
from tests.auth_server.proofs.visitors import Visitors
from tests.auth_server.web.conftest import FROM_OUR_PAGE

INSIDE = "postgresql://auth:of-nobody@10.0.0.7/auth"


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    """Everybody, before one server."""
    with opened() as server:
        yield Visitors(server)


@pytest.fixture(scope="module")
def fields(visitors: Visitors) -> dict[str, set[tuple[str, str]]]:
    """Of every field on any page by its name: its type and what browsers may fill in."""
    found: dict[str, set[tuple[str, str]]] = {}
    for route in routes():
        if route.method == "GET" and not route.is_api:
            text = visitors.ask(policy()[str(route)], "GET", route.address()).text
            for field in re.findall(r"<(?:input|select|textarea)[^>]*>", text):
                had = dict(re.findall(r'(\w+)="([^"]*)"', field))
                found.setdefault(had["name"], set()).add((had.get("type", ""), had.get("autocomplete", "")))
    return found


def test_passwords_are_masked_and_password_managers_know_them(fields: dict[str, set[tuple[str, str]]]) -> None:
    """ASVS 6.2.6 and 6.2.7; nothing can keep anybody from pasting: no page has a script."""
    assert {name: fields[name] for name in fields if "password" in name} == {
        "password": {("password", "current-password")},
        "current_password": {("password", "current-password")},
        "new_password": {("password", "new-password")},
        "new_password_again": {("password", "new-password")},
    }


def test_codes_are_shown_as_they_are_typed_and_phones_offer_them(fields: dict[str, set[tuple[str, str]]]) -> None:
    assert fields["code"] == {("text", "one-time-code")}


def test_no_page_asks_for_a_hint_or_the_answer_to_a_question(fields: dict[str, set[tuple[str, str]]]) -> None:
    """ASVS 6.4.2."""
    of_customers = {"username", "password", "current_password", "new_password", "new_password_again", "code"}
    of_pages = {"end_others", "side", "stock", "quantity", "price"}
    of_staff = {"name", "q", "account", "email", "phone", "language", "send_link"}
    of_searches = {"event", "result", "since", "until", "text"}
    assert set(fields) == of_customers | of_pages | of_staff | of_searches


def test_a_login_is_not_offered_codes_by_mail_where_that_is_switched_off() -> None:
    """ASVS 6.3.6, from which the manual departs."""
    with opened(settings={"AUTH_SERVER_CODES_BY_MAIL": "false"}) as server:
        browser = server.browser()
        browser.begin()
        offered = re.findall('name="channel" value="([a-z]+)"', browser.follow().text)
        assert offered == ["sms"]
        assert browser.choose("mail").headers["location"] == "/cas/login/channel"
        assert server.mails() == []
        assert browser.gets_in(browser.ask("sms"))


@pytest.fixture
def faulty(visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> Visitors:
    """Everybody, before a server whose rules fall over with an error that says too much."""

    def fall_over(*_: object) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(Services, "allows", fall_over)
    monkeypatch.setattr(PhoneSession, "key", property(fall_over))
    return visitors


def test_a_fault_is_told_without_a_word_about_the_inside_and_logged_whole(
    faulty: Visitors, caplog: pytest.LogCaptureFixture
) -> None:
    """ASVS 13.4.2, 16.3.4, 16.5.1 and 16.5.4: the last to hear of an error is the handler of all."""

    async def ask_all() -> list[httpx.Response]:
        _, headers = faulty.credentials_of(Who.TOKEN_PHONE)
        async with faulty.server.client() as client:
            return [
                await client.get("/cas/login?service=https://orders.anue.example/app"),
                await client.post("/cas/login", data={"service": "https://a.example"}, headers=FROM_OUR_PAGE),
                await client.post("/phone-api/v1/challenges", json={"purpose": "biometrics"}, headers=headers),
            ]

    with caplog.at_level(logging.ERROR):
        answers = faulty.server.run(ask_all())
    assert [answer.status_code for answer in answers] == [500] * len(answers)
    for answer in answers:
        assert INSIDE not in answer.text
        assert not re.search(r"Traceback|RuntimeError|\.py", answer.text)
    assert answers[-1].json()["error"]["code"] == "internal-error"
