"""Which token PINs are refused: those that a thief would try first (M15)."""

import re
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

PIN_FORM: Final = re.compile(r"[0-9]{6}")

_CHOSEN_MOST: Final = """
    112358 123321 123654 131313 131452 134679 135790 142536 142857 147258 147852 147896
    159357 159753 168168 246810 258369 258456 314159 321654 369258 456123 456852 520131
    520520 521521 527527 696969 741852 741963 753951 789123 789456 852456 963852
"""
_COMMON: Final = frozenset(_CHOSEN_MOST.split())
"""Patterns on the keypad, numbers that sound like words in Chinese, and constants."""

_BIRTH_YEARS: Final = range(1930, 2013)
"""Years in which a customer may have been born."""


class PinWeakness(StrEnum):
    """Why a PIN is refused."""

    FORM = "form"
    """Not six of the digits 0 to 9."""
    REPEATS = "repeats"
    """Only one or two different digits, one half twice, or three pairs."""
    RUN = "run"
    """Each digit one more, or one less, than the one before."""
    COMMON = "common"
    """Among those chosen most."""
    ACCOUNT = "account"
    """Digits of the customer's account number, forwards or backwards."""
    BIRTHDAY = "birthday"
    """A date on which a customer may have been born, in any of the usual orders."""


def weakness(pin: str, *, account: str) -> PinWeakness | None:
    """Why this PIN is too easy to guess for that account, or None when it may be chosen."""
    if not PIN_FORM.fullmatch(pin):
        return PinWeakness.FORM
    if len(set(pin)) <= 2 or pin[:3] == pin[3:] or re.fullmatch(r"(.)\1(.)\2(.)\3", pin):
        return PinWeakness.REPEATS
    if _is_run(pin):
        return PinWeakness.RUN
    if pin in _COMMON:
        return PinWeakness.COMMON
    digits = re.sub(r"[^0-9]", "", account)
    if pin in digits or pin in digits[::-1]:
        return PinWeakness.ACCOUNT
    return PinWeakness.BIRTHDAY if _is_birthday(pin) else None


def _is_run(pin: str) -> bool:
    differences = {(int(later) - int(earlier)) % 10 for earlier, later in pairwise(pin)}
    return differences in ({1}, {9})


def _is_birthday(pin: str) -> bool:
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    orders = ((first, second, third), (third, second, first), (third, first, second))
    return any(_is_date(century + year, month, day) for year, month, day in orders for century in (1900, 2000))


def _is_date(year: int, month: int, day: int) -> bool:
    if year not in _BIRTH_YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
