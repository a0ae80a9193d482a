"""The digest key in use: whoever names files is held to it, and most of them may not enter the identity store."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0009"
down_revision = "0008"
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


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("key_in_force")
    op.drop_table("key_check")
