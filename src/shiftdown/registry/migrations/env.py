"""Alembic's entry: run the migrations on the connection, and in the transaction, that `migrate` gives."""

from alembic import context

from shiftdown.registry.migrate import VERSION_TABLE
from shiftdown.registry.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
