"""A database that cannot write: nobody gets in, nothing is half done, and the server goes on when it can again."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import event

from auth_server.app import create_app

if TYPE_CHECKING:
    from conftest import Phone, PostgreSql, World


def rows(world: "World", table: str) -> int:
    with world.broker.database.reading() as tx:
        return tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608


@contextmanager
def full_disk(world: "World") -> Iterator[None]:
    """Leave SQLite no page to grow by for the length of a block, and no room in the pages that it has."""
    engine = world.broker.database._engine

    def allow_no_more(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connection.execute("PRAGMA foreign_keys = OFF")

    def fill(connection: sqlite3.Connection, table: str) -> None:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        # As short as it can be, so that nothing longer fits where it does not; a number of its own where ids are given.
        values = ", ".join(
            "NULL" if name == "id" or not needed else "randomblob(8)" for _, name, _, needed, *_ in columns
        )
        with suppress(sqlite3.OperationalError):  # database or disk is full
            while True:
                connection.execute(f"INSERT INTO {table} VALUES ({values})")  # noqa: S608

    engine.dispose()
    event.listen(engine, "connect", allow_no_more)
    with engine.connect() as connection:
        for table in ("limits", "audit_rows", "phone_sessions", "outbox"):
            fill(connection.connection.driver_connection, table)
    try:
        yield
    finally:
        event.remove(engine, "connect", allow_no_more)
        engine.dispose()


def test_a_full_disk_is_503_and_no_session_and_passes(world: "World", new_phone: "Callable[..., Phone]") -> None:
    world.customer()
    phone = new_phone()
    body = phone.login_body()
    with full_disk(world):
        before = rows(world, "phone_sessions"), rows(world, "audit_rows")
        answer = phone.call("POST", "/sessions", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
        assert answer.headers["Retry-After"] == "1"
        assert world.back_office("POST", "/customers/9999-9990/password-reset").status_code == 503
        page = world.request("GET", "/cas/login")
        assert page.status_code == 200
        assert (rows(world, "phone_sessions"), rows(world, "audit_rows")) == before
    assert phone.call("POST", "/sessions", body).status_code == 201


def test_a_database_that_is_locked_for_a_moment_is_waited_for(world: "World") -> None:
    file = world.settings["AUTH_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    done: list[bool] = []

    def write() -> None:
        with world.broker.database.writing() as tx:
            tx.exec_driver_sql("INSERT INTO limits VALUES ('k', 0, 0)")
        done.append(True)

    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = Thread(target=write)
        writer.start()
        writer.join(0.05)
        assert done == []
        other.execute("COMMIT")
        writer.join()
    assert done == [True]


def test_a_row_that_is_locked_for_long_on_postgresql_is_503_and_no_session(
    postgresql: "PostgreSql",
    settings: dict[str, str],
    world: "World",
    new_phone: "Callable[..., Phone]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("auth_server.database._BUSY_SECONDS", 1)
    postgresql.empty()
    world.app = create_app({**settings, "AUTH_SERVER_DATABASE_URL": postgresql.url()}, world.clock.now)
    world.broker.open()
    world.customer()
    phone = new_phone()
    body = phone.login_body()
    with psycopg.connect(host=str(postgresql.folder), user="postgres") as other:
        other.execute("LOCK TABLE limits")
        answer = phone.call("POST", "/sessions", body)
        other.rollback()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert rows(world, "phone_sessions") == 0
    assert phone.call("POST", "/sessions", body).status_code == 201


def test_a_first_start_has_no_accounts_and_no_staff(world: "World") -> None:
    with world.broker.database.reading() as tx:
        tables = [table for table in _tables(tx) if tx.exec_driver_sql(f"SELECT 1 FROM {table}").first()]  # noqa: S608
    assert sorted(tables) == ["alembic_version", "server_keys"]


def _tables(tx: object) -> list[str]:
    return tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
