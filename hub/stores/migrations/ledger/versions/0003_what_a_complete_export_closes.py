"""What was listed when, and which exports were complete: an offer missing from one of them is closed.

What was recorded before was read as partial, as its files said nothing else: it counts as listed in its own file,
without a last day.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FEEDS = ("CATA", "JOBD", "OFFR")

_NAMES = ("entity_id", "feed", "source", "message_id")
event = sa.table("event", *[sa.column(name, sa.Text) for name in _NAMES])
submission = sa.table("submission", sa.column("message_id", sa.Text), sa.column("sequence", sa.Integer))
listed = sa.table("listed", *[sa.column(name) for name in ("entity_id", "feed", "source", "sequence", "until")])


def upgrade() -> None:
    """Go one version up."""
    op.create_table(
        "export",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("source", "feed", "sequence"),
    )
    op.create_table(
        "listed",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id"),
    )
    op.create_index(op.f("ix_listed_feed_until"), "listed", ["feed", "until"])
    rows = (
        sa.select(
            event.c.entity_id,
            sa.func.min(event.c.feed),
            sa.func.min(event.c.source),
            sa.func.max(sa.func.coalesce(submission.c.sequence, 0)),
            sa.literal(date.max, sa.Date),
        )
        .join(submission, submission.c.message_id == event.c.message_id)
        .where(event.c.feed.in_(FEEDS))
        .group_by(event.c.entity_id)
    )
    op.execute(listed.insert().from_select(["entity_id", "feed", "source", "sequence", "until"], rows))


def downgrade() -> None:
    """Go one version down."""
    op.drop_index(op.f("ix_listed_feed_until"), table_name="listed")
    op.drop_table("listed")
    op.drop_table("export")
