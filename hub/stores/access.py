"""Everything that the two stores hold about one person, or the part of it that one controller may hand over.

Reads only. What becomes a line of the report, and in which words, is decided in `hub.access`.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from hub.model import HUB
from hub.stores.database import Database
from hub.stores.tables import (
    capsule,
    entity_state,
    event,
    publication,
    publication_row,
    relationship,
    reveal,
    subject_index,
    vault,
)

Rows = dict[str, list[dict[str, Any]]]


def in_ledger(db: Database, sids: Collection[str], controller: str) -> Rows:
    """Relationships, rows, states, and what was told to whom. Of another than HUB, what it wrote or was told."""
    e, r, s, p, row = event.c, relationship.c, entity_state.c, publication.c, publication_row.c
    every = controller == HUB
    mine = (db.among(e.sid, sids), sa.true() if every else e.source == controller)
    written = sa.select(e.entity_id).where(*mine)
    named = db.among(db.second(row.row_key), sids)
    of_person = sa.select(e.entity_id).where(db.among(e.sid, sids))
    concerned = sa.or_((p.feed == "RECO") & named, (p.feed != "RECO") & row.entity_id.in_(of_person))
    shown = sa.true() if every else sa.or_(p.recipient == controller, row.entity_id.in_(written))
    joined = sa.select(p.recipient, p.feed, p.name, p.published_at).join_from(
        publication_row, publication, row.publication_id == p.publication_id
    )
    queries = {
        "relationship": sa.select(relationship)
        .where(db.among(r.sid, sids), sa.true() if every else r.organisation == controller)
        .order_by(r.organisation, r.quality, r.since),
        "event": sa.select(event).where(*mine).order_by(e.received_at, e.event_id),
        "state": sa.select(entity_state)
        .where(db.among(s.sid, sids), sa.true() if every else sa.false())
        .order_by(s.entity_id),
        "told": joined.where(concerned, shown).distinct().order_by(p.published_at, p.recipient, p.name),
    }
    with db.read() as tx:
        return {name: [dict(one) for one in tx.execute(query).mappings()] for name, query in queries.items()}


def in_identity(db: Database, sids: Collection[str], controller: str) -> Rows:
    """Numbers, what was sealed for whom, what waits for whose key, and reveals.

    Of another than HUB, what was sealed or waits for it alone: a second number, or why somebody was revealed, can tell
    what another CPAS has written.
    """
    i, c, v, w = subject_index.c, capsule.c, reveal.c, vault.c
    every = sa.true() if controller == HUB else sa.false()
    mine = every | (c.recipient == controller)
    counted = sa.select(c.recipient, sa.func.count().label("count"), sa.func.max(c.at).label("at"))
    locked = sa.select(w.recipient, sa.func.count().label("count"), sa.func.min(w.at).label("since"))
    waiting = (db.among(w.sid, sids), w.local == sa.false(), every | (w.recipient == controller))
    queries = {
        "number": sa.select(sa.func.min(i.at).label("at")).where(db.among(i.sid, sids), every).group_by(i.sid),
        "sealed": counted.where(db.among(c.sid, sids), mine).group_by(c.recipient).order_by(c.recipient),
        "waiting": locked.where(*waiting).group_by(w.recipient).order_by(w.recipient),
        "reveal": sa.select(v.reason, v.asked_at, v.opened_at).where(db.among(v.sid, sids), every).order_by(v.asked_at),
    }
    with db.read() as tx:
        return {name: [dict(one) for one in tx.execute(query).mappings()] for name, query in queries.items()}
