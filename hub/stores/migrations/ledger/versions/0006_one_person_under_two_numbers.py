"""Two subjects turn out to be one person: the one under which both are known."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "alias",
        sa.Column("sid", sa.Text(), primary_key=True),
        sa.Column("person", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_alias_person"), "alias", ["person"])


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_alias_person"), table_name="alias")
    op.drop_table("alias")
