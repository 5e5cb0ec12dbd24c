"""A world: everything that a plan needs, real, on one clock, and gone at its end."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from harness.errors import EnvironmentNotReady
from harness.events import ClockMoved, Event, MessageArrived, ServerNoted
from harness.plan import Plan, check
from harness.redaction import Redactor
from harness.reports.album import Album
from harness.targets.target import load_target
from harness.world.opening import REGISTRY, open_world
from harness.world.surroundings import Surroundings
from harness.world.world import World


async def no_browser():
    raise EnvironmentNotReady("no browser is needed here")


def in_world(
    tmp_path: Path, needs: str, play: Callable[[World, list[Event]], Awaitable[None]], *, head: str = ""
) -> Redactor:
    """Open a world for what a scenario needs, and play in it."""
    path = tmp_path / "w.scenario.yaml"
    path.write_text(
        f"scenario: A world\nid: W-1\n{head}needs:\n{needs}steps:\n  - clock.advance: 0s\n", encoding="utf-8"
    )
    target = load_target("reference")
    plan: Plan
    (plan,) = check([path], registry=REGISTRY, target=target.facts, environ={}, seed="7f3a")
    events, redactor = list[Event](), Redactor()
    around = Surroundings(
        target=target,
        browser=no_browser,
        redactor=redactor,
        album=Album(None),
        environ=os.environ,
        real_now=time.time,
        seed="7f3a",
        tell=events.append,
        began=time.monotonic(),
    )

    async def run() -> None:
        async with open_world(plan, around) as world:
            await play(world, events)

    asyncio.run(run())
    return redactor


def test_the_server_answers_while_the_world_is_open_and_its_port_is_free_afterwards(tmp_path: Path) -> None:
    ports = list[int]()

    async def play(world: World, _: list[Event]) -> None:
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{world.origin}/cas/login")).status_code == 200
        ports.append(int(world.origin.rpartition(":")[2]))

    in_world(tmp_path, "  - customer: chan\n", play)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", ports[0]))


def test_the_same_seed_opens_the_same_accounts_and_their_secrets_are_known_to_the_redactor(tmp_path: Path) -> None:
    seen = list[tuple[str, str, str]]()

    async def play(world: World, _: list[Event]) -> None:
        chan = world.customers["chan"]
        seen.append((chan.account, chan.email, chan.password))
        assert await world.back_office.token_state(chan.account) == "none"

    redactors = [in_world(tmp_path, "  - customer: chan\n", play) for _ in range(2)]
    assert seen[0] == seen[1]
    assert redactors[0].redact(seen[0][2]) == "‹password#1›"


def test_a_customer_whose_token_is_to_be_active_has_it_on_the_phone(tmp_path: Path) -> None:
    async def play(world: World, events: list[Event]) -> None:
        chan = world.customers["chan"]
        assert await world.back_office.token_state(chan.account) == "active"
        phone = world.actors["phone"]
        outputs = await phone.code(pin=chan.pin)
        assert len(outputs["code"]) == 6
        assert {event.profile for event in events if isinstance(event, MessageArrived)} >= {
            "activation-code",
            "token-registration",
            "token-bound-notice",
        }

    in_world(tmp_path, "  - customer: {as: chan, token: active}\n  - phone: phone\n", play)


def test_a_mail_of_the_server_reaches_the_phone_of_its_owner_alone(tmp_path: Path) -> None:
    async def play(world: World, _: list[Event]) -> None:
        await world.actors["server"].reset_password(world.customers["chan"])
        outputs = await world.actors["mail"].expect(to=world.customers["chan"], profile="password-reset")
        assert outputs["link"].startswith(f"{world.origin}/iweb/password-reset?token=")
        hers, his = world.actors["hers"], world.actors["his"]
        await hers.open("電郵")
        await hers.sees("Password Reset")
        await his.open("電郵")
        await his.not_sees("Password Reset")

    in_world(
        tmp_path,
        "  - customer: chan\n  - customer: lee\n  - phone: {as: hers, of: $chan}\n  - phone: {as: his, of: $lee}\n",
        play,
    )


def test_a_phone_that_is_switched_off_and_on_keeps_what_its_storage_holds(tmp_path: Path) -> None:
    async def play(world: World, _: list[Event]) -> None:
        phone = world.actors["phone"]
        await phone.open("鉅亨證券 2")
        await phone.tap("允許")
        await phone.screen("disclaimer")
        await phone.restart()
        await phone.screen("home")
        await phone.open("鉅亨證券 2")
        await phone.screen("disclaimer")

    in_world(tmp_path, "  - phone: phone\n", play)


def test_the_clock_moves_for_server_and_phone_together(tmp_path: Path) -> None:
    async def play(world: World, events: list[Event]) -> None:
        before = world.now()
        await world.actors["clock"].advance(8 * 3600.0)
        assert world.now() == before + 8 * 3600
        assert world.actors["phone"].handset.phone.now() == world.now()
        await world.actors["server"].reset_password(world.customers["chan"])
        await world.look_around()
        (moved,) = [event for event in events if isinstance(event, ClockMoved)]
        noted = [event for event in events if isinstance(event, ServerNoted)]
        assert moved.to == noted[-1].at == world.now()

    in_world(tmp_path, "  - customer: chan\n  - phone: phone\n", play)


def test_a_browser_that_cannot_be_had_is_told_to_the_step_that_needs_it(tmp_path: Path) -> None:
    async def play(world: World, _: list[Event]) -> None:
        with pytest.raises(EnvironmentNotReady, match="no browser is needed here"):
            await world.actors["web"].open("/cas/login")

    in_world(tmp_path, "  - browser: web\n", play)
