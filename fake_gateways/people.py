"""Whose message is it? Addresses and numbers, compared as the networks compare them."""

import re
from dataclasses import dataclass

from fake_gateways.mail import Mail
from fake_gateways.sms import Text, digits_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a mailbox and a telephone. An empty `email` or `phone` owns nothing."""

    name: str
    email: str
    phone: str


def belongs_to(message: Mail | Text, person: Person) -> bool:
    """Whether the envelope of a mail, or the recipient of a text, is this person's."""
    match message:
        case Mail():
            return any(same_mailbox(recipient, person.email) for recipient in message.recipients)
        case Text():
            return same_number(message.recipient, person.phone)


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses name one mailbox: letters A to Z are equal in both cases, nothing else is.

    Full case folding would take an address with a Kelvin sign for the one with a k: the very mistake by which a reset
    mail goes to a stranger, and which a rehearsal must show instead of hide.
    """
    return bool(one) and _in_small_ascii(one) == _in_small_ascii(other)


def same_number(one: str, other: str) -> bool:
    """Whether two telephone numbers are one, by their digits: `+852 5555 0101`, `0085255550101`, `85255550101`."""
    return bool(digits_of(one)) and digits_of(one) == digits_of(other)


def same_recipient(one: str, other: str) -> bool:
    """Whether two recipients of either kind are one: mailboxes if either has an `@`, else numbers."""
    return same_mailbox(one, other) if "@" in one or "@" in other else same_number(one, other)


def _in_small_ascii(address: str) -> str:
    return re.sub(r"[A-Z]+", lambda found: found[0].lower(), address.strip())
