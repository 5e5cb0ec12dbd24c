"""Transactions, counters and the schema under threads and wrong keys."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import LargeBinary, String, create_mock_engine, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import ExecutableDDLElement

from auth_server import accounts, lockout
from auth_server.database import Database, UnusableDatabaseError, after_commit
from auth_server.lockout import Limited
from auth_server.migrations import NEWEST
from auth_server.tables import limits, metadata, say_conditions_in_postgresql, soft_tokens

if TYPE_CHECKING:
    from conftest import World

pytestmark = pytest.mark.on_both_databases

AtOnce = Callable[[Callable[[int], object], int], list[object]]


def reserve(world: "World", key: str = "k", *, limit: int = 5) -> Limited | None:
    with world.broker.database.writing() as tx:
        return lockout.reserve(tx, key, limit=limit, window_seconds=900, at=world.clock.at)


def test_of_32_tries_at_once_as_many_find_room_as_there_is(world: "World", at_once: AtOnce) -> None:
    answers = at_once(lambda _: reserve(world), 32)
    assert answers.count(None) == 5
    assert answers.count(Limited(900)) == 27


def test_a_window_begins_with_its_first_try_and_then_anew(world: "World") -> None:
    assert [reserve(world) for _ in range(5)] == [None] * 5
    world.clock.advance(899.5)
    assert reserve(world) == Limited(1)
    world.clock.advance(0.5)
    assert [reserve(world) for _ in range(5)] == [None] * 5
    assert reserve(world) == Limited(900)


def test_a_try_given_back_can_be_taken_again_and_forgiving_forgets_all(world: "World") -> None:
    for _ in range(5):
        reserve(world)
    with world.broker.database.writing() as tx:
        lockout.give_back(tx, "k")
        lockout.give_back(tx, "unknown")
    assert [reserve(world), reserve(world)] == [None, Limited(900)]
    with world.broker.database.writing() as tx:
        lockout.forgive(tx, "k")
    assert [reserve(world) for _ in range(6)] == [None] * 5 + [Limited(900)]


def test_forgiving_one_account_leaves_the_others_and_what_was_sent(world: "World") -> None:
    keys = [
        lockout.password_counter("9999-9990"),
        lockout.password_counter("9999-9990", on_bound_phone=True),
        "wrong codes of 9999-9990",
        "wrong codes of 9999-9991",
        "send login sms to 9999-9990",
    ]
    for key in keys:
        reserve(world, key, limit=1)
    with world.broker.database.writing() as tx:
        lockout.forgive_account(tx, "9999-9990")
    assert [reserve(world, key, limit=1) is None for key in keys] == [True, True, True, False, False]


def test_32_writers_that_first_read_all_succeed(world: "World", at_once: AtOnce) -> None:
    world.customer()

    def read_then_write(number: int) -> bool:
        with world.broker.database.writing() as tx:
            tx.exec_driver_sql("SELECT count(*) FROM limits").scalar_one()
            tx.execute(insert(limits).values(key=f"n{number}", count=0, window_ends_at=0))
        return True

    assert at_once(read_then_write, 32) == [True] * 32


def test_a_block_that_raises_leaves_nothing_and_calls_nothing(world: "World") -> None:
    called: list[str] = []

    def write_and_fail() -> None:
        with world.broker.database.writing() as tx:
            after_commit(tx, lambda: called.append("undone"))
            lockout.reserve(tx, "k", limit=1, window_seconds=1, at=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert reserve(world, limit=1) is None
    with world.broker.database.writing() as tx:
        after_commit(tx, lambda: called.append("committed"))
        assert called == []
    assert called == ["committed"]


def test_of_32_at_once_one_creates_the_account(world: "World", at_once: AtOnce) -> None:
    customer = accounts.Account(account="1", name="x", email="x", phone="x", language="en")

    def create(_number: int) -> bool:
        with world.broker.database.writing() as tx:
            return accounts.create(tx, customer, at=0)

    assert at_once(create, 32).count(True) == 1


def test_a_second_active_token_cannot_even_be_written(world: "World") -> None:
    world.customer()
    columns = {
        column.name: b"" if isinstance(column.type, LargeBinary) else "" if isinstance(column.type, String) else 0
        for column in soft_tokens.columns
    }
    token = {**columns, "account": "9999-9990", "state": "active"}
    with world.broker.database.writing() as tx:
        tx.execute(insert(soft_tokens).values(**{**token, "token_id": "a"}))
    with pytest.raises(IntegrityError), world.broker.database.writing() as tx:
        tx.execute(insert(soft_tokens).values(**{**token, "token_id": "b"}))


def test_a_database_of_another_master_key_or_a_newer_server_is_refused(
    world: "World", settings: dict[str, str]
) -> None:
    other = Database(settings["AUTH_SERVER_DATABASE_URL"])
    with pytest.raises(UnusableDatabaseError, match="another master key"):
        other.open("another")
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(UnusableDatabaseError, match="a newer server: its tables are of revision 0999"):
        other.open(*world.broker.keys.ids())
    other.close()
    with world.broker.database.writing() as tx:  # PostgreSQL's is used again
        tx.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{NEWEST}'")  # noqa: S608


def test_a_database_is_found_again_as_it_was_left(world: "World", settings: dict[str, str]) -> None:
    world.customer()
    world.broker.database.close()
    again = Database(settings["AUTH_SERVER_DATABASE_URL"])
    again.open(*world.broker.keys.ids())
    with again.reading() as tx:
        assert accounts.find(tx, "9999-9990") is not None
    again.close()


def test_an_sqlite_file_that_is_to_last_is_written_to_the_disk_at_each_commit(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/lasting.db")
    database.open("key")
    with database.reading() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    database.close()


def test_a_database_in_memory_serves_many_threads(at_once: AtOnce) -> None:
    database = Database("sqlite://")
    database.open("key")

    def count(_number: int) -> None:
        with database.writing() as tx:
            lockout.reserve(tx, "k", limit=100, window_seconds=1, at=0)

    at_once(count, 32)
    with database.reading() as tx:
        assert tx.exec_driver_sql("SELECT count FROM limits").scalar_one() == 32
    database.close()


def test_a_file_that_is_no_database_is_an_error_of_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no-such-folder/x.db")
    with pytest.raises(UnusableDatabaseError, match="cannot be opened: unable to open database file"):
        database.open("key")
    (tmp_path / "text.db").write_text("not a database " * 100)
    database = Database(f"sqlite:///{tmp_path}/text.db")
    with pytest.raises(UnusableDatabaseError, match="file is not a database"):
        database.open("key")
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "nonsense://x", "oracle://localhost/x"])
def test_an_address_that_cannot_be_used_is_an_error_of_its_own(url: str) -> None:
    with pytest.raises(UnusableDatabaseError, match="cannot be used"):
        Database(url)


def test_the_schema_can_be_written_for_postgresql_too() -> None:
    statements: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: object) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql://", keep)
    say_conditions_in_postgresql()
    metadata.create_all(engine, checkfirst=False)
    assert any("WHERE state = 'active'" in statement for statement in statements)
