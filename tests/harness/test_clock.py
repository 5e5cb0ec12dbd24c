"""The world's clock: still until moved, never backwards, and heard by all who follow it."""

import asyncio

import pytest

from harness.clock import WorldClock


def test_a_virtual_clock_stands_still_while_the_real_one_goes_on() -> None:
    real = iter([1_000_000_015.0, 1_000_000_099.0])
    clock = WorldClock(real_now=lambda: next(real))
    assert clock.now() == clock.now() == 1_000_000_000 - 1_000_000_000 % 30


def test_a_world_starts_at_the_start_of_a_token_step() -> None:
    assert WorldClock(real_now=lambda: 1_111_111_111.0).now() == 0x023523ED * 30  # RFC 6238, appendix B


def test_a_moved_clock_tells_everybody_who_follows_it() -> None:
    clock = WorldClock(real_now=lambda: 60.0)
    heard = list[float]()

    async def hear(time: float) -> None:
        heard.append(time)

    clock.on_move(hear)
    asyncio.run(clock.advance(8 * 3600))
    assert heard == [60 + 8 * 3600]
    assert clock.now() == 60 + 8 * 3600


def test_a_clock_never_goes_backwards() -> None:
    clock = WorldClock(real_now=lambda: 60.0)
    with pytest.raises(ValueError, match="only grows"):
        asyncio.run(clock.advance(-1))
    assert clock.now() == 60


def test_a_real_clock_follows_the_real_time_and_cannot_be_moved() -> None:
    real = iter([5.0, 7.0, 9.0])
    clock = WorldClock(real_now=lambda: next(real), virtual=False)
    assert (clock.now(), clock.now()) == (7.0, 9.0)
    with pytest.raises(ValueError, match="clock: virtual"):
        asyncio.run(clock.advance(1))
