"""The first identity."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "capsule",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "recipient"),
    )
    op.create_index(op.f("ix_capsule_sid"), "capsule", ["sid"], unique=False)
    op.create_table(
        "local_reference",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("entity_kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "recipient"),
    )
    op.create_index(op.f("ix_local_reference_sid"), "local_reference", ["sid"], unique=False)
    op.create_table(
        "subject_index",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("idx", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("kid", "idx"),
    )
    op.create_index(op.f("ix_subject_index_sid"), "subject_index", ["sid"], unique=False)


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_subject_index_sid"), table_name="subject_index")
    op.drop_table("subject_index")
    op.drop_index(op.f("ix_local_reference_sid"), table_name="local_reference")
    op.drop_table("local_reference")
    op.drop_index(op.f("ix_capsule_sid"), table_name="capsule")
    op.drop_table("capsule")
