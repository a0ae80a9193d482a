"""The append-only journal of states: every subject's moves, numbered from 1."""

from datetime import datetime

import sqlalchemy as sa

from hub.stores.tables import transition


def append(
    tx: sa.Connection, kind: str, subject: str, before: str | None, after: str, at: datetime, reason: str = ""
) -> None:
    """Write down that `subject` went from `before` to `after`; part of the caller's transaction."""
    n = tx.execute(
        sa.select(sa.func.coalesce(sa.func.max(transition.c.n), 0)).where(
            transition.c.subject_kind == kind, transition.c.subject_id == subject
        )
    ).scalar_one()
    tx.execute(
        transition.insert().values(
            subject_kind=kind,
            subject_id=subject,
            n=n + 1,
            before=before,
            after=after,
            at=at,
            actor="hub",
            reason=reason or None,
        )
    )
