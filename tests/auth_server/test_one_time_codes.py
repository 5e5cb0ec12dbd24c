"""One-time codes: once, in time, for their own purpose, and not for guessing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from auth_server.channels import Channel
from auth_server.lockout import Limited
from auth_server.one_time_codes import Issued, Outcome, Purpose

if TYPE_CHECKING:
    from conftest import World

pytestmark = pytest.mark.on_both_databases

AtOnce = Callable[[Callable[[int], object], int], list[object]]


def issue(
    world: "World",
    transaction: str = "t1",
    *,
    account: str = "9999-9990",
    purpose: Purpose = Purpose.LOGIN,
    channel: Channel = Channel.SMS,
) -> Issued | Limited:
    with world.broker.database.writing() as tx:
        return world.broker.one_time_codes.issue(
            tx, purpose=purpose, account=account, transaction=transaction, channel=channel
        )


def issued(world: "World", transaction: str = "t1", **arguments: object) -> str:
    answer = issue(world, transaction, **arguments)
    assert isinstance(answer, Issued)
    return answer.code


def accept(
    world: "World",
    text: str,
    transaction: str = "t1",
    *,
    account: str = "9999-9990",
    purpose: Purpose = Purpose.LOGIN,
) -> Outcome:
    with world.broker.database.writing() as tx:
        return world.broker.one_time_codes.accept(
            tx, purpose=purpose, account=account, transaction=transaction, text=text
        )


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture(autouse=True)
def _customers(world: "World") -> None:
    world.customer()
    world.customer("9999-9991")


def test_a_code_is_six_digits_and_is_accepted_once(world: "World") -> None:
    code = issued(world)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdigit()
    assert accept(world, code) is Outcome.ACCEPTED
    assert accept(world, code) is Outcome.USED


def test_of_32_at_once_with_the_right_code_one_is_accepted(world: "World", at_once: AtOnce) -> None:
    code = issued(world)
    outcomes = at_once(lambda _: accept(world, code), 32)
    assert outcomes.count(Outcome.ACCEPTED) == 1
    assert set(outcomes) <= {Outcome.ACCEPTED, Outcome.USED, Outcome.LOCKED}


def test_of_32_guesses_at_once_five_are_looked_at(world: "World", at_once: AtOnce) -> None:
    code = issued(world)
    outcomes = at_once(lambda _: accept(world, wrong(code)), 32)
    assert outcomes.count(Outcome.WRONG) == 5
    assert outcomes.count(Outcome.LOCKED) == 27
    assert accept(world, code) is Outcome.LOCKED


def test_a_code_lives_five_minutes(world: "World") -> None:
    code = issued(world)
    world.clock.advance(299)
    assert accept(world, code) is Outcome.ACCEPTED
    late = issued(world, "t2")
    world.clock.advance(300)
    assert accept(world, late, "t2") is Outcome.LATE


def test_a_newer_code_ends_the_older(world: "World") -> None:
    older = issued(world)
    world.clock.advance(60)
    newer = issued(world)
    assert accept(world, older) is Outcome.REPLACED
    assert accept(world, newer) is Outcome.ACCEPTED


def test_a_code_is_nothing_for_another_purpose_transaction_or_account(world: "World") -> None:
    code = issued(world)
    assert accept(world, code, purpose=Purpose.ACTIVATION) is Outcome.NONE
    assert accept(world, code, "t2") is Outcome.NONE
    assert accept(world, code, account="9999-9991") is Outcome.NONE
    assert accept(world, code) is Outcome.ACCEPTED


@pytest.mark.parametrize(
    "shape",
    [
        lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code),  # full-width digits
        lambda code: "".join(chr(ord(digit) + 0x0630) for digit in code),  # Arabic digits
        lambda code: code + "\n",
        lambda code: " " + code,
        lambda code: "+" + code,
        lambda code: "0" + code,
        lambda code: code[:3] + "_" + code[3:],
        lambda code: code[:5],
        lambda _code: "",
        lambda _code: "\ud800",
        lambda code: code * 100_000,
    ],
)
def test_only_six_ascii_digits_are_a_code(world: "World", shape: Callable[[str], str]) -> None:
    code = issued(world)
    assert accept(world, shape(code)) is Outcome.WRONG
    assert accept(world, code) is Outcome.ACCEPTED


def test_a_minute_passes_between_codes_of_one_transaction_and_channel(world: "World") -> None:
    issued(world)
    world.clock.advance(59)
    assert issue(world) == Limited(1)
    assert isinstance(issue(world, channel=Channel.MAIL), Issued)
    assert isinstance(issue(world, "t2"), Issued)
    world.clock.advance(1)
    assert isinstance(issue(world), Issued)


def test_five_codes_an_hour_go_to_one_account_by_one_channel_however_many_ask_at_once(
    world: "World", at_once: AtOnce
) -> None:
    answers = at_once(lambda number: issue(world, f"t{number}"), 32)
    assert sum(isinstance(answer, Issued) for answer in answers) == 5
    assert issue(world, "t99") == Limited(3600)
    assert isinstance(issue(world, account="9999-9991", transaction="other"), Issued)
    world.clock.advance(3600)
    assert isinstance(issue(world, "t100"), Issued)


def test_fifty_wrong_codes_a_day_are_all_that_an_account_has_over_all_its_logins(world: "World") -> None:
    outcomes: list[Outcome] = []
    for login in range(12):
        code = issued(world, f"t{login}")
        outcomes += [accept(world, wrong(code), f"t{login}") for _ in range(5)]
        world.clock.advance(3600)
    assert outcomes.count(Outcome.WRONG) == 50
    code = issued(world, "last")
    assert accept(world, code, "last") is Outcome.LOCKED
    world.clock.advance(13 * 3600)
    assert accept(world, issued(world, "next day"), "next day") is Outcome.ACCEPTED


def test_right_codes_do_not_count_against_the_account(world: "World") -> None:
    for login in range(60):
        assert accept(world, issued(world, f"t{login}"), f"t{login}") is Outcome.ACCEPTED
        world.clock.advance(720)


def test_no_code_is_in_a_repr_or_in_the_database(world: "World") -> None:
    answer = issue(world)
    assert isinstance(answer, Issued)
    assert answer.code not in repr(answer)
    with world.broker.database.reading() as tx:
        row = tx.exec_driver_sql("SELECT * FROM one_time_codes").one()
    assert answer.code.encode() not in repr(tuple(row)).encode()
