"""Who was erased, for as long as a run that was under way could still write of them; and from which files."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "erased_subject",
        sa.Column("sid", sa.Text(), primary_key=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "erased_row",
        sa.Column("message_id", sa.Text(), primary_key=True),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("erased_row")
    op.drop_table("erased_subject")
