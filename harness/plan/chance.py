"""Texts drawn by chance, the same ones for the same seed: `$random.password`, `$random.pin` and their like."""

import random
import string
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

_LETTERS: Final = "".join(sorted(set(string.ascii_letters) - set("IlOo")))
_PASSWORD_LENGTH: Final = 12


def _password(dice: random.Random) -> str:
    """Letters and digits, at least one of each (M4); long enough to be on no list of common passwords."""
    drawn = [dice.choice(_LETTERS), dice.choice(string.digits)]
    drawn += (dice.choice(_LETTERS + string.digits) for _ in range(_PASSWORD_LENGTH - len(drawn)))
    dice.shuffle(drawn)
    return "".join(drawn)


def _pin(dice: random.Random) -> str:
    """Six digits that nobody guesses (M15): no repeats, no runs, and no date, its middle being no month or day."""
    while True:
        pin = f"{dice.randrange(100):02}{dice.randrange(32, 100)}{dice.randrange(100):02}"
        steps = [int(after) - int(before) for before, after in pairwise(pin)]
        if len(set(pin)) >= 5 and not any(a == b and a in (-1, 0, 1) for a, b in pairwise(steps)):
            return pin


def _code(dice: random.Random) -> str:
    return f"{dice.randrange(1_000_000):06}"


def _account(dice: random.Random) -> str:
    return f"{dice.randrange(10_000):04}-{dice.randrange(10_000):04}"


def _email(dice: random.Random) -> str:
    """An address in a domain that nobody owns (RFC 2606)."""
    return f"{''.join(dice.choice(string.ascii_lowercase) for _ in range(10))}@example.com"


def _phone(dice: random.Random) -> str:
    return f"+852 5555 {dice.randrange(10_000):04}"


_DRAWS: Final[Mapping[str, Callable[[random.Random], str]]] = {
    "password": _password,
    "pin": _pin,
    "code": _code,
    "account": _account,
    "email": _email,
    "phone": _phone,
}

RANDOM_KINDS: Final = tuple(_DRAWS)

SECRET_KINDS: Final[Mapping[str, str]] = {"password": "password", "pin": "pin", "code": "otp"}
"""Which draws are secrets, and what the redactor calls them."""


def draw(kind: str, key: str, seed: str) -> str:
    """Draw a text of one of RANDOM_KINDS. The same key and seed give the same text."""
    # For tests that can be repeated: the words that a scenario uses protect nothing real.
    return _DRAWS[kind](random.Random(f"{seed}/{kind}/{key}"))  # noqa: S311
