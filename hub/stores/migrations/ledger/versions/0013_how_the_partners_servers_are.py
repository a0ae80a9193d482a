"""How the partners' servers were at the last visits, what they can do, and what was taken and not moved."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.add_column("sighting", sa.Column("looks", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("sighting", sa.Column("last_seen", Utc(), nullable=True))
    op.create_table(
        "remote_file",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name_digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mtime", sa.Float(), nullable=True),
        sa.Column("sending", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "name_digest"),
    )
    op.create_table(
        "link",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("ok_at", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failed_at", Utc(), nullable=True),
        sa.Column("failed_really_at", Utc(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("partner"),
    )
    op.create_table(
        "capability",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("partner"),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("capability")
    op.drop_table("link")
    op.drop_table("remote_file")
    op.drop_column("sighting", "last_seen")
    op.drop_column("sighting", "looks")
