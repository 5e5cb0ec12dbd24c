"""Brings a database to the newest revision. Loaded only for one that is not there yet: alembic takes its time."""

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from auth_server.migrations import UNSTAMPED, VERSION_TABLE

_A_LOCK_OF_OURS: Final = 0x54776F66  # any number that nobody else locks in this database


def config_for(connection: Connection) -> Config:
    """Make the configuration by which alembic finds the revisions, and works on `connection`."""
    config = Config()
    config.set_main_option("script_location", "auth_server:migrations")
    config.set_main_option("version_path_separator", "os")
    config.attributes["connection"] = connection
    return config


def lock_schema(connection: Connection) -> None:
    """Wait until no other server makes or changes the tables; the lock ends with the transaction.

    On SQLite the transaction is that lock, if it has begun as a writing one.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_A_LOCK_OF_OURS})")


def upgrade_to_newest(connection: Connection) -> None:
    """Take all steps that are missing, in the transaction that `connection` is in; none, if another server was quicker.

    Foreign keys must not be looked after on SQLite meanwhile: a table is changed there by making it anew.
    """
    lock_schema(connection)
    config = config_for(connection)
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        command.stamp(config, UNSTAMPED[1])
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not astray, "an upgrade left rows without those that they belong to"
