"""Nobody learns whether an account exists: not by text, status, length or headers (M7; ASVS 5.0, 6.3.8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import event

if TYPE_CHECKING:
    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

KNOWN, LOCKED, LIMITED, EXPIRED, WITHOUT, UNKNOWN = (f"{digit}000-0000" for digit in "123456")


@pytest.fixture
def kinds(world: "World", new_browser: Callable[[], "Browser"]) -> dict[str, str]:
    """One account of each kind, and one that does not exist."""
    world.customer(EXPIRED)
    world.clock.advance(91 * 86400)
    for account in (KNOWN, LOCKED, LIMITED):
        world.customer(account)
    world.customer(WITHOUT, password=None)
    world.back_office("POST", f"/customers/{LOCKED}/lock")
    browser = new_browser()
    for _ in range(10):
        browser.log_in_with_password(LIMITED, "Wrong1Wrong")
    for _ in range(5):
        browser.post("/cas/forgot-password", {"username": LIMITED})
    world.mails()
    return {name: globals()[name] for name in ("KNOWN", "LOCKED", "LIMITED", "EXPIRED", "WITHOUT", "UNKNOWN")}


def seen(answer: httpx.Response, account: str) -> tuple[object, ...]:
    """All of an answer but the account number, which whoever asks has typed."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
    return answer.status_code, answer.text.replace(account, "ACCOUNT"), len(answer.content), headers


@pytest.mark.parametrize("password", ["Wrong1Wrong", "", "a", "a" * 5000])
def test_a_wrong_password_is_answered_alike_for_every_kind_of_account(
    new_browser: Callable[[], "Browser"], kinds: dict[str, str], password: str
) -> None:
    answers = {
        name: seen(new_browser().log_in_with_password(number, password), number) for name, number in kinds.items()
    }
    assert len(set(map(repr, answers.values()))) == 1, answers


def test_the_right_password_of_an_account_that_may_not_log_in_is_answered_like_a_wrong_one(
    new_browser: Callable[[], "Browser"], kinds: dict[str, str]
) -> None:
    wrong = seen(new_browser().log_in_with_password(KNOWN, "Wrong1Wrong"), KNOWN)
    for number in (LOCKED, LIMITED, UNKNOWN, WITHOUT):
        assert seen(new_browser().log_in_with_password(number), number) == wrong
    assert new_browser().log_in_with_password(KNOWN).status_code == 303
    assert new_browser().log_in_with_password(EXPIRED).status_code == 303


def test_a_forgotten_password_is_answered_alike_for_every_kind_of_account(
    world: "World", new_browser: Callable[[], "Browser"], kinds: dict[str, str]
) -> None:
    answers = {
        name: seen(new_browser().post("/cas/forgot-password", {"username": number}), number)
        for name, number in kinds.items()
    }
    assert len(set(map(repr, answers.values()))) == 1, answers
    assert len(world.mails()) == 3
    assert world.reasons("password-reset-requested") == ["locked", "limit", "unknown-account"]


def test_a_forgotten_password_costs_the_same_work_for_every_kind_of_account(
    world: "World", new_browser: Callable[[], "Browser"], kinds: dict[str, str]
) -> None:
    """No answer waits for a gateway: what is left is one mail to be written, and a few statements more or less."""
    work: dict[str, int] = {}
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = world.broker.database._engine
    event.listen(engine, "before_cursor_execute", count)
    for name, number in kinds.items():
        statements.clear()
        new_browser().post("/cas/forgot-password", {"username": number})
        assert sum("INTO outbox" in statement for statement in statements) == 1, name
        work[name] = len(statements)
    event.remove(engine, "before_cursor_execute", count)
    assert max(work.values()) - min(work.values()) <= 3, work


def test_before_the_password_is_right_no_page_tells_where_a_code_would_go(
    new_browser: Callable[[], "Browser"], kinds: dict[str, str]
) -> None:
    for number in kinds.values():
        browser = new_browser()
        text = browser.log_in_with_password(number, "Wrong1Wrong").text
        assert "••••" not in text
        assert browser.get("/cas/login/channel").headers["location"] == "/cas/login"
