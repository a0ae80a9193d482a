"""In which five years each person was born, for the yearly figures."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "cohort",
        sa.Column("sid", sa.Text(), primary_key=True),
        sa.Column("born", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("cohort")
