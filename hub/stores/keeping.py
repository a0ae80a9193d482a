"""What the ledger still holds that may be over its time: persons of whom nothing came lately, and published files.

Reads only. When something is over is decided in `hub.retention`, and who removes it in `hub.flow.retain`.
"""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa

from hub.stores.access import Rows, in_ledger
from hub.stores.aliases import aliases
from hub.stores.database import Database
from hub.stores.tables import event, publication, to_tell, told

GONE, VIEW = "GONE", "RECO"


class Keeping:
    """The part of the ledger that knows how old things are."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def persons(self) -> int:
        """How many subjects the ledger has rows of."""
        query = sa.select(sa.func.count(sa.distinct(event.c.sid))).where(event.c.sid != "")
        with self._db.read() as tx:
            return int(tx.execute(query).scalar_one())

    def silent(self, since: datetime, day: date) -> set[str]:
        """The subjects of whom no row was received since that instant nor takes effect from that day on.

        Nor of any other number of the same person; and nobody waits to be told of one of their entities.
        """
        e = event.c
        last = sa.select(e.sid).where(e.sid != "").group_by(e.sid)
        quiet = last.having(sa.func.max(e.received_at) < since, sa.func.max(e.effective_date) < day)
        waiting = sa.select(e.sid).where(e.entity_id.in_(sa.select(to_tell.c.entity_id)))
        with self._db.read() as tx:
            found = set(tx.execute(quiet).scalars()) - set(tx.execute(waiting).scalars())
            heard = set(tx.execute(last).scalars()) - found
            known = aliases(tx)
        return found - known.group(heard)

    def about(self, sids: Collection[str], controller: str) -> Rows:
        """What is held about these subjects, as this controller may hand it over (`hub.stores.access`)."""
        return in_ledger(self._db, sids, controller)

    def published(self, before: datetime | None = None) -> dict[str, datetime]:
        """When each delivered file that nothing refers to any more was delivered, by its name."""
        p, t = publication.c, told.c
        needed = sa.exists().where(
            p.feed == VIEW, t.recipient == p.recipient, t.feed == p.feed, t.sequence == p.sequence, t.row_hash != GONE
        )
        query = sa.select(p.name, p.delivered_at).where(p.state == "DELIVERED", ~needed)
        with self._db.read() as tx:
            rows = tx.execute(query.where(p.delivered_at < before) if before else query).all()
        return {row.name: row.delivered_at for row in rows}
