"""The rows of one file into the ledger: new events, what they mark for reconciliation, relationships.

Part of the transaction that finishes the file. A fixed number of statements, however many rows there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from hub.calendar import brussels_date
from hub.model import EntityKind, Event
from hub.stores import aliases
from hub.stores.database import Database
from hub.stores.tables import cohort, entity_state, event, relationship

# What a row of each feed is about. A registration's own row is a mark for its person: states of registrations are
# kept by CPAS. Rows of the other feeds concern nobody: no state is computed from them alone.
TOUCHES = {
    "ORIE": EntityKind.REFERRAL,
    "STAT": EntityKind.REFERRAL,
    "SITU": EntityKind.SITUATION,
    "INSC": EntityKind.REGISTRATION,
    "FORM": EntityKind.ENROLMENT,
    "MOBI": EntityKind.ANSWER,
    "MANQ": EntityKind.BREACH,
}


@dataclass(frozen=True, slots=True)
class Relation:
    """The ground on which an organisation may be told about a person."""

    organisation: str
    sid: str
    since: date
    basis: str
    quality: str = "REFERRAL"  # or STATED: the organisation itself speaks of the person


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many of a file's events are new, and how many of these are below a version that is known already."""

    fresh: int
    superseded: int


def record(
    db: Database, tx: sa.Connection, message_id: str, events: Sequence[Event], relations: Collection[Relation]
) -> Recorded:
    """Record the events and relationships of one file, and mark what is to be reconciled for them."""
    fresh, earlier = _insert_events(db, tx, events)
    _touch(db, tx, message_id, [*fresh, *earlier])
    if any(e.feed == "MUTA" for e in (*fresh, *earlier)):
        aliases.renew(db, tx, message_id)
    rows = [
        {"organisation": r.organisation, "sid": r.sid, "quality": r.quality, "since": r.since, "basis": r.basis}
        for r in sorted(relations, key=lambda r: (r.organisation, r.sid, r.quality, r.since))
    ]
    db.insert_new(tx, relationship, rows)
    return Recorded(len(fresh), _superseded(db, tx, fresh))


def remember(db: Database, tx: sa.Connection, cohorts: Mapping[str, int]) -> None:
    """Keep in which five years these persons were born; of two answers the earlier, whichever came first."""
    rows = [{"sid": sid, "born": born} for sid, born in sorted(cohorts.items())]
    db.upsert(tx, cohort, rows, replaced=(), lowest="born")


def _insert_events(db: Database, tx: sa.Connection, events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """The events that are new; and of those said before, the ones that were written down earlier than we knew."""
    unique = {e.event_id: e for e in reversed(events)}
    fresh = sorted(unique.values(), key=lambda e: e.event_id)
    new = db.insert_new(tx, event, [{name: getattr(e, name) for name in e.__slots__} for e in fresh])
    again = [e for e in events if e.event_id not in new or e is not unique[e.event_id]]
    return [e for e in fresh if e.event_id in new], _date_back(db, tx, again)


def _date_back(db: Database, tx: sa.Connection, again: Sequence[Event]) -> list[Event]:
    """Said twice: the first time it was written down counts, whichever arrived first. They are as received first."""
    first = {e.event_id: e for e in sorted(again, key=lambda e: e.recorded_at, reverse=True)}
    columns = (event.c.event_id, event.c.recorded_at, event.c.received_at)
    query = sa.select(*columns).where(db.among(event.c.event_id, first))
    known = {row.event_id: row for row in tx.execute(query.order_by(event.c.event_id).with_for_update())}
    earlier = [
        replace(first[one], received_at=known[one].received_at)
        for one in sorted(first)
        if first[one].recorded_at < known[one].recorded_at
    ]
    if earlier:
        rows = [{"event": e.event_id, "at": e.recorded_at} for e in earlier]
        place = event.c.event_id == sa.bindparam("event")
        tx.execute(event.update().where(place).values(recorded_at=sa.bindparam("at")), rows)
    return earlier


def _touch(db: Database, tx: sa.Connection, message_id: str, events: Sequence[Event]) -> None:
    """Mark what these rows are about, and the answers to an event of Le Forem's that says something new.

    The mark tells the first day on which any of the rows was received since the state was reconciled.
    """
    kinds = {e.entity_id: (TOUCHES[e.feed], e.sid) for e in events if e.feed in TOUCHES}
    reached: dict[str, date] = {}
    for e in events:
        reached[e.entity_id] = min(brussels_date(e.received_at), reached.get(e.entity_id, date.max))
    happenings = {e.entity_id for e in events if e.feed == "JOBD"}
    answers = sa.select(event.c.entity_id, event.c.sid, event.c.about).where(db.among(event.c.about, happenings))
    for a in tx.execute(answers.distinct()) if happenings else ():
        kinds[a.entity_id] = (EntityKind.ANSWER, a.sid)
        reached[a.entity_id] = min(reached[a.about], reached.get(a.entity_id, date.max))
    new = {"state": "UNKNOWN", "class": "PENDING", "codes": [], "reason": "new", "stale": True}
    rows = [
        {"entity_id": entity, "kind": kind, "sid": sid, "message_id": message_id, "moved": reached[entity], **new}
        for entity, (kind, sid) in sorted(kinds.items())
    ]
    db.upsert(tx, entity_state, rows, replaced=("stale", "message_id"), lowest="moved")


def _superseded(db: Database, tx: sa.Connection, fresh: Sequence[Event]) -> int:
    """How many of these events are below a version of the same notice that is in the ledger, or among them."""
    if not fresh:
        return 0
    e = event.c
    days = [one.effective_date for one in fresh]
    near = (e.source.in_(sorted({one.source for one in fresh})), e.effective_date.between(min(days), max(days)))
    notice = (e.entity_id, e.source, e.effective_date)
    query = sa.select(*notice, sa.func.max(e.version)).where(
        db.among(e.entity_id, {one.entity_id for one in fresh}), *near
    )
    highest = {tuple(row[:3]): row[3] for row in tx.execute(query.group_by(*notice)).all()}
    return sum(one.version < highest[one.entity_id, one.source, one.effective_date] for one in fresh)
