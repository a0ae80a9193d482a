"""A state of every kind of entity, what each recipient is still to be told, and what it was told last.

Nothing is sent again by anyone: every entity of which the ledger holds rows is marked, so that the next
reconciliation computes its state.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = {"SITU": "SITUATION", "INSC": "REGISTRATION", "FORM": "ENROLMENT", "MOBI": "ANSWER", "MANQ": "BREACH"}
FOREM = "900001"

event = sa.table(
    "event",
    *[sa.column(name, sa.Text) for name in ("entity_id", "feed", "source", "sid", "about", "message_id")],
    sa.column("payload", sa.JSON),
)
entity_state = sa.table(
    "entity_state",
    *[sa.column(name, sa.Text) for name in ("entity_id", "kind", "state", "class", "reason", "sid", "message_id")],
    sa.column("codes", sa.JSON),
    sa.column("stale", sa.Boolean),
)
relationship = sa.table("relationship", *[sa.column(name, sa.Text) for name in ("organisation", "sid", "quality")])
_ROW = ("recipient", "feed", "row_key", "entity_id", "row_hash", "sequence")
publication_row = sa.table("publication_row", *[sa.column(name) for name in _ROW])
told = sa.table("told", *[sa.column(name) for name in _ROW])


def upgrade() -> None:
    """Go one version up."""
    _schema()
    _about()
    _touch()
    _remember_what_was_told()
    op.drop_index(op.f("ix_publication_row_recipient_feed_row_key"), table_name="publication_row")


def _schema() -> None:
    op.create_table(
        "to_tell",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "entity_id"),
    )
    op.create_table(
        "told",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "feed", "row_key"),
    )
    op.create_index(op.f("ix_told_recipient_entity_id"), "told", ["recipient", "entity_id"])
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("about", sa.Text(), nullable=True))
        batch.create_index(op.f("ix_event_sid"), ["sid"])
        batch.create_index(op.f("ix_event_about"), ["about"])
    with op.batch_alter_table("entity_state") as batch:
        batch.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="REFERRAL"))
        for name in ("lead", "next_service", "lead_rule", "message_id"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=True))
        for name in ("held_until", "wake"):
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
        batch.create_index(op.f("ix_entity_state_sid"), ["sid"])
        batch.create_index(op.f("ix_entity_state_wake"), ["wake"])
    with op.batch_alter_table("entity_state") as batch:
        batch.alter_column("kind", server_default=None)
    with op.batch_alter_table("discrepancy") as batch:
        batch.drop_column("last_seen")
        batch.create_index(op.f("ix_discrepancy_closed_class"), ["closed", "class"])
    with op.batch_alter_table("publication") as batch:
        batch.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="DELTA"))
    with op.batch_alter_table("acknowledgement") as batch:
        batch.add_column(sa.Column("code", sa.Text(), nullable=True))
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("chain", sa.Text(), nullable=True))
        batch.add_column(sa.Column("previous", sa.Text(), nullable=True))
        batch.create_index(op.f("ix_submission_sender_feed_sequence"), ["sender", "feed", "sequence"])
    op.create_index(op.f("ix_relationship_sid"), "relationship", ["sid"])


def _about() -> None:
    """Write beside each row the entity that it names, as `hub.pseudonymise` does from now on."""
    named = {
        "FORM": event.c.payload["referral_id"].as_string(),
        "MANQ": event.c.payload["referral_id"].as_string(),
        "MOBI": f"JOBD|{FOREM}|" + event.c.payload["event_id"].as_string(),
    }
    for feed, about in named.items():
        op.execute(event.update().where(event.c.feed == feed).values(about=about))


def _touch() -> None:
    """Mark every entity, give those of the other feeds a row, and end what an answer alone had opened."""
    op.execute(entity_state.update().values(stale=True))
    new = {"state": "UNKNOWN", "class": "PENDING", "reason": "new"}
    for feed, kind in KINDS.items():
        rows = (
            sa.select(
                event.c.entity_id,
                sa.literal(kind),
                *[sa.literal(value) for value in new.values()],
                sa.func.min(event.c.sid),
                sa.func.max(event.c.message_id),
                sa.literal([], sa.JSON),
                sa.literal(True, sa.Boolean),
            )
            .where(event.c.feed == feed)
            .group_by(event.c.entity_id)
        )
        names = ["entity_id", "kind", *new, "sid", "message_id", "codes", "stale"]
        op.execute(entity_state.insert().from_select(names, rows))
    said = sa.exists().where(
        event.c.feed == "SITU", event.c.source == relationship.c.organisation, event.c.sid == relationship.c.sid
    )
    stated = (relationship.c.quality == "STATED", relationship.c.organisation != FOREM)
    op.execute(relationship.delete().where(*stated, ~said))


def _remember_what_was_told() -> None:
    """Keep of each row what the last publication said."""
    later = publication_row.alias("later")
    same = [later.c[name] == publication_row.c[name] for name in ("recipient", "feed", "row_key")]
    last = sa.select(*publication_row.c).where(~sa.exists().where(*same, later.c.sequence > publication_row.c.sequence))
    op.execute(told.insert().from_select(list(_ROW), last))


def downgrade() -> None:
    """Go one version down: what the first ledger does not know is forgotten."""
    op.execute(entity_state.delete().where(entity_state.c.kind != "REFERRAL"))
    op.create_index(
        op.f("ix_publication_row_recipient_feed_row_key"), "publication_row", ["recipient", "feed", "row_key"]
    )
    op.drop_index(op.f("ix_relationship_sid"), table_name="relationship")
    with op.batch_alter_table("publication") as batch:
        batch.drop_column("kind")
    with op.batch_alter_table("acknowledgement") as batch:
        batch.drop_column("code")
    with op.batch_alter_table("submission") as batch:
        batch.drop_index(op.f("ix_submission_sender_feed_sequence"))
        batch.drop_column("chain")
        batch.drop_column("previous")
    with op.batch_alter_table("discrepancy") as batch:
        batch.drop_index(op.f("ix_discrepancy_closed_class"))
        batch.add_column(sa.Column("last_seen", sa.Date(), nullable=False, server_default="1970-01-01"))
    with op.batch_alter_table("discrepancy") as batch:
        batch.alter_column("last_seen", server_default=None)
    with op.batch_alter_table("entity_state") as batch:
        batch.drop_index(op.f("ix_entity_state_sid"))
        batch.drop_index(op.f("ix_entity_state_wake"))
        for name in ("kind", "lead", "next_service", "lead_rule", "message_id", "held_until", "wake"):
            batch.drop_column(name)
    with op.batch_alter_table("event") as batch:
        batch.drop_index(op.f("ix_event_sid"))
        batch.drop_index(op.f("ix_event_about"))
        batch.drop_column("about")
    op.drop_table("told")
    op.drop_table("to_tell")
