"""One database, opened for the life of a server: reading, writing, and what is to happen after a commit.

Rules are single statements (compare-and-set, reserve before verifying), so that they hold under any isolation level;
on SQLite a writing transaction begins with the write lock, because one that reads first and writes later fails with
"database is locked" however long it would be willing to wait.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import URL, Connection, Engine, QueuePool, Table, create_engine, event, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as TooBusy
from sqlalchemy.schema import CreateIndex, CreateTable

from auth_server.migrations import NEWEST, REVISIONS, UNSTAMPED, VERSION_TABLE
from auth_server.tables import metadata, say_conditions_in_postgresql, server_keys

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_AFTER_COMMIT: Final = "auth_server.after_commit"
_BUSY_SECONDS: Final = 5.0
_UPGRADE_SECONDS: Final = 600.0


# A reading transaction of PostgreSQL is to see one state, as SQLite's do by themselves.
_ONE_STATE: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class UnusableDatabaseError(RuntimeError):
    """The database cannot be opened, or belongs to a newer server or to another master key."""


class ServerKeys(NamedTuple):
    """What a database knows of the server's keys: the id of its master key, and the signing key if it is kept here."""

    key_id: str
    sealed_signing_key: bytes | None


class Database:
    """The database at `url`: SQLite or PostgreSQL.

    `durable=False` leaves out waiting for the disk (SQLite only): for worlds that are thrown away.
    Connections are made when first needed; `open` makes the tables.

    Raises `UnusableDatabaseError` for an address that is none, or of a database whose driver is not installed.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        try:
            parsed = make_url(url)
            kind = parsed.get_backend_name()
            is_sqlite = kind == "sqlite"
            self._in_memory = is_sqlite and parsed.database in {None, "", ":memory:"}
            if is_sqlite:
                self._engine = _sqlite_engine(url, in_memory=self._in_memory, durable=durable)
            elif kind == "postgresql":
                self._engine = _postgresql_engine(parsed)
            else:
                raise UnusableDatabaseError(f"the database cannot be used: {kind} is not sqlite or postgresql")
        except (ArgumentError, ModuleNotFoundError) as error:  # no such address, no such kind, or no driver for it
            raise UnusableDatabaseError(f"the database cannot be used: {error}") from error
        self._writer = self._engine.execution_options(auth_server_writes=True)
        self._reader = self._engine.execution_options(**({} if is_sqlite else _ONE_STATE))
        self._turns = _Turns() if is_sqlite else nullcontext()

    def open(self, key_id: str, *older: str) -> ServerKeys:
        """Make the tables of a new database, or bring those of an older server up to date.

        `key_id` tells the master key from others without giving it away; `older` are those of its predecessors.

        Raises `UnusableDatabaseError`.
        """
        try:
            self._have_tables()
            with self.writing() as tx:
                insert_if_absent(tx, server_keys, only=1, key_id=key_id)
                kept = ServerKeys(*tx.execute(select(server_keys.c.key_id, server_keys.c.sealed_signing_key)).one())
        except DBAPIError as error:
            raise UnusableDatabaseError(f"the database cannot be opened: {error.orig}") from error
        except sqlite3.Error as error:
            raise UnusableDatabaseError(f"the database cannot be opened: {error}") from error
        if kept.key_id not in {key_id, *older}:
            raise UnusableDatabaseError("the database was made under another master key")
        return kept

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Give a transaction that sees one state of the database and changes nothing."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Give a transaction that is committed at the end of the block, or undone if the block raises.

        A refused attempt must leave its count and its audit row, so rules return what they found instead of raising.
        Do not open one inside another.
        """
        with self._turns, self._writer.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            finally:
                calls: dict[Callable[[], None], None] = connection.info.pop(_AFTER_COMMIT, {})
            for call in calls:
                call()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _have_tables(self) -> None:
        found = self._revision()
        if found is None:
            self._make_tables()
            found = self._revision()
        if found in REVISIONS and found != NEWEST:
            self._upgrade()
            found = self._revision()
        if found != NEWEST:
            raise UnusableDatabaseError(
                f"the database belongs to a newer server: its tables are of revision {found}, this server's of {NEWEST}"
            )

    def _revision(self) -> str | None:
        """Find out of which revision the tables are; None if there are none."""
        with self.reading() as tx:
            if tx.dialect.has_table(tx, VERSION_TABLE):
                return tx.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()  # noqa: S608
            unstamped, revision = UNSTAMPED
            return revision if tx.dialect.has_table(tx, unstamped) else None

    def _upgrade(self) -> None:
        from auth_server.migrations.upgrade import upgrade_to_newest  # noqa: PLC0415 - alembic takes its time to load

        with self._writer.connect() as connection:
            driver_connection = connection.connection.driver_connection
            if isinstance(driver_connection, sqlite3.Connection):
                driver_connection.execute("PRAGMA foreign_keys = OFF")  # cannot be said within a transaction
                driver_connection.execute(f"PRAGMA busy_timeout = {int(_UPGRADE_SECONDS * 1000)}")
            try:
                with connection.begin():
                    upgrade_to_newest(connection)
            finally:
                connection.invalidate()  # it is not as the others are

    def _make_tables(self) -> None:
        statements = _statements(self._engine.dialect.name)
        if self._engine.dialect.name != "sqlite":
            from auth_server.migrations.upgrade import lock_schema  # noqa: PLC0415 - see _upgrade

            with self.writing() as tx:
                lock_schema(tx)
                for statement in statements:
                    tx.exec_driver_sql(statement)
            return
        # One call of the driver for all of them, or one copy of a database that has them: worlds are opened often.
        with self._engine.connect() as connection:
            sqlite_connection = connection.connection.driver_connection
            assert isinstance(sqlite_connection, sqlite3.Connection)
            if self._in_memory:
                _template().backup(sqlite_connection)
            else:
                sqlite_connection.executescript(_in_one_script(statements))


class _Turns:
    """Lets the writers of one process come one after the other.

    SQLite waits by looking again after longer and longer pauses: of a crowd some find the lock taken each time they
    look, and give up. For the writers of other processes there is no other way.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_BUSY_SECONDS):
            raise TooBusy("too many writers came before this one")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def after_commit(tx: Connection, call: Callable[[], None]) -> None:
    """Have `call` called once when the writing transaction `tx` has been committed; never if it is undone."""
    calls: dict[Callable[[], None], None] = tx.info.setdefault(_AFTER_COMMIT, {})
    calls[call] = None


def insert_if_absent(tx: Connection, table: Table, **values: object) -> bool:
    """Insert a row unless one with the same key is there; True if this call inserted it."""
    dialect = _dialect_of(tx.dialect.name)
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    # SQLAlchemy keeps the count of an INSERT only if asked to.
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def _sqlite_engine(url: str, *, in_memory: bool, durable: bool) -> Engine:
    # A database in memory lives in its one connection, which its users then take in turns.
    size = {"pool_size": 1, "max_overflow": 0} if in_memory else {"pool_size": 8, "max_overflow": 32}
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS}, **size
    )

    def prepare(connection: "DBAPIConnection", _entry: "ConnectionPoolEntry") -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # the driver begins nothing by itself: see _begin
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    say_conditions_in_postgresql()
    wait = f"-c lock_timeout={int(_BUSY_SECONDS * 1000)} -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=32,
        connect_args={"connect_timeout": int(_BUSY_SECONDS), "options": wait},
    )


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("auth_server_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def _template() -> sqlite3.Connection:
    """Give a database in memory that has all tables and nothing in them, to copy from."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.executescript(_in_one_script(_statements("sqlite")))
    return connection


def _in_one_script(statements: Iterable[str]) -> str:
    return "".join(["BEGIN IMMEDIATE;", *(f"{statement};" for statement in statements), "COMMIT;"])


def _dialect_of(name: str) -> ModuleType:
    """SQLAlchemy's words for a database: only those of the one in use are loaded."""
    return import_module("sqlalchemy.dialects.postgresql" if name == "postgresql" else "sqlalchemy.dialects.sqlite")


@cache
def _statements(dialect_name: str) -> tuple[str, ...]:
    dialect = _dialect_of(dialect_name).dialect()
    statements: list[str] = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)) for index in indexes]
    # What alembic would write down; said twice, by two servers that start at once, it is said once.
    statements += [
        f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        f"INSERT INTO {VERSION_TABLE} VALUES ('{NEWEST}') ON CONFLICT DO NOTHING",  # noqa: S608 - both are ours
    ]
    return tuple(statements)
