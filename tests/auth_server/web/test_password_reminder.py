"""The reminder before a password expires, and the chores that it is one of (M8; ASVS 5.0, 6.4.5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

DAY = 86400.0
SUBJECT = "登入密碼即將到期"


def reminders(world: "World") -> list[str]:
    return [mail.to for mail in world.mails() if mail.subject == SUBJECT]


@pytest.mark.parametrize(
    ("age", "reminded"), [(83 * DAY - 1, False), (83 * DAY, True), (90 * DAY - 1, True), (90 * DAY, False)]
)
def test_the_reminder_comes_in_the_last_seven_days(
    world: "World", browser: "Browser", age: float, reminded: bool
) -> None:
    world.clock.advance(age)
    browser.get("/cas/login")
    assert reminders(world) == (["chan@example.com"] if reminded else [])
    assert len(world.audit(event="password-reminded")) == reminded


def test_it_comes_once_for_each_password(world: "World", browser: "Browser", reset_link: Callable[..., str]) -> None:
    world.clock.advance(83 * DAY)
    for _ in range(5):
        browser.get("/cas/login")
        world.broker.chores.do()
        world.clock.advance(DAY)
    assert len(reminders(world)) == 1
    browser.get(reset_link())
    browser.post("/iweb/password-reset", {"new_password": "Sheung9Wan", "new_password_again": "Sheung9Wan"})
    world.broker.chores.do()
    assert reminders(world) == []
    world.clock.advance(83 * DAY)
    world.broker.chores.do()
    assert len(reminders(world)) == 1


def test_a_password_that_is_changed_in_the_very_second_of_the_reminder_gets_its_own(
    world: "World", browser: "Browser", reset_link: Callable[..., str]
) -> None:
    world.clock.advance(83 * DAY)
    world.broker.chores.do()
    browser.get(reset_link())
    browser.post("/iweb/password-reset", {"new_password": "Sheung9Wan", "new_password_again": "Sheung9Wan"})
    world.mails()
    world.clock.advance(83 * DAY)
    world.broker.chores.do()
    assert len(reminders(world)) == 1


def test_of_many_at_once_one_reminds(
    world: "World", browser: "Browser", at_once: Callable[[Callable[[int], object], int], list[object]]
) -> None:
    world.clock.advance(84 * DAY)
    assert at_once(lambda _: world.broker.chores.do(), 16) == [None] * 16
    assert len(reminders(world)) == 1


def test_everybody_is_reminded_however_many_they_are(world: "World") -> None:
    for number in range(45):
        world.customer(f"1000-{number:04d}", email=f"c{number}@example.com")
    world.customer("2000-0000", password=None)
    world.customer("3000-0000")
    world.back_office("POST", "/customers/3000-0000/lock")
    world.clock.advance(85 * DAY)
    world.broker.chores.do()
    assert len(world.audit(event="password-reminded")) == 45


def test_the_reminder_names_the_day_and_holds_no_link(world: "World", browser: "Browser") -> None:
    world.clock.advance(83 * DAY)
    browser.get("/cas/login")
    [mail] = [mail for mail in world.mails() if mail.subject == SUBJECT]
    for part in (mail.text, mail.html):
        assert "2027年4月15日 16:00" in part
        assert "90日" in part
        assert "http" not in part


@pytest.mark.parametrize(("age", "shown"), [(82 * DAY, False), (83 * DAY, True)])
def test_the_customers_page_says_it_too_and_leads_to_the_change(
    world: "World", browser: "Browser", age: float, shown: bool
) -> None:
    world.clock.advance(age)
    browser.log_in()
    page = browser.follow().text
    assert ("閣下的登入密碼將於 2027年4月15日 16:00 到期。" in page) is shown
    assert ('<a href="/iweb/security/password">更改密碼</a>' in page) is shown


def test_an_account_in_english_is_reminded_in_english(world: "World") -> None:
    world.customer(language="en")
    world.clock.advance(84 * DAY)
    world.broker.chores.do()
    assert [mail.subject for mail in world.mails()] == ["Your Login Password Is About to Expire"]


def test_while_nothing_is_due_a_request_does_no_chores(world: "World", browser: "Browser") -> None:
    assert not world.broker.chores.are_due
    world.clock.advance(599)
    assert not world.broker.chores.are_due
    world.clock.advance(1)
    assert world.broker.chores.are_due
    browser.get("/cas/login")
    assert not world.broker.chores.are_due


def test_sessions_that_nobody_came_back_to_are_ended(world: "World", browser: "Browser") -> None:
    browser.log_in()
    world.clock.advance(1799)
    world.broker.chores.do()
    assert world.audit(event="session-ended") == []
    world.clock.advance(1)
    world.broker.chores.do()
    world.broker.chores.do()
    assert [row.reason for row in world.audit(event="session-ended")] == ["late"]


def test_a_database_that_is_away_keeps_the_chores_for_later_and_nobody_from_asking(
    world: "World", browser: "Browser"
) -> None:
    world.clock.advance(84 * DAY)
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE accounts RENAME TO accounts_away")
    assert browser.get("/cas/login").status_code == 200
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE accounts_away RENAME TO accounts")
    world.clock.advance(600)
    browser.get("/cas/login")
    assert reminders(world) == ["chan@example.com"]
