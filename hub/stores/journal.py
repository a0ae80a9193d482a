"""The append-only journal of states: every subject's moves, numbered from 1."""

from datetime import datetime

import sqlalchemy as sa

from hub.stores.tables import transition

_OF = transition.c.subject_kind == sa.bindparam("kind"), transition.c.subject_id == sa.bindparam("subject")
_LAST = sa.select(sa.func.coalesce(sa.func.max(transition.c.n), 0)).where(*_OF)  # made once: each file has many
_ADDED = transition.insert()


def append(
    tx: sa.Connection, kind: str, subject: str, before: str | None, after: str, at: datetime, reason: str = ""
) -> None:
    """Write down that `subject` went from `before` to `after`; part of the caller's transaction."""
    n = tx.execute(_LAST, {"kind": kind, "subject": subject}).scalar_one()
    tx.execute(
        _ADDED,
        {
            "subject_kind": kind,
            "subject_id": subject,
            "n": n + 1,
            "before": before,
            "after": after,
            "at": at,
            "actor": "hub",
            "reason": reason or None,
        },
    )
