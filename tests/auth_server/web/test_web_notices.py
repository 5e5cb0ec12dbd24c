"""A customer hears of each login and change by another channel than the one used for it (M32; ASVS 5.0, 6.3.5)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

WARNING = "驗證碼輸入錯誤通知"


def warnings(world: "World") -> list[str]:
    """By which channels the customer was warned of wrong codes since the last call."""
    by_mail = ["mail" for mail in world.mails() if mail.subject == WARNING]
    return by_mail + ["sms" for text in world.texts() if WARNING in text.text]


@pytest.mark.parametrize(("used", "told"), [("mail", "sms"), ("sms", "mail"), ("token", "mail")])
def test_three_wrong_codes_behind_the_right_password_are_told_by_another_channel(
    world: "World", browser: "Browser", token_code: Callable[[], str], used: str, told: str
) -> None:
    token_code()
    browser.log_in_with_password()
    browser.choose(used)
    for _ in range(2):
        browser.give_code("abcdef")
    assert warnings(world) == []
    browser.give_code("abcdef")
    assert warnings(world) == [told]


def test_they_are_told_once_a_day_however_many_and_over_all_logins(
    world: "World", browser: "Browser", new_browser: Callable[[], "Browser"]
) -> None:
    for one in (browser, new_browser(), new_browser()):
        world.clock.advance(61)
        one.log_in_with_password()
        one.choose("sms")
        for _ in range(3):
            one.give_code("abcdef")
    assert warnings(world) == ["mail"]
    world.clock.advance(86400)
    browser.log_in_with_password()
    browser.choose("sms")
    for _ in range(3):
        browser.give_code("abcdef")
    assert warnings(world) == ["mail"]


def test_wrong_passwords_alone_are_told_to_nobody(world: "World", browser: "Browser") -> None:
    for _ in range(12):
        browser.log_in_with_password(password="Wrong1Wrong")
    assert (world.mails(), world.texts()) == ([], [])


@pytest.mark.parametrize(("used", "told"), [("mail", "sms"), ("sms", "mail")])
def test_notices_to_an_english_account_are_in_english(
    world: "World", new_browser: Callable[[], "Browser"], used: str, told: str
) -> None:
    world.customer(language="en", name="Chan Tai Man")
    browser = new_browser()
    browser.log_in_with_password()
    browser.choose(used)
    words = world.mails()[-1].text if used == "mail" else world.texts()[-1].text
    browser.give_code(re.findall(r"code(?: is|:) ([0-9]{6})", words)[0])
    notice = world.texts()[-1].text if told == "sms" else world.mails()[-1].subject
    assert notice.startswith("Anue Securities: Login Notice. " if told == "sms" else "Login Notice")
