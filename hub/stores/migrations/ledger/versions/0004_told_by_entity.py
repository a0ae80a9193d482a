"""What was told is looked up by entity, for all recipients at once; what is overdue by what was noted."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.drop_index(op.f("ix_told_recipient_entity_id"), table_name="told")
    op.create_index(op.f("ix_told_entity_id"), "told", ["entity_id"])
    op.create_index(op.f("ix_acknowledgement_kind"), "acknowledgement", ["kind"])


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_acknowledgement_kind"), table_name="acknowledgement")
    op.drop_index(op.f("ix_told_entity_id"), table_name="told")
    op.create_index(op.f("ix_told_recipient_entity_id"), "told", ["recipient", "entity_id"])
