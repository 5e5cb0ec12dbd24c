"""How a text travels on the air: its alphabet and the number of messages that it fills (3GPP TS 23.038, 23.040)."""

from collections.abc import Iterable
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The GSM 7-bit default alphabet, 3GPP TS 23.038 clause 6.2.1: one septet each."""

_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Its extension table, clause 6.2.1.1: an escape and a septet each."""


class Encoding(StrEnum):
    """The alphabets of a text message."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


def encoding_of(text: str) -> Encoding:
    """The default alphabet if every character is in it, else UCS-2."""
    return Encoding.GSM_7 if _BASIC.issuperset(set(text) - _EXTENDED) else Encoding.UCS_2


def segments_of(text: str) -> int:
    """How many short messages a text fills: at least one.

    One message holds 160 septets or 70 UTF-16 units. A longer text loses six octets of each message to the
    concatenation header (3GPP TS 23.040, 9.2.3.24.1): 153 septets or 67 units, and neither an escape pair nor a
    surrogate pair is cut in two.
    """
    if encoding_of(text) is Encoding.GSM_7:
        return _filled((2 if character in _EXTENDED else 1 for character in text), alone=160, joined=153)
    return _filled((2 if ord(character) > 0xFFFF else 1 for character in text), alone=70, joined=67)


def _filled(widths: Iterable[int], *, alone: int, joined: int) -> int:
    sizes = tuple(widths)
    if sum(sizes) <= alone:
        return 1
    segments, room = 1, joined
    for size in sizes:
        if size > room:
            segments, room = segments + 1, joined
        room -= size
    return segments
