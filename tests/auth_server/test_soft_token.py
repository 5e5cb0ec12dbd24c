"""The bound token's codes: one window, each code once, never an older one, and a lock against guessing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from auth_server.one_time_codes import Outcome

if TYPE_CHECKING:
    from conftest import Phone, World

pytestmark = pytest.mark.on_both_databases

AtOnce = Callable[[Callable[[int], object], int], list[object]]


@pytest.fixture
def phone(world: "World", new_phone: Callable[..., "Phone"]) -> "Phone":
    """A phone with a bound token, in a later step than that of its first code."""
    world.customer()
    phone = new_phone()
    phone.be_bound()
    world.clock.advance(300)
    return phone


def accept(world: "World", text: str, account: str = "9999-9990") -> Outcome:
    with world.broker.database.writing() as tx:
        return world.broker.soft_tokens.accept_code(tx, account, text)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (-3, Outcome.LATE),
        (-2, Outcome.LATE),
        (-1, Outcome.ACCEPTED),
        (0, Outcome.ACCEPTED),
        (1, Outcome.ACCEPTED),
        (2, Outcome.EARLY),
        (30, Outcome.WRONG),
    ],
)
def test_the_step_before_the_same_and_the_next_are_accepted(
    world: "World", phone: "Phone", steps: int, outcome: Outcome
) -> None:
    assert accept(world, phone.code(steps=steps)) is outcome


def test_a_code_is_accepted_once_also_one_step_later(world: "World", phone: "Phone") -> None:
    code = phone.code()
    assert accept(world, code) is Outcome.ACCEPTED
    assert accept(world, code) is Outcome.USED
    world.clock.advance(30)
    assert accept(world, code) is Outcome.USED


def test_a_code_of_the_step_before_is_refused_after_a_newer_one_was_used(world: "World", phone: "Phone") -> None:
    before = phone.code(steps=-1)
    assert accept(world, phone.code()) is Outcome.ACCEPTED
    assert accept(world, before) is Outcome.USED


def test_the_first_code_of_the_binding_cannot_be_used_again(world: "World", new_phone: Callable[..., "Phone"]) -> None:
    world.customer()
    phone = new_phone()
    phone.be_bound()
    assert accept(world, phone.code(steps=-1)) is Outcome.USED


def test_of_32_at_once_with_the_same_code_one_is_accepted(world: "World", phone: "Phone", at_once: AtOnce) -> None:
    code = phone.code()
    outcomes = at_once(lambda _: accept(world, code), 32)
    assert outcomes.count(Outcome.ACCEPTED) == 1


def test_of_32_guesses_at_once_ten_are_looked_at_and_the_right_code_is_refused_then(
    world: "World", phone: "Phone", at_once: AtOnce
) -> None:
    wrong = f"{(int(phone.code()) + 1) % 10**6:06d}"
    outcomes = at_once(lambda _: accept(world, wrong), 32)
    assert outcomes.count(Outcome.LOCKED) == 22
    assert Outcome.ACCEPTED not in outcomes
    assert accept(world, phone.code()) is Outcome.LOCKED
    with world.broker.database.reading() as tx:
        assert world.broker.soft_tokens.has_active(tx, "9999-9990")
        assert world.broker.soft_tokens.summary(tx, "9999-9990").state == "locked"


def test_a_right_code_forgets_the_wrong_ones_before_it(world: "World", phone: "Phone") -> None:
    for _ in range(3):
        for _ in range(9):
            assert accept(world, "abcdef") is Outcome.WRONG
        assert accept(world, phone.code()) is Outcome.ACCEPTED
        world.clock.advance(30)


def test_only_six_ascii_digits_are_a_code(world: "World", phone: "Phone") -> None:
    code = phone.code()
    for text in ["".join(chr(ord(d) + 0xFEE0) for d in code), code + "\n", " " + code, "0" + code, ""]:
        assert accept(world, text) is Outcome.WRONG
    assert accept(world, code) is Outcome.ACCEPTED


def test_a_clock_set_back_revives_no_code(world: "World", phone: "Phone") -> None:
    code = phone.code()
    assert accept(world, code) is Outcome.ACCEPTED
    world.clock.advance(-60)
    assert accept(world, phone.code()) is Outcome.USED


def test_without_a_bound_token_there_is_no_code(world: "World", new_phone: Callable[..., "Phone"]) -> None:
    world.customer()
    assert accept(world, "123456") is Outcome.NONE
    pending = new_phone()
    pending.bind(pending.enrol_until_binding())
    assert accept(world, pending.code()) is Outcome.NONE
    with world.broker.database.reading() as tx:
        assert not world.broker.soft_tokens.has_active(tx, "9999-9990")


def test_a_cleared_token_is_dead_at_once_and_its_seed_is_gone(world: "World", phone: "Phone") -> None:
    with world.broker.database.writing() as tx:
        assert world.broker.soft_tokens.clear(tx, "9999-9990")
        assert not world.broker.soft_tokens.clear(tx, "9999-9990")
        assert tx.exec_driver_sql("SELECT sealed_seed FROM soft_tokens").scalars().all() == [None]
    assert accept(world, phone.code()) is Outcome.NONE


def test_a_seed_moved_to_another_account_does_not_open(world: "World", phone: "Phone") -> None:
    world.customer("9999-9991")
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("UPDATE soft_tokens SET account = '9999-9991'")
    with pytest.raises(ValueError, match="from another place"):
        accept(world, phone.code(), "9999-9991")
