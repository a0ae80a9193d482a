"""Events and states in the ledger: which are to be reconciled together, and what each recipient is to be told.

A person is read whole, because the state of one thing depends on the others of the same person; so are the
answers to one event, which share a quota. Storing the result is left to `hub.stores.reconciled`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import polars as pl
import sqlalchemy as sa

from hub.model import FOREM, EntityKind
from hub.stores import framed
from hub.stores.aliases import Aliases, aliases, numbers_given_up
from hub.stores.database import Database
from hub.stores.figures import Yearly, yearly
from hub.stores.reconciled import RELATION, Read, Result, Scope, marked, save
from hub.stores.tables import alias, entity_state, event, relationship, to_tell

BUCKET = 50_000  # events that a full reconciliation holds in memory at once, about
DIGITS = "0123456789abcdef"


class Entities:
    """The part of the ledger that knows entities and persons."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- what is to be reconciled -----------------------------------------------------------------------

    def to_reconcile(self, today: date, succeeded: Collection[str] = ()) -> Scope:
        """All that depends on an entity touched since it was reconciled, on one that time alone can change by
        `today`, or on one of a CPAS that another has `succeeded`."""
        e = entity_state.c
        due = sa.union(
            *(
                sa.select(e.entity_id, e.kind, e.sid).where(condition)
                for condition in (e.stale == sa.true(), e.wake <= today, e.cpas.in_(sorted(succeeded)))
            )
        )
        with self._db.read() as tx:
            rows = tx.execute(due).all()
            answered = {_event_answered(row.entity_id) for row in rows if row.kind == EntityKind.ANSWER}
            others = {row.entity_id: row.sid for row in rows if row.kind != EntityKind.ANSWER}
            named = (self._db.among(column, others) for column in (event.c.entity_id, event.c.about))
            said = (tx.execute(sa.select(event.c.sid).where(one).distinct()).scalars().all() for one in named)
            persons = {*others.values(), *(sid for some in said for sid in some)}
        return Scope(frozenset(sid for sid in persons if sid), frozenset(answered))

    def everything(self) -> Iterator[Scope]:
        """Every person and every event answered, in parts of about `BUCKET` events."""
        with self._db.read() as tx:
            count = tx.execute(sa.select(sa.func.count()).select_from(event)).scalar_one()
        prefixes = [""]
        while count > BUCKET * len(prefixes):
            prefixes = [prefix + digit for prefix in prefixes for digit in DIGITS]
        for prefix in prefixes:
            if persons := self._persons(prefix):
                yield Scope(persons=frozenset(persons))
        answers = sorted(self._answered())
        step = max(1, len(answers) // len(prefixes))
        for first in range(0, len(answers), step):
            yield Scope(answered=frozenset(answers[first : first + step]))

    def read(self, scope: Scope) -> Read:
        """The events of a scope and of what its entities name, and its states as they are marked now.

        Persons of whom one entity tells belong together: the scope that is read has all of them.
        """
        with self._db.read() as tx:
            names = aliases(tx)
            persons = self._whole_persons(tx, scope.persons, names)
            scope = Scope(frozenset(names.group({*scope.persons, *persons["sid"]} - {""})), scope.answered)
            referrals = persons.filter(pl.col("feed") != "MOBI")["about"].drop_nulls().unique()
            parts = [
                persons,
                framed.events(self._db, tx, self._db.among(event.c.entity_id, referrals.to_list())),
                framed.events(self._db, tx, self._db.among(event.c.about, scope.answered)),
                framed.events(self._db, tx, self._db.among(event.c.entity_id, scope.answered)),
            ]
            # under today's ids, as they are saved: a state under a number that is given up is found by its person
            events = names.renamed(pl.concat(parts).unique("event_id").sort("event_id"))
            relations = self._relations(tx, names.group({*scope.persons, *events["sid"]}), names)
            known = names.named(marked(self._db, tx, scope, events))
            return Read(scope, events, known, relations, names)

    def save(self, read: Read, result: Result, answering: Mapping[str, str], today: date, revision: str) -> int:
        """Store what was computed from `read` and return how many states differ from those that were there.

        `answering` is the CPAS that answers today for each organisation; `revision` marks what is to be told.
        """
        with self._db.write() as tx:
            return save(self._db, tx, read, result, answering, today, revision)

    # --- what is there ----------------------------------------------------------------------------------

    def events(self, entity_ids: Collection[str]) -> pl.DataFrame:
        """All events of these entities, by event id: the columns `framed.RECORDED`."""
        with self._db.read() as tx:
            return framed.events(self._db, tx, self._db.among(event.c.entity_id, entity_ids))

    def of_persons(self, sids: Collection[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """All events of the entities in which one of these persons occurs, and their states, as they are at one moment.

        Whomever each event is about: what prevails of an entity is known from all its rows alone, since a sender may
        have put some on somebody else. By event id: the columns `framed.RECORDED`. The states are those of
        `states_of_persons`.
        """
        with self._db.read() as tx:
            names = aliases(tx)
            group = names.group(sids)
            own = self._entities_of(tx, group)
            events = framed.events(self._db, tx, self._db.among(event.c.entity_id, own))
            return names.renamed(events), names.named(self._states_of(tx, group, own))

    def states_of_persons(self, sids: Collection[str]) -> pl.DataFrame:
        """The states of these persons and of the entities in which they occur, by entity id: STATES and `stale`.

        A state on whose person the rows do not agree bears no person: it is found by its events.
        """
        with self._db.read() as tx:
            names = aliases(tx)
            group = names.group(sids)
            return names.named(self._states_of(tx, group, self._entities_of(tx, group)))

    def former_subjects(self, named: pl.DataFrame) -> dict[str, str]:
        """Of these events (`event_id`, each with its person of today, `sid`) those that were recorded under a subject
        that is known under another today, with that former one."""
        with self._db.read() as tx:
            known = aliases(tx).known
            events = named.filter(pl.col("sid").is_in(set(known.values()))).get_column("event_id").to_list()
            rows = tx.execute(sa.select(event.c.event_id, event.c.sid).where(self._db.among(event.c.event_id, events)))
            return {row.event_id: row.sid for row in rows if row.sid in known}

    def given_up(self, sids: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Of these subjects those whose number is in use no more: what is told of it, and who each is today."""
        with self._db.read() as tx:
            codes = numbers_given_up(self._db, tx, sids)
            known = aliases(tx).known if codes else {}
        return codes, {sid: known.get(sid, sid) for sid in codes}

    def yearly(self, year: int) -> Yearly:
        """What the figures of a year are counted from."""
        return yearly(self._db, year)

    # --- who is to be told ------------------------------------------------------------------------------

    def to_tell(self, recipients: Collection[str]) -> pl.DataFrame:
        """The entities of which each `recipient` is to be told anew, with the `revision` that `settle` takes."""
        columns = (to_tell.c.recipient, to_tell.c.entity_id, to_tell.c.revision)
        query = sa.select(*columns).where(self._db.among(to_tell.c.recipient, recipients))
        with self._db.read() as tx:
            schema = dict.fromkeys((c.name for c in columns), pl.String())
            return framed.rows(tx, query.order_by(*columns[:2]), schema)

    def mark_all(self, recipient: str, organisations: Collection[str], revision: str) -> None:
        """Ask that this recipient be told anew of every person that it answers for, or has ever been related to.

        `organisations` are those in whose place it answers, itself among them: a relationship keeps the name of the
        CPAS that opened it.
        """
        r = relationship.c
        e = entity_state.c
        names = sorted(organisations)
        known = sa.select(r.sid).where(r.organisation.in_(names))
        now = sa.select(alias.c.person).where(alias.c.sid == r.sid, r.organisation.in_(names))
        whose = (e.sid.in_(known), e.sid.in_(now), e.cpas.in_(names))
        query = sa.union(*(sa.select(e.entity_id).where(one) for one in whose))
        with self._db.write() as tx:
            found = sorted(tx.execute(query).scalars())
            rows = [{"recipient": recipient, "entity_id": entity, "revision": revision} for entity in found]
            self._db.upsert(tx, to_tell, rows)

    def persons_of(self, entity_ids: Collection[str]) -> pl.DataFrame:
        """The subjects (`sid`) of each of these entities (`entity_id`): by their states, their events, and their ids.

        Both under the id that a row bears and under the one by which the person is known today. A state that is gone,
        and has no event of its own, still names its person in its id.
        """
        parts = (
            sa.select(table.c.entity_id, table.c.sid).where(self._db.among(table.c.entity_id, entity_ids))
            for table in (entity_state, event)
        )
        with self._db.read() as tx:
            rows = tx.execute(sa.union(*parts)).all()
            names = aliases(tx)
        found = pl.DataFrame(rows, {"entity_id": pl.String(), "sid": pl.String()}, orient="row")
        ids = pl.DataFrame({"entity_id": sorted(entity_ids)}, {"entity_id": pl.String()}).select("entity_id", _named())
        found = pl.concat([found, ids.drop_nulls()])
        return pl.concat([found, names.named(found)]).unique().filter(pl.col("sid") != "").sort("entity_id", "sid")

    def persons_related(self, organisations: Collection[str]) -> pl.DataFrame:
        """The subjects (`sid`) with whom each `organisation` has, had or will have a relationship."""
        return self._related(relationship.c.organisation.in_(sorted(organisations)))

    def related(self, sids: Collection[str], today: date) -> pl.DataFrame:
        """With which of these subjects (`sid`) each `organisation` has a relationship that is open on `today`."""
        r = relationship.c
        is_open = (r.since <= today, r.until.is_(None) | (r.until >= today))
        with self._db.read() as tx:
            group = aliases(tx).group(sids)
        return self._related(self._db.among(r.sid, group), *is_open)

    def _related(self, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
        r = relationship.c
        query = sa.select(r.organisation, r.sid).where(*conditions).distinct().order_by(r.organisation, r.sid)
        with self._db.read() as tx:
            found = framed.rows(tx, query, RELATION)
            return aliases(tx).named(found).unique().sort("organisation", "sid")

    def _persons(self, prefix: str) -> Collection[str]:
        query = sa.select(event.c.sid).where(event.c.sid >= (prefix or "0"), event.c.sid < prefix + "g")
        with self._db.read() as tx:
            return tx.execute(query.distinct()).scalars().all()

    def _answered(self) -> Collection[str]:
        query = sa.select(event.c.about).where(event.c.feed == "MOBI", event.c.about.is_not(None))
        with self._db.read() as tx:
            return tx.execute(query.distinct()).scalars().all()

    def _whole_persons(self, tx: sa.Connection, sids: Collection[str], names: Aliases) -> pl.DataFrame:
        """All events of the entities in which one of these persons occurs, or one who occurs beside them."""
        found: list[pl.DataFrame] = []
        known: set[str] = set()
        new = names.group(sids)
        while new or not found:
            own = self._entities_of(tx, new, event.c.feed != "MOBI")
            found.append(framed.events(self._db, tx, self._db.among(event.c.entity_id, own)))
            known |= new
            new = names.group(found[-1]["sid"].unique().to_list()) - known
        return pl.concat(found).unique("event_id")

    def _entities_of(
        self, tx: sa.Connection, sids: Collection[str], *conditions: sa.ColumnElement[bool]
    ) -> Collection[str]:
        """The entities in which one of these persons occurs.

        A query of its own: of a list PostgreSQL takes each from the index. As a query within another it thought them
        so many that it would rather read the whole table.
        """
        query = sa.select(event.c.entity_id).where(self._db.among(event.c.sid, sids), *conditions)
        return tx.execute(query.distinct()).scalars().all()

    def _states_of(self, tx: sa.Connection, sids: Collection[str], own: Collection[str]) -> pl.DataFrame:
        """The states of these subjects, and those of their `own` entities that bear no subject, or another."""
        mine = framed.states(self._db, tx, self._db.among(entity_state.c.sid, sids))
        rest = set(own).difference(mine.get_column("entity_id"))
        others = framed.states(self._db, tx, self._db.among(entity_state.c.entity_id, rest))
        return pl.concat([mine, others]).sort("entity_id").drop("message_id")

    def _relations(self, tx: sa.Connection, sids: Collection[str], names: Aliases) -> pl.DataFrame:
        """Which organisation knows which of the persons of whom something is read."""
        r = relationship.c
        query = sa.select(r.organisation, r.sid).where(self._db.among(r.sid, sids)).distinct()
        return names.named(framed.rows(tx, query, RELATION)).unique()


def _named() -> pl.Expr:
    """The subject in the id of an entity that is named by its person."""
    parts = pl.col("entity_id").str.split("|")
    own = parts.list.first().is_in(["SITU", "MOBI", "INSC", "REGI"])
    return pl.when(own).then(parts.list.get(2, null_on_oob=True)).alias("sid")


def _event_answered(entity_id: str) -> str:
    """The event of Le Forem's to which this entity is the answer of a CPAS about a person."""
    return f"JOBD|{FOREM}|{entity_id.split('|', 3)[3]}"
