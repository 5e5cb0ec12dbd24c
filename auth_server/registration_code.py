"""The registration code (註冊編碼): 80 random bits and their checksum, as a customer can read and type them (M16, M18).

Twelve bytes — ten random ones and their CRC-16/ARC, big-endian — in base32 (RFC 4648, 6): 20 characters.
"""

import base64
import re
import secrets
from typing import Final

_RANDOM_BYTES: Final = 10
_POLYNOMIAL: Final = 0xA001  # 0x8005, bits reversed


def crc16_arc(data: bytes) -> int:
    """Work out the CRC-16/ARC of `data`: polynomial 0x8005 reflected, from zero; 0xBB3D for ``123456789``."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ _POLYNOMIAL if crc & 1 else crc >> 1
    return crc


def new_code() -> str:
    """Draw a new code: 20 characters."""
    drawn = secrets.token_bytes(_RANDOM_BYTES)
    # Twelve bytes are 19.2 characters of base32: the twentieth holds one bit, and four zeros of padding follow it.
    return base64.b32encode(drawn + crc16_arc(drawn).to_bytes(2, "big")).decode("ascii").rstrip("=")


def write_code(code: str) -> str:
    """Write `code` in groups of five: ``XXXXX-XXXXX-XXXXX-XXXXX``."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def read_code(text: str) -> str | None:
    """Read a code as people type it; None if it is not one or its checksum is wrong.

    Small letters, hyphens and spaces do not matter; ``0`` is read as ``O`` and ``1`` as ``I``.
    """
    code = re.sub(r"[- ]", "", text).upper().replace("0", "O").replace("1", "I")
    if not re.fullmatch(r"[A-Z2-7]{20}", code):
        return None
    data = base64.b32decode(code + "====")
    if base64.b32encode(data).decode("ascii").rstrip("=") != code:
        return None  # the padding bits are not zero: a second spelling of another code
    drawn, checksum = data[:_RANDOM_BYTES], data[_RANDOM_BYTES:]
    return code if crc16_arc(drawn).to_bytes(2, "big") == checksum else None
