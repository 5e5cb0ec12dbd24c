"""Killed, cut off or out of room at any moment of the enrolment: it goes on, and ends with exactly one active token."""

import asyncio
import json
from contextlib import suppress

import httpx
import pytest

from simulator.biometrics import BiometricKind
from simulator.securities.app import AppRefusal, EnrolmentStep, TokenState
from simulator.storage import Storage, StorageFull

CALLS = 8
"""Requests of an enrolment: who are you, challenge, login, consent, SMS code, registration, binding, activation."""

WRITES = 7
"""Writes of the app during it: server's key, device's keys, their public half, account, binding, its answer, token."""


class Killed(BaseException):
    """The phone goes dark. Not an `Exception`: nothing in the app may live through it."""


class Fuse:
    """Blows at the n-th event, before it takes effect or after."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left = at
        self.after = after
        self.blown = False

    def burn(self, *, after: bool) -> None:
        if after is not self.after:
            return
        self.left -= 1
        if self.left == 0:
            self.blown = True
            raise Killed


class ApiOnAFuse:
    """Every call counts; `after` means that the server has done its work and the answer never arrived."""

    def __init__(self, api, fuse: Fuse) -> None:
        self._api = api
        self._fuse = fuse
        self.origin = api.origin

    def __getattr__(self, name):
        async def call(*args, **kwargs):
            self._fuse.burn(after=False)
            answer = await getattr(self._api, name)(*args, **kwargs)
            self._fuse.burn(after=True)
            return answer

        return call


class StorageOnAFuse(Storage):
    """Every write counts."""

    fuse: Fuse

    def write(self, name: str, data: bytes) -> None:
        self.fuse.burn(after=False)
        super().write(name, data)
        self.fuse.burn(after=True)


async def _go_on(world, kit, app) -> None:
    """What a customer does who looks at the screen and does the next thing, with the newest SMS and mail at hand."""
    await app.log_in(kit.account, kit.password)
    for _ in range(12):
        match app.enrolment_step:
            case EnrolmentStep.NONE:
                await app.start_enrolment()
            case EnrolmentStep.SMS_CODE:
                await app.confirm_sms_code(world.enrolment().sms_code)
            case EnrolmentStep.CHOOSE_PIN:
                await app.choose_pin(kit.pin, kit.pin)
            case EnrolmentStep.REGISTRATION:
                await app.request_registration()
            case EnrolmentStep.BINDING:
                await app.bind_with_code(kit.account, world.enrolment().registration_code)
            case EnrolmentStep.FINISH:
                await app.finish_binding()
            case EnrolmentStep.ACTIVE:
                return
    pytest.fail(f"no way out of {app.enrolment_step}")


def _ends_well(world, kit) -> None:
    with world.opened() as app:
        asyncio.run(_go_on(world, kit, app))
        _one_token(world, kit, app)
    stored = json.loads((world.folder / "securities.json").read_bytes().partition(b"\n")[2])
    assert stored["accounts"][kit.account]["pending"] is None


def _one_token(world, kit, app) -> None:
    assert app.token is TokenState.ACTIVE
    (token,) = world.server.active[kit.account]
    assert world.server.takes(token, asyncio.run(app.token_code(kit.pin)).code)


def _cut_by(world, kit, fuse: Fuse) -> None:
    with world.opened() as app:
        try:
            asyncio.run(_go_on(world, kit, app))
        except Killed:
            return
        assert not fuse.blown


def test_the_sweeps_below_leave_no_request_and_no_write_out(world, kit):
    calls, writes = Fuse(CALLS + 1, after=True), Fuse(WRITES + 1, after=True)
    world.make_api = lambda api: ApiOnAFuse(api, calls)
    world.make_storage = lambda folder: _on_a_fuse(folder, writes)
    _cut_by(world, kit, calls)
    assert (calls.left, writes.left) == (1, 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_killed_before_or_after_any_request_the_enrolment_goes_on_to_one_active_token(world, kit, call, after):
    fuse = Fuse(call, after=after)
    world.make_api = lambda api: ApiOnAFuse(api, fuse)
    _cut_by(world, kit, fuse)
    assert fuse.blown
    world.make_api = lambda api: api
    _ends_well(world, kit)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_killed_before_or_after_any_write_the_enrolment_goes_on_to_one_active_token(world, kit, write, after):
    fuse = Fuse(write, after=after)
    world.make_storage = lambda folder: _on_a_fuse(folder, fuse)
    _cut_by(world, kit, fuse)
    assert fuse.blown
    world.make_storage = lambda folder: Storage(folder, durable=False)
    _ends_well(world, kit)


def test_killed_again_and_again_each_time_one_request_later_it_still_ends_with_one_active_token(world, kit):
    for call in range(1, CALLS + 1):
        fuse = Fuse(call, after=True)
        world.make_api = lambda api, fuse=fuse: ApiOnAFuse(api, fuse)
        _cut_by(world, kit, fuse)
    world.make_api = lambda api: api
    _ends_well(world, kit)


@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_with_no_room_at_any_write_the_customer_is_told_and_goes_on_when_there_is_room(world, kit, write):
    fuse = Fuse(write, after=False)
    world.make_storage = lambda folder: _without_room(folder, fuse)

    with world.opened() as app:
        with pytest.raises(AppRefusal, match="儲存空間不足"):
            asyncio.run(_go_on(world, kit, app))
        asyncio.run(_go_on(world, kit, app))
        _one_token(world, kit, app)


@pytest.mark.parametrize("path", ["/enrolment/binding", "/enrolment/activation"])
@pytest.mark.parametrize("fault", ["lost answer", "500", "garbage", "no network before"])
def test_a_binding_cut_off_by_the_network_or_the_server_is_finished_later_by_the_same_app(world, kit, path, fault):
    server = world.server

    async def play(app):
        await kit.to_the_code(world, app)
        code = server.enrolments[kit.account].registration_code
        server.answer_instead = _fault(server, path, fault)
        with pytest.raises(AppRefusal):
            await app.bind_with_code(kit.account, code)
        assert app.enrolment_step is EnrolmentStep.FINISH
        assert app.token is TokenState.PENDING
        server.answer_instead = lambda _request: None
        await app.finish_binding()

    with world.opened() as app:
        asyncio.run(play(app))
        _one_token(world, kit, app)


def test_after_a_restart_the_pin_is_asked_for_again_and_the_earlier_mail_still_binds(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_code(world, app))
    mailed = world.enrolment().registration_code

    async def play(app):
        await app.log_in(kit.account, kit.password)
        assert app.enrolment_step is EnrolmentStep.CHOOSE_PIN
        assert app.needs_pin
        await app.choose_pin(kit.pin, kit.pin)
        assert app.enrolment_step is EnrolmentStep.BINDING
        await app.bind_with_code(kit.account, mailed)
        assert app.token is TokenState.ACTIVE

    with world.opened() as app:
        asyncio.run(play(app))
    assert world.server.paths().count("POST /enrolment/registration") == 1


def test_once_the_seed_is_sealed_a_restart_does_not_ask_for_the_pin_again(world, kit):
    server = world.server

    async def until_cut(app):
        await kit.to_the_code(world, app)
        server.answer_instead = _fault(server, "/enrolment/activation", "500")
        with pytest.raises(AppRefusal):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        server.answer_instead = lambda _request: None

    with world.opened() as app:
        asyncio.run(until_cut(app))

    async def play(app):
        await app.log_in(kit.account, kit.password)
        assert app.enrolment_step is EnrolmentStep.FINISH
        assert not app.needs_pin
        await app.finish_binding()

    with world.opened() as app:
        asyncio.run(play(app))
        _one_token(world, kit, app)


def test_a_new_mail_asked_for_in_the_middle_of_a_binding_ends_the_old_code_and_binds(world, kit):
    server = world.server

    async def play(app):
        await kit.to_the_code(world, app)
        server.answer_instead = _fault(server, "/enrolment/binding", "500")
        with pytest.raises(AppRefusal):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        server.answer_instead = lambda _request: None
        await app.request_registration()
        assert app.enrolment_step is EnrolmentStep.BINDING
        await app.bind_with_code(kit.account, world.enrolment().registration_code)

    with world.opened() as app:
        asyncio.run(play(app))
        _one_token(world, kit, app)


def test_an_earlier_binding_is_settled_before_another_code_is_tried(world, kit):
    server = world.server

    async def play(app):
        await kit.to_the_code(world, app)
        server.answer_instead = _fault(server, "/enrolment/binding", "lost answer")
        with pytest.raises(AppRefusal):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        server.answer_instead = lambda _request: None
        await app.bind_with_code(kit.account, kit.new_registration_code())

    with world.opened() as app:
        asyncio.run(play(app))
        _one_token(world, kit, app)


def test_a_code_that_expired_while_the_phone_was_off_is_refused_and_a_new_mail_binds(world, kit):
    server = world.server

    async def until_cut(app):
        await kit.to_the_code(world, app)
        server.answer_instead = _fault(server, "/enrolment/binding", "no network before")
        with pytest.raises(AppRefusal):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        server.answer_instead = lambda _request: None

    with world.opened() as app:
        asyncio.run(until_cut(app))
    world.enrolment().registration_code = kit.new_registration_code()

    async def play(app):
        await app.log_in(kit.account, kit.password)
        await app.choose_pin(kit.pin, kit.pin)
        assert app.enrolment_step is EnrolmentStep.FINISH
        with pytest.raises(AppRefusal, match="wrong-registration-code"):
            await app.finish_binding()
        assert app.enrolment_step is EnrolmentStep.BINDING
        await app.request_registration()
        await app.bind_with_code(kit.account, world.enrolment().registration_code)

    with world.opened() as app:
        asyncio.run(play(app))
        _one_token(world, kit, app)


def test_an_enrolment_begun_on_another_phone_ends_this_ones_and_it_starts_anew(world, kit):
    with world.opened() as app:
        asyncio.run(kit.to_the_code(world, app))
    world.enrolment().device_key = b"another phone's"

    async def play(app):
        await app.log_in(kit.account, kit.password)
        assert app.enrolment_step is EnrolmentStep.NONE

    with world.opened() as app:
        asyncio.run(play(app))
    _ends_well(world, kit)


def test_in_aeroplane_mode_nothing_is_sent_and_the_customer_is_told(world, kit):
    async def play(app):
        world.phone.network_on = False
        with pytest.raises(AppRefusal, match="沒有連接網絡"):
            await app.log_in(kit.account, kit.password)
        world.phone.network_on = True
        await kit.to_the_code(world, app)
        sent = len(world.server.received)
        world.phone.network_on = False
        for ask in (app.start_enrolment, app.request_registration):
            with pytest.raises(AppRefusal, match="沒有連接網絡"):
                await ask()
        with pytest.raises(AppRefusal, match="沒有連接網絡"):
            await app.bind_with_code(kit.account, world.enrolment().registration_code)
        assert len(world.server.received) == sent
        assert app.enrolment_step is EnrolmentStep.BINDING

    with world.opened() as app:
        asyncio.run(play(app))


def test_codes_need_no_network(world, kit):
    async def play(app):
        await kit.to_the_end(world, app)
        world.phone.network_on = False
        sent = len(world.server.received)
        code = await app.token_code(kit.pin)
        assert world.server.takes(world.server.active[kit.account][0], code.code)
        await app.log_out()
        assert len(world.server.received) == sent

    with world.opened() as app:
        asyncio.run(play(app))


def _fault(server, path, fault):
    busy = False

    def instead(request):
        if not request.url.path.endswith(path) or busy:
            return None
        match fault:
            case "500":
                return httpx.Response(500, text="Internal Server Error")
            case "garbage":
                return httpx.Response(200, json={"step": "surprise"})
            case "no network before":
                raise httpx.ConnectError("no route")
            case _:
                return _answer_and_lose(request)

    def _answer_and_lose(request):
        nonlocal busy
        busy = True
        # The peer's own work has no await in it: one step of its coroutine does all of it.
        with pytest.raises(StopIteration) as done:
            server.answer(request).send(None)
        assert done.value.value.status_code == 200
        busy = False
        raise httpx.ReadError("the line is dead")

    return instead


def _on_a_fuse(folder, fuse):
    storage = StorageOnAFuse(folder, durable=False)
    storage.fuse = fuse
    return storage


class StorageWithoutRoom(Storage):
    """The n-th write finds the disk full."""

    fuse: Fuse

    def write(self, name: str, data: bytes) -> None:
        try:
            self.fuse.burn(after=False)
        except Killed:
            raise StorageFull("no space left on device") from None
        super().write(name, data)


def _without_room(folder, fuse):
    storage = StorageWithoutRoom(folder, durable=False)
    storage.fuse = fuse
    return storage


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("act", ["enable biometrics", "clear the token"])
def test_killed_in_the_middle_of_the_settings_the_phone_finds_a_way_on(world, kit, act, call, after):
    fuse = Fuse(10_000, after=after)

    async def bind(app):
        world.phone.biometrics.add(BiometricKind.FINGERPRINT)
        await kit.to_the_end(world, app)
        fuse.left = call
        with suppress(Killed):
            await do(app)

    async def do(app):
        if act == "enable biometrics":
            await app.biometrics.enable(await app.biometrics.terms(), kit.pin)
        else:
            await app.settings.load()
            await app.settings.clear_token()

    async def go_on(app):
        await app.log_in(kit.account, kit.password)
        assert (app.token is TokenState.ACTIVE) is (kit.account in world.server.active)
        if app.token is TokenState.ACTIVE:
            await do(app)
        assert app.opens_by_biometrics is (act == "enable biometrics")
        assert (kit.account in world.server.active) is (act == "enable biometrics")

    world.make_api = lambda api: ApiOnAFuse(api, fuse)
    with world.opened() as app:
        asyncio.run(bind(app))
    assert fuse.blown
    world.make_api = lambda api: api
    with world.opened() as app:
        asyncio.run(go_on(app))
