"""What a person has set on the phone, and how the phone keeps it: one file, written whole."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final, Literal

from simulator.biometrics import Biometric, BiometricKind, BiometricRecords
from simulator.storage import Storage, StorageDamaged
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

Language = Literal["zh-Hant", "en"]

_FILE: Final = "phone.json"
_VERSION: Final = 2


class Network(StrEnum):
    """How well the phone is connected, when it is not in aeroplane mode."""

    ON = "on"
    SLOW = "slow"
    OFF = "off"


class _Language(StrEnum):
    CHINESE = "zh-Hant"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that is set. None means: as the phone was delivered, or not asked yet."""

    language: Language | None = None
    light: bool | None = None
    clock_offset_seconds: float = 0.0
    network: Network = Network.ON
    airplane_mode: bool = False
    notifications_allowed: bool | None = None
    camera_allowed: bool = True
    broker_app_installed: bool | None = None
    rooted: bool = False
    biometrics: BiometricRecords = field(default_factory=BiometricRecords)
    read_mails: frozenset[int] = frozenset()
    read_texts: frozenset[int] = frozenset()


def write_settings(storage: Storage, settings: Settings) -> None:
    """Keep them. Raises `StorageFull` or `StorageFaulty`."""
    content = {"version": _VERSION, **asdict(settings)}
    content |= {"read_mails": sorted(settings.read_mails), "read_texts": sorted(settings.read_texts)}
    content["biometrics"] = asdict(settings.biometrics) | {
        "enrolled": {str(one.number): {"kind": one.kind} for one in settings.biometrics.enrolled},
        "set_id": to_base64url(settings.biometrics.set_id),
    }
    storage.write(_FILE, json.dumps(content).encode())


def read_settings(storage: Storage) -> Settings:
    """What was kept last, else those of a new phone. Raises `StorageDamaged` or `StorageFaulty`."""
    data = storage.read(_FILE)
    if data is None:
        return Settings()
    try:
        stored = JsonObject.parse(data)
        if stored.whole("version") != _VERSION:
            raise NotAsDescribed("written by another version of this phone")
        language = stored.unless_null("language", lambda key: stored.choice(key, _Language))
        settings = Settings(
            language=None if language is None else "en" if language is _Language.ENGLISH else "zh-Hant",
            light=stored.unless_null("light", stored.flag),
            clock_offset_seconds=stored.number("clock_offset_seconds"),
            network=stored.choice("network", Network),
            airplane_mode=stored.flag("airplane_mode"),
            notifications_allowed=stored.unless_null("notifications_allowed", stored.flag),
            camera_allowed=stored.flag("camera_allowed"),
            broker_app_installed=stored.unless_null("broker_app_installed", stored.flag),
            rooted=stored.flag("rooted"),
            biometrics=_read_biometrics(stored.inner("biometrics")),
            read_mails=frozenset(stored.wholes("read_mails")),
            read_texts=frozenset(stored.wholes("read_texts")),
        )
        stored.end()
    except NotAsDescribed as error:
        raise StorageDamaged(f"the phone's settings cannot be read: {error}") from error
    return settings


def _read_biometrics(stored: JsonObject) -> BiometricRecords:
    records = BiometricRecords(
        enrolled=tuple(_read_biometric(number, one) for number, one in stored.inners("enrolled").items()),
        set_id=stored.octets("set_id"),
        last_number=stored.whole("last_number"),
        failures=stored.whole("failures"),
        locked_until=stored.number("locked_until"),
    )
    stored.end()
    return records


def _read_biometric(number: str, stored: JsonObject) -> Biometric:
    if not (number.isascii() and number.isdecimal()):
        raise NotAsDescribed("a biometric's number is not one")
    kind = stored.choice("kind", BiometricKind)
    stored.end()
    return Biometric(number=int(number), kind=kind)
