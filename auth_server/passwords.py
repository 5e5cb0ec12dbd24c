"""Login passwords: how they are kept, and what they must be (M4).

Kept as Argon2id (RFC 9106; m = 46 MiB, t = 1, p = 1, OWASP ASVS 5.0 appendix C) over an HMAC under a key that is not in
the database. Whatever is asked, one hash is worked out, so that the time of an answer tells nothing. A hash begins with
the id of the master key that its own key (the pepper) comes from: the next login moves it to the current one.
"""

import base64
import hmac
import os
import re
import threading
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from auth_server.accounts import Account

SHORTEST: Final = 8
LONGEST: Final = 64  # NIST SP 800-63B-4, 5.1.1.2: at least 64 must be taken

_COMMON: Final = Path(__file__).parent / "common_passwords.txt"
_BROKER: Final = "anue"
_SHORTEST_NAME: Final = 6

# One hash needs 46 MiB: a crowd at the door waits here instead of filling the memory.
_AT_ONCE: Final = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))


class PasswordRule(Enum):
    """A rule that a new password must keep. The value is what the customer is told, in the manual's words (M4)."""

    LENGTH = "必須最少有8個字元"
    CHARACTERS = "字元必須是數字或英文字母"
    LETTER = "包含最少一個英文字母"
    DIGIT = "包含最少一個數字"
    PREVIOUS = "不能與前1次密碼相同"
    TOO_LONG = "不能多於64個字元"
    COMMON = "不能是常見或容易猜到的密碼"
    PERSONAL = "不能包含客戶帳號、姓名、電郵或本公司名稱"


class Passwords:
    """Makes and checks the hashes of passwords, with the server's own keys (`peppers`) in them.

    The peppers are given by the ids of their master keys; the first is the one in use.
    """

    def __init__(self, peppers: Mapping[str, bytes]) -> None:
        self._peppers = peppers
        self._key_id = next(iter(peppers))
        self._hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1, hash_len=32, salt_len=16)
        # For accounts without a password: the same work, and no password has this hash but by a chance of 2^-256.
        nothing = base64.b64encode(bytes(32)).rstrip(b"=").decode()
        self._no_hash = f"$argon2id$v=19$m=47104,t=1,p=1${nothing[:22]}${nothing}"

    def hash_password(self, password: str) -> str:
        """Hash `password` for keeping."""
        with _AT_ONCE:
            return self._key_id + self._hasher.hash(_peppered(self._peppers[self._key_id], password))

    def verify_password(self, password_hash: str | None, password: str) -> bool:
        """Tell whether `password` has `password_hash`; never for None. Takes as long either way."""
        key_id, sign, argon2_hash = (password_hash or "").partition("$")
        pepper = self._peppers.get(key_id)
        known = pepper is not None
        try:
            with _AT_ONCE:
                right = self._hasher.verify(
                    sign + argon2_hash if known else self._no_hash,
                    _peppered(pepper if known else self._peppers[self._key_id], password),
                )
        except (VerificationError, InvalidHashError):
            return False
        return right and known

    def renewed(self, password_hash: str, password: str) -> str | None:
        """Hash `password`, which has `password_hash`, under the current key; None if it is under that one already."""
        return None if password_hash.startswith(f"{self._key_id}$") else self.hash_password(password)

    def broken_rules(self, password: str, *, account: Account, previous_hash: str | None) -> tuple[PasswordRule, ...]:
        """List the rules that `password` breaks as the new password of `account`, in the manual's order.

        Whether it is the previous password is asked only of one that keeps all other rules: the previous one does.
        """
        broken = tuple(_broken_by_itself(password, account))
        if not broken and previous_hash is not None and self.verify_password(previous_hash, password):
            return (PasswordRule.PREVIOUS,)
        return broken


def _peppered(pepper: bytes, password: str) -> bytes:
    # Surrogates cannot be typed, but they can be sent; they must cost the same as any other wrong password.
    return hmac.digest(pepper, password.encode("utf-8", "surrogatepass"), sha256)


def is_common(password: str) -> bool:
    """Tell whether `password` is on the list of those that are tried first, in whichever case it is written."""
    return password.lower() in _common_passwords()


def _broken_by_itself(password: str, account: Account) -> Iterator[PasswordRule]:
    if len(password) < SHORTEST:
        yield PasswordRule.LENGTH
    if not re.fullmatch(r"[A-Za-z0-9]*", password):
        yield PasswordRule.CHARACTERS
    if not re.search(r"[A-Za-z]", password):
        yield PasswordRule.LETTER
    if not re.search(r"[0-9]", password):
        yield PasswordRule.DIGIT
    if len(password) > LONGEST:
        yield PasswordRule.TOO_LONG
    if is_common(password):
        yield PasswordRule.COMMON
    folded = password.lower()
    if any(word in folded for word in _personal_words(account)):
        yield PasswordRule.PERSONAL


def _personal_words(account: Account) -> Iterator[str]:
    yield _BROKER
    yield account.account.replace("-", "")
    names = (account.name, account.email.partition("@")[0])
    for name in names:
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        if len(plain) >= _SHORTEST_NAME:
            yield plain


@cache
def _common_passwords() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
