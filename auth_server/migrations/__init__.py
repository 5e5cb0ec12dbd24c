"""The revisions of the database's schema: each a step from the one before (alembic).

A new database is made in its newest form at once, from `tables`; the steps are for databases that customers are in.
After a change of `tables`, ``python -m auth_server.migrations "what it is about"`` writes the next step.
"""

from typing import Final

REVISIONS: Final = ("0001", "0002")
"""All revisions, oldest first: known without loading alembic, which only an upgrade needs."""

NEWEST: Final = REVISIONS[-1]
VERSION_TABLE: Final = "alembic_version"
# The table that databases had, and have no longer, which were made before there were revisions.
UNSTAMPED: Final = ("schema_versions", REVISIONS[0])
