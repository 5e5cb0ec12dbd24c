"""Opens a world for a plan: whatever it needs, started together, and closed in the opposite order."""

import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from fake_gateways.gateways import open_gateways
from fake_gateways.listening import DoorNotOpened
from harness.actors.clock import Clock
from harness.actors.handset import Handset, deliver_to, open_handset
from harness.actors.messages import Mailbox, Texts, person_of
from harness.actors.phone import Phone
from harness.actors.scene import Scene
from harness.actors.server import Server
from harness.actors.web import Web
from harness.clock import WorldClock
from harness.errors import EnvironmentNotReady
from harness.plan.values import Plan, PlannedNeed
from harness.steps import Actor
from harness.targets.back_office import BackOffice
from harness.targets.customers import Customer
from harness.world.accounts import open_accounts
from harness.world.observer import Observer
from harness.world.pages import opening_page
from harness.world.photographer import Photographer
from harness.world.server import open_server
from harness.world.surroundings import Surroundings
from harness.world.world import World

TOKEN_STEP_SECONDS = 30.0
REGISTRY: Mapping[str, type[Actor]] = {actor.kind: actor for actor in (Phone, Web, Mailbox, Texts, Server, Clock)}
"""Every kind of actor that a scenario may name."""


@asynccontextmanager
async def open_world(plan: Plan, around: Surroundings) -> AsyncGenerator[World]:
    """Open everything that a plan needs, and close it again at the end of the block.

    Raises EnvironmentNotReady when a part of it cannot be had.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twofold-")))
        clock = WorldClock(real_now=around.real_now, virtual=plan.scenario.clock == "virtual")
        pages = {
            need.alias: await stack.enter_async_context(opening_page(around, clock))
            for need in plan.needs
            if need.kind == "browser"
        }
        try:
            gateways = await stack.enter_async_context(open_gateways(now=clock.now))
        except DoorNotOpened as trouble:
            raise EnvironmentNotReady(str(trouble)) from None
        server = await stack.enter_async_context(
            open_server(
                around.target, gateways, folder, now=clock.now, real_now=around.real_now, environ=around.environ
            )
        )
        origin = server.origin
        scene = Scene(clock=clock, inbox=gateways.inbox, redactor=around.redactor, origin=origin)
        observer = Observer(
            plan.id,
            scene,
            profiles=around.target.profiles,
            tell=around.tell,
            began=around.began,
        )
        photographer = Photographer(plan.id, scene, album=around.album, tell=around.tell, began=around.began)
        clock.on_move(observer.clock_moved)
        back_office = BackOffice(await stack.enter_async_context(http_client(origin, server.back_office_key)))
        customers = await open_accounts(plan.needs, f"{around.seed}/{plan.id}", back_office, around.redactor)
        actors: dict[str, Actor] = {
            "mail": Mailbox(scene, around.target.profiles),
            "sms": Texts(scene, around.target.profiles),
            "server": Server(scene, back_office),
            "clock": Clock(scene),
            **{alias: Web(scene, page, origin) for alias, page in pages.items()},
        }
        handsets = dict[str, Handset]()
        app_client = await stack.enter_async_context(http_client(origin))
        app_client.event_hooks = {"request": [scene.note_request]}
        for need in (need for need in plan.needs if need.kind == "phone"):
            owner = _owner(need, customers)
            handsets[need.alias] = await stack.enter_async_context(
                open_handset(
                    folder / need.alias,
                    person_of(owner) if owner else None,
                    origin=origin,
                    client=app_client,
                    now=clock.now,
                    language="en" if need.options.get("language") == "en" else "zh-Hant",
                )
            )
            actors[need.alias] = Phone(scene, handsets[need.alias])
        stack.callback(gateways.inbox.subscribe(observer.message_arrived))
        stack.callback(gateways.inbox.subscribe(lambda message: deliver_to(handsets.values(), message)))
        for need in (need for need in plan.needs if need.kind == "customer" and need.options.get("token") == "active"):
            from harness.world.enrolling import bind_token  # noqa: PLC0415 - brings the phone's app with it

            handset = _handset_of(need, plan, handsets)
            await bind_token(customers[need.alias], handset, scene, around.target.profiles)
            if clock.virtual:
                await clock.advance(TOKEN_STEP_SECONDS)  # the code that proved the binding is spent
        scene.acts()
        await observer.read_audit(back_office)
        stack.push_async_callback(photographer.close)
        yield World(
            scene=scene,
            origin=origin,
            messages_page=gateways.http_origin,
            back_office=back_office,
            customers=customers,
            actors=actors,
            observer=observer,
            photographer=photographer,
        )


@asynccontextmanager
async def http_client(origin: str, key: str = "") -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client for the server under test; with a key it is the back office's."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # A context that trusts nobody costs nothing to make: the worlds' servers speak plain HTTP on the loopback.
    trusts_nobody = origin.startswith("http://")
    async with httpx.AsyncClient(base_url=origin, headers=headers, verify=not trusts_nobody, trust_env=False) as client:
        yield client


def _owner(need: PlannedNeed, customers: Mapping[str, Customer]) -> Customer | None:
    """Whose phone it is: as written in `of`, else the first customer's."""
    named = need.options.get("of", "").removeprefix("$")
    return customers.get(named) or next(iter(customers.values()), None)


def _handset_of(need: PlannedNeed, plan: Plan, handsets: Mapping[str, Handset]) -> Handset:
    """The phone that a customer's active token lives on: as written in `on`, else the first one."""
    named = need.options.get("on", "")
    handset = handsets.get(named) or next(iter(handsets.values()), None)
    if handset is None:
        raise EnvironmentNotReady(
            f"{plan.id}: the token of {need.alias} is to be active, and no phone is needed to have it"
        )
    return handset
