"""A machine over the whole hub: two CPAS and Le Forem write anything in any order, and after each half-day all holds.

Hypothesis draws who writes what, in how many files and how late, when the hub runs, dies or runs a verb again, and when
a mailbox is emptied. What must hold then is checked with the plain code of this page, where it takes another run on a
copy of the hub. `PASSERELLE_MACHINE=n` draws n other histories instead of the short version.
"""

import hashlib
import json
import os
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import pytest
from dying import Steps, counted
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)
from mortal import Death
from opened import open_file
from play import HALVES, MONDAY, Exchange
from scene import CPAS, FOREM, OTHER, Scene
from writers import (
    ANSWERS,
    BREACHES,
    ENROLMENTS,
    EVENTS,
    NAMES_A_REFERRAL,
    NISS,
    ORIENTATIONS,
    ORPHANS,
    REGISTRATIONS,
    SITUATIONS,
    STATUSES,
    Thing,
    Way,
    Written,
    moment,
    of_another,
    write,
)

from contracts.registry import lookup
from hub import flow, lease
from hub.flow.process import subjects_of
from hub.partners import load_registry
from hub.stores import tables
from hub.wiring import open_databases

RUNS = int(os.environ.get("PASSERELLE_MACHINE", "0"))
EXAMPLES, STEPS = 4, 24
MOST_STEPS_OF_A_RUN = 400
LONG = timedelta(days=60)  # after it every clock has run out, whenever it began
PARTNERS = (CPAS, OTHER, FOREM)
PASSED = dict.fromkeys((CPAS, OTHER), ("STAT", "INSC", "FORM", "MANQ")) | {FOREM: ("ORIE", "SITU", "MOBI")}
VERBS: Mapping[str, Callable[..., object]] = {
    "collect": flow.collect,
    "process": flow.process,
    "acknowledge": flow.acknowledge,
    "reconcile": lambda hub, _: flow.reconcile(hub),
    "publish": flow.publish,
    "deliver": flow.deliver,
}
FIRST = (
    *(ORIENTATIONS[0], ORIENTATIONS[3], SITUATIONS[0], STATUSES[0], ORPHANS[0]),
    *(REGISTRATIONS[0], ENROLMENTS[0], BREACHES[0], EVENTS[0], ANSWERS[0]),
)
OF_A_RUN = ("stale", "moved", "reconciled_on", "message_id")
OF_TIME = ("since", "due", "wake", "held_until")  # what depends on the day on which a row came
MET: Counter[str] = Counter()  # over all histories of a run

Cells = Mapping[str, str]
Rows = list[dict[str, Any]]


# --- what lies in a mailbox ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """A file of ours in a partner's mailbox, its manifest, and its rows as the partner opens them."""

    name: str
    manifest: Mapping[str, Any]
    data: bytes
    rows: tuple[Cells, ...]


def letters(exchange: Exchange, partner: str, feed: str = "*") -> list[Letter]:
    """All that a partner was ever sent of a feed, taken or not, in the order of the numbers."""
    out = exchange.mailbox(partner) / "out"
    paths = [path for folder in (out, out / "taken") for path in folder.glob(f"FO.{feed}.*")]
    return [_letter(partner, path) for path in sorted(paths, key=lambda path: path.name.split(".")[4])]


def _letter(partner: str, path: Path) -> Letter:
    data, manifest = path.read_bytes(), json.loads((path.parent / f"GO{path.name[2:]}.1").read_bytes())
    return Letter(path.name, manifest, data, _opened(partner, data))


@lru_cache(maxsize=10_000)
def _opened(partner: str, data: bytes) -> tuple[Cells, ...]:
    """The rows without empty cells; of an identity the number alone, since not every capsule holds the rest."""
    keys = sorted((Hubs.prepared.partners / partner / "keys").glob("*.key"))
    return tuple(
        {name: cell for name, cell in row.items() if cell and (name == "identity_niss" or "identity_" not in name)}
        for row in open_file(data, keys).to_dicts()
    )


def view(files: Iterable[Letter]) -> dict[tuple[str, ...], Cells]:
    """What a recipient holds after its files of RECO: the last snapshot and every delta since."""
    held: dict[tuple[str, ...], Cells] = {}
    for file in files:
        delta = file.manifest["kind"] == "DELTA"
        held = held if delta else {}
        for row in file.rows:
            name = tuple(row.get(part, "") for part in ("entity_kind", "subject_token", "cpas", "entity_ref"))
            told = {part: cell for part, cell in row.items() if part != "snapshot_date"}
            if row["record"] == "GONE":
                MET["taken back"] += 1
                assert held.pop(name, None) is not None, "taken back, but never told"
            else:
                assert held.get(name) != told, "told twice"
                held[name] = told
    return held


def last_said(files: Iterable[Letter], feed: str) -> dict[tuple[str, ...], Cells]:
    """What a recipient was last told under each name of a row of a feed that passes through."""
    contract = lookup(feed, "out", 1, "T")
    assert contract is not None
    return {tuple(row.get(part, "") for part in contract.key): row for file in files for row in file.rows}


# --- what the ledger holds -----------------------------------------------------------------------------


def states(exchange: Exchange) -> Rows:
    """Every state, but for what tells which run has written it."""
    found = sorted(exchange.rows(tables.entity_state), key=lambda row: str(row["entity_id"]))
    return [{name: value for name, value in row.items() if name not in OF_A_RUN} for row in found]


def standing_open(exchange: Exchange) -> set[tuple[str, ...]]:
    """The discrepancies that stand open, but for what only the data-protection officer is to see."""
    named = ("entity_id", "class", "owner", "reason")
    rows = [row for row in exchange.rows(tables.discrepancy) if row["closed"] is None]
    return {tuple(row[name] for name in named) for row in rows if not row["entity_id"].startswith("PERSON|")}


def published(exchange: Exchange) -> list[tuple[str, str]]:
    """Every publication and how far it got."""
    return sorted((row["name"], row["state"]) for row in exchange.rows(tables.publication))


def timeless(exchange: Exchange, day: date) -> list[dict[str, Any]]:
    """The states without what depends on when a row came; each person by a name of ours."""
    with exchange.hub(day) as hub:
        sids = subjects_of(hub, NISS)
    found = []
    for state in states(exchange):
        row = {name: value for name, value in state.items() if name not in OF_TIME}
        for n, sid in enumerate(sids):
            row |= {name: str(row[name]).replace(sid, f"person {n}") for name in ("entity_id", "sid")}
        if row["state"] == "EXPIRED":
            row["status_date"] = None  # the day on which the time to answer was over
        found.append(row)
    return sorted(found, key=lambda row: str(row["entity_id"]))


# --- what must hold after a half-day -------------------------------------------------------------------


def check_rows(exchange: Exchange, sent: Mapping[str, tuple[Written, ...]]) -> None:
    """Each file put was read once and whole, no row was refused, and each different statement is one event."""
    files = exchange.rows(tables.submission)
    assert {row["state"] for row in files} <= {"DONE"}
    assert len({row["name"] for row in files}) == len(files)
    for row in files:
        assert row["read"] == len(sent[row["name"]])
        assert row["read"] == row["accepted"] + row["duplicate"] + row["superseded"], row["name"]
    statements = {_stated(one) for row in files for one in sent[row["name"]]}
    assert len(exchange.rows(tables.event)) == len(statements)
    with exchange.hub(MONDAY) as hub:
        assert flow.conservation(hub)["holds"] == 1


def _stated(written: Written) -> tuple[object, ...]:
    said = {name: cell for name, cell in written.row.items() if name not in ("notice_id", "recorded_at")}
    return written.thing.feed, written.thing.sender, frozenset(said.items())


def check_chains(exchange: Exchange) -> None:
    """What the ledger says is delivered lies in the mailboxes once; numbers and hashes are an unbroken chain."""
    rows = exchange.rows(tables.publication)
    for partner in PARTNERS:
        chains: dict[str, list[Letter]] = defaultdict(list)
        for letter in letters(exchange, partner):
            chains[letter.name.split(".")[1]].append(letter)
        there = [letter.name for chain in chains.values() for letter in chain]
        assert sorted(there) == sorted(r["name"] for r in rows if r["recipient"] == partner)
        for chain in chains.values():
            hashes = [hashlib.sha256(letter.data).hexdigest() for letter in chain]
            assert [int(letter.name.split(".")[4]) for letter in chain] == list(range(1, len(chain) + 1))
            assert [letter.manifest["previous"] for letter in chain] == [None, *hashes[:-1]]
            assert [letter.manifest["sha256"] for letter in chain] == hashes
            assert [letter.manifest["rows"] for letter in chain] == [len(letter.rows) for letter in chain]
    assert {row["state"] for row in rows} <= {"DELIVERED"}


def check_nothing_of_another_cpas(exchange: Exchange, sent: Mapping[str, tuple[Written, ...]]) -> None:
    """A CPAS is told of its own referrals, and of nobody of whom it has not written itself."""
    for cpas, other in ((CPAS, OTHER), (OTHER, CPAS)):
        known = {one.row["niss"] for rows in sent.values() for one in rows if one.thing.sender == cpas}
        for letter in letters(exchange, cpas, "[!AN]*"):
            for row in letter.rows:
                assert row.get("identity_niss", min(known, default="")) in known
                assert row.get("cpas", cpas) == cpas
                names = [row.get(part) for part in ("referral_id", "entity_ref", "enrolment_id", "breach_id")]
                about = [NAMES_A_REFERRAL.get(str(name)) or str(name) for name in names]
                assert not [one for one in about if one.startswith(f"R{other[1:]}")], letter.name


def check_what_is_open(exchange: Exchange, today: date) -> None:
    """A discrepancy stands open for each state on which the sides disagree; only what is held waits to be told."""
    rows = exchange.rows(tables.entity_state)
    disagreed = {
        (row["entity_id"], row["class"], row["owner"], row["reason"])
        for row in rows
        if row["class"] not in ("AGREED", "PENDING")
    }
    assert standing_open(exchange) == disagreed
    held = {row["entity_id"] for row in rows if row["held_until"] and row["held_until"] >= today}
    waiting = {row["entity_id"] for row in exchange.rows(tables.to_tell)}
    MET["held back"] += len(waiting)
    assert waiting <= held
    assert not [row for row in rows if row["stale"]]


def check_again(copy: Exchange, day: date, half: str) -> None:
    """Every verb once more makes no publication and changes no state."""
    before = published(copy), states(copy), standing_open(copy), copy.rows(tables.to_tell)
    copy.require(copy.half_day(day, half))
    assert [one for one in published(copy) if one not in before[0]] == [], "published again"
    assert (states(copy), standing_open(copy), copy.rows(tables.to_tell)) == before[1:]


def check_rebuilt(copy: Exchange, day: date, half: str) -> None:
    """Every state is what is computed from all events, when none is there."""
    before = states(copy), standing_open(copy), copy.rows(tables.relationship)
    with open_databases(copy.settings) as (ledger, _), ledger.write() as tx:
        tx.execute(tables.entity_state.delete())
        tx.execute(tables.discrepancy.delete())
        tx.execute(tables.relationship.update().values(until=None))
    with copy.hub(day, half) as hub:
        flow.reconcile(hub, everything=True)
    assert (states(copy), standing_open(copy), copy.rows(tables.relationship)) == before


def check_told(copy: Exchange, day: date, half: str) -> None:
    """What each was told is what would be told today to one who had lost everything."""
    before = {(one, feed): letters(copy, one, feed) for one in PARTNERS for feed in (*PASSED[one], "RECO")}
    with copy.hub(day, half) as hub:
        copy.require(flow.publish(hub, PARTNERS, anew=True))
        copy.require(flow.deliver(hub, PARTNERS))
    for (partner, feed), files in before.items():
        anew = letters(copy, partner, feed)[len(files) :]
        if feed == "RECO":
            assert view(files) == view(anew), partner
        else:
            told, wanted = last_said(files, feed), last_said(anew, feed)
            assert {name: told.get(name) for name in wanted} == wanted, (partner, feed)


# --- the machine ---------------------------------------------------------------------------------------


class Deadly(Steps):
    """The process is gone before a step, and does none after it; what it holds in memory is lost."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self._end = last

    def step(self, *arguments: Any) -> None:
        super().step(*arguments)
        if self.done >= self._end:
            raise Death


class Hubs(RuleBasedStateMachine):
    """A hub, its three partners, and what they have written but not sent yet."""

    prepared: ClassVar[Exchange]
    folder: ClassVar[Path]
    count: ClassVar[int] = 0
    written = Bundle("written")

    def __init__(self) -> None:
        super().__init__()
        Hubs.count += 1
        self.root = self.folder / str(Hubs.count)
        self.scene = Scene(self.root / "hub", self.prepared)
        self.day, self.half, self.runs, self.rows = MONDAY, "", 0, 0
        self.highest: Counter[Thing] = Counter()
        self.waiting: list[tuple[int, Written]] = []  # until the run of that number
        self.sent: dict[str, tuple[Written, ...]] = {}
        self.posted: list[tuple[str, str, bytes]] = []  # partner, name, bytes
        self.sound = True

    @property
    def exchange(self) -> Exchange:
        """The hub and its mailboxes."""
        return self.scene.exchange

    # what is written

    def _write(
        self, what: str, thing: Thing, says: int, *, ago: int = 0, on: date | None = None, way: Way = "full",
        version: int = 0, late: int = 0,
    ) -> Written:  # fmt: skip
        """Write a row now, under the next version unless one is given, to be sent `late` runs later."""
        MET[f"rule {what}"] += 1
        self.rows += 1
        version = version or self.highest[thing] + 1
        self.highest[thing] = max(self.highest[thing], version)
        effective = on or self.day - timedelta(days=ago)
        return self._wait(write(thing, version, says, effective, moment(self.day, self.rows), way), late)

    def _wait(self, one: Written, late: int = 0) -> Written:
        self.waiting.append((self.runs + late, one))
        return one

    @initialize(target=written, says=st.tuples(*[st.integers(0, 9)] * len(FIRST)), late=st.integers(0, 2))
    def begin(self, says: tuple[int, ...], late: int) -> MultipleResults[Written]:
        """Something of each feed to go on from: a referral that is answered, one never sent, one whose rows cross and
        lack a version; a situation that is contested."""
        first = list(zip(FIRST, says, strict=True))
        cpas = [self._write("begin", *one) for one in first if one[0].sender != FOREM]
        forem = [
            self._write("orphan" if one[0] in ORPHANS else "begin", *one, late=late)
            for one in first
            if one[0].sender == FOREM
        ]
        crossed = [self._write("lag", cpas[1].thing, says[1], version=version) for version in (4, 2)]
        self.contest(cpas[2])
        return multiple(*cpas, *forem, *crossed)

    @rule(target=written, thing=st.sampled_from(ORIENTATIONS), says=st.integers(0, 9), ago=st.integers(-2, 6))
    def orient(self, thing: Thing, says: int, ago: int) -> Written:
        """A CPAS orients somebody, from some day on."""
        return self._write("orient", thing, says, ago=ago)

    @rule(target=written, thing=st.sampled_from(SITUATIONS), says=st.integers(0, 9), ago=st.integers(-2, 6))
    def situate(self, thing: Thing, says: int, ago: int) -> Written:
        """A CPAS tells a person's right, project or contract."""
        return self._write("situate", thing, says, ago=ago)

    @rule(target=written, thing=st.sampled_from(ANSWERS + EVENTS), says=st.integers(0, 9))
    def meet(self, thing: Thing, says: int) -> Written:
        """Le Forem changes an event, or a CPAS answers it."""
        return self._write("meet", thing, says)

    @rule(target=written, thing=st.sampled_from(STATUSES), says=st.integers(0, 9), ago=st.integers(0, 3))
    def status(self, thing: Thing, says: int, ago: int) -> Written:
        """Le Forem tells what became of a referral, sent or not."""
        return self._write("status", thing, says, ago=ago)

    @rule(target=written, thing=st.sampled_from(REGISTRATIONS), says=st.integers(0, 9), late=st.integers(0, 2))
    def register(self, thing: Thing, says: int, late: int) -> Written:
        """Le Forem registers a person, or strikes one off."""
        return self._write("register", thing, says, late=late)

    @rule(target=written, thing=st.sampled_from(ENROLMENTS), says=st.integers(0, 9), late=st.integers(0, 2))
    def enrol(self, thing: Thing, says: int, late: int) -> Written:
        """Le Forem tells of a training."""
        return self._write("enrol", thing, says, late=late)

    @rule(target=written, thing=st.sampled_from(BREACHES), says=st.integers(0, 9))
    def breach(self, thing: Thing, says: int) -> Written:
        """Le Forem tells of a breach."""
        return self._write("breach", thing, says)

    @rule(target=written, thing=st.sampled_from(ORPHANS), says=st.integers(0, 9))
    def orphan(self, thing: Thing, says: int) -> Written:
        """Le Forem answers a referral that nobody ever sends."""
        return self._write("orphan", thing, says)

    @rule(thing=st.sampled_from((*STATUSES, *ENROLMENTS)), says=st.integers(0, 9), person=st.integers(1, 3))
    def wrong_person(self, thing: Thing, says: int, person: int) -> None:
        """Le Forem puts a row on somebody else."""
        one = self._write("wrong_person", thing, says)
        self.waiting[-1] = self.runs, of_another(one, (thing.person + person) % len(NISS))

    @rule(target=written, of=written, says=st.integers(0, 9), ago=st.integers(0, 4), late=st.integers(0, 2))
    def next_version(self, of: Written, says: int, ago: int, late: int) -> Written:
        """A new full state of a later or an earlier day."""
        return self._write("next_version", of.thing, says, ago=ago, late=late)

    @rule(target=written, of=written, says=st.integers(0, 9), late=st.integers(0, 3))
    def correct(self, of: Written, says: int, late: int) -> Written:
        """A correction of what was said of a day."""
        return self._write("correct", of.thing, says, on=of.effective, way="corrected", late=late)

    @rule(target=written, of=written, late=st.integers(0, 1))
    def cancel(self, of: Written, late: int) -> Written:
        """A cancellation of what was said of a day; it may come before what it cancels."""
        return self._write("cancel", of.thing, of.says, on=of.effective, way="cancelled", late=late)

    @rule(target=written, of=written, says=st.integers(0, 9), late=st.integers(1, 4))
    def overtake(self, of: Written, says: int, late: int) -> MultipleResults[Written]:
        """A version that is sent before its predecessor."""
        before = self._write("overtake", of.thing, says, ago=1, late=late)
        return multiple(before, self._write("overtake", of.thing, says + 1))

    @rule(target=written, of=written, says=st.integers(0, 9))
    def lag(self, of: Written, says: int) -> MultipleResults[Written]:
        """A version that is written down after a higher one."""
        after = self._write("lag", of.thing, says, version=self.highest[of.thing] + 2)
        return multiple(after, self._write("lag", of.thing, says + 1, version=after.version - 1))

    @rule(of=written, late=st.integers(0, 4))
    def again(self, of: Written, late: int) -> None:
        """The same row once more, in another file or the same."""
        MET["rule again"] += 1
        self._wait(of, late)

    @rule(of=written)
    def contest(self, of: Written) -> None:
        """Another content under a version that was used."""
        self._write("contest", of.thing, of.says + 1, on=of.effective, version=of.version)

    # what happens

    @rule(days=st.sampled_from((1, 3, 5, 16)))
    def wait(self, days: int) -> None:
        """Days on which nobody does anything."""
        MET["rule wait"] += 1
        self.day, self.half = self.day + timedelta(days=days), ""

    @rule(partner=st.sampled_from(PARTNERS))
    def take(self, partner: str) -> None:
        """A partner takes all its files; until then they lie."""
        MET["rule take"] += 1
        out = self.exchange.mailbox(partner) / "out"
        for path in out.glob("[FG]O.*"):
            path.rename(out / "taken" / path.name)

    @rule(half=st.sampled_from(tuple(HALVES)), together=st.booleans())
    def half_day(self, half: str, together: bool) -> None:
        """All verbs of a half-day."""
        self._run("half_day", half, together, 0)

    @rule(half=st.sampled_from(tuple(HALVES)), together=st.booleans())
    def another_half_day(self, half: str, together: bool) -> None:
        """The same, so that half-days are frequent."""
        self._run("half_day", half, together, 0)

    @rule(half=st.sampled_from(tuple(HALVES)), together=st.booleans(), step=st.integers(1, MOST_STEPS_OF_A_RUN))
    def deadly_half_day(self, half: str, together: bool, step: int) -> None:
        """A half-day in which the hub dies, and runs again."""
        self._run("deadly_half_day", half, together, step)

    @rule(name=st.sampled_from(tuple(VERBS)), together=st.booleans())
    def verb(self, name: str, together: bool) -> None:
        """Files come, and one verb runs by itself, out of turn."""
        MET["rule verb"] += 1
        self._put(together)
        with self.exchange.hub(self.day, self.half or "CPAS") as hub:
            outcomes = VERBS[name](hub, PARTNERS)
        self.exchange.require(outcomes if isinstance(outcomes, list) else [])

    def _run(self, what: str, half: str, together: bool, death: int) -> None:
        MET[f"rule {what}"] += 1
        if self.half and HALVES[half] <= HALVES[self.half]:
            self.day += timedelta(days=1)
        self.half, self.sound = half, False
        self._put(together)
        if death:
            self._die(death)
        self.exchange.require(self.exchange.half_day(self.day, half))
        self.check()
        self.runs, self.sound = self.runs + 1, True

    def _die(self, step: int) -> None:
        host, process, *_ = lease.new_owner().rsplit(":", 3)
        owners = (f"{host}:{process}:long ago:{n}" for n in count())
        with mock.patch.object(lease, "new_owner", side_effect=owners):
            try:
                with counted(Deadly(step)):
                    self.exchange.half_day(self.day, self.half)
                MET["outlived"] += 1
            except Death:
                MET["died"] += 1

    def _put(self, together: bool) -> None:
        """Put what is due into the mailboxes: a file for each feed, or one for each row."""
        due = [one for at, one in self.waiting if at <= self.runs]
        self.waiting = [(at, one) for at, one in self.waiting if at > self.runs]
        parcels: dict[tuple[object, ...], list[Written]] = defaultdict(list)
        for n, one in enumerate(due):
            parcels[one.thing.sender, one.thing.feed, 0 if together else n].append(one)
        for rows in parcels.values():
            self._post(rows)
            MET["file of several rows" if len(rows) > 1 else "file of one row"] += 1

    def _post(self, rows: list[Written]) -> None:
        sender, inbox = rows[0].thing.sender, self.exchange.mailbox(rows[0].thing.sender) / "in"
        before = set(inbox.iterdir())
        self.scene.send(self.day, rows[0].thing.feed, *(one.row for one in rows), sender=sender)
        for path in sorted(set(inbox.iterdir()) - before):
            self.posted.append((sender, path.name, path.read_bytes()))
            self.sent[path.name] = tuple(rows)

    # what must hold

    def check(self) -> None:
        """All that must hold after a half-day."""
        check_rows(self.exchange, self.sent)
        check_chains(self.exchange)
        check_nothing_of_another_cpas(self.exchange, self.sent)
        check_what_is_open(self.exchange, self.day)
        copy = self.scene.copy(self.root / f"copy-{self.runs}").exchange
        check_again(copy, self.day, self.half)
        check_rebuilt(copy, self.day, self.half)
        check_told(copy, self.day, self.half)
        shutil.rmtree(copy.root)
        self._count()

    def _count(self) -> None:
        rows = self.exchange.rows(tables.entity_state)
        MET.update(f"class {row['class']}" for row in rows)
        MET.update(f"{row['kind']} {row['class']}" for row in rows)
        MET.update(code for row in rows for code in row["codes"])
        MET["checked half-day"] += 1

    def teardown(self) -> None:
        """Send the rest, let all clocks run out, and compare with a hub that was given all at once."""
        if self.sound:
            self.runs += 9
            self._run("last half-day", "EVENING", True, 0)
            came = self.day
            self.day += LONG
            self._run("last half-day", "EVENING", True, 0)
            MET.update(f"feed {row['feed']}" for row in self.exchange.rows(tables.event))
            twin = Scene(self.root / "twin", self.prepared).exchange
            given_at_once(twin, self.posted, came, self.day)
            assert timeless(twin, self.day) == timeless(self.exchange, self.day)
        shutil.rmtree(self.root)


def given_at_once(twin: Exchange, posted: list[tuple[str, str, bytes]], came: date, today: date) -> None:
    """Give a hub these files on one day, in another order, some of them before the others."""
    pairs = [posted[n : n + 2] for n in range(0, len(posted), 2)]  # data and GO
    random.Random(len(pairs)).shuffle(pairs)
    with twin.hub(came, "EVENING") as hub:
        for part in (pairs[::3], pairs[1::3], pairs[2::3]):
            for partner, name, data in (one for pair in part for one in pair):
                (twin.mailbox(partner) / "in" / name).write_bytes(data)
            for verb in (flow.collect, flow.process):
                twin.require(verb(hub, PARTNERS))
    with twin.hub(today, "EVENING") as hub:
        flow.reconcile(hub)


CHIEF = (
    *(f"class {name}" for name in ("AGREED", "PENDING", "CONFLICT", "OUT_OF_ORDER", "ORPHAN_ACK", "MISSING_FOREM")),
    *(f"feed {name}" for name in ("ORIE", "STAT", "SITU", "INSC", "FORM", "MANQ", "MOBI", "JOBD")),
    *("R401", "R402", "R403", "R404", "R406"),
    *("held back", "taken back", "died", "file of one row", "file of several rows"),
)
OF_MANY = (  # what a few histories may well leave out
    "R503",
    *(
        f"rule {name}"
        for name in (
            *("orient", "situate", "meet", "status", "register", "enrol", "breach", "orphan", "wrong_person"),
            *("next_version", "correct", "cancel", "overtake", "lag", "again", "contest"),
            *("wait", "take", "half_day", "deadly_half_day", "verb"),
        )
    ),
)


@pytest.mark.slow
def test_whatever_is_written_in_whatever_order_all_holds(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each half-day of any history every law of the hub holds, and its states depend on the rows alone."""
    monkeypatch.setattr("hub.wiring.load_registry", cache(load_registry))  # it never changes here
    Hubs.folder = tmp_path_factory.mktemp("machine")
    Hubs.prepared = Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()
    for partner in PARTNERS:
        (Hubs.prepared.mailbox(partner) / "out/taken").mkdir(parents=True, exist_ok=True)
    run_state_machine_as_test(
        Hubs,
        settings=settings(
            max_examples=RUNS or EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=not RUNS,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_what_the_histories_are_to_prove_was_met() -> None:
    """Over all histories each chief class, code and feed was met, and in many each rule ran; the counts are printed."""
    print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(MET.items())))
    wanted = (*CHIEF, *OF_MANY) if RUNS else CHIEF
    assert not [name for name in wanted if not MET[name]], "never met"
