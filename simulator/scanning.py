"""What the text of a QR code is for: which app of the phone takes it, if any."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_REGISTRATION: Final = re.compile(r"TWOFOLD[0-9]{1,4}\?.*", re.DOTALL)
_ONE_TIME_PASSWORDS: Final = re.compile(r"otpauth(?:-migration)?:.*", re.DOTALL | re.IGNORECASE)
_INSTALL_PATH: Final = re.compile(r"/iweb/app/(android|ios)")


@dataclass(frozen=True, slots=True)
class Registration:
    """A token's registration code, for the broker's app, whichever version and issuer (docs/phone-api.md)."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OneTimePasswords:
    """An address of the scheme `otpauth` or one of its kin, for the Authenticator."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the broker's app is installed from (M1): `host` as the customer knows it, and which version."""

    host: str
    platform: str


@dataclass(frozen=True, slots=True)
class SomethingElse:
    """A text that no app of this phone takes."""

    text: str = field(repr=False)


Scanned = Registration | OneTimePasswords | Installation | SomethingElse


def what_is(text: str) -> Scanned:
    """What a QR code is for. That its content is sound is for the app to say that takes it."""
    if _REGISTRATION.fullmatch(text):
        return Registration(text)
    if _ONE_TIME_PASSWORDS.fullmatch(text):
        return OneTimePasswords(text)
    return _installation(text) or SomethingElse(text)


def _installation(text: str) -> Installation | None:
    if not text.isprintable():
        return None
    try:
        address = urlsplit(text)
        host, port = address.hostname, address.port
    except ValueError:
        return None
    path = _INSTALL_PATH.fullmatch(address.path)
    plain = not (address.query or address.fragment or address.username or address.password)
    if address.scheme not in ("http", "https") or not host or path is None or not plain:
        return None
    return Installation(host=f"{host}:{port}" if port else host, platform=path[1])
