"""States, discrepancies and what is to be told: nothing recorded meanwhile is lost, nothing is told twice."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from test_stores_submissions import EVENT, LANDED, NOW, claimed

from hub.frames import STATES
from hub.model import FOREM, Event
from hub.stores import entities as entities_module
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.publications import Publications
from hub.stores.reconciled import Result, Scope
from hub.stores.report import Report
from hub.stores.submissions import Effects, Relation, Submissions

TODAY = date(2026, 3, 9)
TOMORROW = TODAY + timedelta(days=1)
CPAS = "062063"
REFERRAL = EVENT.entity_id
PERSON, OTHER = EVENT.sid, "7" * 32
AGREED: dict[str, Any] = {
    "entity_id": REFERRAL,
    "kind": "REFERRAL",
    "cpas": CPAS,
    "sid": PERSON,
    "cpas_view": "OPEN",
    "forem_view": "ACCEPTED",
    "state": "ACCEPTED",
    "class": "AGREED",
    "codes": ["R401", "R406"],
    "reason": "ANSWERED",
    "cpas_version": 1,
}
LATE = AGREED | {"class": "MISSING_FOREM", "owner": "FOREM", "reason": "NO_ANSWER", "since": TODAY, "due": TODAY}
ANSWERING = {CPAS: CPAS, "062096": "062096", "099001": CPAS}


@pytest.fixture
def entities(ledger: Database) -> Entities:
    """One referral, recorded and not reconciled yet."""
    record(ledger, "m1", EVENT, relations=[Relation(CPAS, PERSON, TODAY, "CONV2024")])
    return Entities(ledger)


def record(database: Database, message: str, *events: Event, relations: Iterable[Relation] = ()) -> None:
    """A file with these rows."""
    store = Submissions(database)
    owner = claimed(store, replace(LANDED, message_id=message, digest=sha256(message.encode()).hexdigest()))
    made = [replace(event, message_id=message) for event in events]
    store.finish(message, owner, Effects("DONE", read=len(made), events=made, relations=set(relations)), NOW)


def event(name: str, feed: str, entity: str, sid: str, **changed: Any) -> Event:
    return replace(EVENT, event_id=name, feed=feed, entity_id=entity, sid=sid, **changed)


def frame(*states: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: state.get(name) for name in STATES} for state in states], dict(STATES))


def result(
    *states: dict[str, Any], ends: Iterable[tuple[str, str, date | None]] = (), twice: Iterable[str] = ()
) -> Result:
    ended = pl.DataFrame(list(ends), {"organisation": pl.String, "sid": pl.String, "until": pl.Date}, orient="row")
    return Result(frame(*states), ended, pl.DataFrame({"sid": list(twice)}, {"sid": pl.String}))


def reconciled(
    entities: Entities, computed: Result, day: date = TODAY, scope: Scope | None = None, revision: str = "r1"
) -> int:
    read = entities.read(scope or entities.to_reconcile(day))
    return entities.save(read, computed, ANSWERING, day, revision)


def stored(entities: Entities, *sids: str) -> list[dict[str, Any]]:
    found = entities.states_of_persons(sids or [PERSON])
    return found.filter(~pl.col("stale")).drop("stale").to_dicts()


def whole(*states: dict[str, Any]) -> list[dict[str, Any]]:
    return frame(*states).to_dicts()


def waiting_for(entities: Entities, recipient: str) -> dict[str, str]:
    """What a recipient is to be told of, each with its revision."""
    return dict(entities.to_tell([recipient]).select("entity_id", "revision").iter_rows())


def discrepancies(database: Database) -> list[tuple[Any, ...]]:
    d = tables.discrepancy.c
    query = sa.select(d["class"], d.owner, d.opened, d.closed).order_by(d.opened, d["class"])
    with database.read() as tx:
        return [tuple(row) for row in tx.execute(query)]


def to_tell(database: Database) -> set[tuple[str, str]]:
    with database.read() as tx:
        return {(row.recipient, row.entity_id) for row in tx.execute(sa.select(tables.to_tell))}


def settle_all(database: Database) -> None:
    with database.write() as tx:
        tx.execute(tables.to_tell.delete())


def test_a_state_is_saved_and_read_back_the_same(entities: Entities) -> None:
    """What is saved is what is read; it is read again when time can change it, or its CPAS is succeeded."""
    assert entities.to_reconcile(TODAY) == Scope(persons=frozenset({PERSON}))
    state = AGREED | {"wake": TOMORROW, "next_appointment_at": "2026-03-10T09:00+01:00", "status_date": TODAY}
    assert reconciled(entities, result(state)) == 1
    assert stored(entities) == whole(state)
    assert stored(entities, OTHER) == []
    assert entities.to_reconcile(TODAY) == entities.to_reconcile(TODAY, ["062096"]) == Scope()
    assert entities.to_reconcile(TODAY, [CPAS]) == entities.to_reconcile(TOMORROW) == Scope(frozenset({PERSON}))


def test_events_are_read_as_they_were_recorded(entities: Entities, ledger: Database) -> None:
    """Days, instants to the microsecond and coded columns are the same on either kind of database."""
    at = NOW + timedelta(microseconds=120_003)
    odd = replace(EVENT, event_id="e2", recorded_at=at, payload={"status": "é|\n", "nothing": None}, about="R1")
    record(ledger, "m2", odd)
    found = entities.events([REFERRAL])
    assert found["event_id"].to_list() == ["e1", "e2"]
    row = found.row(1, named=True)
    assert (row["recorded_at"], row["received_at"], row["effective_date"]) == (at, NOW, TODAY)
    assert json.loads(row["payload"]) == odd.payload
    assert (row["about"], row["version"], row["message_id"]) == ("R1", 1, "m2")
    assert entities.of_persons([PERSON])[0].equals(found)
    assert entities.events(["R62063-2026-000009"]).schema == found.schema


@pytest.mark.parametrize(
    "meanwhile",
    [
        event("e2", "STAT", REFERRAL, PERSON, version=2),
        replace(EVENT, recorded_at=NOW - timedelta(hours=1)),
        event("e3", "STAT", REFERRAL, OTHER),
        event("e4", "SITU", f"SITU|{CPAS}|{PERSON}|RI|", PERSON),
        event("e5", "INSC", f"INSC|900001|{PERSON}", PERSON),
    ],
    ids=["a new row", "the same row, written down earlier", "another person", "another entity", "a mark"],
)
def test_what_is_recorded_during_a_reconciliation_is_not_lost(
    entities: Entities, ledger: Database, meanwhile: Event
) -> None:
    """A row recorded between the reading of events and the saving of states is reconciled the next time."""
    read = entities.read(entities.to_reconcile(TODAY))
    record(ledger, "m2", meanwhile)
    for computed in (LATE, AGREED):
        assert entities.save(read, result(computed), ANSWERING, TODAY, "r1") == 0
        assert PERSON in entities.to_reconcile(TODAY).persons
        assert stored(entities) == []
        assert discrepancies(ledger) == []
        assert to_tell(ledger) == set()
    assert reconciled(entities, result(AGREED)) == 1
    assert stored(entities) == whole(AGREED)
    assert entities.to_reconcile(TODAY) == Scope()


def test_an_older_reconciliation_does_not_overwrite_a_newer_one(entities: Entities, ledger: Database) -> None:
    """Of two that run at once, the one that has read less leaves the states of the other."""
    situation = f"SITU|{CPAS}|{PERSON}|RI|"
    older = entities.read(entities.to_reconcile(TODAY))
    record(ledger, "m2", event("e2", "SITU", situation, PERSON))
    newer = [AGREED | {"state": "COMPLETED"}, AGREED | {"entity_id": situation, "kind": "SITUATION"}]
    assert reconciled(entities, result(*newer)) == 2
    assert entities.save(older, result(LATE), ANSWERING, TODAY, "r2") == 0
    assert stored(entities) == whole(*newer)


def test_only_what_differs_is_written_and_told(entities: Entities, ledger: Database) -> None:
    """Computed again without a new row, nothing is written and nobody is told; a woken state is told all the same."""
    asleep = AGREED | {"wake": TOMORROW}
    reconciled(entities, result(asleep))
    settle_all(ledger)
    everything = Scope(persons=frozenset({PERSON}))
    assert reconciled(entities, result(asleep), scope=everything) == 0
    assert to_tell(ledger) == set()
    reconciled(entities, result(AGREED | {"wake": TODAY + timedelta(days=5)}), TOMORROW)
    assert to_tell(ledger) == {(FOREM, REFERRAL), (CPAS, REFERRAL)}


def test_those_whom_a_change_concerns_are_to_be_told(entities: Entities, ledger: Database) -> None:
    """Le Forem, the CPAS and the one before it, and whoever has a relationship, or inherited one, with the person."""
    reconciled(entities, result(AGREED | {"cpas": "062096"}))
    assert to_tell(ledger) == {(one, REFERRAL) for one in (FOREM, CPAS, "062096")}
    settle_all(ledger)
    record(ledger, "m2", replace(EVENT, event_id="e2"), relations=[Relation("099001", OTHER, TODAY, "CONV2024")])
    reconciled(entities, result(AGREED | {"cpas": "052011"}))
    assert to_tell(ledger) == {(one, REFERRAL) for one in (FOREM, CPAS, "062096", "052011")}
    settle_all(ledger)
    record(ledger, "m3", event("e3", "FORM", "FORM|900001|F1", OTHER))
    reconciled(
        entities, result(AGREED | {"entity_id": "FORM|900001|F1", "kind": "ENROLMENT", "cpas": None, "sid": OTHER})
    )
    assert to_tell(ledger) == {(FOREM, "FORM|900001|F1"), (CPAS, "FORM|900001|F1")}


def test_what_is_asked_for_meanwhile_is_not_settled(entities: Entities, ledger: Database) -> None:
    """A recipient settles what it was told of, at the revision that it had read, and no more."""
    publications = Publications(ledger)
    reconciled(entities, result(AGREED))
    waiting = waiting_for(entities, CPAS)
    assert waiting == {REFERRAL: "r1"}
    record(ledger, "m2", replace(EVENT, event_id="e2"))
    reconciled(entities, result(LATE), revision="r2")
    publications.settle(CPAS, waiting)
    assert waiting_for(entities, CPAS) == {REFERRAL: "r2"}
    publications.settle(CPAS, waiting_for(entities, CPAS))
    assert (waiting_for(entities, CPAS), waiting_for(entities, FOREM)) == ({}, {REFERRAL: "r2"})
    entities.mark_all(CPAS, [CPAS], "r3")
    assert waiting_for(entities, CPAS) == {REFERRAL: "r3"}


def test_a_successor_is_told_anew_of_those_whom_its_predecessors_knew(entities: Entities, ledger: Database) -> None:
    """A relationship bears the name of who opened it; the partner that answers for it today is told all the same."""
    reconciled(entities, result(AGREED | {"cpas": "052011"}))
    entities.mark_all("082039", ["082039"], "r2")
    assert waiting_for(entities, "082039") == {}
    entities.mark_all("082039", ["082039", CPAS], "r3")
    assert waiting_for(entities, "082039") == {REFERRAL: "r3"}


def test_a_registrations_mark_goes_and_its_states_stay(entities: Entities, ledger: Database) -> None:
    """A row of INSC marks its person; what comes of it has ids of its own, and goes when it follows no more."""
    mark, state = f"INSC|900001|{PERSON}", f"REGI|{CPAS}|{PERSON}"
    record(ledger, "m2", event("e2", "INSC", mark, PERSON))
    registered = AGREED | {"entity_id": state, "kind": "REGISTRATION"}
    assert reconciled(entities, result(AGREED, registered)) == 2
    assert stored(entities) == whole(AGREED, registered)
    assert mark not in entities.states_of_persons([PERSON]).get_column("entity_id")
    assert {entity for _, entity in to_tell(ledger)} == {REFERRAL, mark, state}
    settle_all(ledger)
    assert reconciled(entities, result(AGREED), scope=Scope(frozenset({PERSON}))) == 0
    assert stored(entities) == whole(AGREED)
    assert to_tell(ledger) == {(FOREM, state), (CPAS, state)}


def test_a_state_without_a_row_of_its_own_id_replaces_the_mark(entities: Entities, ledger: Database) -> None:
    """After a merger the rows of the old CPAS make a state under the new one's id; the old id is gone."""
    old, new = f"SITU|099001|{PERSON}|RI|", f"SITU|{CPAS}|{PERSON}|RI|"
    record(ledger, "m2", event("e2", "SITU", old, PERSON, source="099001"))
    merged = AGREED | {"entity_id": new, "kind": "SITUATION"}
    reconciled(entities, result(AGREED, merged))
    assert stored(entities) == whole(AGREED, merged)
    assert entities.to_reconcile(TODAY) == Scope()


def test_what_names_a_touched_entity_is_reconciled_with_it(entities: Entities, ledger: Database) -> None:
    """The person of an enrolment is read when the referral it names is touched, and of the referral only its rows."""
    enrolment = event("e2", "FORM", "FORM|900001|F1", OTHER, about=REFERRAL)
    beside = event("e3", "SITU", f"SITU|{CPAS}|{PERSON}|RI|", PERSON)
    record(ledger, "m2", enrolment, beside)
    states = [
        AGREED,
        AGREED | {"entity_id": enrolment.entity_id, "kind": "ENROLMENT", "sid": OTHER, "cpas": None},
        AGREED | {"entity_id": beside.entity_id, "kind": "SITUATION"},
    ]
    reconciled(entities, result(*states))
    record(ledger, "m3", replace(EVENT, event_id="e4", version=2))
    assert entities.to_reconcile(TODAY).persons == {PERSON, OTHER}
    reconciled(entities, result(*states))
    record(ledger, "m4", replace(enrolment, event_id="e5", version=2))
    scope = entities.to_reconcile(TODAY)
    assert scope == Scope(frozenset({OTHER}))
    read = entities.read(scope)
    assert set(read.events["entity_id"]) == {REFERRAL, enrolment.entity_id}
    wrong = AGREED | {"state": "FAILED"}  # of this person not all was read
    assert entities.save(read, result(wrong, states[1]), ANSWERING, TODAY, "r9") == 1
    assert stored(entities) == whole(AGREED, states[2])


def test_a_state_of_nobody_is_left_alone_where_its_persons_are_not_read(entities: Entities, ledger: Database) -> None:
    """Of a referral that names nobody for sure, what was computed without the persons of its rows is not kept."""
    nobody = AGREED | {"sid": None, "wake": TOMORROW}
    reconciled(entities, result(nobody))
    enrolment = event("e2", "FORM", "FORM|900001|F1", OTHER, about=REFERRAL)
    record(ledger, "m2", enrolment)
    read = entities.read(Scope(frozenset({OTHER})))
    assert set(read.events["entity_id"]) == {REFERRAL, enrolment.entity_id}
    entities.save(read, result(nobody | {"wake": None}), ANSWERING, TODAY, "r9")
    assert stored(entities) == whole(nobody)


def test_answers_to_one_event_are_reconciled_together(entities: Entities, ledger: Database) -> None:
    """A touched answer brings all answers to its event, a touched event too; neither brings a whole person."""
    happening = "JOBD|900001|J1"
    answers = [
        event(f"a{n}", "MOBI", f"MOBI|{CPAS}|{sid}|J1", sid, about=happening) for n, sid in enumerate((PERSON, OTHER))
    ]
    other = event("a9", "MOBI", f"MOBI|{CPAS}|{PERSON}|J2", PERSON, about="JOBD|900001|J2")
    states = [AGREED | {"entity_id": a.entity_id, "kind": "ANSWER", "sid": a.sid} for a in (*answers, other)]
    reconciled(entities, result(AGREED))
    record(ledger, "m2", *answers, other, event("j1", "JOBD", happening, ""))
    assert entities.to_reconcile(TODAY) == Scope(answered=frozenset({happening, "JOBD|900001|J2"}))
    assert reconciled(entities, result(*states)) == 3
    for message, fresh in (("m3", replace(answers[0], event_id="b1")), ("m4", event("j2", "JOBD", happening, ""))):
        record(ledger, message, fresh)
        scope = entities.to_reconcile(TODAY)
        assert scope == Scope(answered=frozenset({happening}))
        read = entities.read(scope)
        assert set(read.events["entity_id"]) == {happening, *(a.entity_id for a in answers)}
        void = [state | {"state": message} for state in states]  # the answer to the other event is not of the scope
        assert entities.save(read, result(*void), ANSWERING, TODAY, message) == 2
    assert {s["entity_id"]: s["state"] for s in stored(entities, PERSON, OTHER)} == {
        REFERRAL: "ACCEPTED",
        answers[0].entity_id: "m4",
        answers[1].entity_id: "m4",
        other.entity_id: "ACCEPTED",
    }


def test_a_discrepancy_opens_once_and_closes_by_itself(entities: Entities, ledger: Database) -> None:
    """It stays the one that was opened while it changes hands; once the two sides agree it is closed on that day."""
    scope = Scope(frozenset({PERSON}))
    after = TOMORROW + timedelta(days=1)
    for day in (TODAY, TODAY, TOMORROW):
        reconciled(entities, result(LATE), day, scope)
    assert discrepancies(ledger) == [("MISSING_FOREM", "FOREM", TODAY, None)]
    reconciled(entities, result(LATE | {"owner": "CPAS"}), TOMORROW, scope)
    assert discrepancies(ledger) == [("MISSING_FOREM", "CPAS", TODAY, None)]
    reconciled(entities, result(LATE | {"class": "CONFLICT"}), TOMORROW, scope)
    reconciled(entities, result(AGREED), after, scope)
    closed = [("MISSING_FOREM", "CPAS", TODAY, TOMORROW), ("CONFLICT", "FOREM", TOMORROW, after)]
    assert discrepancies(ledger) == closed
    reconciled(entities, result(LATE), after, scope)
    reconciled(entities, result(AGREED), after, scope)
    reconciled(entities, result(LATE), after, scope)
    assert discrepancies(ledger) == [*closed, ("MISSING_FOREM", "FOREM", after, None)]


def test_a_right_granted_twice_is_a_matter_for_data_protection(entities: Entities, ledger: Database) -> None:
    """It stands open while it lasts, belongs to the hub, and is told to nobody."""
    scope = Scope(frozenset({PERSON}))
    reconciled(entities, result(AGREED))
    settle_all(ledger)
    reconciled(entities, result(AGREED, twice=[PERSON, OTHER]), scope=scope)
    assert discrepancies(ledger) == [("DOUBLE_GRANT", "HUB", TODAY, None)]
    assert to_tell(ledger) == set()
    report = Report(ledger)
    (one,) = report.data_protection()
    assert (one["subject"], one["since"], one["cpas"]) == (PERSON, TODAY.isoformat(), [CPAS])
    assert report.status()["discrepancies"] == {"open": {}, "closed": 0}
    reconciled(entities, result(AGREED), TOMORROW, scope)
    assert discrepancies(ledger) == [("DOUBLE_GRANT", "HUB", TODAY, TOMORROW)]
    assert report.data_protection() == []


def test_a_relationship_ends_and_is_revived(entities: Entities, ledger: Database) -> None:
    """Its end is that of the CPAS that answers today, whoever opened it, and goes when it holds no more."""
    relations = [Relation("099001", PERSON, TODAY, "CONV2024"), Relation(FOREM, PERSON, TODAY, "CONV2024")]
    record(ledger, "m2", replace(EVENT, event_id="e2"), relations=relations)
    reconciled(entities, result(AGREED, ends=[(CPAS, PERSON, TODAY), ("062096", PERSON, TODAY), (CPAS, OTHER, TODAY)]))
    assert entities.related([PERSON, OTHER], TODAY).rows() == [(CPAS, PERSON), ("099001", PERSON), (FOREM, PERSON)]
    assert entities.related([PERSON], TOMORROW).rows() == [(FOREM, PERSON)]
    assert entities.persons_related(["099001"]).rows() == [("099001", PERSON)]
    reconciled(entities, result(AGREED, ends=[(CPAS, PERSON, None)]), scope=Scope(frozenset({PERSON})))
    assert ("099001", PERSON) in entities.related([PERSON], TOMORROW).rows()
    assert entities.related([OTHER], TOMORROW).is_empty()
    assert entities.persons_of([REFERRAL]).rows() == [(REFERRAL, PERSON)]


@pytest.mark.parametrize("bucket", [1, 3, 10_000])
def test_everything_is_read_once_in_parts(
    entities: Entities, ledger: Database, monkeypatch: pytest.MonkeyPatch, bucket: int
) -> None:
    """Whatever the size of the parts, each person and each event answered is in exactly one of them."""
    sids = [f"{n:032x}" for n in (1, 2, 2**127, 2**128 - 1)]
    events = [event(f"x{n}", "SITU", f"SITU|{CPAS}|{sid}|RI|", sid) for n, sid in enumerate(sids)]
    answers = [
        event(f"y{n}", "MOBI", f"MOBI|{CPAS}|{sid}|J{n}", sid, about=f"JOBD|900001|J{n}") for n, sid in enumerate(sids)
    ]
    record(ledger, "m2", *events, *answers, event("j", "JOBD", "JOBD|900001|J0", ""))
    monkeypatch.setattr(entities_module, "BUCKET", bucket)
    scopes = list(entities.everything())
    assert sorted(sid for scope in scopes for sid in scope.persons) == sorted([*sids, PERSON])
    assert sorted(one for scope in scopes for one in scope.answered) == [f"JOBD|900001|J{n}" for n in range(4)]


def test_a_scope_in_parts_is_the_same_scope() -> None:
    """No part is larger than asked, and together they are the whole."""
    scope = Scope(frozenset("abcde"), frozenset("xyz"))
    parts = list(scope.parts(2))
    assert all(len(part.persons | part.answered) <= 2 for part in parts)
    assert frozenset().union(*(part.persons for part in parts)) == scope.persons
    assert frozenset().union(*(part.answered for part in parts)) == scope.answered
    assert list(Scope().parts(2)) == []


def test_saving_takes_as_many_statements_for_many_as_for_few(entities: Entities, ledger: Database) -> None:
    """The number of statements to record, read and save does not grow with the number of rows."""

    def statements(message: str, count: int) -> int:
        sids = [f"{message}{n:030x}" for n in range(count)]
        rows = [event(f"{message}{n}", "STAT", f"{message}-{n}", sid) for n, sid in enumerate(sids)]
        states = [LATE | {"entity_id": row.entity_id, "sid": row.sid} for row in rows]
        done = 0

        def seen(*_: object) -> None:
            nonlocal done
            done += 1

        sa.event.listen(ledger.engine, "before_cursor_execute", seen)
        record(ledger, message, *rows, *rows, relations=[Relation(CPAS, sid, TODAY, "CONV2024") for sid in sids])
        assert reconciled(entities, result(*states, ends=[(CPAS, sid, TODAY) for sid in sids])) == count
        sa.event.remove(ledger.engine, "before_cursor_execute", seen)
        return done

    reconciled(entities, result(AGREED))
    assert statements("a1", 2) == statements("b2", 200)
