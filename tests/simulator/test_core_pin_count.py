"""Wrong PINs where the phone itself counts them, and how long an open token stays open (M29)."""

import asyncio

import pytest

from simulator.securities import soft_token
from simulator.securities.app import AppRefusal, Field, TokenState
from simulator.securities.refusals import TokenEnded
from simulator.securities.states import TokenEnd
from simulator.securities.token_use import SHOWN_SECONDS

WRONG = "918273"


@pytest.fixture(autouse=True)
def quick_argon2(monkeypatch):
    """Ten tries and more: what Argon2id costs is held to its standard where the seal is tested."""
    slow = soft_token.hash_secret_raw
    monkeypatch.setattr(soft_token, "hash_secret_raw", lambda *args, **how: slow(*args, **how | {"memory_cost": 64}))


def _play(world, *acts) -> None:
    for act in acts:
        with world.opened() as app:
            asyncio.run(act(app))


async def _counting(world, kit, app) -> None:
    await kit.to_the_end(world, app)
    await app.settings.count_wrong_pins(kit.pin, kit.pin)


async def _wrong(app) -> str:
    with pytest.raises(AppRefusal) as refusal:
        await app.token_code(WRONG)
    return refusal.value.message


def test_a_wrong_pin_is_refused_with_how_many_tries_are_left_and_a_right_one_gives_them_back(world, kit):
    async def act(app):
        await kit.to_the_end(world, app)
        assert not app.settings.counts_wrong_pins
        await app.token_code(WRONG)
        await app.settings.count_wrong_pins(kit.pin, kit.pin)
        assert app.settings.counts_wrong_pins
        with pytest.raises(AppRefusal, match="尚餘9次") as refusal:
            await app.token_code(WRONG)
        assert refusal.value.field is Field.PIN
        assert "尚餘8次" in await _wrong(app)
        assert world.server.takes(world.server.active[kit.account][0], (await app.token_code(kit.pin)).code)
        assert "尚餘9次" in await _wrong(app)

    _play(world, act)


def test_the_tenth_wrong_pin_wipes_the_token_whatever_restarts_lie_between(world, kit):
    async def begin(app):
        await _counting(world, kit, app)

    async def guess_three_times(app):
        for _ in range(3):
            await _wrong(app)

    async def guess_the_last(app):
        with pytest.raises(TokenEnded, match="已清除"):
            await app.token_code(WRONG)
        assert (app.token, app.token_end) == (TokenState.ENDED, TokenEnd.WIPED)
        with pytest.raises(AppRefusal, match="尚未啟用"):
            await app.token_code(kit.pin)

    async def set_up_anew(app):
        await kit.to_the_end(world, app)
        assert (app.token, app.token_end) == (TokenState.ACTIVE, None)
        assert not app.settings.counts_wrong_pins

    _play(world, begin, guess_three_times, guess_three_times, guess_three_times, guess_the_last, set_up_anew)


def test_a_try_counts_before_it_is_made(world, kit, monkeypatch):
    class PowerCutError(BaseException):
        pass

    def cut(*_args, **_how):
        raise PowerCutError

    async def begin(app):
        await _counting(world, kit, app)

    async def be_cut(app):
        with monkeypatch.context() as patch:
            patch.setattr("simulator.securities.token_use.unseal", cut)
            with pytest.raises(PowerCutError):
                await app.token_code(WRONG)

    async def end(app):
        with pytest.raises(TokenEnded):
            await app.token_code(kit.pin)

    async def after_five(app):
        assert "尚餘4次" in await _wrong(app)

    _play(world, begin, *[be_cut] * 5, after_five, *[be_cut] * 4, end)


def test_the_server_counts_again_once_the_right_pin_was_typed_and_not_before(world, kit):
    async def act(app):
        await _counting(world, kit, app)
        with pytest.raises(AppRefusal, match="尚餘9次"):
            await app.settings.let_server_count(WRONG)
        assert app.settings.counts_wrong_pins
        await app.settings.let_server_count(kit.pin)
        assert not app.settings.counts_wrong_pins
        await app.token_code(WRONG)

    _play(world, act)


def test_two_different_pins_are_not_taken_for_the_one_to_count_by(world, kit):
    async def act(app):
        await kit.to_the_end(world, app)
        with pytest.raises(AppRefusal, match="不相同") as refusal:
            await app.settings.count_wrong_pins(kit.pin, WRONG)
        assert refusal.value.field is Field.PIN_AGAIN
        assert not app.settings.counts_wrong_pins

    _play(world, act)


@pytest.mark.parametrize("jump", [SHOWN_SECONDS, 3600, -1])
def test_an_open_token_closes_after_half_a_minute_and_for_good(world, kit, clock, jump):
    async def act(app):
        await kit.to_the_end(world, app)
        clock.at += 20
        token = await app.unlock_token(kit.pin)
        first = token.code()
        clock.at += 12
        second = token.code()
        assert second.step == first.step + 1
        assert world.server.takes(world.server.active[kit.account][0], second.code)
        clock.at += jump - 12
        assert token.code() is None
        clock.at -= jump
        assert token.code() is None

    _play(world, act)
