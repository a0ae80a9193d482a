"""Erasures that are under way, tombstones by which late rows are known, and requests to reveal who somebody is."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "erasure",
        sa.Column("erasure_id", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sids", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("done_at", Utc()),
    )
    op.create_table(
        "tombstone",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kid", "mark"),
    )
    op.create_table(
        "reveal",
        sa.Column("reveal_id", sa.Text(), primary_key=True),
        sa.Column("sid", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_at", Utc()),
        sa.Column("approval", sa.Text()),
        sa.Column("opened_at", Utc()),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("reveal")
    op.drop_table("tombstone")
    op.drop_table("erasure")
