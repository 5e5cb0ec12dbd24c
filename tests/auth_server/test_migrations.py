"""Databases of older servers: they come along with all that is in them, once, and newer ones are left alone."""

import base64
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from auth_server import accounts
from auth_server.app import create_app
from auth_server.database import Database
from auth_server.migrations import NEWEST, REVISIONS
from auth_server.migrations.upgrade import config_for
from auth_server.one_time_codes import Outcome
from auth_server.sealing import MasterKey
from auth_server.tables import metadata
from auth_server.totp import code_of, step_at

if TYPE_CHECKING:
    from conftest import PostgreSql, World

KEY_ID = "kept-under-this-key"


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as servers made it before there were revisions: with the first tables, and no mark of a revision."""
    if request.param == "postgresql":
        server: PostgreSql = request.getfixturevalue("postgresql")
        url = server.new_database()
    else:
        url = f"sqlite:///{tmp_path}/old.db"
    database = Database(url)
    with database.writing() as tx:
        command.upgrade(config_for(tx), "0001")
        tx.exec_driver_sql("DROP TABLE alembic_version")
        tx.exec_driver_sql(f"INSERT INTO schema_versions VALUES (1, 1, '{KEY_ID}')")  # noqa: S608
    yield database
    database.close()


def fill(database: Database, **rows: list[dict[str, object]]) -> None:
    """Put rows into tables that are no longer as `tables` says: what is not given is as little as it can be."""
    with database.writing() as tx:
        for table, given in rows.items():
            for row in given:
                least = {
                    column["name"]: _least(column["type"])
                    for column in inspect(tx).get_columns(table)
                    if not column["nullable"]
                }
                values = {**least, **row}
                names, marks = ", ".join(values), ", ".join("%s" if _is_postgresql(tx) else "?" for _ in values)
                tx.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608


def _is_postgresql(tx: Connection) -> bool:
    return tx.dialect.name == "postgresql"


def _least(kind: object) -> object:
    name = str(kind)
    return b"" if name in {"BLOB", "BYTEA"} else 0 if re.match("INT|DOUBLE|BIG", name) else ""


def test_a_database_of_an_older_server_becomes_what_a_new_one_is(old_database: Database, tmp_path: Path) -> None:
    old_database.open(KEY_ID)
    with old_database.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
        migrated = _indexes(tx)
        is_postgresql = _is_postgresql(tx)
    if is_postgresql:
        return  # there the comparison sees all
    new = Database(f"sqlite:///{tmp_path}/new.db")
    new.open(KEY_ID)
    with new.reading() as tx:
        assert _indexes(tx) == migrated  # which rows an index is of
    new.close()


def _indexes(tx: Connection) -> set[str]:
    if _is_postgresql(tx):
        return set()
    rows = tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").scalars()
    return {re.sub(r'["\s]+|IF NOT EXISTS', "", sql).lower() for sql in rows}


def test_what_is_in_an_older_database_stays_and_belongs_to_its_key(old_database: Database) -> None:
    fill(
        old_database,
        accounts=[{"account": "9999-9990", "password_hash": "$argon2id$x"}, {"account": "9999-9991"}],
        audit_rows=[{"id": number, "event": "login"} for number in range(1, 4)],
        web_sessions=[{"token_hash": b"s", "account": "9999-9990", "created_at": 1_700_000_000.0}],
        phone_challenges=[{"challenge_id": "c"}],
    )
    kept = old_database.open(KEY_ID)
    assert kept == (KEY_ID, None)
    with old_database.reading() as tx:
        account = accounts.find(tx, "9999-9990")
        assert account is not None
        assert account.password_hash == f"{KEY_ID}$argon2id$x"
        assert tx.exec_driver_sql("SELECT count(*) FROM accounts").scalar_one() == 2
        assert tx.exec_driver_sql("SELECT password_hash FROM accounts WHERE account = '9999-9991'").scalar_one() is None
        assert tx.exec_driver_sql("SELECT staff FROM audit_rows").scalars().all() == ["", "", ""]
        [session] = tx.exec_driver_sql("SELECT factor_at, browser FROM web_sessions").all()
        assert tuple(session) == (1_700_000_000.0, "")
    with old_database.writing() as tx:  # foreign keys are looked after as before
        assert tx.dialect.name == "postgresql" or tx.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_a_customer_of_an_older_server_still_has_the_password_and_the_token(
    settings: dict[str, str], world: "World", tmp_path: Path
) -> None:
    key = MasterKey(base64.urlsafe_b64decode(settings["AUTH_SERVER_MASTER_KEY"]))
    seed = bytes(range(32))
    settings["AUTH_SERVER_DATABASE_URL"] = f"sqlite:///{tmp_path}/older.db"
    old = Database(settings["AUTH_SERVER_DATABASE_URL"])
    with old.writing() as tx:
        command.upgrade(config_for(tx), "0001")
        tx.exec_driver_sql("DROP TABLE alembic_version")
        tx.exec_driver_sql("INSERT INTO schema_versions VALUES (1, 1, ?)", (key.key_id,))
    of_older = world.broker.passwords.hash_password("Tseung7Kwan").removeprefix(key.key_id)
    place = ("soft_tokens", "sealed_seed", "token", "9999-9990")
    fill(
        old,
        accounts=[
            {
                "account": "9999-9990",
                "language": "zh-Hant",
                "password_hash": of_older,
                "password_changed_at": world.clock.at,
            }
        ],
        soft_tokens=[
            {
                "token_id": "token",
                "account": "9999-9990",
                "state": "active",
                "last_step": -1,
                "sealed_seed": world.broker.seal.seal(seed, *place),
            }
        ],
    )
    old.close()
    world.app = create_app(settings, world.clock.now)
    world.broker.open()
    with world.broker.database.writing() as tx:
        account = accounts.find(tx, "9999-9990")
        code = code_of(seed, step_at(world.clock.at))
        assert world.broker.soft_tokens.accept_code(tx, "9999-9990", code) is Outcome.ACCEPTED
    assert account is not None
    assert world.broker.passwords.verify_password(account.password_hash, "Tseung7Kwan")


def test_of_servers_that_start_at_once_one_takes_the_steps(
    old_database: Database, at_once: Callable[[Callable[[int], object], int], list[object]]
) -> None:
    fill(old_database, accounts=[{"account": "9999-9990", "password_hash": "$x"}])
    assert at_once(lambda _: old_database.open(KEY_ID), 4) == [(KEY_ID, None)] * 4
    with old_database.reading() as tx:
        assert tx.exec_driver_sql("SELECT password_hash FROM accounts").scalar_one() == f"{KEY_ID}$x"
        assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [NEWEST]


def test_of_servers_that_start_at_once_on_nothing_all_find_the_same_tables(
    at_once: Callable[[Callable[[int], object], int], list[object]], tmp_path: Path, postgresql: "PostgreSql"
) -> None:
    for url in (f"sqlite:///{tmp_path}/new.db", postgresql.new_database()):
        databases = [Database(url) for _ in range(4)]
        assert at_once(lambda number, these=databases: these[number].open(KEY_ID), 4) == [(KEY_ID, None)] * 4
        with databases[0].reading() as tx:
            assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [NEWEST]
        for database in databases:
            database.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(
    old_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(old_database, accounts=[{"account": "9999-9990", "password_hash": "$x"}])
    taken = command.upgrade

    def fail_at_the_end(*arguments: Any) -> None:
        taken(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(command, "upgrade", fail_at_the_end)
    with pytest.raises(ZeroDivisionError):
        old_database.open(KEY_ID)
    monkeypatch.undo()
    with old_database.reading() as tx:
        assert not tx.dialect.has_table(tx, "server_keys")
        assert tx.exec_driver_sql("SELECT password_hash FROM accounts").scalar_one() == "$x"
    assert old_database.open(KEY_ID) == (KEY_ID, None)


def test_the_revisions_that_the_server_names_are_those_that_it_has_steps_to(old_database: Database) -> None:
    with old_database.reading() as tx:
        script = ScriptDirectory.from_config(config_for(tx))
    assert tuple(step.revision for step in script.walk_revisions())[::-1] == REVISIONS
    assert script.get_current_head() == NEWEST


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from auth_server.database import Database; "
        f"Database('sqlite:///{tmp_path}/new.db').open('key'); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
