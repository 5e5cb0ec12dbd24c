"""Replacing the master key: what rests under an older one is sealed anew under the current one, while serving.

Hashes that cannot be made anew without what was hashed are not touched: one-time codes, links and sessions die of age
within a day, and a password's hash moves at its owner's next login. See docs/keys.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, func, select, update

from auth_server.broker import Broker
from auth_server.database import Database
from auth_server.sealing import Seal, SealBrokenError
from auth_server.tables import SEALED_FOR, accounts, metadata, server_keys, staff

_BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """What became of one column: how many values were sealed anew, and how many could not be opened under any key."""

    column: str
    values: int
    broken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What became of all columns, and how many passwords still wait for their owners under an older key."""

    columns: tuple[Resealed, ...]
    passwords_waiting: int


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Give the columns of sealed values, each with its table."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if SEALED_FOR in column.info:
                yield table, column


def rotate(broker: Broker, *, batch: int = _BATCH) -> Rotated:
    """Seal everything anew under the current master key, `batch` values a transaction, and make it the database's key.

    Others may read and write meanwhile, if they know all keys: a value that they change is left to them.
    """
    with broker.database.writing() as tx:
        # First of all: from here on the signing key does not depend on the key that it was derived from.
        tx.execute(update(server_keys).values(sealed_signing_key=broker.server_key.sealed()))
    columns = tuple(_reseal(broker.database, broker.seal, *each, batch=batch) for each in sealed_columns())
    current = broker.keys.current.key_id
    with broker.database.writing() as tx:
        tx.execute(update(server_keys).values(key_id=current))
        waiting = sum(_passwords_under_others(tx, table, current) for table in (accounts, staff))
    return Rotated(columns=columns, passwords_waiting=waiting)


def _reseal(database: Database, seal: Seal, table: Table, column: Column[bytes], *, batch: int) -> Resealed:
    [key] = table.primary_key.columns
    place: list[Column[Any]] = [table.c[name] for name in column.info[SEALED_FOR]]
    under_another = func.substr(column, 1, len(seal.head)) != seal.head
    query: Select[Any] = (
        select(key, column, *place).where(column.is_not(None), under_another).order_by(key).limit(batch)
    )
    values = broken = 0
    after: Any = None
    while True:
        with database.writing() as tx:
            rows: Sequence[Any] = tx.execute(query if after is None else query.where(key > after)).all()
            for after, sealed, *where in rows:
                named = (table.name, column.name, *map(str, where))
                try:
                    anew = seal.seal(seal.unseal(sealed, *named), *named)
                except SealBrokenError:
                    broken += 1
                    continue
                unchanged = (key == after, column == sealed)
                values += tx.execute(update(table).where(*unchanged).values({column: anew})).rowcount
        if len(rows) < batch:
            return Resealed(column=f"{table.name}.{column.name}", values=values, broken=broken)


def _passwords_under_others(tx: Connection, table: Table, key_id: str) -> int:
    hashes = table.c.password_hash
    under_another = func.substr(hashes, 1, len(key_id) + 1) != f"{key_id}$"
    return tx.execute(select(func.count()).select_from(table).where(hashes.is_not(None), under_another)).scalar_one()
