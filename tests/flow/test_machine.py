"""A machine over the whole hub: three CPAS, Le Forem and the registers write anything in any order, and after each
half-day all holds.

Hypothesis draws who writes what, in how many files and how late, when the hub runs, dies or runs a verb again, and when
a mailbox is emptied. What must hold then is in `laws`. One more history is told step by step, by the same rules and
under the same laws, so that each class, code and legal transition is met for sure; `census` counts them.
`PASSERELLE_MACHINE=n` draws n other histories instead of the short version.
"""

import os
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import laws
import pytest
from census import MET, Census
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
from laws import PARTNERS
from mortal import Death
from play import HALVES, MONDAY, WEEK, Exchange
from scene import CPAS, FOREM, OTHER, Scene, row
from story import Story
from writers import (
    ANSWERS,
    BREACHES,
    CHILDREN,
    CORES,
    ENROLMENTS,
    EVENTS,
    FORMER,
    NISS,
    OFFERS,
    ORIENTATIONS,
    ORPHANS,
    PEOPLE,
    REGISTRATIONS,
    SAYS,
    SITUATIONS,
    STATUSES,
    SUCCESSIONS,
    SUCCESSOR,
    TRAININGS,
    Thing,
    Way,
    Written,
    formerly,
    moment,
    of_another,
    write,
)

from contracts.reconciliation_v1 import CODES
from hub import flow, lease
from hub.lifecycle import TRANSITIONS
from hub.model import Class
from hub.partners import load_registry
from hub.reasons import reasons
from hub.stores import tables

TOLD: Counter[str] = Counter()  # what of MET was met in the history that is told
RUNS = int(os.environ.get("PASSERELLE_MACHINE", "0"))
MANY = 40  # histories of which each rule must have been drawn
EXAMPLES, STEPS = 4, 24
MOST_STEPS_OF_A_RUN = 400
LONG = timedelta(days=60)  # after it every clock has run out, whenever it began
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


class Places(Scene):
    """The scene with a third CPAS, which has succeeded another."""

    def __init__(self, root: Path, prepared: Exchange, before: Scene | None = None) -> None:
        super().__init__(root, prepared, before)
        self.exchange.set_channels({one: {"folder": str(self.exchange.mailbox(one))} for one in PARTNERS})

    def copy(self, root: Path) -> Scene:
        return Places(root, self.exchange, self)


class Hubs(RuleBasedStateMachine):
    """A hub, its five partners, and what they have written but not sent yet."""

    prepared: ClassVar[Exchange]
    folder: ClassVar[Path]
    count: ClassVar[int] = 0
    written = Bundle("written")

    def __init__(self) -> None:
        super().__init__()
        Hubs.count += 1
        self.root = self.folder / str(Hubs.count)
        self.scene = Places(self.root / "hub", self.prepared)
        self.day, self.half, self.runs, self.rows = MONDAY, "", 0, 0
        self.highest: Counter[Thing] = Counter()
        self.status_of: dict[Thing, str] = {}  # what Le Forem has last written of a referral
        self.census = Census()
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
        one = write(thing, version, says, effective, moment(self.day, self.rows), way)
        if thing.feed == "STAT" and way != "cancelled":
            self.status_of[thing] = one.row["core_status"]
        MET["attendance told"] += thing.feed == "MOBI" and bool(one.row["attendance"])
        if thing.feed == "MUTA":
            MET[f"number {one.row['kind']}"] += 1
        return self._wait(one, late)

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

    @rule(target=written, thing=st.sampled_from((*STATUSES, *CHILDREN)), nth=st.integers(0, 9))
    def next_step(self, thing: Thing, nth: int) -> Written:
        """Le Forem goes on with a referral as it may."""
        before = self.status_of.get(thing, "REQUESTED")
        after = [core for core in CORES if core == before or core in TRANSITIONS[before]]
        return self._write("next_step", thing, CORES.index(after[nth % len(after)]))

    @rule(target=written, thing=st.sampled_from(CHILDREN), says=st.integers(0, 9))
    def onward(self, thing: Thing, says: int) -> Written:
        """Le Forem opens a referral of its own, to send the person of another one onward."""
        return self._write("onward", thing, says)

    @rule(target=written, thing=st.sampled_from(SUCCESSIONS), says=st.integers(0, 9), ago=st.integers(0, 6))
    def succeed(self, thing: Thing, says: int, ago: int) -> Written:
        """The registers tell that a number was replaced, merged, parted again or cancelled."""
        return self._write("succeed", thing, says, ago=ago)

    @rule(target=written, of=written, says=st.integers(0, 9), late=st.integers(0, 2))
    def former_number(self, of: Written, says: int, late: int) -> Written:
        """A new full state under the number that the person had before."""
        one = self._write("former_number", of.thing, says)
        if not one.names_a_person:
            return one
        self.waiting.pop()
        return self._wait(formerly(one), late)

    @rule(target=written, thing=st.sampled_from((*OFFERS, *TRAININGS)), says=st.integers(0, 9))
    def enlist(self, thing: Thing, says: int) -> Written:
        """Le Forem changes an offer, or a training of its catalogue."""
        return self._write("enlist", thing, says)

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
        self.waiting[-1] = self.runs, of_another(one, (thing.person + person) % len(PEOPLE))

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
        laws.check_rows(self.exchange, self.sent, self.half)
        laws.check_chains(self.exchange)
        laws.check_nothing_of_another_cpas(self.exchange, self.sent)
        laws.check_what_is_open(self.exchange, self.day)
        copy = self.scene.copy(self.root / f"copy-{self.runs}").exchange
        laws.check_numbers(copy, self.sent)
        laws.check_again(copy, self.day, self.half)
        laws.check_rebuilt(copy, self.day, self.half)
        laws.check_told(copy, self.sent, self.day, self.half)
        shutil.rmtree(copy.root)
        self.census.note(self.exchange, self.day)

    def teardown(self) -> None:
        """Send the rest, let all clocks run out, and compare with a hub that was given all at once."""
        if self.sound:
            self.runs += 9
            self._run("last half-day", "EVENING", True, 0)
            came = self.day
            self.day += LONG
            self._run("last half-day", "EVENING", True, 0)
            MET.update(f"feed {row['feed']}" for row in self.exchange.rows(tables.event))
            twin = Places(self.root / "twin", self.prepared).exchange
            given_at_once(twin, self.posted, came, self.day)
            assert laws.timeless(twin, self.day) == laws.timeless(self.exchange, self.day)
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


FEEDS = sorted({speech.split()[0] for speech in SAYS})
DISAGREED = (*(str(one) for one in Class if one not in ("AGREED", "PENDING")), "DOUBLE_GRANT")
CHIEF = (
    *(f"class {name}" for name in Class),
    *CODES,
    *(f"reason {name}" for name in reasons()),
    *(f"transition {before}->{after}" for before, following in TRANSITIONS.items() for after in following),
    *(f"{what} {name}" for what in ("opened", "aged", "closed") for name in DISAGREED),
    *("opened without a row of its own", "closed without a row of its own", "owner CPAS->FOREM", "owner FOREM->CPAS"),
    *(f"class PENDING->{name}" for name in ("AGREED", "CONFLICT", "MISSING_CPAS", "MISSING_FOREM", "ORPHAN_ACK")),
    *(f"class AGREED->{name}" for name in ("PENDING", "CONFLICT", "OUT_OF_ORDER")),
    *(f"class {name}->AGREED" for name in DISAGREED[:-1]),
    *(f"feed {feed}" for feed in FEEDS),
    *(f"number {kind}" for kind in ("REPLACED", "MERGED", "UNMERGED", "CANCELLED")),
    *("person found under a former number", "told to the successor", "attendance told"),
    *("held back", "taken back", "listed no more", "died", "file of one row", "file of several rows"),
)
OF_MANY = (  # what must have been drawn too, though a few histories may well leave it out
    *(f"class {name}" for name in ("AGREED", "PENDING", "CONFLICT", "OUT_OF_ORDER", "ORPHAN_ACK", "MISSING_FOREM")),
    *("R401", "R402", "R403", "R404", "R406", "R503", "R506", "R509"),
    *("opened without a row of its own", "closed without a row of its own", "held back", "taken back", "died"),
    *(f"feed {feed}" for feed in FEEDS),
    *(
        f"rule {name}"
        for name in (
            *("orient", "situate", "meet", "status", "register", "enrol", "breach", "orphan", "wrong_person"),
            *("next_version", "correct", "cancel", "overtake", "lag", "again", "contest"),
            *("next_step", "onward", "succeed", "former_number", "enlist"),
            *("wait", "take", "half_day", "deadly_half_day", "verb"),
        )
    ),
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys, mailboxes and empty databases, made once; who the partners are never changes here."""
    with mock.patch("hub.wiring.load_registry", cache(load_registry)):
        Hubs.folder = tmp_path_factory.mktemp("machine")
        places = ",".join((CPAS, OTHER, SUCCESSOR))
        Hubs.prepared = Exchange(tmp_path_factory.mktemp("prepared"), cpas=places).prepare()
        for partner in PARTNERS:
            (Hubs.prepared.mailbox(partner) / "out/taken").mkdir(parents=True, exist_ok=True)
            laws.KEYS[partner] = tuple(sorted((Hubs.prepared.partners / partner / "keys").glob("*.key")))
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("prepared")
def test_whatever_is_written_in_whatever_order_all_holds() -> None:
    """After each half-day of any history every law of the hub holds, and its states depend on the rows alone."""
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
@pytest.mark.usefixtures("prepared")
def test_in_a_history_in_which_all_goes_wrong_and_is_put_right_all_holds() -> None:
    """The laws hold after each half-day of it too."""
    before = Counter(MET)
    Story(Hubs()).told()
    TOLD.update(MET - before)


@pytest.mark.usefixtures("prepared")
def test_once_numbers_are_parted_no_row_of_the_view_bears_the_number_of_the_other(tmp_path: Path) -> None:
    """What went while two numbers were one person is told again of the right one, or taken back."""
    scene, numbers = Places(tmp_path, Hubs.prepared), {"niss": FORMER[0], "replaced_by": NISS[0]}
    scene.send(MONDAY, "ORIE", row("ORIE", niss=NISS[0]))
    scene.on(MONDAY, "STAT", row("STAT", niss=NISS[0]))
    scene.send(WEEK[1], "MUTA", row("MUTA", kind="MERGED", effective_date=MONDAY.isoformat(), **numbers))
    scene.send(WEEK[1], "ORIE", row("ORIE", niss=FORMER[0], referral_id="R62063-2026-000002"))
    scene.on(WEEK[1], "INSC", row("INSC", niss=NISS[0]))
    parted = {"version": "2", "kind": "UNMERGED", "effective_date": WEEK[1].isoformat()}
    scene.on(WEEK[2], "MUTA", row("MUTA", **numbers, **parted))
    for recipient in (CPAS, FOREM):
        held = laws.view(laws.letters(scene.exchange, recipient, "RECO")).values()
        told = [line["identity_niss"] for line in held if line["forem_view"] == "REGISTERED"]
        assert told == [NISS[0]], recipient


@pytest.mark.usefixtures("prepared")
def test_what_is_held_stays_in_a_whole_view_though_it_was_put_on_a_stranger(tmp_path: Path) -> None:
    """Until the hold is over a row stays as it was told, in deltas and in a snapshot alike."""
    scene = Places(tmp_path, Hubs.prepared)
    for feed in ("ORIE", "STAT"):
        scene.send(MONDAY, feed, row(feed, niss=NISS[0]))
    scene.on(MONDAY, "FORM", row("FORM", niss=NISS[0], enrolment_id="E-1"))
    stray = {"niss": NISS[3], "version": "3", "effective_date": MONDAY.isoformat()}
    scene.on(WEEK[1], "FORM", row("FORM", enrolment_id="E-1", **stray))
    told = laws.letters(scene.exchange, CPAS, "RECO")
    with scene.exchange.hub(WEEK[1], "EVENING") as hub:
        scene.exchange.require(flow.publish(hub, PARTNERS, anew=True))
        scene.exchange.require(flow.deliver(hub, PARTNERS))
    assert laws.view(laws.letters(scene.exchange, CPAS, "RECO")[len(told) :]) == laws.view(told)


@pytest.mark.usefixtures("prepared")
def test_since_is_the_same_anew_where_an_exemption_took_effect_and_was_lifted(tmp_path: Path) -> None:
    """What a day by itself has changed is seen when the past is read again, as it was on that day."""
    scene, told = Places(tmp_path, Hubs.prepared), {"niss": NISS[0], "effective_date": WEEK[1].isoformat()}
    written = f"{MONDAY}T09:00:00+01:00"
    exempt = {"exempt_health_equity": "1", "voluntary": "1"}
    scene.on(MONDAY, "ORIE", row("ORIE", recorded_at=written, **told, **exempt))
    scene.run(WEEK[1])
    scene.on(WEEK[2], "ORIE", row("ORIE", version="2", **told))
    laws.check_rebuilt(scene.exchange, WEEK[2], "EVENING")


@pytest.mark.slow
def test_what_the_histories_are_to_prove_was_met() -> None:
    """Over all histories each class, code and legal step was met, and in many each rule was drawn; all is counted."""
    names = sorted(MET)
    print("\n drawn   told\n" + "\n".join(f"{MET[name] - TOLD[name]:6} {TOLD[name]:6} {name}" for name in names))
    assert not [name for name in CHIEF if not MET[name]], "never met"
    assert RUNS < MANY or not [name for name in OF_MANY if MET[name] == TOLD[name]], "never drawn"
