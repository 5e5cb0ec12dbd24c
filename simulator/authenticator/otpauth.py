"""`otpauth:` addresses, as sites show them in QR codes, read strictly and explained when they cannot be.

The form is Google's "Key URI Format": `otpauth://TYPE/LABEL?PARAMETERS`, where the label is `issuer:name` or a name.
Parameters that do not change a code, such as `image`, are left alone.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

SECRET_BYTES_AT_LEAST: Final = 10
"""80 bits, what many sites give; RFC 4226 (4, R6) asks for 128."""

SECRET_BYTES_AT_MOST: Final = 128
PERIOD_SECONDS_AT_MOST: Final = 3600
COUNTER_AT_MOST: Final = 2**63 - 1
NAME_LENGTH_AT_MOST: Final = 100

_ADDRESS_LENGTH_AT_MOST: Final = 2048
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_ALGORITHM: Final = re.compile(r"sha-?(1|256|512)", re.IGNORECASE)
_FILLING: Final = re.compile(r"[\s-]")


class Kind(StrEnum):
    """What a code is counted by."""

    TOTP = "totp"
    """Time (RFC 6238)."""
    HOTP = "hotp"
    """How often one was asked for (RFC 4226)."""


class Algorithm(StrEnum):
    """The hash inside the HMAC; its values are those that `hashlib` knows."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


class Fault(StrEnum):
    """Why an address or a typed key gives no account."""

    FOREIGN = "foreign"
    """Not of the scheme `otpauth` at all."""
    MIGRATION = "migration"
    """Another authenticator's export of all its accounts, in a form of its own."""
    KIND = "kind"
    """A kind of code other than TOTP and HOTP."""
    DAMAGED = "damaged"
    """Not an address, or with a parameter twice, or with characters that no address has: cut or touched."""
    NAME = "name"
    """No name, or one that cannot be shown."""
    NO_KEY = "no-key"
    KEY = "key"
    """The key is not base32 (RFC 4648, 6), or cut short."""
    WEAK = "weak"
    """A key of fewer than 80 bits is guessed too soon."""
    LONG = "long"
    ALGORITHM = "algorithm"
    DIGITS = "digits"
    PERIOD = "period"
    COUNTER = "counter"
    """HOTP needs to be told where to begin."""


class OtpauthError(ValueError):
    """No account can be made of it. The text names the fault and repeats nothing of the key."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"not an account: {fault.value}")
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What makes a site's codes, and whose they are. `counter` is that of the next HOTP code."""

    kind: Kind
    issuer: str
    name: str
    secret: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.SHA1
    digits: int = 6
    period_seconds: int = 30
    counter: int = 0

    def __post_init__(self) -> None:
        """Hold every value against its bounds. Raises `OtpauthError`."""
        _expect(_is_shown(self.name) and self.name.strip() != "", Fault.NAME)
        _expect(self.issuer == "" or _is_shown(self.issuer), Fault.NAME)
        _expect(len(self.secret) >= SECRET_BYTES_AT_LEAST, Fault.WEAK)
        _expect(len(self.secret) <= SECRET_BYTES_AT_MOST, Fault.LONG)
        _expect(6 <= self.digits <= 8, Fault.DIGITS)
        _expect(1 <= self.period_seconds <= PERIOD_SECONDS_AT_MOST, Fault.PERIOD)
        _expect(0 <= self.counter <= COUNTER_AT_MOST, Fault.COUNTER)


def read_otpauth(address: str) -> Key:
    """The key that an `otpauth:` address holds. Raises `OtpauthError`."""
    text = address.strip()
    scheme, _, rest = text.partition(":")
    _expect(scheme.lower() != "otpauth-migration", Fault.MIGRATION)
    _expect(scheme.lower() == "otpauth" and rest.startswith("//"), Fault.FOREIGN)
    _expect(len(text) <= _ADDRESS_LENGTH_AT_MOST and text.isprintable() and not _PERCENT.search(text), Fault.DAMAGED)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise OtpauthError(Fault.DAMAGED) from error
    kind = next((kind for kind in Kind if kind == parts.netloc.lower()), None)
    if kind is None:
        raise OtpauthError(Fault.KIND)
    parameters = _parameters(parts.query)
    issuer, name = _label(parts.path)
    algorithm = _ALGORITHM.fullmatch(parameters.get("algorithm", "SHA1"))
    if algorithm is None:
        raise OtpauthError(Fault.ALGORITHM)
    _expect(kind is Kind.TOTP or "counter" in parameters, Fault.COUNTER)
    _expect("secret" in parameters, Fault.NO_KEY)
    return Key(
        kind=kind,
        issuer=parameters.get("issuer", issuer).strip(),
        name=name,
        secret=read_secret(parameters["secret"]),
        algorithm=Algorithm(f"sha{algorithm[1]}"),
        digits=_number(parameters.get("digits", "6"), Fault.DIGITS),
        period_seconds=_number(parameters.get("period", "30"), Fault.PERIOD) if kind is Kind.TOTP else 30,
        counter=_number(parameters["counter"], Fault.COUNTER) if kind is Kind.HOTP else 0,
    )


def read_secret(text: str) -> bytes:
    """A key in base32, as a site prints it: small letters, blanks, hyphens and padding do not matter.

    Raises `OtpauthError`.
    """
    letters = _FILLING.sub("", text).upper().rstrip("=")
    _expect(letters != "", Fault.NO_KEY)
    try:
        return base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise OtpauthError(Fault.KEY) from error


def _parameters(query: str) -> dict[str, str]:
    """The parameters by their names in small letters; none may come twice."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    parameters = {_decoded(name).lower(): _decoded(value) for name, _, value in pairs}
    _expect(len(parameters) == len(pairs), Fault.DAMAGED)
    return parameters


def _label(path: str) -> tuple[str, str]:
    """Issuer (may be empty) and name."""
    label = _decoded(path.removeprefix("/"))
    issuer, colon, name = label.partition(":")
    return (issuer.strip(), name.strip()) if colon else ("", label.strip())


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise OtpauthError(Fault.DAMAGED) from error


def _number(text: str, fault: Fault) -> int:
    _expect(_NUMBER.fullmatch(text) is not None, fault)
    return int(text)


def _is_shown(text: str) -> bool:
    return text.replace("\u3000", " ").isprintable() and len(text) <= NAME_LENGTH_AT_MOST


def _expect(condition: bool, fault: Fault) -> None:
    if not condition:
        raise OtpauthError(fault)
