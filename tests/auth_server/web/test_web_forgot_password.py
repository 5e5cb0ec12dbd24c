"""忘記密碼 (M7): the same mail again, and the same answer for everyone."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

PAGE = "/cas/forgot-password"


def test_the_login_page_leads_to_it(browser: "Browser") -> None:
    assert f'href="{PAGE}">忘記密碼</a>' in browser.get("/cas/login").text
    assert browser.get(PAGE).status_code == 200


@pytest.mark.parametrize("typed", ["9999-9990", "99999990", " 9999 9990 "])
def test_the_mail_of_the_reset_comes_again(world: "World", browser: "Browser", typed: str) -> None:
    browser.post(PAGE, {"username": typed})
    [mail] = world.mails()
    assert (mail.to, mail.subject) == ("chan@example.com", "Password Reset")
    [row] = world.audit(event="password-reset-requested")
    assert (row.account, row.result, row.channel) == ("9999-9990", "success", "web")


def test_the_answer_is_the_same_whether_the_account_exists_or_not(world: "World", browser: "Browser") -> None:
    world.customer("8888-8880")
    world.back_office("POST", "/customers/8888-8880/lock")
    answers = []
    for typed in (
        "9999-9990",
        "8888-8880",
        "0000-0001",
        "",
        "chan@example.com",
        "9999-9990' OR 1=1 --",
        "９９９９-９９９０",
    ):
        answer = browser.post(PAGE, {"username": typed})
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        answers.append((answer.status_code, answer.content, headers))
    assert all(answer == answers[0] for answer in answers)
    assert [mail.to for mail in world.mails()] == ["chan@example.com"]
    assert world.reasons("password-reset-requested") == ["locked", *["unknown-account"] * 5]


@pytest.mark.parametrize(
    "body",
    [
        "username=9999-9990&username=8888-8880&email=thief@example.com",
        "username[]=9999-9990&username=9999-9990&email[]=chan@example.com&email[]=thief@example.com",
        "username=9999-9990%0a&cc=thief@example.com",
        "username=9999-9990,thief@example.com",
    ],
)
def test_the_mail_goes_to_the_address_on_file_only(world: "World", browser: "Browser", body: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    browser.send("POST", PAGE, content=body, headers=headers)
    assert {mail.to for mail in world.mails()} <= {"chan@example.com"}


def test_five_mails_an_hour_and_then_the_same_answer_without_one(world: "World", browser: "Browser") -> None:
    answers = {browser.post(PAGE, {"username": "9999-9990"}).content for _ in range(7)}
    assert len(answers) == 1
    assert len(world.mails()) == 5
    assert world.reasons("password-reset-requested") == ["limit", "limit"]
    world.clock.advance(3600)
    browser.post(PAGE, {"username": "9999-9990"})
    assert len(world.mails()) == 1


def test_the_flood_of_a_stranger_does_not_keep_the_back_office_from_sending(world: "World", browser: "Browser") -> None:
    for _ in range(6):
        browser.post(PAGE, {"username": "9999-9990"})
    world.mails()
    assert world.back_office("POST", "/customers/9999-9990/password-reset").status_code == 202
    assert len(world.mails()) == 1
