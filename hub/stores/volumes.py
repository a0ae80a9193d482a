"""How many people each CPAS named for the first time, day by day: counts, and no person.

A file's counts are part of the transaction that finishes it, so no file is counted twice.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from hub.model import FOREM
from hub.stores.aliases import aliases
from hub.stores.database import Database
from hub.stores.tables import event, relationship, volume
from hub.volume import Named

COUNTS = ("newcomers", "strangers", "elsewhere")


class Volumes:
    """The part of the ledger that counts newcomers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def named(self, organisations: Collection[str], sids: Collection[str]) -> Named:
        """How many of these people are new to these organisations, which are one CPAS, as the ledger is now."""
        e = event.c
        with self._db.read() as tx:
            names = aliases(tx)
            query = sa.select(e.sid, e.source, e.feed).where(self._db.among(e.sid, names.group(sids)), e.feed != "MUTA")
            said: dict[str, set[tuple[str, str]]] = defaultdict(set)
            for sid, source, feed in tx.execute(query.distinct()):
                said[names.known.get(sid, sid)].add((source, feed))
        people = {names.known.get(sid, sid) for sid in sids}
        new = [said[one] for one in people if not any(source in organisations for source, _ in said[one])]
        others = [any(source != FOREM and feed != "MOBI" for source, feed in each) for each in new]
        return Named(len(new), sum(not each for each in new), sum(others))

    def known(self, organisations: Collection[str]) -> int:
        """With how many people these organisations have, or had, a relationship."""
        r = relationship.c
        query = sa.select(sa.func.count(sa.distinct(r.sid))).where(r.organisation.in_(sorted(organisations)))
        with self._db.read() as tx:
            return int(tx.execute(query).scalar_one())

    def by_day(self, partner: str) -> dict[date, Named]:
        """What this CPAS named on each day of which anything is kept."""
        query = sa.select(volume).where(volume.c.partner == partner)
        with self._db.read() as tx:
            return {row.day: Named(*(getattr(row, name) for name in COUNTS)) for row in tx.execute(query)}

    def to_judge(self, partners: Collection[str]) -> list[tuple[str, date]]:
        """The days of these CPAS on which there are newcomers that were not looked at."""
        v = volume.c
        query = sa.select(v.partner, v.day).where(self._db.among(v.partner, partners), v.judged < v.newcomers)
        with self._db.read() as tx:
            return [(row.partner, row.day) for row in tx.execute(query.order_by(v.partner, v.day))]

    def judge(self, partner: str, day: date, newcomers: int, reasons: Collection[str]) -> bool:
        """Note that so many were looked at and what is unusual; True when that is more than was noted before."""
        v = volume.c
        place = (v.partner == partner, v.day == day)
        with self._db.write() as tx:
            before = set(tx.execute(sa.select(v.reasons).where(*place).with_for_update()).scalar_one())
            told = sorted(before | set(reasons))
            tx.execute(volume.update().where(*place).values(judged=newcomers, reasons=told))
        return set(told) != before

    def unusual(self, since: date) -> list[dict[str, Any]]:
        """The days from `since` on with anything unusual, the oldest first."""
        v = volume.c
        with self._db.read() as tx:
            rows = tx.execute(sa.select(volume).where(v.day >= since).order_by(v.day, v.partner)).mappings()
            return [dict(row) for row in rows if row["reasons"]]


def add(db: Database, tx: sa.Connection, partner: str, day: date, named: Named) -> None:
    """Add what one file named to the partner's day."""
    if not named.newcomers:
        return
    zeros = {"judged": 0, "reasons": [], **dict.fromkeys(COUNTS, 0)}
    db.insert_new(tx, volume, [{"partner": partner, "day": day, **zeros}])
    more = {name: volume.c[name] + getattr(named, name) for name in COUNTS}
    tx.execute(volume.update().where(volume.c.partner == partner, volume.c.day == day).values(**more))
