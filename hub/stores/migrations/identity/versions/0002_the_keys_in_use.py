"""The keys in use: their check values, which one is in force, and under which one a person is told."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "key_check",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("check_value", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "kid"),
    )
    op.create_table(
        "key_in_force",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("purpose"),
    )
    op.create_table(
        "told_under",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_index(op.f("ix_told_under_kid"), "told_under", ["kid"], unique=False)


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_told_under_kid"), table_name="told_under")
    op.drop_table("told_under")
    op.drop_table("key_in_force")
    op.drop_table("key_check")
