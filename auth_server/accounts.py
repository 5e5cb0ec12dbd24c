"""Customers' accounts: who they are, where they are reached, and whether they may log in."""

import re
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, Row, select, update

from auth_server.database import insert_if_absent
from auth_server.tables import accounts

PasswordState = Literal["none", "set", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One customer's account. `account` is its number, ``dddd-dddd``; `phone` begins with ``+`` and the country."""

    account: str
    name: str
    email: str
    phone: str
    language: str
    password_hash: str | None = field(default=None, repr=False)
    password_changed_at: float | None = None
    locked: bool = False

    def password_state(self, *, at: float, life_seconds: float) -> PasswordState:
        """Tell whether the account has a password at the time `at`, and whether it has outlived `life_seconds` (M8)."""
        if self.password_hash is None or self.password_changed_at is None:
            return "none"
        return "expired" if at >= self.password_changed_at + life_seconds else "set"


def read_account(text: str) -> str | None:
    """Read an account number as people write it, with or without the hyphen; None if it is not one.

    There is one spelling inside, so that no other spelling gets counters of its own.
    """
    match = re.fullmatch(r"([0-9]{4})-?([0-9]{4})", text.replace(" ", ""))
    return f"{match[1]}-{match[2]}" if match else None


def find(tx: Connection, account: str, *, hold: bool = False) -> Account | None:
    """Find the account with the number `account` as `read_account` writes it.

    `hold` keeps others from changing it until the writing transaction `tx` ends.
    """
    query = select(accounts).where(accounts.c.account == account)
    row = tx.execute(query.with_for_update() if hold else query).one_or_none()
    return _account(row) if row else None


def create(tx: Connection, account: Account, *, at: float) -> bool:
    """Create `account`; False if its number is taken."""
    return insert_if_absent(
        tx,
        accounts,
        account=account.account,
        name=account.name,
        email=account.email,
        phone=account.phone,
        language=account.language,
        password_hash=account.password_hash,
        password_changed_at=account.password_changed_at,
        created_at=at,
    )


def set_password(tx: Connection, account: str, password_hash: str, *, at: float) -> None:
    """Give the account a new password, known by its hash; its life begins at the time `at`."""
    tx.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(password_hash=password_hash, password_changed_at=at)
    )


def renew_password_hash(tx: Connection, account: Account, password_hash: str) -> None:
    """Keep the same password of `account` by another hash; nothing happens if it has got another password meanwhile."""
    same = (accounts.c.account == account.account, accounts.c.password_hash == account.password_hash)
    tx.execute(update(accounts).where(*same).values(password_hash=password_hash))


def lock(tx: Connection, account: str, *, at: float) -> bool:
    """Lock the account; False if it was locked already."""
    statement = update(accounts).where(accounts.c.account == account, accounts.c.locked_at.is_(None))
    return tx.execute(statement.values(locked_at=at)).rowcount == 1


def unlock(tx: Connection, account: str) -> bool:
    """Unlock the account; False if it was not locked."""
    statement = update(accounts).where(accounts.c.account == account, accounts.c.locked_at.is_not(None))
    return tx.execute(statement.values(locked_at=None)).rowcount == 1


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        account=row.account,
        name=row.name,
        email=row.email,
        phone=row.phone,
        language=row.language,
        password_hash=row.password_hash,
        password_changed_at=row.password_changed_at,
        locked=row.locked_at is not None,
    )
