"""The registration code in the mail: 80 random bits that say by themselves whether they were typed right."""

import base64
import re
from typing import Final

LENGTH: Final = 20
"""Characters, without hyphens: twelve bytes in base32 (RFC 4648, 6) without padding."""

_SEPARATORS: Final = re.compile(r"[-\s]+", re.ASCII)
_ALPHABET: Final = re.compile(r"[A-Z2-7]*")
_LOOK_ALIKE: Final = str.maketrans("01", "OI")


class RegistrationCodeError(ValueError):
    """This is no registration code. The subclasses say what is wrong with it; none of them repeats it."""


class WrongLength(RegistrationCodeError):
    """More or fewer than 20 characters."""


class WrongCharacter(RegistrationCodeError):
    """A character that no registration code has."""


class WrongChecksum(RegistrationCodeError):
    """The checksum does not fit: a character is wrong, or two are in each other's place."""


def read_registration_code(text: str) -> str:
    """The 20 characters of a typed or pasted code, as they go into requests and computations (docs/phone-api.md).

    Small letters count as capitals, hyphens and white space are left out, `0` is read as `O` and `1` as `I`.
    Raises `WrongCharacter`, `WrongLength` or `WrongChecksum`.
    """
    code = _SEPARATORS.sub("", text)
    if not code.isascii():
        raise WrongCharacter("a character is not of the Latin alphabet")
    code = code.upper().translate(_LOOK_ALIKE)
    if not _ALPHABET.fullmatch(code):
        raise WrongCharacter("a character is neither a letter nor one of the digits 2 to 7")
    if len(code) != LENGTH:
        raise WrongLength(f"{len(code)} characters instead of {LENGTH}")
    data = base64.b32decode(code + "=" * (-len(code) % 8))
    spelt = base64.b32encode(data).decode().rstrip("=")
    if spelt != code or crc16_arc(data[:10]) != int.from_bytes(data[10:], "big"):
        raise WrongChecksum("the checksum does not fit")
    return code


def crc16_arc(data: bytes) -> int:
    """CRC-16/ARC: polynomial 0x8005 reflected (0xA001), initial value 0, no final XOR; `123456789` gives 0xBB3D."""
    crc = 0
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
