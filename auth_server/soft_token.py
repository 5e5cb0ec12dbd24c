"""The soft token on the server's side: its states, and its codes, each accepted once (M29).

A try is counted before the code is looked at; the time step of the last accepted code only grows, so a code and those
before it are dead once it was used (RFC 6238, 5.2).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from auth_server import biometrics
from auth_server.biometrics import Ending
from auth_server.channels import Channel
from auth_server.one_time_codes import Outcome
from auth_server.sealing import Seal
from auth_server.settings import Settings
from auth_server.tables import soft_tokens
from auth_server.totp import matching_step, step_at

TokenState = Literal["none", "pending", "active", "locked"]

_WINDOW_STEPS: Final = 1
# A code this far off is refused too, but the audit trail says that a clock is wrong rather than the code.
_NEAR_STEPS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSummary:
    """What the back office and the customer may know of an account's token; the time is in unix seconds."""

    state: TokenState
    token_id: str | None
    device_name: str
    device_key: bytes
    activated_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingAnswer:
    """What a binding answered and to which request; none of it is secret. Keys are points, hashes have 32 bytes."""

    request_hash: bytes
    server_ephemeral_key: bytes
    server_confirmation: bytes
    phone_confirmation_hash: bytes


class SoftTokens:
    """The tokens of all accounts: at most one active for each."""

    def __init__(self, settings: Settings, seal: Seal, now: Callable[[], float]) -> None:
        self._settings = settings
        self._seal = seal
        self._now = now

    def has_active(self, tx: Connection, account: str) -> bool:
        """Tell whether `account` has a bound token, locked or not: whether iToken is offered (M26)."""
        return self.active(tx, account) is not None

    def active(self, tx: Connection, account: str) -> TokenSummary | None:
        """Find the bound token of `account`."""
        return self._newest(tx, account, "active")

    def active_on(self, tx: Connection, account: str, device_key: bytes) -> TokenSummary | None:
        """Find the bound token of `account` if it is the one of this device."""
        token = self.active(tx, account)
        return token if token is not None and token.device_key == device_key else None

    def summary(self, tx: Connection, account: str) -> TokenSummary:
        """Describe the token of `account`: the bound one, else the one whose first code is awaited."""
        nothing = TokenSummary(state="none", token_id=None, device_name="", device_key=b"")
        return self.active(tx, account) or self._newest(tx, account, "pending") or nothing

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Take `text` as a code of the bound token of `account`: of this step, the one before or the one after.

        After `token_tries` wrong codes in a row the token is locked, and right ones are refused too.
        """
        bound = (soft_tokens.c.account == account, soft_tokens.c.state == "active")
        row = self._reserve_try(tx, *bound)
        if row is None:
            return Outcome.LOCKED if self.has_active(tx, account) else Outcome.NONE
        step = self._step_of(row, text)
        if isinstance(step, Outcome):
            return step
        used_up = self._use_up(tx, row.token_id, step, soft_tokens.c.last_step < step)
        return Outcome.ACCEPTED if used_up else Outcome.USED

    def add_pending(
        self,
        tx: Connection,
        *,
        token_id: str,
        account: str,
        device_key: bytes,
        device_name: str,
        seed: bytes,
        answer: BindingAnswer,
    ) -> None:
        """Keep a token whose first code is awaited; those of `account` that were awaited before end."""
        self._end(tx, account, ("pending",))
        tx.execute(
            insert(soft_tokens).values(
                token_id=token_id,
                account=account,
                state="pending",
                device_key=device_key,
                device_name=device_name,
                sealed_seed=self._seal.seal(seed, *_seed_place(token_id, account)),
                last_step=-1,
                failures=0,
                request_hash=answer.request_hash,
                server_ephemeral_key=answer.server_ephemeral_key,
                server_confirmation=answer.server_confirmation,
                phone_confirmation_hash=answer.phone_confirmation_hash,
                created_at=self._now(),
            )
        )

    def binding_answer(self, tx: Connection, token_id: str) -> BindingAnswer | None:
        """Find what the binding of a token answered, to answer a repeated request alike."""
        columns = [soft_tokens.c[name] for name in BindingAnswer.__slots__]
        row = tx.execute(select(*columns).where(soft_tokens.c.token_id == token_id)).mappings().one_or_none()
        return BindingAnswer(**row) if row else None

    def state_on(
        self, tx: Connection, *, token_id: str, account: str, device_key: bytes
    ) -> Literal["pending", "active"] | None:
        """Tell the state of a living token; None unless it is that of this account and this device.

        The token is held until the transaction ends, so that the same request twice at once is one and its repetition.
        """
        query = select(soft_tokens.c.state).where(
            soft_tokens.c.token_id == token_id,
            soft_tokens.c.account == account,
            soft_tokens.c.device_key == device_key,
            soft_tokens.c.state.in_(("pending", "active")),
        )
        row = tx.execute(query.with_for_update()).one_or_none()
        return row.state if row else None

    def activate(self, tx: Connection, *, token_id: str, account: str, confirmed: bool, text: str) -> Outcome:
        """Take `text` as the first code of a pending token: on a yes it is the bound one, and the older one ends.

        `confirmed` tells whether the phone's key confirmation is right; the try counts either way.
        """
        pending = (soft_tokens.c.token_id == token_id, soft_tokens.c.state == "pending")
        row = self._reserve_try(tx, *pending)
        if row is None:
            return Outcome.LOCKED
        step = self._step_of(row, text)
        if isinstance(step, Outcome):
            return step
        if not confirmed:
            return Outcome.WRONG
        self._end(tx, account, ("active",))
        activated = tx.execute(
            update(soft_tokens)
            .where(*pending)
            .values(state="active", last_step=step, failures=0, activated_at=self._now())
        )
        return Outcome.ACCEPTED if activated.rowcount == 1 else Outcome.USED

    def clear(self, tx: Connection, account: str) -> bool:
        """End the tokens of `account`, bound or pending, and wipe their seeds; False if there were none."""
        return self._end(tx, account, ("active", "pending")) > 0

    def drop_pending(self, tx: Connection, account: str) -> None:
        """End the token of `account` whose first code is awaited; the bound one stays."""
        self._end(tx, account, ("pending",))

    def unlock(self, tx: Connection, account: str) -> None:
        """Let the token of `account` try codes again."""
        tx.execute(
            update(soft_tokens)
            .where(soft_tokens.c.account == account, soft_tokens.c.state == "active")
            .values(failures=0)
        )

    def _newest(self, tx: Connection, account: str, state: TokenState) -> TokenSummary | None:
        row = tx.execute(
            select(soft_tokens)
            .where(soft_tokens.c.account == account, soft_tokens.c.state == state)
            .order_by(soft_tokens.c.created_at.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        locked = state == "active" and row.failures >= self._settings.token_tries
        return TokenSummary(
            state="locked" if locked else state,
            token_id=row.token_id,
            device_name=row.device_name,
            device_key=row.device_key,
            activated_at=row.activated_at,
        )

    def _end(self, tx: Connection, account: str, states: Sequence[str]) -> int:
        at = self._now()
        if "active" in states:  # one that waits for its first code has no biometrics
            biometrics.end(tx, account, Ending.TOKEN_ENDED, at=at, channel=Channel.TOKEN)
        ended = tx.execute(
            update(soft_tokens)
            .where(soft_tokens.c.account == account, soft_tokens.c.state.in_(states))
            .values(state="ended", sealed_seed=None, ended_at=at)
        )
        return ended.rowcount

    def _reserve_try(self, tx: Connection, *which: ColumnElement[bool]) -> Row[str, str, bytes] | None:
        return tx.execute(
            update(soft_tokens)
            .where(*which, soft_tokens.c.failures < self._settings.token_tries)
            .values(failures=soft_tokens.c.failures + 1)
            .returning(soft_tokens.c.token_id, soft_tokens.c.account, soft_tokens.c.sealed_seed)
        ).one_or_none()

    def _use_up(self, tx: Connection, token_id: str, step: int, unused: ColumnElement[bool]) -> bool:
        """Use up the code of `step`, and those before it, if it is `unused`."""
        bound = (soft_tokens.c.token_id == token_id, soft_tokens.c.state == "active")
        statement = update(soft_tokens).where(*bound, unused).values(last_step=step, failures=0)
        return tx.execute(statement).rowcount == 1

    def _step_of(self, row: Row[str, str, bytes], text: str) -> int | Outcome:
        """Find the step within the window that `text` is the code of, else how to refuse it."""
        if not re.fullmatch(r"[0-9]{6}", text):
            return Outcome.WRONG
        seed = self._seal.unseal(row.sealed_seed, *_seed_place(row.token_id, row.account))
        current = step_at(self._now())
        step = matching_step(seed, text, _nearest_first(current))
        if step is None:
            return Outcome.WRONG
        if abs(step - current) <= _WINDOW_STEPS:
            return step
        return Outcome.LATE if step < current else Outcome.EARLY


def _nearest_first(current: int) -> Iterator[int]:
    # The one window must come first: a code can, by chance, be that of a step farther off as well.
    yield current
    for distance in range(1, _NEAR_STEPS + 1):
        yield current - distance
        yield current + distance


def _seed_place(token_id: str, account: str) -> tuple[str, ...]:
    """Name the place in which a seed is sealed; moved to another token or account it does not open."""
    return ("soft_tokens", "sealed_seed", token_id, account)
