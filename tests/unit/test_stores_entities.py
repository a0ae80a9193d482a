"""States and discrepancies in the ledger: what is recorded during a reconciliation is never lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from test_stores_submissions import EVENT, LANDED, NOW, claimed

from hub.model import Class, EntityState, Side
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.submissions import Effects, Submissions

TODAY = date(2026, 3, 9)
STATE = EntityState(
    entity_id=EVENT.entity_id,
    cpas="062063",
    sid=EVENT.sid,
    cpas_view="OPEN",
    forem_view="NONE",
    state="REQUESTED",
    business_status=None,
    status_date=None,
    klass=Class.PENDING,
    codes=(),
    owner=Side.FOREM,
    reason="AWAITING_ANSWER",
    cpas_version=1,
    forem_version=None,
    next_appointment_at=None,
    since=TODAY,
    due=TODAY + timedelta(days=3),
)
LATE = replace(STATE, klass=Class.MISSING_FOREM, reason="NO_ANSWER", state="EXPIRED")


@pytest.fixture
def entities(ledger: Database) -> Entities:
    """One referral, recorded and not reconciled yet."""
    record(ledger, "m1")
    return Entities(ledger)


def record(database: Database, message: str, **changed: object) -> None:
    """A file with one row about the referral."""
    store = Submissions(database)
    owner = claimed(store, replace(LANDED, message_id=message, digest=message))
    event = replace(EVENT, message_id=message, event_id=str(changed.pop("event_id", "e1")), **changed)
    store.finish(message, owner, Effects("DONE", read=1, events=[event]), NOW)


def discrepancies(database: Database) -> list[tuple[str, date, date | None]]:
    d = tables.discrepancy.c
    with database.read() as tx:
        return [tuple(row) for row in tx.execute(sa.select(d["class"], d.opened, d.closed).order_by(d.opened))]


def test_a_state_is_saved_and_read_back_the_same(entities: Entities) -> None:
    """What is saved is what is read; only a referral on which the sides do not agree is read again untouched."""
    entities.save([STATE], entities.events([STATE.entity_id]), TODAY)
    assert entities.states() == entities.states("062063") == [STATE]
    assert entities.states("062096") == []
    assert entities.to_reconcile(TODAY) == [STATE.entity_id]
    agreed = replace(STATE, klass=Class.AGREED, due=None)
    entities.save([agreed], entities.events([STATE.entity_id]), TODAY)
    assert entities.to_reconcile(TODAY) == []
    assert entities.to_reconcile(TODAY, ["062063"]) == [STATE.entity_id]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"event_id": "e2", "version": 2},
        {"recorded_at": NOW - timedelta(hours=1)},
    ],
    ids=["a new row", "the same row, written down earlier"],
)
def test_what_is_recorded_during_a_reconciliation_is_not_lost(
    entities: Entities, ledger: Database, meanwhile: dict[str, object]
) -> None:
    """A row recorded between the reading of events and the saving of states is reconciled the next time."""
    wanted = entities.to_reconcile(TODAY, [])
    read = entities.events(wanted)
    record(ledger, "m2", **meanwhile)
    for computed in (LATE, replace(STATE, klass=Class.AGREED, due=None)):
        entities.save([computed], read, TODAY)
        assert entities.to_reconcile(TODAY) == wanted
        assert entities.states() == []
        assert discrepancies(ledger) == []
    entities.save([STATE], entities.events(wanted), TODAY)
    assert entities.states() == [STATE]


def test_a_discrepancy_opens_once_and_closes_by_itself(entities: Entities, ledger: Database) -> None:
    """Saved again it stays the one that was opened; once the two sides agree it is closed on that day."""
    read = entities.events([STATE.entity_id])
    tomorrow, after = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    for day in (TODAY, TODAY, tomorrow):
        entities.save([LATE], read, day)
    assert discrepancies(ledger) == [("MISSING_FOREM", TODAY, None)]
    entities.save([replace(STATE, klass=Class.AGREED)], read, after)
    assert discrepancies(ledger) == [("MISSING_FOREM", TODAY, after)]
