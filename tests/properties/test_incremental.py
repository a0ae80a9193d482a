"""Reconciling day by day what was touched, or everything at the end, gives the same: on both kinds of databases.

The histories are drawn at random, many persons at once: what the senders do wrong is drawn in with the rest. What was
met is counted and printed, and a class or kind that never came fails the test.
"""

import importlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
import sqlalchemy as sa

from hub import lease
from hub.calendar import Calendar, Clocks
from hub.flow.hub import Hub
from hub.flow.process import _relations
from hub.frames import STATES
from hub.model import FOREM, REGISTERS, Class, EntityKind, Event
from hub.stores import entities as entities_module
from hub.stores import framed, tables
from hub.stores.database import Database
from hub.stores.entities import Entities
from hub.stores.reconciled import Scope
from hub.stores.submissions import Effects, Landed, Submissions
from tests.spec.persons_table import CPAS, HOLIDAYS, NEW, OLD, OTHER, events

flow = importlib.import_module("hub.flow.reconcile")  # the package gives the verb of that name

FIRST, LAST = date(2026, 1, 5), date(2026, 6, 30)
MERGED_ON = date(2026, 3, 2)
PERSONS = 48
DAILY = 70  # days that are reconciled one by one
SEEDS = (1,)
CPAS_OF_ALL = (CPAS, OTHER, OLD, NEW)
CLOCKS = Clocks(10, 5, 3, 3, 3, 28, 90)
HEAD = "feed | v | date | of | says | from | person | got"
SAYS: Mapping[str, Sequence[str]] = {
    "ORIE": ("RI", "RI", "RI exempt_health_equity=1", "ART60"),
    "STAT": ("RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED", "REJECTED"),
    "RI": ("RI_GRANT", "RI_GRANT", "RI_WITHDRAWAL end_reason=WORK", "TRANSFER_OUT", "DECEASED", "RI_REFUSAL"),
    "C1": ("ART60", "ART60 planned_end=2026-05-04"),
    "INSC": ("1", "1", "2", "3", "1 stat92_category=05"),
    "FORM": ("ENROLLED", "STARTED", "STARTED", "COMPLETED", "ABANDONED"),
    "MANQ": ("OPEN", "WITHDRAWN", "CLOSED"),
    "MOBI": ("CONFIRMED", "CONFIRMED", "DECLINED"),
    "JOBD": ("PUBLISHED quota_per_cpas=2", "CANCELLED", "DONE", "PUBLISHED answer_deadline=2026-02-02"),
}
# What chance brings too rarely: two CPAS grant one right, two referrals of one day, registered without a CPAS, in
# training under a full-time article 60, three confirmed for two places, one of them too late. `?` is a new person.
RARE = """
SITU | 1 | 2026-01-06 | RI | RI_GRANT               | 062063 | ?1 | 2026-01-06
SITU | 1 | 2026-01-20 | RI | RI_GRANT               | 052011 | ?1 | 2026-01-20
SITU | 2 | 2026-01-20 | RI | RI_WITHDRAWAL          | 052011 | ?1 | 2026-05-20
ORIE | 1 | 2026-01-06 | R901 | RI                   | 062063 | ?2 | 2026-01-06
ORIE | 1 | 2026-01-06 | R902 | RI                   | 062063 | ?2 | 2026-01-06
STAT | 1 | 2026-05-06 | R902 | RECEIVED             | 900001 | ?2 | 2026-05-06
INSC | 1 | 2026-01-06 | -  | 1 stat92_category=05   | 900001 | ?3 | 2026-01-06
SITU | 1 | 2026-01-06 | C1 | ART60 planned_end=2027-01-31 | 062063 | ?4 | 2026-01-06
FORM | 1 | 2026-01-08 | E9 | STARTED                | 900001 | ?4 | 2026-01-08
FORM | 2 | 2026-05-08 | E9 | COMPLETED              | 900001 | ?4 | 2026-05-08
JOBD | 1 | 2026-01-05 | J9 | PUBLISHED quota_per_cpas=2 answer_deadline=2026-01-07 | 900001 | | 2026-01-05
MOBI | 1 | 2026-01-06 | J9 | CONFIRMED              | 062063 | ?5 | 2026-01-06
MOBI | 1 | 2026-01-07 | J9 | CONFIRMED              | 062063 | ?6 | 2026-03-07
MOBI | 1 | 2026-01-08 | J9 | CONFIRMED              | 062063 | ?7 | 2026-01-08
"""
KINDS = (
    "a cancellation before its original",
    "two contents at one version",
    "a row on another person",
    "a row of a CPAS that was merged",
    "a row said again, written down earlier",
    "a state that time alone changed",
    "a state that was removed",
    "a relationship that ended",
    "a right granted twice",
    "persons that became one",
    "persons that were parted again",
)


@dataclass(frozen=True)
class Registry:
    """Four CPAS of which one takes over another."""

    @property
    def legal_bases(self) -> dict[str, date]:
        return {"DECR2025": date(2026, 1, 1)}

    def cpas(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(partner_id=one) for one in CPAS_OF_ALL]

    def successor(self, source: str, day: date) -> str:
        return NEW if source == OLD and day >= MERGED_ON else source


def hub_on(day: date, entities: Entities) -> Hub:
    """As much of a hub as reconciling takes."""
    ledger = SimpleNamespace(entities=entities)
    parts = {"registry": Registry(), "ledger": ledger, "calendar": Calendar(frozenset(HOLIDAYS)), "clocks": CLOCKS}
    nothing = dict.fromkeys(Hub.__dataclass_fields__.keys() - parts.keys() - {"now"})
    return cast(Any, Hub)(**nothing, **parts, now=datetime.combine(day, time(12), UTC))


# --- what is received ---------------------------------------------------------------------------------


def drawn(random: Random) -> list[dict[str, Any]]:
    """All rows of a history, each with the day on which it is received."""
    sids = [random.randbytes(16).hex() for _ in range(PERSONS)]
    lines = [line for n, sid in enumerate(sids) for line in _person(random, n, sid, sids)]
    lines += [_line(random, "JOBD", f"J{n}", "", FOREM) for n in (1, 2, 3) for _ in range(random.randint(1, 3))]
    rare = RARE.strip()
    for n in range(1, 8):
        rare = rare.replace(f"?{n}", random.randbytes(16).hex())
    rows = events("\n".join([HEAD, *lines, *rare.splitlines()]))
    again = [row | {"message_id": "again", "recorded_at": _sooner(row, random)} for row in random.sample(rows, 20)]
    for row in again:
        row["received_at"] = cast(datetime, row["received_at"]) + timedelta(days=9)
    return [*rows, *again, *_successions(random, rows[0], sids)]


def _successions(random: Random, like: Mapping[str, Any], sids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the registers say: some persons become one, and one pair in three is parted again."""
    chosen = random.sample(sids, 12)
    for n, (old, new) in enumerate(zip(chosen[::2], chosen[1::2], strict=True)):
        came = datetime.combine(FIRST + timedelta(days=random.randint(20, 100)), time(9), UTC)
        told = {"feed": "MUTA", "source": REGISTERS, "entity_id": f"MUTA|{REGISTERS}|{old}|", "sid": old, "about": new}
        for version in (1, 2) if n % 3 == 0 else (1,):
            at = came + timedelta(days=30 * (version - 1))
            said = {"event_id": f"muta{n}{version}", "version": version, "notice_status": 9 * (version - 1)}
            dates = {"effective_date": came.date(), "recorded_at": at, "received_at": at}
            yield dict(like) | told | said | dates | {"content": f"muta{n}{version}", "payload": '{"kind": "MERGED"}'}


def _person(random: Random, n: int, sid: str, sids: Sequence[str]) -> Iterator[str]:
    cpas = random.choice([CPAS, CPAS, OTHER, OLD])
    referrals = [f"R{3 * n + k}" for k in range(random.choice([1, 1, 2, 3]))]
    for _ in range(random.randint(3, 14)):
        named = random.choice(["", f"@{random.choice([*referrals, 'R999'])}", f"@R{random.randint(0, 3 * n)}"])
        feed = random.choice(["ORIE", "ORIE", "STAT", "STAT", "SITU", "SITU", "INSC", "FORM", "MANQ", "MOBI"])
        of = {
            "SITU": random.choice(["RI", "RI", "PIIS", "C1"]),
            "FORM": f"E{n}{named}",
            "MANQ": f"B{n}@{random.choice(referrals)}",
            "MOBI": random.choice(["J1", "J2", "J3", "J4"]),
            "INSC": "-",
        }.get(feed, random.choice(referrals))
        source = FOREM if feed in ("STAT", "INSC", "FORM", "MANQ") else random.choice([*[cpas] * 6, OTHER, NEW])
        yield _line(random, feed, of, random.choice(sids) if random.random() < 0.06 else sid, source)


def _line(random: Random, feed: str, of: str, sid: str, source: str) -> str:
    version = f"{random.choice([1, 1, 2, 2, 3, 4])}{random.choice(['', '', '', '', 'c', 'x'])}"
    on = FIRST + timedelta(days=random.choice([0, 0, 7, 20, 50, 80]) + random.randint(0, 6))
    got = max(FIRST, on + timedelta(days=random.choice([-9, 0, 0, 1, 5, 30])))
    says = random.choice(SAYS.get(of if feed == "SITU" else feed, ("PIIS piis_code=1", "PIIS piis_code=8")))
    return " | ".join([feed, version, on.isoformat(), of, says, source, sid, got.isoformat()])


def _sooner(row: Mapping[str, Any], random: Random) -> datetime:
    return cast(datetime, row["recorded_at"]) - timedelta(days=random.randint(0, 2))


def _event(row: Mapping[str, Any]) -> Event:
    known = {name: row[name] for name in Event.__slots__ if name != "payload"}
    return Event(**known, payload={"legal_basis": "CONV2024"} | json.loads(row["payload"]))


def record(database: Database, n: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of one day, a file for each sender."""
    ordered = sorted(rows, key=lambda row: str(row["source"]))
    for source, group in groupby(ordered, key=lambda row: str(row["source"])):
        message, digest = f"m{n:04}-{source}", f"{n:x}{source}f"
        found = [_event(dict(row) | {"message_id": message}) for row in group]
        at = found[0].received_at
        store, owner = Submissions(database), lease.new_owner()
        store.register(Landed(message, source, message, message, "", "GO", digest, digest, 1, at))
        store.claim(message, owner, at)
        store.finish(
            message, owner, Effects("DONE", read=len(found), events=found, relations=_relations("CONV2024", found)), at
        )


# --- what is held -------------------------------------------------------------------------------------


def held(database: Database) -> dict[str, Any]:
    """States, ends of relationships and open discrepancies."""
    d, r = tables.discrepancy.c, tables.relationship.c
    with database.read() as tx:
        still = tx.execute(sa.select(d.entity_id, d["class"], d.owner, d.reason).where(d.closed.is_(None)))
        ends = tx.execute(sa.select(r.organisation, r.sid, r.quality, r.since, r.until))
        found = {"open": sorted(map(tuple, still)), "ends": sorted(map(repr, ends))}
        states = framed.states(database, tx)
    assert not states["stale"].any()
    return found | {"states": {row["entity_id"]: row for row in states.select(list(STATES)).to_dicts()}}


def marked(database: Database) -> set[str]:
    """The entities of which Le Forem is to be told, which it is settled that it is."""
    with database.write() as tx:
        found = set(
            tx.execute(sa.select(tables.to_tell.c.entity_id).where(tables.to_tell.c.recipient == FOREM)).scalars()
        )
        tx.execute(tables.to_tell.delete())
    return found


def days(rows: Sequence[Mapping[str, Any]], random: Random) -> list[date]:
    """The days on which the hub reconciles: some rows wait for days, and some days bring nothing."""
    ahead = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
    return [*sorted(random.sample(ahead, 10)), LAST]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_day_by_day_is_the_same_as_everything_at_once(
    ledger: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """What was reconciled day by day is, on the last day, what is computed from all rows, in one part or in many."""
    random = Random(seed)
    monkeypatch.setattr(flow, "PERSONS", random.choice([16, 10_000]))
    rows, entities, met = drawn(random), Entities(ledger), Counter[str]()
    before: dict[str, Any] = {"states": {}}
    for n, day in enumerate(days(rows, random)):
        arrived = [row for row in rows if row["received_at"].date() <= day]
        rows = [row for row in rows if row["received_at"].date() > day]
        record(ledger, n, arrived)
        flow.reconcile(hub_on(day, entities))
        now = held(ledger)
        _look(met, arrived, before["states"], now)
        changed = {one for one, state in now["states"].items() if before["states"].get(one) != state}
        assert changed | (before["states"].keys() - now["states"].keys()) <= marked(ledger), "who would tell of it?"
        before = now
    hub = hub_on(LAST, entities)
    flow.reconcile(hub, everything=True)
    assert (held(ledger), marked(ledger)) == (before, set())
    monkeypatch.setattr(entities_module, "BUCKET", 200)
    again = _recomputed(hub, ledger)
    assert before == again
    assert before["states"] == _at_once(hub, ledger)
    _print(met)


@pytest.mark.slow
def test_the_past_that_is_carried_forward_is_the_past_read_again(
    ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reconciled daily, or twice on a day, what is carried forward from yesterday is what all rows tell anew."""
    random = Random(7)
    rows, entities = _numbered_by_one(drawn(random)), Entities(ledger)
    kept = Counter[bool]()
    past = importlib.import_module("hub.since")
    for module in ("hub.reconcile", "hub.persons"):
        monkeypatch.setattr(f"{module}.carried", lambda *a, whole=past.carried: _counted(whole(*a), a[0], kept))
    for n, day in enumerate(sorted({row["received_at"].date() for row in rows})[:DAILY]):
        arrived = [row for row in rows if row["received_at"].date() == day]
        first = random.randint(0, len(arrived)) if random.random() < 0.3 else len(arrived)
        for part, some in enumerate((arrived[:first], arrived[first:])):
            if some and random.random() < 0.9:  # else they are reconciled with those of the next time
                record(ledger, 2 * n + part, some)
                flow.reconcile(hub_on(day, entities))
            elif some:
                record(ledger, 2 * n + part, some)
        if random.random() < 0.3:
            flow.reconcile(hub_on(day, entities))
            assert held(ledger)["states"] == _at_once(hub_on(day, entities), ledger)
    print(f"{kept[True]} rows carried forward, {kept[False]} read anew")
    assert min(kept[True], kept[False]) > 300


def _numbered_by_one(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows but for those on a referral of OLD from a CPAS that never takes it over: none is accepted (R205)."""
    of_old = {row["entity_id"] for row in rows if row["feed"] == "ORIE" and row["source"] == OLD}
    return [row for row in rows if row["entity_id"] not in of_old or row["source"] not in (CPAS, OTHER)]


def _counted(found: pl.DataFrame, asked: pl.DataFrame, kept: Counter[bool]) -> pl.DataFrame:
    kept.update({True: found.height, False: asked.height - found.height})
    return found


def _recomputed(hub: Hub, database: Database) -> dict[str, Any]:
    """Everything in parts, from the events alone."""
    with database.write() as tx:
        tx.execute(tables.entity_state.delete())
        tx.execute(tables.discrepancy.delete())
        tx.execute(tables.relationship.update().values(until=None))
    flow.reconcile(hub, everything=True)
    return held(database)


def _at_once(hub: Hub, database: Database) -> dict[str, Any]:
    """All persons and answers read as one, by the pure steps alone."""
    scopes = list(Entities(database).everything())
    persons, answered = (frozenset().union(*(getattr(s, name) for s in scopes)) for name in ("persons", "answered"))
    result = flow.recompute(hub, Entities(database).read(Scope(persons, answered)))
    assert result.states.schema == pl.Schema(dict(STATES))
    return {row["entity_id"]: row for row in result.states.to_dicts()}


# --- the census ---------------------------------------------------------------------------------------


def _look(met: Counter[str], arrived: Sequence[Mapping[str, Any]], was: Mapping[str, Any], now: dict[str, Any]) -> None:
    states = now["states"]
    for one in states.values():
        met.update([one["class"], one["kind"], *one["codes"]])
    touched = {row["entity_id"] for row in arrived} | {row["about"] for row in arrived}
    sids = {row["sid"] for row in arrived}
    quiet = [o for o, s in states.items() if was.get(o, s) != s and s["sid"] not in sids and o not in touched]
    places = Counter((row["source"], row["entity_id"], row["effective_date"]) for row in arrived)
    pairs = Counter((row["source"], row["entity_id"], row["version"]) for row in arrived)
    found = (
        sum(r["notice_status"] == 9 and places[r["source"], r["entity_id"], r["effective_date"]] == 1 for r in arrived),
        sum(count > 1 for count in pairs.values()),
        sum("R503" in one["codes"] for one in states.values()),
        sum(one["cpas"] == NEW for one in states.values()),
        sum(row["message_id"] == "again" for row in arrived),
        len(quiet),
        len(was.keys() - states.keys()),
        sum("datetime.date" in end.rpartition("datetime.date(")[0][-30:] for end in now["ends"]),
        sum(one[1] == "DOUBLE_GRANT" for one in now["open"]),
        sum(row["feed"] == "MUTA" and row["version"] == 1 for row in arrived),
        sum(row["feed"] == "MUTA" and row["version"] == 2 for row in arrived),
    )
    met.update({name: count for name, count in zip(KINDS, found, strict=True) if count})


def _print(met: Counter[str]) -> None:
    for name, count in sorted(met.items()):
        print(f"{count:7} {name}")
    codes = ["R401", "R402", "R403", "R404", "R406", "R503", "R504", "R505", "R506", "R507", "R508", "R509"]
    expected = {*map(str, Class), *map(str, EntityKind), *codes, *KINDS}
    assert expected - met.keys() == set()
