"""What alembic runs for each of its commands: on the connection that it was handed, inside its transaction."""

from alembic import context
from sqlalchemy import Connection

from auth_server.tables import metadata, say_conditions_in_postgresql

connection = context.config.attributes["connection"]
assert isinstance(connection, Connection)
say_conditions_in_postgresql()
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
