"""A state that was touched tells how far back the news reach: what was before them need not be read again."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

entity_state = sa.table(
    "entity_state", sa.column("stale", sa.Boolean), sa.column("moved", sa.Date), sa.column("reconciled_on", sa.Date)
)


def upgrade() -> None:
    """Go one version up: when a state came about, and how far back what is marked reaches, nobody knows."""
    op.add_column("entity_state", sa.Column("reconciled_on", sa.Date(), nullable=True))
    op.add_column("entity_state", sa.Column("moved", sa.Date(), nullable=True))
    op.execute(entity_state.update().values(reconciled_on=date.max))
    op.execute(entity_state.update().where(entity_state.c.stale == sa.true()).values(moved=date.min))


def downgrade() -> None:
    """Go one version down."""
    with op.batch_alter_table("entity_state") as table:
        table.drop_column("moved")
        table.drop_column("reconciled_on")
