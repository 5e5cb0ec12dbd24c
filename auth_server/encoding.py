"""How bytes are written in JSON and addresses, and how several values become one that can be signed or hashed."""

import base64
import binascii
import re


def to_base64url(data: bytes) -> str:
    """Write `data` in base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes | None:
    """Read base64url without padding; None for anything else, also for a second spelling of the same bytes."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return data if to_base64url(data) == text else None


def fields(*values: bytes | str) -> bytes:
    """Join `values`, each after its length as four bytes, big-endian, so that no two lists read alike.

    Texts are written in UTF-8.
    """
    parts = [value.encode() if isinstance(value, str) else value for value in values]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
