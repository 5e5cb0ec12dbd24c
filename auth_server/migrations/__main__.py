"""``python -m auth_server.migrations "what it is about"``: write the step from the newest revision to `tables`.

Read it before you keep it: what is to become of the rows that are there, no program can know. Columns that must hold
something hold nothing but an empty text or nought in them. Then add its number to `REVISIONS`.
"""

import argparse
import sys
from collections.abc import Iterable

from alembic import command
from alembic.operations.ops import AddColumnOp, MigrateOperation, MigrationScript, ModifyTableOps
from sqlalchemy import DefaultClause, LargeBinary, String, create_engine

from auth_server.migrations import REVISIONS
from auth_server.migrations.upgrade import config_for


def main() -> int:
    """Write the step beside those before it."""
    parser = argparse.ArgumentParser(prog="python -m auth_server.migrations", description=__doc__)
    parser.add_argument("message", help="what the step is about, in a few words")
    message = parser.parse_args().message
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        config = config_for(connection)
        command.upgrade(config, "head")
        number = f"{int(REVISIONS[-1]) + 1:04d}"
        command.revision(config, message, autogenerate=True, rev_id=number, process_revision_directives=_fill_columns)
    engine.dispose()
    return 0


def _fill_columns(_context: object, _revision: object, scripts: Iterable[MigrationScript]) -> None:
    for script in scripts:
        for operations in script.upgrade_ops_list:
            for operation in operations.ops:
                _fill_column(operation)


def _fill_column(operation: MigrateOperation) -> None:
    if isinstance(operation, ModifyTableOps):
        for part in operation.ops:
            _fill_column(part)
    if isinstance(operation, AddColumnOp) and not operation.column.nullable:
        empty = isinstance(operation.column.type, String | LargeBinary)
        operation.column.server_default = DefaultClause("" if empty else "0")


if __name__ == "__main__":
    sys.exit(main())
