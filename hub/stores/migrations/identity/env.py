"""Runs the migrations of the identity database on the connection it is given."""

from alembic import context

from hub.stores.tables import identity

context.configure(connection=context.config.attributes["connection"], target_metadata=identity)
with context.begin_transaction():
    context.run_migrations()
