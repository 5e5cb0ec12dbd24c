"""${message}."""

# pyright: reportUnknownArgumentType=false
# SQLAlchemy's column types are generic, and what alembic writes does not say in what.

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    ${upgrades if upgrades else "pass"}
