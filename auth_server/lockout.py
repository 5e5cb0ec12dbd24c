"""How often something may be tried: counters in windows of time, taken before the try is looked at.

Each count is one statement that either finds room and takes it, or does not: thirty-two requests at once find as much
room as thirty-two in a row.
"""

import math
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, delete, or_, update

from auth_server.database import insert_if_absent
from auth_server.tables import limits


@dataclass(frozen=True, slots=True)
class Limited:
    """No room: the window is full for another `retry_after_seconds`."""

    retry_after_seconds: int


def reserve(tx: Connection, key: str, *, limit: int, window_seconds: float, at: float) -> Limited | None:
    """Take one of the `limit` tries that `key` has in a window; None if there was room.

    The window begins with its first try. `key` names what is counted and for whom, in one spelling.
    """
    insert_if_absent(tx, limits, key=key, count=0, window_ends_at=at + window_seconds)
    over = limits.c.window_ends_at <= at
    taken = tx.execute(
        update(limits)
        .where(limits.c.key == key, or_(limits.c.count < limit, over))
        .values(
            count=case((over, 1), else_=limits.c.count + 1),
            window_ends_at=case((over, at + window_seconds), else_=limits.c.window_ends_at),
        )
    )
    if taken.rowcount == 1:
        return None
    full = tx.execute(limits.select().where(limits.c.key == key)).one_or_none()
    if full is None:  # forgiven by somebody else between the two statements
        return reserve(tx, key, limit=limit, window_seconds=window_seconds, at=at)
    return Limited(max(1, math.ceil(full.window_ends_at - at)))


def count(tx: Connection, key: str, *, window_seconds: float, at: float) -> int:
    """Count one more of `key` and tell how many there were in its window, this one with them; nothing is refused."""
    insert_if_absent(tx, limits, key=key, count=0, window_ends_at=at + window_seconds)
    over = limits.c.window_ends_at <= at
    counted = tx.execute(
        update(limits)
        .where(limits.c.key == key)
        .values(
            count=case((over, 1), else_=limits.c.count + 1),
            window_ends_at=case((over, at + window_seconds), else_=limits.c.window_ends_at),
        )
        .returning(limits.c.count)
    )
    return counted.scalar_one()


def give_back(tx: Connection, key: str) -> None:
    """Give back the one try that was reserved, because it was right."""
    tx.execute(update(limits).where(and_(limits.c.key == key, limits.c.count > 0)).values(count=limits.c.count - 1))


def forgive(tx: Connection, key: str) -> None:
    """Forget all tries of `key`."""
    tx.execute(delete(limits).where(limits.c.key == key))


def forgive_account(tx: Connection, account: str) -> None:
    """Forget all wrong passwords and codes of `account`; how much was sent to it stays counted."""
    tx.execute(delete(limits).where(limits.c.key.like(f"wrong % of {account}%")))


def password_counter(account: str, *, on_bound_phone: bool = False) -> str:
    """Name the counter of wrong passwords of `account`: one for all ways in, but for the phone that holds its token."""
    return f"wrong passwords of {account}" + (" on its phone" if on_bound_phone else "")
