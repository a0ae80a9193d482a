"""Runs the migrations of the ledger database on the connection it is given."""

from alembic import context

from hub.stores.tables import ledger

context.configure(connection=context.config.attributes["connection"], target_metadata=ledger)
with context.begin_transaction():
    context.run_migrations()
