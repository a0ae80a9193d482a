"""Whoever is erased, the ledger's rows of everybody else are what they were; what is open is never over its time."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.retention import still_open
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.erasures import Erasures

AT = datetime(2026, 3, 9, 7, tzinfo=UTC)
SIDS = [f"{n:032x}" for n in range(1, 6)]
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  nothing here has to outlive the power
SEEN: Counter[str] = Counter()
WANTED = ("somebody is erased", "an entity is shared", "an answer beside others", "somebody stays")

stated = st.lists(
    st.tuples(st.sampled_from(SIDS), st.sampled_from(["R1", "R2", "R3", "R4"]), st.sampled_from(["m1", "m2", "m3"])),
    max_size=12,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(rows=stated, answers=st.sets(st.sampled_from(SIDS)), gone=st.sets(st.sampled_from(SIDS)))
def check(rows: list[tuple[str, str, str]], answers: set[str], gone: set[str]) -> None:
    """One ledger, some of its people erased."""
    with TemporaryDirectory(dir=FAST) as folder:
        ledger = Database(f"sqlite:///{folder}/ledger.db", "ledger")
        ledger.migrate()
        _fill(ledger, rows, answers)
        before = _all(ledger)
        erasures = Erasures(ledger)
        erasures.begin(gone, "OBJECTION", AT)
        erasures.forget(gone, lambda: "f" * 32)
        erasures.complete(gone, "OBJECTION", AT)
        after = _all(ledger)
        ledger.close()
    mine = [one for one in before["event"] if one["sid"] in gone]
    theirs = [one for one in before["event"] if one["sid"] not in gone]
    shared = {one["entity_id"] for one in mine} & {one["entity_id"] for one in theirs}
    SEEN["somebody is erased"] += bool(mine)
    SEEN["an entity is shared"] += bool(shared)
    SEEN["an answer beside others"] += bool(answers & gone) and bool(answers - gone)
    SEEN["somebody stays"] += bool(theirs)
    assert after["event"] == theirs
    assert after["relationship"] == [one for one in before["relationship"] if one["sid"] not in gone]
    owned = {one["entity_id"] for one in theirs}
    touched = shared | ({e for e in owned if e.startswith("MOBI")} if answers & gone else set())
    kept = [one for one in before["entity_state"] if one["entity_id"] in owned - touched]
    assert [one for one in after["entity_state"] if one["entity_id"] not in touched] == kept
    assert all(one["stale"] for one in after["entity_state"] if one["entity_id"] in touched)
    assert {one["message_id"]: one["rows"] for one in after["erased_row"]} == Counter(m["message_id"] for m in mine)
    left = str([rows for name, rows in after.items() if name != "erased_subject"])
    assert [sid for sid in gone if sid in left] == []


def test_erasing_anybody_changes_nobody_else() -> None:
    """Events, relationships and states of the others stay; what was in common is marked, answers to an event too."""
    SEEN.clear()
    check()
    print(dict(SEEN))
    assert [name for name in WANTED if not SEEN[name]] == []


def _fill(ledger: Database, rows: list[tuple[str, str, str]], answers: set[str]) -> None:
    told: list[tuple[str, str, str, str | None, str]] = [
        (s, entity, "STAT", None, message) for s, entity, message in rows
    ]
    told += [(sid, f"MOBI|062063|{sid}|J1", "MOBI", "JOBD|900001|J1", "m4") for sid in sorted(answers)]
    events, states = [], {}
    for n, (sid, entity, feed, about, message) in enumerate(told):
        common = {"version": n, "notice_status": 0, "effective_date": date(2026, 3, 9), "recorded_at": AT}
        common |= {"received_at": AT, "line": n, "content": "c", "payload": {}, "source": "062063"}
        names = {"event_id": f"e{n}", "feed": feed, "entity_id": entity, "sid": sid, "about": about}
        events.append(common | names | {"message_id": message})
        kind = "ANSWER" if feed == "MOBI" else "REFERRAL"
        states[entity] = {"entity_id": entity, "kind": kind, "sid": sid, "state": "S", "class": "AGREED"}
        states[entity] |= {"codes": [], "reason": "r", "stale": False}
    since = {"quality": "STATED", "since": date(2026, 3, 9), "basis": "x", "organisation": "062063"}
    with ledger.write() as tx:
        ledger.insert_new(tx, tables.event, events)
        ledger.insert_new(tx, tables.entity_state, list(states.values()))
        ledger.insert_new(tx, tables.relationship, [since | {"sid": sid} for sid in sorted({one[0] for one in told})])


def _all(ledger: Database) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with ledger.read() as tx:
        for table in tables.ledger.sorted_tables:
            key = next(iter(table.primary_key))
            found[table.name] = [dict(one) for one in tx.execute(sa.select(table).order_by(key)).mappings()]
    return found


KINDS = {
    "REFERRAL": ("REQUESTED", "RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "REJECTED", "FAILED"),
    "SITUATION": ("RI_GRANT", "RI_CHANGE", "RI_SUSPENSION", "RI_WITHDRAWAL", "DECEASED", "PIIS", "ART60"),
    "REGISTRATION": ("ON_TIME", "PENDING", "OVERDUE", "NOT_APPLICABLE"),
    "ENROLMENT": ("PROPOSED", "STARTED", "COMPLETED", "ABANDONED"),
    "BREACH": ("OPEN", "CLOSED"),
    "ANSWER": ("CONFIRMED",),
}
OPEN = {"REQUESTED", "RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "RI_GRANT", "RI_CHANGE", "RI_SUSPENSION", "OPEN"}
OPEN |= {"PROPOSED", "STARTED"}
GROUPS = {"PIIS": "PIIS", "ART60": "CONTRACT"}
TEXTS = dict.fromkeys(("sid", "kind", "state", "class", "forem_view", "entity_id"), pl.String)
SCHEMA = {**TEXTS, "stale": pl.Boolean, "wake": pl.Date, "held_until": pl.Date}
JUDGED: Counter[str] = Counter()
rarely = st.integers(0, 9).map(lambda n: n == 0)
state = st.sampled_from([(kind, name) for kind, names in KINDS.items() for name in names]).flatmap(
    lambda one: st.fixed_dictionaries(
        {
            "sid": st.sampled_from(SIDS[:2]),
            "kind": st.just(one[0]),
            "state": st.just(one[1]),
            "class": st.sampled_from(["AGREED", "AGREED", "AGREED", "CONFLICT", "PENDING", "SUPERSEDED"]),
            "forem_view": st.sampled_from(["REGISTERED", "DEREGISTERED", "NONE"]),
            "stale": rarely,
            "wake": rarely.map(lambda yes: date(2030, 1, 1) if yes else None),
            "held_until": rarely.map(lambda yes: date(2030, 1, 1) if yes else None),
        }
    )
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(states=st.lists(state, min_size=1, max_size=4))
def judge(states: list[dict[str, Any]]) -> None:
    """Some states of two people: whoever has something open is among the open ones."""
    ids = [
        f"{one['kind'][:4]}|062063|{one['sid']}|{GROUPS.get(one['state'], 'RI')}|{n}" for n, one in enumerate(states)
    ]
    found = still_open(pl.DataFrame([s | {"entity_id": i} for s, i in zip(states, ids, strict=True)], SCHEMA))
    for one in states:
        overtaken = one["kind"] == "REFERRAL" and one["class"] == "SUPERSEDED"
        said_open = one["state"] in OPEN and not overtaken
        registered = one["kind"] == "REGISTRATION" and one["forem_view"] == "REGISTERED"
        unsettled = one["class"] in ("CONFLICT", "PENDING") or one["stale"] or one["wake"] or one["held_until"]
        if said_open or registered or unsettled:
            assert one["sid"] in found
            JUDGED["open"] += 1
        else:
            JUDGED["closed"] += one["sid"] not in found


def test_what_is_open_is_never_over() -> None:
    """Whoever has a referral under way, a running right, a registration, or anything unsettled is open."""
    JUDGED.clear()
    judge()
    print(dict(JUDGED))
    assert JUDGED["open"] > 100
    assert JUDGED["closed"] > 20
