"""A text message as it was handed to a gateway."""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from fake_gateways.gsm_7 import Encoding, encoding_of, segments_of

_NUMBER_AS_WRITTEN = re.compile(r"(?:\+|00)?[0-9(][0-9 ().-]*")
_E164_DIGITS = range(3, 16)
"""ITU-T E.164 allows fifteen digits; below three there is not even a service number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text:
    """One text message, whole (long texts joined), as the sender handed it over.

    `recipient` is the number as it was sent, `digits` its digits with the country code first. `received_at` is Unix
    seconds on the gateways' clock. `segments` counts the short messages that it fills. `provider_id` is the id that
    the sender chose or, without one, the one it was answered. `raw` is what came over the wire. `trouble` says what
    could not be read and is empty for a good message. `number` is the inbox's; 0 until the inbox has it.
    """

    kind: ClassVar[Literal["sms"]] = "sms"

    sender: str
    recipient: str
    text: str = field(repr=False)
    received_at: float
    provider_id: str
    raw: bytes = field(default=b"", repr=False)
    trouble: str = ""
    number: int = 0

    @property
    def digits(self) -> str:
        """The recipient's digits, country code first: what two spellings of a number have in common."""
        return digits_of(self.recipient)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The recipient, in the shape that mails have; empty if none could be read."""
        return (self.recipient,) if self.recipient else ()

    @property
    def encoding(self) -> Encoding:
        """The alphabet that it travels in."""
        return encoding_of(self.text)

    @property
    def segments(self) -> int:
        """How many short messages it fills."""
        return segments_of(self.text)


def digits_of(number: str) -> str:
    """The digits of a telephone number, without the international prefix `+` or `00`."""
    return re.sub(r"[^0-9]", "", re.sub(r"^\s*00", "", number))


def is_phone_number(number: str) -> bool:
    """Whether a text can be sent there: digits, with the usual marks between them and a `+` or `00` before."""
    return bool(_NUMBER_AS_WRITTEN.fullmatch(number)) and len(digits_of(number)) in _E164_DIGITS
