"""How many people a CPAS names for the first time, day by day; successions that an operator asks for."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in ("newcomers", "strangers", "elsewhere")]
    op.create_table(
        "volume",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *counts,
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "day"),
    )
    op.create_index(op.f("ix_volume_day"), "volume", ["day"], unique=False)
    op.create_table(
        "succession_request",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("succession_request")
    op.drop_index(op.f("ix_volume_day"), table_name="volume")
    op.drop_table("volume")
