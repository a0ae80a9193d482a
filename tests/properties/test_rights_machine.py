"""Any history of rotations, arrivals, successions, partings, erasures and restores: a number finds its person alone.

The machine over keys goes on here with what the registers tell and with erasures, some of them cut short. The model
beside the stores is plain: of each number the life it is in, and of each life what the registers said last.
"""

import copy
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from hub.model import Event
from hub.stores import aliases, tables
from hub.stores.database import Database
from hub.stores.erasures import Erasures
from hub.stores.forgetting import Erasure
from hub.stores.recording import record
from tests.properties.test_keys_machine import NOW, NUMBERS, KeysMachine

SENDER, REGISTERS = "062063", "900002"
SEEN: Counter[str] = Counter()
WANTED = (
    *("join", "part", "erase one number", "erase several numbers", "erase nobody", "come again after an erasure"),
    *("joined to somebody erased", "two numbers are one person", "an erasure is cut short", "an erasure is ended"),
    *("a late row is known", "a late row of a stranger is not", "a token key of the erased is destroyed"),
    *("a backup is restored", "erased again after a restore"),
)
numbers = st.sampled_from(NUMBERS)
MODEL = ("subject", "found_under", "token", "told_under", "lives", "said", "past")
Life = tuple[str, int]  # a number, and how many times it was erased before


@dataclass(frozen=True)
class Said:
    """What the registers said of a number last."""

    joins: bool
    other: Life
    when: int


class RightsMachine(KeysMachine):
    """People come, are told, become one, are parted, are erased; keys are replaced, backups restored meanwhile."""

    @initialize()
    def begin(self) -> None:
        """A new installation, with a ledger beside the identity store."""
        KeysMachine.begin(self)
        self.ledger = Database(f"sqlite:///{self.root}/ledger.db", "ledger")
        self.ledger.migrate()
        self.stack.callback(self.ledger.close)
        self.erasures = Erasures(self.ledger)
        self.forgetting = self.store.forgetting
        self.lives: Counter[str] = Counter()
        self.said: dict[Life, Said] = {}
        self.past: dict[str, str] = {}
        self.days = itertools.count(1)
        self.ids = itertools.count()

    def life(self, number: str) -> Life:
        return number, self.lives[number]

    def end_of(self, life: Life) -> frozenset[Life]:
        """Who somebody is: the last life of a chain, or all of a circle."""
        path = [life]
        while (word := self.said.get(path[-1])) and word.joins:
            back = self.said.get(word.other)
            if back and not back.joins and back.other == path[-1] and back.when > word.when:
                break
            if word.other in path:
                return frozenset(path[path.index(word.other) :])
            path.append(word.other)
        return frozenset(path[-1:])

    def person(self, number: str) -> set[str]:
        """The numbers of a person today."""
        end = self.end_of(self.life(number))
        return {one for one in self.subject if self.end_of(self.life(one)) == end}

    def resolve(self, number: str) -> str:
        (sid,) = self.store.subjects(self.indexes([number]), NOW)
        with self.ledger.read() as tx:
            return aliases.aliases(tx).known.get(sid, sid)

    @rule(old=numbers, new=numbers, joins=st.booleans())
    def registers_speak(self, old: str, new: str, joins: bool) -> None:
        """A number is replaced by another, or the two are parted."""
        if old == new:
            return
        self.arrive([old, new])
        day = next(self.days)
        event = _muta(next(self.ids), self.subject[old], self.subject[new], joins=joins, day=day)
        with self.ledger.write() as tx:
            record(self.ledger, tx, event.message_id, [event], [])
        SEEN["join" if joins else "part"] += 1
        self.said[self.life(old)] = Said(joins, self.life(new), day)

    @rule(old=numbers, new=numbers, first=st.booleans())
    def mistaken_for_one(self, old: str, new: str, first: bool) -> None:
        """Two numbers are joined by mistake and parted, either way round; then one of them is erased."""
        self.registers_speak(old, new, joins=True)
        self.registers_speak(*((old, new) if first else (new, old)), joins=False)
        self.erase(new, 5)
        SEEN["joined to somebody erased"] += any(w.other[1] < self.lives[w.other[0]] for w in self.said.values())

    @rule(number=numbers, steps=st.integers(0, 5))
    def erase(self, number: str, steps: int) -> None:
        """A person is erased with all its numbers; perhaps only the first steps are done."""
        self.end_erasures()
        sids = self.erasures.whole(self.forgetting.known(self.indexes([number])))
        group = self.person(number) if number in self.subject else set()
        assert sids == {self.subject[one] for one in group}
        SEEN[("erase nobody", "erase one number", "erase several numbers")[min(len(group), 2)]] += 1
        if not group:
            return
        one = Erasure(f"e{next(self.ids)}", "OBJECTION", tuple(sorted(sids)), NOW)
        self.forgetting.begin(one, [SENDER], NOW.date() + timedelta(days=90))
        self.finish(one, steps)
        SEEN["an erasure is cut short"] += steps < 5
        for name in group:
            self.said.pop(self.life(name), None)
            self.past[name] = self.subject.pop(name)
            self.found_under.pop(name)
            self.token.pop(name, None)
            self.told_under.pop(name, None)
            self.lives[name] += 1

    def finish(self, one: Erasure, steps: int = 5) -> None:
        """The steps of `hub.flow.erase` that change the stores, in its order."""
        for step in (
            lambda: self.erasures.begin(one.sids, one.reason, one.at),
            lambda: self.erasures.forget(one.sids, lambda: f"{next(self.ids):032x}"),
            lambda: self.forgetting.forget(one.sids),
            lambda: self.erasures.complete(one.sids, one.reason, NOW),
            lambda: self.forgetting.end(one.erasure_id, NOW),
        )[:steps]:
            step()

    @rule()
    def end_erasures(self) -> None:
        """What was cut short is ended."""
        for one in self.forgetting.pending():
            self.finish(one)
            SEEN["an erasure is ended"] += 1

    @rule()
    def back_up(self) -> None:
        """Both stores and the key folder, as they are together."""
        for database in (self.ledger, self.identity):
            database.give_back()
        files = [path for path in self.root.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
        self.kept = {path: path.read_bytes() for path in files}, copy.deepcopy([getattr(self, name) for name in MODEL])

    @rule()
    def restore(self) -> None:
        """The backup comes back, and with it who was erased since: they are erased again, by the controller's list."""
        if not hasattr(self, "kept"):
            return
        files, model = self.kept
        lives = Counter(self.lives)
        for database in (self.ledger, self.identity):
            database.close()
        for path in [path for path in self.root.rglob("*") if path.is_file()]:
            path.unlink()
        for path, content in files.items():
            path.write_bytes(content)
            path.chmod(0o600)
        for name, value in zip(MODEL, copy.deepcopy(model), strict=True):
            setattr(self, name, value)
        SEEN["a backup is restored"] += 1
        for number in sorted(lives):
            if lives[number] > self.lives[number] and number in self.subject:
                self.erase(number, 5)
                SEEN["erased again after a restore"] += 1

    @rule(number=numbers, erased=st.booleans())
    def late_row(self, number: str, erased: bool) -> None:
        """A row that was written before: known to whom had spoken of the person, and to nobody else."""
        if erased:
            self.arrive([number])
            self.erase(number, 5)
        at, stranger = (self.forgetting.erased(name, self.indexes([number]))[0] for name in (SENDER, "062096"))
        assert stranger is None
        assert at is None or number in self.past
        assert at is not None or not erased
        SEEN["a late row is known"] += at is not None
        SEEN["a late row of a stranger is not"] += number in self.past

    @rule()
    def destroy_token_of_the_erased(self) -> None:
        """Once everybody who was told under a token key is erased, it can be destroyed."""
        kid = self.checks.in_force()["token"]
        self.put_in_force("token")
        if self.checks.in_force()["token"] == kid or kid not in self.told_under.values():
            return
        for number in [n for n, under in self.told_under.items() if under == kid]:
            if number in self.subject:
                self.erase(number, 5)
        place = [key.kid for key in self.care.ring.all("token")].index(kid)
        self.destroy_one("token", place, turned=False)
        SEEN["a token key of the erased is destroyed"] += kid not in {k.kid for k in self.care.ring.usable("token")}

    @rule(purpose=st.sampled_from(["index", "token"]), place=st.integers(0, 20), turned=st.booleans())
    def destroy_one(self, purpose: str, place: int, turned: bool) -> None:
        """Erasures are ended first: until then somebody is told under a key whom the model has forgotten."""
        self.end_erasures()
        KeysMachine.destroy_one(self, purpose, place, turned)

    @invariant()
    def every_number_finds_its_person(self) -> None:
        """Two numbers give one person exactly where the model says so, and nobody is given an erased subject."""
        if not hasattr(self, "ledger"):
            return
        with self.ledger.read() as tx:
            known = aliases.aliases(tx).known
        found = {n: known.get(sid, sid) for n, sid in self.subject.items()}
        for a, b in itertools.combinations(sorted(self.subject), 2):
            same = self.end_of(self.life(a)) == self.end_of(self.life(b))
            SEEN["two numbers are one person"] += same
            assert (found[a] == found[b]) == same
        assert not set(self.past.values()) & {*self.subject.values(), *found.values()}
        SEEN["come again after an erasure"] += bool(self.past.keys() & self.subject.keys())

    @invariant()
    def nothing_bears_an_erased_subject(self) -> None:
        """Once it is ended, an erasure has left no row of either store with the subject."""
        if not hasattr(self, "ledger") or self.forgetting.pending():
            return
        gone = set(self.past.values())
        e, t, i = tables.event.c, tables.told_under.c, tables.subject_index.c
        with self.ledger.read() as tx:
            rows = {one for row in tx.execute(sa.select(e.sid, e.about, e.entity_id)) for one in row}
        with self.identity.read() as tx:
            rows |= set(tx.execute(sa.union(sa.select(t.sid), sa.select(i.sid))).scalars())
        assert not [text for text in rows if text and any(sid in text for sid in gone)]


def _muta(n: int, old: str, new: str, *, joins: bool, day: int) -> Event:
    """A row of the registers, as pseudonymising makes it."""
    at = datetime(2026, 3, 9, tzinfo=UTC)
    kind = {"kind": "REPLACED" if joins else "UNMERGED"}
    return Event(
        event_id=f"{n:064x}",
        feed="MUTA",
        source=REGISTERS,
        entity_id=f"MUTA|{REGISTERS}|{old}|",
        sid=old,
        version=day,
        notice_status=0,
        effective_date=date(2026, 1, 1) + timedelta(days=day),
        recorded_at=at,
        received_at=at,
        message_id=f"m{n}",
        line=2,
        content=f"{n}",
        payload=kind,
        about=new,
    )


def test_any_history_of_rights_keeps_every_person() -> None:
    """Whatever is joined, parted, erased and rotated: each number resolves to its person, the erased to a new one."""
    SEEN.clear()
    run_state_machine_as_test(
        RightsMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    print({name: SEEN[name] for name in WANTED})
    assert [name for name in WANTED if not SEEN[name]] == []
