"""Using the token: from the PIN to the codes of the next half minute, and who counts the wrong PINs (M29)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from simulator.securities import pin_guard
from simulator.securities.enrolment import token_state
from simulator.securities.keys import SealBroken
from simulator.securities.pins import PIN_FORM
from simulator.securities.records import AccountRecord
from simulator.securities.refusals import AppRefusal, Field, TokenEnded
from simulator.securities.soft_token import SealedToken, code_at, unseal
from simulator.securities.states import TokenCode, TokenEnd, TokenState
from simulator.securities.workings import Workings
from simulator.storage import StorageDamaged

SHOWN_SECONDS: Final = 30.0
"""How long a token stays open once it was opened: then the PIN, or biometrics, are asked for again."""


class UnlockedToken:
    """An open token. It closes by itself, on the phone's clock, and for good; it lives in memory only.

    Args:
        seed: 32 bytes.
        now: The phone's clock.
    """

    def __init__(self, seed: bytes, now: Callable[[], float]) -> None:
        self._seed: bytes | None = seed
        self._now = now
        self._since = now()

    def code(self) -> TokenCode | None:
        """The code of this moment, or None once the token has closed; setting the clock back closes it too."""
        moment = self._now()
        if not 0 <= moment - self._since < SHOWN_SECONDS:
            self.close()
        return None if self._seed is None else code_at(self._seed, moment)

    @property
    def closes_at(self) -> float:
        """When it closes: seconds since 1970 on the phone's clock."""
        return self._since + SHOWN_SECONDS

    def close(self) -> None:
        """Forget the seed."""
        self._seed = None


async def unlock(workings: Workings, pin: str) -> UnlockedToken:
    """Open the token with its PIN.

    Without a guard a wrong one opens it too, to other codes: only the server can tell. With one it is refused, and the
    tenth in a row wipes the token (`TokenEnded`).
    """
    return UnlockedToken(await open_seed(workings, pin), workings.phone.now)


async def open_seed(workings: Workings, pin: str) -> bytes:
    """The seed of the token (32 bytes) by its PIN; see `unlock`."""
    if not PIN_FORM.fullmatch(pin):
        raise workings.refusal("保安編碼器密碼必須是6位數字。", Field.PIN)
    workings.need_trust()
    with workings.asking():
        token = token_in_use(workings)
        before = workings.record
        _count_a_try(workings, before)
        try:
            seed = await asyncio.to_thread(unseal, token, pin=pin, keys=workings.vault.keys)
            _judge(workings, before, token, seed)
        except SealBroken as error:
            raise StorageDamaged("the token on this phone was touched") from error
        return seed


def token_in_use(workings: Workings) -> SealedToken:
    """The active token of the account that the app speaks of. Raises `AppRefusal` when there is none."""
    token = workings.record.token
    if token is None or token_state(workings) is not TokenState.ACTIVE:
        raise workings.refusal("此電話尚未啟用保安編碼器。")
    return token


async def guard_pin(workings: Workings, pin: str, again: str) -> None:
    """Let the phone itself notice and count wrong PINs from now on.

    Which PIN is the right one nobody here can tell: it is asked for twice, and taken as it is.
    """
    if pin != again:
        raise workings.refusal("兩次輸入的保安編碼器密碼不相同。", Field.PIN_AGAIN)
    seed = await open_seed(workings, pin)
    with workings.asking():
        guard = pin_guard.guard(token_in_use(workings), seed=seed, keys=workings.vault.keys)
        workings.keep(replace(workings.record, pin_guard=guard))


async def leave_pin_to_server(workings: Workings, pin: str) -> None:
    """Let the server count again. It takes the right PIN: else a thief would be rid of the phone's count."""
    await open_seed(workings, pin)
    with workings.asking():
        workings.keep(replace(workings.record, pin_guard=None))


def _count_a_try(workings: Workings, record: AccountRecord) -> None:
    """Write a try down before it is made: taking the battery out gives nobody another one."""
    guard = record.pin_guard
    if guard is None:
        return
    if guard.tries_left <= 0:  # the phone was killed between the last try and the wiping
        raise _wiped(workings)
    workings.keep(replace(record, pin_guard=replace(guard, tries_left=guard.tries_left - 1)))


def _judge(workings: Workings, before: AccountRecord, token: SealedToken, seed: bytes) -> None:
    """Where the phone counts: take the try back if the PIN was right, else say so, and wipe after the last one."""
    guard = before.pin_guard
    if guard is None:
        return
    if pin_guard.knows(guard, token, seed=seed, keys=workings.vault.keys):
        workings.keep(replace(before, pin_guard=replace(guard, tries_left=pin_guard.TRIES)))
        return
    left = guard.tries_left - 1
    if left <= 0:
        raise _wiped(workings)
    raise workings.refusal("保安編碼器密碼不正確，尚餘{count}次機會。", Field.PIN, count=left)


def _wiped(workings: Workings) -> AppRefusal:
    workings.end_token(TokenEnd.WIPED)
    return TokenEnded(workings.words("已連續10次輸入錯誤密碼，此電話上的保安編碼器已清除。"))
