"""What the ledger knows of the feeds that concern nobody: which file held each entity last, which export was complete.

Written in the transaction that finishes a file. Whatever the order in which files are finished, what is kept is the
same: of each entity the highest sequence of a file that held it, of each complete export its place and day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from hub.stores import framed
from hub.stores.database import Database
from hub.stores.tables import event, export, listed, told

GONE = "GONE"  # the hash of a row that a recipient has been told to remove
_RAISED = ("entity_id", "sequence", "until")
_SEQUENCE: dict[str, type[pl.DataType]] = {"sequence": pl.Int64}


@dataclass(frozen=True, slots=True)
class Listing:
    """One file of a feed that concerns nobody: its place, its day, the last day of each entity that it held.

    `complete` where an entity that is not in it is closed.
    """

    source: str
    feed: str
    sequence: int
    day: date
    complete: bool
    until: Mapping[str, date]


def record(db: Database, tx: sa.Connection, listing: Listing) -> None:
    """Note which entities a file held and, of a complete one, that it was.

    Neither the sequence nor the last day of an entity ever goes back.
    """
    place = {"source": listing.source, "feed": listing.feed, "sequence": listing.sequence}
    rows = [{"entity_id": entity, **place, "until": until} for entity, until in sorted(listing.until.items())]
    new = db.insert_new(tx, listed, rows)
    again = [{f"its_{name}": row[name] for name in _RAISED} for row in rows if row["entity_id"] not in new]
    for name in _RAISED[1:] if again else ():
        value = sa.bindparam(f"its_{name}", type_=listed.c[name].type)
        lower = (listed.c.entity_id == sa.bindparam("its_entity_id"), listed.c[name] < value)
        tx.execute(listed.update().where(*lower).values({name: value}), again)
    if listing.complete:
        db.insert_new(tx, export, [place | {"day": listing.day}])


class Listings:
    """The part of the ledger that knows offers, events and trainings."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def held_back(self, listing: Listing) -> tuple[int, int]:
        """How many entities this complete export would close, and how many are open before it, at the most.

        One that closed by its own date counts among both, so the share of the closed is never told too low.
        """
        last = self._last_export(listing.source, listing.feed, before=listing.sequence)
        query = sa.select(listed.c.entity_id).where(
            listed.c.feed == listing.feed,
            listed.c.source == listing.source,
            listed.c.until >= listing.day,
            listed.c.sequence.between(last, listing.sequence - 1),
        )
        with self._db.read() as tx:
            opened = set(tx.execute(query).scalars())
        return len(opened - listing.until.keys()), len(opened)

    def candidates(self, feed: str, today: date) -> pl.DataFrame:
        """Every event (`framed.RECORDED`) of what may be shown of a feed that day, as far as exports closed nothing."""
        last = sa.select(sa.func.coalesce(sa.func.max(export.c.sequence), 0)).where(
            export.c.source == listed.c.source, export.c.feed == listed.c.feed
        )
        ids = sa.select(listed.c.entity_id).where(
            listed.c.feed == feed, listed.c.until >= today, listed.c.sequence >= last.scalar_subquery()
        )
        with self._db.read() as tx:
            return framed.events(self._db, tx, event.c.entity_id.in_(ids))

    def events(self, entities: Collection[str]) -> pl.DataFrame:
        """Every event of these entities: `framed.RECORDED`."""
        with self._db.read() as tx:
            return framed.events(self._db, tx, self._db.among(event.c.entity_id, entities))

    def listed(self, entities: Collection[str]) -> pl.DataFrame:
        """`entity_id`, `feed`, `source` of these entities, and the `sequence` of the last file that held each."""
        columns = [listed.c[name] for name in ("entity_id", "feed", "source", "sequence")]
        query = sa.select(*columns).where(self._db.among(listed.c.entity_id, entities))
        return self._frame(query, {"entity_id": pl.String, "feed": pl.String, "source": pl.String} | _SEQUENCE)

    def exports(self, feed: str) -> pl.DataFrame:
        """`feed`, `source`, `sequence`, `day` of the complete exports of a feed."""
        columns = (export.c.feed, export.c.source, export.c.sequence, export.c.day)
        query = sa.select(*columns).where(export.c.feed == feed)
        return self._frame(query, {"feed": pl.String, "source": pl.String} | _SEQUENCE | {"day": pl.Date})

    def shown(self, recipient: str, feed: str) -> dict[str, str]:
        """What this recipient holds of a feed: the hash of each row told to it and not taken back, by entity."""
        query = sa.select(told.c.row_key, told.c.row_hash).where(
            told.c.recipient == recipient, told.c.feed == feed, told.c.row_hash != GONE
        )
        with self._db.read() as tx:
            return {row.row_key: row.row_hash for row in tx.execute(query)}

    def _frame(self, query: sa.Select[Any], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
        with self._db.read() as tx:
            rows = [tuple(row) for row in tx.execute(query)]
        return pl.DataFrame(rows, schema=dict(schema), orient="row")

    def _last_export(self, source: str, feed: str, before: int) -> int:
        last = sa.select(sa.func.max(export.c.sequence)).where(
            export.c.source == source, export.c.feed == feed, export.c.sequence < before
        )
        with self._db.read() as tx:
            return tx.execute(last).scalar() or 0
