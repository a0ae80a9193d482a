"""The first ledger."""

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
        "acknowledgement",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "kind"),
    )
    op.create_table(
        "discrepancy",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entity_id", "class", "opened"),
    )
    op.create_table(
        "entity_state",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("cpas", sa.Text(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("cpas_view", sa.Text(), nullable=True),
        sa.Column("forem_view", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("business_status", sa.Text(), nullable=True),
        sa.Column("status_date", sa.Date(), nullable=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cpas_version", sa.Integer(), nullable=True),
        sa.Column("forem_version", sa.Integer(), nullable=True),
        sa.Column("next_appointment_at", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id"),
    )
    op.create_index(op.f("ix_entity_state_cpas"), "entity_state", ["cpas"], unique=False)
    op.create_index(op.f("ix_entity_state_stale"), "entity_state", ["stale"], unique=False)
    op.create_table(
        "event",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_status", sa.Integer(), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(op.f("ix_event_entity_id"), "event", ["entity_id"], unique=False)
    op.create_index(op.f("ix_event_message_id"), "event", ["message_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", "n"),
    )
    op.create_table(
        "publication",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published_at", Utc(), nullable=False),
        sa.Column("delivered_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("publication_id"),
        sa.UniqueConstraint("recipient", "feed", "sequence", name="uq_publication"),
    )
    op.create_index(op.f("ix_publication_recipient_state"), "publication", ["recipient", "state"], unique=False)
    op.create_table(
        "publication_row",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "row_key"),
    )
    op.create_index(op.f("ix_publication_row_entity_id"), "publication_row", ["entity_id"], unique=False)
    op.create_index(
        op.f("ix_publication_row_recipient_feed_row_key"),
        "publication_row",
        ["recipient", "feed", "row_key"],
        unique=False,
    )
    op.create_table(
        "relationship",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "sid", "quality", "since"),
    )
    op.create_table(
        "sighting",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name_digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mtime", sa.Float(), nullable=True),
        sa.Column("first_seen", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "name_digest"),
    )
    op.create_table(
        "submission",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("contract", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_digest", sa.Text(), nullable=False),
        sa.Column("sending", sa.Text(), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("manifest_digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duplicate", sa.Integer(), server_default="0", nullable=False),
        sa.Column("superseded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("done_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
        sa.UniqueConstraint("partner", "name_digest", "digest", "manifest_digest", "sending", name="uq_submission"),
    )
    op.create_index(
        op.f("ix_submission_partner_feed_digest"), "submission", ["partner", "feed", "digest"], unique=False
    )
    op.create_index(op.f("ix_submission_partner_state"), "submission", ["partner", "state"], unique=False)
    op.create_table(
        "transition",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", "n"),
    )


def downgrade() -> None:
    """Go one version down."""
    op.drop_table("transition")
    op.drop_index(op.f("ix_submission_partner_state"), table_name="submission")
    op.drop_index(op.f("ix_submission_partner_feed_digest"), table_name="submission")
    op.drop_table("submission")
    op.drop_table("sighting")
    op.drop_table("relationship")
    op.drop_index(op.f("ix_publication_row_recipient_feed_row_key"), table_name="publication_row")
    op.drop_index(op.f("ix_publication_row_entity_id"), table_name="publication_row")
    op.drop_table("publication_row")
    op.drop_index(op.f("ix_publication_recipient_state"), table_name="publication")
    op.drop_table("publication")
    op.drop_table("finding")
    op.drop_index(op.f("ix_event_message_id"), table_name="event")
    op.drop_index(op.f("ix_event_entity_id"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_entity_state_stale"), table_name="entity_state")
    op.drop_index(op.f("ix_entity_state_cpas"), table_name="entity_state")
    op.drop_table("entity_state")
    op.drop_table("discrepancy")
    op.drop_table("acknowledgement")
