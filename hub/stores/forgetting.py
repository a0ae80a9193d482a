"""The identity store without a person: who it was cannot be found, and what was sealed of it is gone.

The erasure itself is written down first and struck out last, so that one that was cut short is known and can be ended.
A tombstone is left for each organisation that spoke of the person: a hash of the organisation and the index, which
gives neither back, by which a row that this organisation wrote before the erasure is known when it comes late.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.stores.database import Database
from hub.stores.tables import capsule, erasure, local_reference, reveal, subject_index, told_under, tombstone

MANY = 500  # keys in one IN list
_SEALED = (capsule, local_reference, told_under)


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that has begun: of which subjects, why, when."""

    erasure_id: str
    reason: str
    sids: tuple[str, ...]
    at: datetime


class Forgetting:
    """The part of the identity store that forgets."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def known(self, people: Mapping[str, Sequence[bytes]]) -> set[str]:
        """The subjects behind these indexes, given by the key of each; none is made."""
        found: set[str] = set()
        with self._db.read() as tx:
            for kid, indexes in people.items():
                for some in _chunks(list(indexes)):
                    mine = (subject_index.c.kid == kid, subject_index.c.idx.in_(some))
                    found |= set(tx.execute(sa.select(subject_index.c.sid).where(*mine)).scalars())
        return found

    def is_known(self, sid: str) -> bool:
        """Whether a subject has a number here, or had one when its erasure began."""
        with self._db.read() as tx:
            return tx.execute(sa.select(subject_index.c.sid).where(subject_index.c.sid == sid)).first() is not None

    def begin(self, one: Erasure, organisations: Iterable[str], until: date) -> None:
        """Nobody finds these subjects from now on; what these organisations wrote of them before is known as such."""
        with self._db.write() as tx:
            mine = self._db.among(subject_index.c.sid, one.sids)
            indexes = tx.execute(sa.select(subject_index.c.kid, subject_index.c.idx).where(mine)).all()
            left = sorted({(row.kid, _mark(name, row.idx)) for name in organisations for row in indexes})
            rows = [{"kid": kid, "mark": mark, "at": one.at, "until": until} for kid, mark in left]
            self._db.upsert(tx, tombstone, rows)
            begun = {"erasure_id": one.erasure_id, "reason": one.reason, "sids": list(one.sids), "at": one.at}
            self._db.insert_new(tx, erasure, [begun])
            tx.execute(subject_index.delete().where(mine))

    def pending(self) -> list[Erasure]:
        """The erasures that have begun and not ended, the oldest first."""
        query = sa.select(erasure).where(erasure.c.done_at.is_(None)).order_by(erasure.c.at, erasure.c.erasure_id)
        with self._db.read() as tx:
            return [Erasure(row.erasure_id, row.reason, tuple(row.sids), row.at) for row in tx.execute(query)]

    def forget(self, sids: Collection[str]) -> None:
        """Remove what was sealed of these subjects, under which key they were told, and whom a reveal was about."""
        with self._db.write() as tx:
            for table in _SEALED:
                tx.execute(table.delete().where(self._db.among(table.c.sid, sids)))
            asked = reveal.update().where(self._db.among(reveal.c.sid, sids))
            tx.execute(asked.values(sid=None, text=None, note="", approval=None))

    def end(self, erasure_id: str, at: datetime) -> None:
        """The erasure is over; whom it was about is not written any more."""
        mine = (erasure.c.erasure_id == erasure_id, erasure.c.done_at.is_(None))
        with self._db.write() as tx:
            tx.execute(erasure.update().where(*mine).values(done_at=at, sids=[]))

    def erased(self, organisation: str, people: Mapping[str, Sequence[bytes]]) -> list[datetime | None]:
        """When each of `people`, given by their indexes under each key, was erased, as far as this organisation has
        written of them; None of everybody else."""
        with self._db.read() as tx:
            if tx.execute(sa.select(tombstone.c.kid).limit(1)).first() is None:
                return [None] * len(next(iter(people.values()), ()))
            found = {kid: self._at(tx, kid, [_mark(organisation, idx) for idx in some]) for kid, some in people.items()}
        each = zip(*found.values(), strict=True)
        return [max((at for at in one if at is not None), default=None) for one in each]

    def count(self, before: date | None = None) -> int:
        """How many tombstones there are, or have an end before that day."""
        counted = sa.select(sa.func.count()).select_from(tombstone)
        with self._db.read() as tx:
            return int(tx.execute(counted.where(tombstone.c.until < before) if before else counted).scalar_one())

    def clear(self, today: date) -> int:
        """Remove the tombstones whose time is over, and the erasures that ended; how many tombstones."""
        with self._db.write() as tx:
            return tx.execute(tombstone.delete().where(tombstone.c.until < today)).rowcount

    def give_back(self) -> None:
        """Free the room of what was removed (`Database.give_back`)."""
        self._db.give_back()

    def rewrite(self) -> None:
        """Leave no scrap of what was removed (`Database.rewrite`)."""
        self._db.rewrite()

    def _at(self, tx: sa.Connection, kid: str, marks: Sequence[bytes]) -> list[datetime | None]:
        known: dict[bytes, datetime] = {}
        for some in _chunks(sorted(set(marks))):
            mine = (tombstone.c.kid == kid, tombstone.c.mark.in_(some))
            known |= {bytes(row.mark): row.at for row in tx.execute(sa.select(tombstone).where(*mine))}
        return [known.get(mark) for mark in marks]


def _mark(organisation: str, idx: bytes) -> bytes:
    """A name for `this organisation wrote of this number`: 16 bytes of SHA-256; the index is a keyed hash itself."""
    return hashlib.sha256(b"passerelle/erased/1|" + organisation.encode() + b"|" + bytes(idx)).digest()[:16]


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[at : at + MANY] for at in range(0, len(items), MANY))
