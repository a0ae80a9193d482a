"""The ledger without a person: whose rows they were is forgotten, how many they were is kept.

Erasing is in three transactions, each of which can be run again: `begin` makes every file refuse to write of the
subject from then on, `forget` removes all that bears it, `complete` says in the audit log that it is done. A file that
was finished before `begin` committed is seen by `forget`, since both hold the head of the audit log in between.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import sqlalchemy as sa

from hub import audit
from hub.errors import Transient
from hub.model import Event
from hub.stores.aliases import aliases
from hub.stores.audit import append
from hub.stores.database import Database
from hub.stores.discrepancies import PERSON
from hub.stores.tables import (
    alias,
    cohort,
    discrepancy,
    entity_state,
    erased_row,
    erased_subject,
    event,
    publication_row,
    relationship,
    succession_request,
    to_tell,
    told,
)

GONE = "GONE"
_EVENT = 64  # characters of the id of an event, with which the hash of a row passed on begins
_TOLD = ("recipient", "feed", "row_key", "entity_id", "row_hash", "sequence")


@dataclass(frozen=True, slots=True)
class _Removal:
    """What goes with some subjects: events, and the entities that are theirs alone; of `shared` others speak too."""

    events: frozenset[str]
    messages: Counter[str]
    gone: frozenset[str]
    shared: frozenset[str]
    answered: frozenset[str]


class Erasures:
    """The part of the ledger that forgets."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def whole(self, sids: Collection[str]) -> set[str]:
        """These subjects, and all that are one person with one of them today."""
        with self._db.read() as tx:
            return aliases(tx).group(sids)

    def organisations(self, sids: Collection[str]) -> set[str]:
        """Everybody who spoke of these subjects, or had a relationship with one of them."""
        among = self._db.among
        queries = (
            sa.select(relationship.c.organisation).where(among(relationship.c.sid, sids)),
            sa.select(event.c.source).where(among(event.c.sid, sids)),
        )
        with self._db.read() as tx:
            return set(tx.execute(sa.union(*queries)).scalars())

    def told(self, sids: Collection[str]) -> pl.DataFrame:
        """Every row that any recipient was told of these subjects, as it was last told: recipient, feed and key."""
        with self._db.read() as tx:
            rows = tx.execute(sa.select(*(told.c[name] for name in _TOLD)).where(self._is_told(tx, sids))).all()
        schema = {**dict.fromkeys(_TOLD, pl.String()), "sequence": pl.Int64()}
        return pl.DataFrame(rows, schema, orient="row").sort("recipient", "feed", "row_key")

    def begin(self, sids: Collection[str], reason: str, at: datetime) -> None:
        """From now on no file is recorded in which a row is of one of these subjects."""
        rows = [{"sid": sid, "at": at, "done": False} for sid in sorted(sids)]
        with self._db.write() as tx:
            if new := self._db.insert_new(tx, erased_subject, rows):
                append(self._db, tx, audit.ERASURE, at, action="begin", reason=reason, subjects=len(new))

    def forget(self, sids: Collection[str], fresh: Callable[[], str]) -> None:
        """Remove all that bears one of these subjects, and mark what others have in common with them.

        What the registers told of a number of theirs together with somebody else's stays, under a subject id that
        `fresh` draws and nobody has.
        """
        with self._db.write() as tx:
            self._keep_successions(tx, sids, fresh)
            removal = self._removal(tx, sids)
            concerned = self._is_told(tx, sids)
            keys = [tuple(row) for row in tx.execute(sa.select(*(told.c[n] for n in _TOLD[:3])).where(concerned))]
            tx.execute(event.delete().where(self._db.among(event.c.event_id, removal.events)))
            counted = [{"message_id": one, "rows": n} for one, n in sorted(removal.messages.items())]
            self._db.upsert(tx, erased_row, counted, summed="rows")
            self._forget_rows(tx, sids, removal, keys)
            self._mark(tx, removal)

    def complete(self, sids: Collection[str], reason: str, at: datetime) -> None:
        """Note that nothing of these subjects is left."""
        open_ones = (self._db.among(erased_subject.c.sid, sids), erased_subject.c.done == sa.false())
        with self._db.write() as tx:
            done = tx.execute(erased_subject.update().where(*open_ones).values(done=True)).rowcount
            if done:
                append(self._db, tx, audit.ERASURE, at, action="end", reason=reason, subjects=done)

    def lately(self) -> set[str]:
        """The subjects erased lately: a run that was under way may have written of them since."""
        with self._db.read() as tx:
            return set(tx.execute(sa.select(erased_subject.c.sid)).scalars())

    def stop_watching(self, before: datetime) -> int:
        """Forget whom was erased before that instant; how many."""
        old = (erased_subject.c.at < before, erased_subject.c.done == sa.true())
        with self._db.write() as tx:
            return tx.execute(erased_subject.delete().where(*old)).rowcount

    def purged(self, at: datetime, **gone: int) -> None:
        """Write down how much of each category was over its time and is gone."""
        with self._db.write() as tx:
            append(self._db, tx, audit.PURGE, at, **gone)

    def messages(self) -> set[str]:
        """The files of which rows were erased."""
        with self._db.read() as tx:
            return set(tx.execute(sa.select(erased_row.c.message_id)).scalars())

    def give_back(self) -> None:
        """Free the room of what was removed (`Database.give_back`)."""
        self._db.give_back()

    def rewrite(self) -> None:
        """Leave no scrap of what was removed (`Database.rewrite`)."""
        self._db.rewrite()

    def _is_told(self, tx: sa.Connection, sids: Collection[str]) -> sa.ColumnElement[bool]:
        """Whether a row told is of one of these subjects: by its key in the view, else by its entity or its event.

        Of an entity that is shared, and of one told under another number of the person, the event alone tells.
        """
        mine, among = self._removal(tx, sids), self._db.among
        named = among(self._db.second(told.c.row_key), sids)
        by_event = among(sa.func.substr(sa.func.replace(told.c.row_hash, f"{GONE}|", ""), 1, _EVENT), mine.events)
        passed = among(told.c.entity_id, mine.gone) | by_event
        return (told.c.feed == "RECO") & named | (told.c.feed != "RECO") & passed

    def _removal(self, tx: sa.Connection, sids: Collection[str]) -> _Removal:
        e, among = event.c, self._db.among
        rows = tx.execute(sa.select(e.event_id, e.entity_id, e.message_id, e.feed, e.about).where(among(e.sid, sids)))
        mine = rows.all()
        entities = {row.entity_id for row in mine}
        others = sa.select(e.entity_id).where(among(e.entity_id, entities), ~among(e.sid, sids)).distinct()
        shared = set(tx.execute(others).scalars())
        states = tx.execute(sa.select(entity_state.c.entity_id).where(among(entity_state.c.sid, sids))).scalars()
        return _Removal(
            events=frozenset(row.event_id for row in mine),
            messages=Counter(row.message_id for row in mine),
            gone=frozenset((entities | set(states)) - shared),
            shared=frozenset(shared),
            answered=frozenset(row.about for row in mine if row.feed == "MOBI" and row.about),
        )

    def _keep_successions(self, tx: sa.Connection, sids: Collection[str], fresh: Callable[[], str]) -> None:
        """What is told of one of theirs and another's number is the other's too: theirs becomes nobody's."""
        e, among = event.c, self._db.among
        query = sa.select(e.event_id, e.entity_id, e.sid, e.about).where(
            e.feed == "MUTA", among(e.sid, sids) | among(e.about, sids)
        )
        names = {sid: fresh() for sid in sorted(sids)}
        for row in tx.execute(query).all():
            if row.about is not None and (row.sid in names) != (row.about in names):
                sid = names.get(row.sid, row.sid)
                values = {"sid": sid, "about": names.get(row.about, row.about)}
                entity = row.entity_id.replace(row.sid, sid)
                tx.execute(event.update().where(e.event_id == row.event_id).values(**values, entity_id=entity))

    def _forget_rows(
        self, tx: sa.Connection, sids: Collection[str], removal: _Removal, keys: Iterable[tuple[str, ...]]
    ) -> None:
        among, gone = self._db.among, removal.gone
        for recipient, feed, key in keys:
            for table in (told, publication_row):
                same = (table.c.recipient == recipient, table.c.feed == feed, table.c.row_key == key)
                tx.execute(table.delete().where(*same))
        tx.execute(publication_row.delete().where(among(publication_row.c.entity_id, gone)))
        tx.execute(to_tell.delete().where(among(to_tell.c.entity_id, gone)))
        persons = {PERSON + sid for sid in sids}
        tx.execute(discrepancy.delete().where(among(discrepancy.c.entity_id, gone | persons)))
        tx.execute(relationship.delete().where(among(relationship.c.sid, sids)))
        asked = succession_request.c
        tx.execute(succession_request.delete().where(among(asked.sid, sids) | among(asked.about, sids)))
        tx.execute(cohort.delete().where(among(cohort.c.sid, sids)))
        tx.execute(alias.delete().where(among(alias.c.sid, sids) | among(alias.c.person, sids)))
        tx.execute(entity_state.delete().where(among(entity_state.c.entity_id, gone)))

    def _mark(self, tx: sa.Connection, removal: _Removal) -> None:
        """All that reads otherwise now: shared entities, answers to the same events, rows that name what is gone."""
        e, s, among = event.c, entity_state.c, self._db.among
        naming = sa.select(e.entity_id).where(among(e.about, removal.gone | removal.answered))
        stale = {"stale": True, "moved": date.min, "message_id": None}
        found = among(s.entity_id, removal.shared) | s.entity_id.in_(naming)
        tx.execute(entity_state.update().where(found).values(**stale))
        tx.execute(entity_state.update().where(among(s.entity_id, removal.shared)).values(sid=None))


def require_none_erased(db: Database, tx: sa.Connection, events: Iterable[Event]) -> None:
    """Raise Transient where a row is of a subject that is being erased: found by its number again, it is another.

    To be asked after the audit log was appended to, so that an erasure begins before or after, and not meanwhile.
    """
    named = {one.sid for one in events} | {str(one.about) for one in events if one.feed == "MUTA" and one.about}
    if named and tx.execute(sa.select(erased_subject.c.sid).where(db.among(erased_subject.c.sid, named))).first():
        raise Transient("somebody in this file was erased while it was read")
