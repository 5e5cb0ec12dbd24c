"""What is set on a phone: kept, told when it is damaged, and what the network lets through."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from simulator.biometrics import BiometricKind
from simulator.phone import MailOnPhone, Phone
from simulator.radio import SLOW_SECONDS, Radio
from simulator.settings import Network, Settings
from simulator.storage import Storage, StorageFull


@pytest.fixture
def storage(tmp_path: Path):
    with Storage(tmp_path / "phone", durable=False) as storage:
        yield storage


def _phone(storage: Storage, **delivered: object) -> Phone:
    return Phone(storage, now=lambda: 1000.0, **delivered)


def test_every_setting_outlives_a_restart(storage):
    changed = Settings(
        language="en",
        light=True,
        clock_offset_seconds=-45.0,
        network=Network.SLOW,
        airplane_mode=True,
        notifications_allowed=False,
        camera_allowed=False,
        broker_app_installed=False,
        rooted=True,
        read_mails=frozenset({3, 1}),
        read_texts=frozenset({2}),
    )
    phone = _phone(storage)
    phone.change(changed)
    phone.biometrics.add(BiometricKind.FACE)
    assert _phone(storage).settings == phone.settings
    assert replace(phone.settings, biometrics=changed.biometrics) == changed


def test_what_its_owner_has_set_stands_above_what_the_phone_was_delivered_with(storage):
    assert _phone(storage, language="en").language == "en"
    assert _phone(storage).language == "zh-Hant"
    _phone(storage).change(Settings(language="en"))
    assert _phone(storage, language="zh-Hant").language == "en"


def test_a_phone_is_delivered_with_the_brokers_app_unless_asked_otherwise_and_m1_installs_it(storage):
    assert _phone(storage).broker_app_installed
    phone = _phone(storage, installed=False)
    assert not phone.broker_app_installed
    phone.install_broker_app()
    assert _phone(storage, installed=False).broker_app_installed


@pytest.mark.parametrize(
    ("network", "airplane_mode", "reached"),
    [
        (Network.ON, False, True),
        (Network.SLOW, False, True),
        (Network.OFF, False, False),
        (Network.ON, True, False),
        (Network.SLOW, True, False),
    ],
)
def test_the_network_is_reached_unless_it_is_off_or_the_phone_in_aeroplane_mode(
    storage, network, airplane_mode, reached
):
    phone = _phone(storage)
    phone.change(Settings(network=network, airplane_mode=airplane_mode))
    assert phone.network_on is reached
    phone.network_on = not reached
    assert phone.network_on is not reached
    phone.network_on = reached
    assert phone.network_on is reached


def test_setting_the_network_to_what_it_is_leaves_a_slow_one_slow(storage):
    phone = _phone(storage)
    phone.change(Settings(network=Network.SLOW))
    phone.network_on = True
    assert phone.settings.network is Network.SLOW


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e9, -1e9])
def test_a_clock_that_is_more_than_a_year_off_is_refused(storage, seconds):
    phone = _phone(storage)
    with pytest.raises(ValueError, match="a year"):
        phone.clock_offset_seconds = seconds
    assert phone.clock_offset_seconds == 0


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"twofold-phone-1 ", "cut", "version", "unknown key"])
def test_damaged_settings_are_told_and_nothing_is_overwritten_until_they_are_reset(storage, spoilt):
    phone = _phone(storage)
    phone.deliver_mail(_mail())
    phone.change(replace(phone.settings, rooted=True))
    path = storage.folder / "phone.json"
    match spoilt:
        case "cut":
            path.write_bytes(path.read_bytes()[:-5])
        case "version":
            storage.write("phone.json", json.dumps({"version": 99}).encode())
        case "unknown key":
            storage.write("phone.json", json.dumps(json.loads(storage.read("phone.json")) | {"x": 1}).encode())
        case bytes():
            path.write_bytes(spoilt)
    as_it_was = path.read_bytes()
    phone = _phone(storage)
    assert phone.settings_damaged
    assert phone.settings == Settings()
    phone.mark_read(_mail())
    phone.network_on = False
    assert path.read_bytes() == as_it_was
    phone.reset_settings()
    assert not phone.settings_damaged
    again = _phone(storage)
    assert (again.settings_damaged, again.settings, again.mails) == (False, Settings(), (_mail(),))


def test_a_setting_that_finds_no_room_stays_as_it_was(storage):
    phone = _phone(storage)
    storage.full = True
    with pytest.raises(StorageFull):
        phone.change(replace(phone.settings, rooted=True))
    assert not phone.settings.rooted


def _mail() -> MailOnPhone:
    return MailOnPhone(number=1, sender="a", subject="b", text="c", html="", pictures=(), received_at=5.0)


class _Beyond(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.reached = 0

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        self.reached += 1
        return httpx.Response(204)


def _send(phone: Phone, beyond: _Beyond, pause) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(transport=Radio(phone, beyond, pause=pause)) as client:
            await client.get("http://broker.example/")

    asyncio.run(main())


def test_requests_go_through_at_once_late_or_not_at_all_as_the_network_is(storage):
    phone, beyond, pauses = _phone(storage), _Beyond(), []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    _send(phone, beyond, pause)
    assert (beyond.reached, pauses) == (1, [])
    phone.change(Settings(network=Network.SLOW))
    _send(phone, beyond, pause)
    assert (beyond.reached, pauses) == (2, [SLOW_SECONDS])
    phone.change(Settings(airplane_mode=True))
    with pytest.raises(httpx.ConnectError):
        _send(phone, beyond, pause)
    assert beyond.reached == 2


def test_a_network_that_is_lost_while_a_request_waits_lets_it_through_no_more(storage):
    phone, beyond = _phone(storage), _Beyond()
    phone.change(Settings(network=Network.SLOW))

    async def lose_it(_: float) -> None:
        phone.network_on = False

    with pytest.raises(httpx.ConnectError):
        _send(phone, beyond, lose_it)
    assert beyond.reached == 0
