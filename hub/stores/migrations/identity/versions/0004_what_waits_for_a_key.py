"""The vault: what waits for its recipient's key, and the wrapped key of each person of whom something waits."""

import sqlalchemy as sa
from alembic import op

from hub.stores.tables import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "vault",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "recipient", "local"),
    )
    op.create_index(op.f("ix_vault_recipient"), "vault", ["recipient"], unique=False)
    op.create_index(op.f("ix_vault_sid"), "vault", ["sid"], unique=False)
    op.create_table(
        "person_key",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("sid"),
    )
    op.create_index(op.f("ix_person_key_kid"), "person_key", ["kid"], unique=False)


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_person_key_kid"), table_name="person_key")
    op.drop_table("person_key")
    op.drop_index(op.f("ix_vault_sid"), table_name="vault")
    op.drop_index(op.f("ix_vault_recipient"), table_name="vault")
    op.drop_table("vault")
