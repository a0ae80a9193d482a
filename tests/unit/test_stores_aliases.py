"""Who is known under another's id, in the ledger: read, renewed by what the registers say, and taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from hub import lease
from hub.model import FOREM, REGISTERS, Event
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.reconciled import Scope
from hub.stores.recording import Relation
from hub.stores.submissions import Effects, Landed, Submissions

NOW = datetime(2026, 3, 9, 6, tzinfo=UTC)
TODAY = NOW.date()
CPAS, REFERRAL = "062063", "R62063-2026-000001"
OLD, NEW, OTHER = "1" * 32, "2" * 32, "3" * 32
SITU = f"SITU|{CPAS}|{OLD}|RI|"


def event(feed: str, source: str, entity: str, sid: str, version: int = 1, **changed: object) -> Event:
    name = sha256(f"{feed} {entity} {sid} {version}".encode()).hexdigest()
    made = Event(name, feed, source, entity, sid, version, 0, TODAY, NOW, NOW, "", 1, name, {"notice_id": "n"})
    return replace(made, **changed)  # type: ignore[arg-type]


def muta(version: int = 1, **changed: object) -> Event:
    """The old number is replaced by the new one."""
    made = event("MUTA", REGISTERS, f"MUTA|{REGISTERS}|{OLD}", OLD, version, about=NEW, payload={"kind": "REPLACED"})
    return replace(made, **changed)  # type: ignore[arg-type]


def record(ledger: Database, name: str, *events: Event) -> None:
    store, owner, digest = Submissions(ledger), lease.new_owner(), sha256(name.encode()).hexdigest()
    store.register(Landed(name, events[0].source, name, name, "", "GO", digest, digest, 1, NOW))
    store.claim(name, owner, NOW)
    relations = {Relation(CPAS, e.sid, TODAY, "CONV2024") for e in events if e.source == CPAS}
    store.finish(name, owner, Effects("DONE", read=len(events), events=events, relations=relations), NOW)


def known(ledger: Database) -> dict[str, str]:
    with ledger.read() as tx:
        return {row.sid: row.person for row in tx.execute(sa.select(tables.alias))}


def marks(ledger: Database) -> dict[str, date | None]:
    """How far back the news of each state reach that is marked."""
    e = tables.entity_state.c
    with ledger.read() as tx:
        return {row.entity_id: row.moved for row in tx.execute(sa.select(e.entity_id, e.moved).where(e.stale))}


def settle(ledger: Database) -> None:
    """As if everything were reconciled."""
    with ledger.write() as tx:
        tx.execute(tables.entity_state.update().values(stale=False, moved=None))


def test_both_subjects_are_read_as_one(ledger: Database) -> None:
    """By either id all rows of both are read, under the id of the last number, in ids of entities too."""
    record(ledger, "m1", event("ORIE", CPAS, REFERRAL, OLD), event("SITU", CPAS, SITU, OLD))
    record(ledger, "m2", event("STAT", FOREM, REFERRAL, NEW), event("STAT", FOREM, "R62063-2026-000002", OTHER))
    record(ledger, "m3", muta())
    assert known(ledger) == {OLD: NEW}
    entities = Entities(ledger)
    for asked in (OLD, NEW):
        read = entities.read(Scope(frozenset({asked})))
        assert set(read.events["sid"]) == {NEW}
        assert set(read.events["entity_id"]) == {REFERRAL, f"SITU|{CPAS}|{NEW}|RI|"}
        assert read.scope.persons == {OLD, NEW}
        assert read.relations.rows() == [(CPAS, NEW)]
        assert set(entities.of_persons([asked])[0]["sid"]) == {NEW}
        assert entities.related([asked], TODAY).rows() == [(CPAS, NEW)]
    assert set(entities.read(Scope(frozenset({OTHER}))).events["sid"]) == {OTHER}


def test_what_is_told_of_them_is_marked_from_the_beginning(ledger: Database) -> None:
    """A succession marks the states of both, and of nobody else; one that changes nothing marks nothing."""
    record(ledger, "m1", event("ORIE", CPAS, REFERRAL, OLD), event("STAT", FOREM, "R62063-2026-000002", OTHER))
    settle(ledger)
    record(ledger, "m2", muta())
    assert marks(ledger) == {REFERRAL: date.min}
    settle(ledger)
    record(ledger, "m3", muta(2, effective_date=TODAY + timedelta(days=1)))
    assert (marks(ledger), known(ledger)) == ({}, {OLD: NEW})


def test_a_succession_that_is_taken_back_leaves_nothing(ledger: Database) -> None:
    """Its cancellation parts the two, and both are marked again."""
    record(ledger, "m1", event("ORIE", CPAS, REFERRAL, OLD), muta())
    settle(ledger)
    record(ledger, "m2", muta(2, notice_status=9))
    assert (known(ledger), marks(ledger)) == ({}, {REFERRAL: date.min})
    assert set(Entities(ledger).read(Scope(frozenset({OLD}))).events["sid"]) == {OLD}
