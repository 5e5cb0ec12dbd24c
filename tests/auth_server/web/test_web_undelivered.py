"""A code that cannot be handed over: the page says so, and offers another way."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Browser

    from tests.auth_server.conftest import World

SENT = "6位數字驗證碼已傳送至"
DELAYED = "需時比平常長。如未收到，請選擇其他方式。"
GIVEN_UP = "未能傳送驗證碼至 +852 •••• 0101。請選擇其他方式，或致電 2122 8800。"


@pytest.mark.parametrize(
    ("state", "attempts", "says"),
    [("waiting", 0, SENT), ("waiting", 1, SENT), ("waiting", 2, DELAYED), ("sent", 3, SENT), ("given-up", 1, GIVEN_UP)],
)
def test_the_page_of_the_code_says_how_the_message_fares(
    world: "World", new_browser: "Callable[[], Browser]", state: str, attempts: int, says: str
) -> None:
    world.customer()
    browser = new_browser()
    browser.log_in_with_password()
    browser.choose("sms")
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("UPDATE outbox SET state = ?, attempts = ?", (state, attempts))
    pages = [browser.get("/cas/login/code").text, browser.give_code("000000").text]
    for page in pages:
        assert says in page
        assert [other in page for other in (SENT, DELAYED, GIVEN_UP) if other != says] == [False, False]
        assert "其他方式" in page


def test_a_code_that_was_given_up_is_dead_once_another_is_on_its_way(
    world: "World", new_browser: "Callable[[], Browser]"
) -> None:
    world.customer()
    browser = new_browser()
    browser.log_in_with_password()
    browser.choose("sms")
    lost = world.texts()[-1].text
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("UPDATE outbox SET state = 'given-up'")
    browser.choose("mail")
    page = browser.get("/cas/login/code").text
    assert GIVEN_UP not in page
    assert SENT in page
    code = next(word for word in lost.replace("，", " ").split() if len(word) == 6 and word.isdigit())
    assert browser.give_code(code).status_code == 403
