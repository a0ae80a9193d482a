"""Events and states of entities in the ledger, and the discrepancies that open and close with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.model import Class, EntityState, Event, Side
from hub.stores.database import Database
from hub.stores.tables import discrepancy, entity_state, event, relationship

SETTLED = (Class.AGREED, Class.PENDING)
CHUNK = 500


class Entities:
    """The part of the ledger that knows referrals."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def to_reconcile(self, today: date, succeeded: Collection[str] = ()) -> list[str]:
        """The entities touched since they were last reconciled, those not agreed (their class moves with the days
        and the clocks), those whose appointment has passed, and those of a CPAS that another has `succeeded`."""
        e = entity_state.c
        waiting = e["class"] != Class.AGREED
        appointment_past = e.next_appointment_at.is_not(None) & (e.next_appointment_at < today.isoformat())
        query = sa.select(e.entity_id).where(e.stale | waiting | appointment_past | e.cpas.in_(sorted(succeeded)))
        with self._db.read() as tx:
            return list(tx.execute(query.order_by(e.entity_id)).scalars())

    def events(self, entity_ids: Collection[str]) -> dict[str, list[Event]]:
        """All events of these entities; the order carries no meaning."""
        found: dict[str, list[Event]] = defaultdict(list)
        with self._db.read() as tx:
            for part in _chunks(sorted(entity_ids)):
                query = sa.select(event).where(event.c.entity_id.in_(part)).order_by(event.c.event_id)
                for row in tx.execute(query).mappings():
                    found[row["entity_id"]].append(Event(**dict(row)))
        return dict(found)

    def save(self, states: Iterable[EntityState], read: Mapping[str, Iterable[Event]], today: date) -> None:
        """Store the states and open, keep or close their discrepancies, in one transaction.

        `read` are the events from which the states were computed. An entity of which more was recorded
        meanwhile is left as it is: it stays marked, and the next reconciliation takes it.
        """
        with self._db.write() as tx:
            late = self._touched_since(tx, read)
            ordered = sorted((s for s in states if s.entity_id not in late), key=lambda s: s.entity_id)
            self._db.upsert(tx, entity_state, [_state_row(s) for s in ordered])
            for state in ordered:
                self._follow(tx, state, today)

    def states(self, cpas: str | None = None) -> list[EntityState]:
        """The states of every referral, or of one CPAS's, by referral id."""
        query = sa.select(entity_state).where(~entity_state.c.stale).order_by(entity_state.c.entity_id)
        if cpas is not None:
            query = query.where(entity_state.c.cpas == cpas)
        with self._db.read() as tx:
            return [_state(row) for row in tx.execute(query).mappings()]

    def related(self, organisations: Collection[str], today: date) -> set[str]:
        """The subjects with whom one of these organisations has a relationship open on `today`."""
        r = relationship.c
        query = sa.select(r.sid).where(
            r.organisation.in_(sorted(organisations)),
            r.since <= today,
            r.until.is_(None) | (r.until >= today),
        )
        with self._db.read() as tx:
            return set(tx.execute(query).scalars())

    def _touched_since(self, tx: sa.Connection, read: Mapping[str, Iterable[Event]]) -> set[str]:
        """The entities whose events are not those that were read. Whoever would touch one now waits for us."""
        before = {(e.entity_id, e.event_id, e.recorded_at) for said in read.values() for e in said}
        now: set[tuple[str, str, datetime]] = set()
        for part in _chunks(sorted(read)):
            rows = sa.select(entity_state.c.entity_id).where(entity_state.c.entity_id.in_(part))
            tx.execute(rows.order_by(entity_state.c.entity_id).with_for_update())
            said = sa.select(event.c.entity_id, event.c.event_id, event.c.recorded_at)
            now |= {tuple(row) for row in tx.execute(said.where(event.c.entity_id.in_(part)))}
        return {entity for entity, *_ in before ^ now}

    def _follow(self, tx: sa.Connection, state: EntityState, today: date) -> None:
        d = discrepancy.c
        still_open = (d.entity_id == state.entity_id, d.closed.is_(None))
        tx.execute(discrepancy.update().where(*still_open, d["class"] != state.klass).values(closed=today))
        if state.klass in SETTLED:
            return
        seen = {"owner": state.owner, "reason": state.reason, "last_seen": today}
        kept = tx.execute(discrepancy.update().where(*still_open).values(seen)).rowcount
        if not kept:
            opened = {"entity_id": state.entity_id, "class": state.klass, "opened": today, "closed": None}
            self._db.upsert(tx, discrepancy, [opened | seen])


def _state_row(state: EntityState) -> dict[str, Any]:
    row = {name: getattr(state, name) for name in state.__slots__ if name != "klass"}
    return row | {"class": state.klass, "codes": list(state.codes), "stale": False}


def _state(row: sa.RowMapping) -> EntityState:
    values = {name: row[name] for name in EntityState.__slots__ if name != "klass"}
    owner = Side(row["owner"]) if row["owner"] else None
    return EntityState(**values | {"klass": Class(row["class"]), "codes": tuple(row["codes"]), "owner": owner})


def _chunks(items: list[str]) -> Iterable[list[str]]:
    return (items[i : i + CHUNK] for i in range(0, len(items), CHUNK))
