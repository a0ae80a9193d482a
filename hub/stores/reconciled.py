"""What a reconciliation reads and what it leaves, written in one transaction and only where it differs.

An entity of which more was recorded meanwhile keeps its mark, and so does all that depends on it: the next
reconciliation takes them. Rows are locked and written in the order of their keys, so that nobody waits in a circle.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
import sqlalchemy as sa

from hub.frames import STATES
from hub.model import FOREM, EntityKind
from hub.stores import discrepancies, framed
from hub.stores.aliases import Aliases
from hub.stores.database import Database
from hub.stores.tables import entity_state, event, relationship, to_tell

RELATION = {"organisation": pl.String(), "sid": pl.String()}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reconciled together: everything of these persons, and every answer to these events of Le Forem's."""

    persons: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()

    def parts(self, size: int) -> "Iterator[Scope]":
        """The same in scopes of at most `size` persons or events, each of which can be reconciled by itself."""
        for names, make in ((self.persons, _of_persons), (self.answered, _of_answered)):
            ordered = sorted(names)
            for first in range(0, len(ordered), size):
                yield make(ordered[first : first + size])


def _of_persons(sids: Collection[str]) -> Scope:
    return Scope(persons=frozenset(sids))


def _of_answered(happenings: Collection[str]) -> Scope:
    return Scope(answered=frozenset(happenings))


@dataclass(frozen=True, slots=True)
class Read:
    """All rows on which the states of a scope depend, as in one instant: the columns `framed.RECORDED`.

    `marked` says of each state that is there how it stood and what touched it since: the columns `framed.MARKED`;
    `relations` tells which organisation has, had or will have a relationship with which of the persons. Subjects are
    named as they are known today (`aliases`); the scope holds all that are one with a person of it.
    """

    scope: Scope
    events: pl.DataFrame
    marked: pl.DataFrame
    relations: pl.DataFrame
    aliases: Aliases


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed: STATES (those of other persons, read beside, are passed over); until when a CPAS is related
    to a person (organisation, sid, until); and whom two CPAS grant the same right (sid)."""

    states: pl.DataFrame
    relationships: pl.DataFrame
    double_grants: pl.DataFrame


def marked(db: Database, tx: sa.Connection, scope: Scope, events: pl.DataFrame) -> pl.DataFrame:
    """How each state of a scope stood when it was last reconciled, and what touched it since."""
    return framed.marked(db, tx, db.among(entity_state.c.entity_id, _concerned(db, tx, scope, events)))


def save(
    db: Database,
    tx: sa.Connection,
    read: Read,
    result: Result,
    answering: Mapping[str, str],
    today: date,
    revision: str,
) -> int:
    """Store a result and return how many states differ from those that were there."""
    concerned = _concerned(db, tx, read.scope, read.events)
    stored = framed.states(db, tx, db.among(entity_state.c.entity_id, concerned), locked=True)
    late = _late(read.marked, stored)
    scope = _without(read, late, stored)
    not_ours = late | _beside(read)
    states = _of(result.states, scope, not_ours).sort("entity_id")
    mine = _of(stored, scope, not_ours)
    gone = mine.filter(pl.col("sid").is_not_null()).join(result.states, on="entity_id", how="anti")
    fresh = _differing(states, mine)
    _write(db, tx, fresh, stored, today)
    tx.execute(entity_state.delete().where(db.among(entity_state.c.entity_id, gone["entity_id"].to_list())))
    followed = {*states["entity_id"], *gone["entity_id"], *map(discrepancies.person, scope.persons)}
    open_now = discrepancies.wanted(states, result.double_grants.filter(pl.col("sid").is_in(list(scope.persons))))
    discrepancies.follow(db, tx, followed, open_now, today)
    _end(db, tx, scope, result.relationships, answering, read.aliases)
    due = mine.filter(pl.col("stale") | (pl.col("wake") <= today)).select(states.columns)
    _tell(db, tx, pl.concat([fresh, gone.select(states.columns), due, _before(mine, fresh)]), read, answering, revision)
    return fresh.height


def _write(db: Database, tx: sa.Connection, fresh: pl.DataFrame, stored: pl.DataFrame, today: date) -> None:
    """Write the states that differ. A row that another has made since we looked is his, with his mark."""
    known = stored["entity_id"].to_list()
    rows = fresh.with_columns(stale=pl.lit(value=False), moved=pl.lit(None, pl.Date), reconciled_on=pl.lit(today))
    there = pl.col("entity_id").is_in(known)
    db.insert_new(tx, entity_state, rows.filter(~there).to_dicts())
    db.upsert(tx, entity_state, rows.filter(there).to_dicts())


def _concerned(db: Database, tx: sa.Connection, scope: Scope, events: pl.DataFrame) -> set[str]:
    """The ids under which a scope has, or may have, states: by person, by event, and answers by what they answer."""
    e = entity_state.c
    found = set(events["entity_id"].unique().to_list())
    found.update(tx.execute(sa.select(e.entity_id).where(db.among(e.sid, scope.persons))).scalars().all())
    if scope.answered:
        said = sa.select(event.c.entity_id, event.c.sid).where(db.among(event.c.about, scope.answered))
        answers = tx.execute(said.distinct()).all()
        found.update(answer.entity_id for answer in answers)
        merged = (e.kind == EntityKind.ANSWER, db.among(e.sid, {answer.sid for answer in answers}))
        found.update(tx.execute(sa.select(e.entity_id).where(*merged)).scalars())
    return found


def _late(before: pl.DataFrame, now: pl.DataFrame) -> set[str]:
    """The states that were touched, made or removed since they were read."""
    was, marks = ({*frame.select("entity_id", "message_id").iter_rows()} for frame in (before, now))
    return {entity for entity, _ in was ^ marks}


def _without(read: Read, late: Collection[str], stored: pl.DataFrame) -> Scope:
    """The scope but for the persons and the events answered of which something came late."""
    if not late:
        return read.scope
    of_late = pl.col("entity_id").is_in(list(late))
    sids = read.aliases.group({*stored.filter(of_late)["sid"], *read.events.filter(of_late)["sid"]} - {None})
    answered = {*stored.filter(of_late).select(answered_event())["about"], *read.events.filter(of_late)["about"]}
    return Scope(read.scope.persons - sids, read.scope.answered - answered)


def _beside(read: Read) -> set[str]:
    """The referrals that are read because one of ours is about them: of their own persons not everything is known."""
    ours = pl.col("sid").is_in(list(read.scope.persons)).any()
    return {*read.events.group_by("entity_id").agg(ours.alias("ours")).filter(~pl.col("ours"))["entity_id"]}


def _of(states: pl.DataFrame, scope: Scope, not_ours: Collection[str]) -> pl.DataFrame:
    """The states of a scope's persons and answers. One whose person is contested is known by its own rows alone."""
    sid = pl.col("sid")
    answer = pl.col("kind") == EntityKind.ANSWER
    own = sid.is_in(list(scope.persons)) | (sid.is_null() & ~pl.col("entity_id").is_in(list(not_ours)))
    return states.filter(pl.when(answer).then(answered_event().is_in(list(scope.answered))).otherwise(own))


def answered_event() -> pl.Expr:
    """The event of Le Forem's that a state answers, by its id; null of a state that is no answer."""
    parts = pl.col("entity_id").str.splitn("|", 4)
    answers = parts.struct.field("field_0") == "MOBI"
    return pl.when(answers).then(pl.format("JOBD|{}|{}", pl.lit(FOREM), parts.struct.field("field_3"))).alias("about")


def _differing(states: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """The states that are not stored as they are, or whose row is marked."""

    def comparable(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(list(STATES)).with_columns(pl.col("codes").list.join("|"))

    same = comparable(stored.filter(~pl.col("stale")))
    new = comparable(states).join(same, on=list(STATES), how="anti", nulls_equal=True)
    return states.join(new, on="entity_id", how="semi").sort("entity_id")


def _before(stored: pl.DataFrame, fresh: pl.DataFrame) -> pl.DataFrame:
    return stored.join(fresh, on="entity_id", how="semi").select(fresh.columns)


def _end(
    db: Database, tx: sa.Connection, scope: Scope, ends: pl.DataFrame, answering: Mapping[str, str], names: Aliases
) -> None:
    """Write until when each relationship of these persons lasts, where it is not written so already."""
    r = relationship.c
    rows = framed.relationships(db, tx, db.among(r.sid, scope.persons))
    known = rows.with_columns(names.named(rows)["sid"].alias("person"), by=pl.col("organisation").replace(answering))
    last = ends.select(by="organisation", person="sid", last="until")
    changed = known.join(last, on=["by", "person"], how="left").filter(pl.col("until").ne_missing(pl.col("last")))
    if changed.is_empty():
        return
    keys = [column.name for column in relationship.primary_key]
    place = [r[name] == sa.bindparam(f"at_{name}") for name in keys]
    ordered = changed.sort(keys).select(pl.col(keys).name.prefix("at_"), "last").to_dicts()
    tx.execute(relationship.update().where(*place).values(until=sa.bindparam("last")), ordered)


def _tell(
    db: Database,
    tx: sa.Connection,
    states: pl.DataFrame,
    read: Read,
    answering: Mapping[str, str],
    revision: str,
) -> None:
    """Ask that Le Forem, the CPAS of these states, and those with a relationship with their persons be told anew."""
    answers = pl.DataFrame(
        list(answering.items()), {"organisation": pl.String(), "recipient": pl.String()}, orient="row"
    )
    related = read.relations.join(answers, on="organisation", how="left").with_columns(
        pl.coalesce("recipient", "organisation").alias("recipient")
    )
    entities = states.select("entity_id").unique()
    persons = pl.concat([states.select("entity_id", "sid"), read.events.select("entity_id", "sid")]).unique()
    found = pl.concat(
        [
            entities.select(pl.lit(FOREM).alias("recipient"), "entity_id"),
            states.select(pl.col("cpas").alias("recipient"), "entity_id"),
            persons.join(entities, on="entity_id", how="semi").join(related, on="sid").select("recipient", "entity_id"),
        ]
    )
    rows = found.drop_nulls().unique().sort("recipient", "entity_id").with_columns(revision=pl.lit(revision))
    db.upsert(tx, to_tell, rows.to_dicts())
