"""Any history of rotations, destructions and arrivals: a number gives the same subject for ever, nothing is lost.

Beside the hub's stores a plain model: who came, under which keys each can be found, under which key each was told.
"""

import itertools
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hub.errors import OperatorError
from hub.keys import initialise
from hub.keys_care import Care, destroy, retire, rotate
from hub.keys_check import require_keys
from hub.keys_doctor import doctor
from hub.pseudonymise import Tokens, index
from hub.stores.database import Database
from hub.stores.identity import IdentityStore, RingBehind
from hub.stores.key_checks import KeyChecks

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
NUMBERS = [f"{n:011d}" for n in range(8)]
RECIPIENT = "062063"
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  nothing here has to outlive the power
SEEN: Counter[str] = Counter()
WANTED = (
    *("new person", "known person", "found under an old key", "told first", "told again", "told under an old key"),
    *("rotate index", "rotate token", "prepare index", "prepare token", "retire index", "retire token"),
    *("destroy index", "destroy token", "refused: known only by it", "refused: told under it", "refused: not retired"),
    *("killed before it was in force", "keys read before a rotation", "dry run"),
)
purposes = st.sampled_from(["index", "token"])


class Killed(BaseException):
    """The process died here."""


class KeysMachine(RuleBasedStateMachine):
    """The operator's commands and the people's arrivals, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.root = Path(self.stack.enter_context(TemporaryDirectory(dir=FAST)))
        self.identity = Database(f"sqlite:///{self.root}/identity.db", "identity")
        self.identity.migrate()
        self.stack.callback(self.identity.close)
        self.subject: dict[str, str] = {}
        self.found_under: dict[str, set[str]] = {}
        self.token: dict[str, str] = {}
        self.told_under: dict[str, str] = {}

    @initialize()
    def begin(self) -> None:
        """A new installation, started once."""
        initialise(self.root / "keys", NOW)
        self.checks = KeyChecks(self.identity)
        self.store = IdentityStore(self.identity)
        self.care = Care(self.root / "keys", self.store, *[self.checks] * 2, lambda _: 0, lambda _: 0, NOW, dry=False)
        require_keys(self.care.ring, self.checks, NOW)

    def teardown(self) -> None:
        self.stack.close()

    # --- people ----------------------------------------------------------------------------------------

    def indexes(self, numbers: list[str]) -> dict[str, list[bytes]]:
        return {k.kid: [index(n, k) for n in numbers] for k in self.care.ring.usable("index")}

    @rule(numbers=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4))
    def arrive(self, numbers: list[str]) -> None:
        """Rows about some people come in."""
        self.check_arrived(numbers, self.store.subjects(self.indexes(numbers), NOW))

    @rule(numbers=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4))
    def arrive_during_a_rotation(self, numbers: list[str]) -> None:
        """A worker reads its keys, another key is put in force, the worker goes on."""
        before = self.indexes(numbers)
        self.rotate("index")
        if self.checks.in_force()["index"] in before:  # it waited, or was not yet in force, when the keys were read
            self.check_arrived(numbers, self.store.subjects(before, NOW))
            return
        SEEN["keys read before a rotation"] += 1
        with pytest.raises(RingBehind):
            self.store.subjects(before, NOW)
        self.check_arrived(numbers, self.store.subjects(self.indexes(numbers), NOW))

    def check_arrived(self, numbers: list[str], sids: list[str]) -> None:
        kid = self.checks.in_force()["index"]
        for number, sid in zip(numbers, sids, strict=True):
            SEEN["known person" if number in self.subject else "new person"] += 1
            assert self.subject.setdefault(number, sid) == sid
            under = self.found_under.setdefault(number, set())
            SEEN["found under an old key"] += bool(under) and kid not in under
            under.add(kid)
        assert len(set(self.subject.values())) == len(self.subject)

    @rule(numbers=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4, unique=True), come=st.booleans())
    def tell(self, numbers: list[str], come: bool) -> None:
        """Rows about some people are published; those of whom nothing came yet may come first."""
        if come:
            self.arrive(numbers)
        for number in numbers:
            if number in self.subject:
                self.check_told(number)

    def check_told(self, number: str) -> None:
        sid = self.subject[number]
        kid = self.store.told_under([sid], self.care.ring.active("token").kid, NOW)[sid]
        token = Tokens(RECIPIENT, self.care.ring.key("token", kid)).token(sid)
        SEEN["told again" if number in self.token else "told first"] += 1
        SEEN["told under an old key"] += kid != self.care.ring.active("token").kid
        assert self.token.setdefault(number, token) == token
        assert self.told_under.setdefault(number, kid) == kid

    # --- keys ------------------------------------------------------------------------------------------

    def rotate(self, purpose: str) -> bool:
        """Whether another key was put in force; the model follows what a token rotation holds."""
        before = self.checks.in_force()[purpose]
        if purpose == "token" and self.care.ring.active("token").kid == before:
            for number in self.subject:
                self.told_under.setdefault(number, before)
        rotate(self.care, purpose)
        return self.checks.in_force()[purpose] != before

    @rule(purpose=purposes)
    def put_in_force(self, purpose: str) -> None:
        """Another key of this purpose."""
        SEEN[f"rotate {purpose}"] += self.rotate(purpose)

    @rule(purpose=purposes)
    def rotate_and_die(self, purpose: str) -> None:
        """The rotation is killed after the key ring was written and before the store knows."""
        with pytest.MonkeyPatch.context() as patch:

            def die(*_: object) -> None:
                raise Killed

            patch.setattr(KeyChecks, "put_in_force", die)
            with pytest.raises(Killed):
                self.rotate(purpose)
        SEEN["killed before it was in force"] += 1

    @rule(purpose=purposes)
    def dry_run(self, purpose: str) -> None:
        """Nothing changes: the invariants and the model say so."""
        before = (self.care.ring.where / f"{purpose}.json").read_bytes(), self.checks.in_force(), self.checks.recorded()
        rotate(Care(self.care.where, self.store, *[self.checks] * 2, lambda _: 0, lambda _: 0, NOW, dry=True), purpose)
        assert before == (
            (self.care.ring.where / f"{purpose}.json").read_bytes(),
            self.checks.in_force(),
            self.checks.recorded(),
        )
        SEEN["dry run"] += 1

    @rule(purpose=purposes)
    def prepare(self, purpose: str) -> None:
        """A key that waits; a second one is refused."""
        waits = "pre" in {key.status for key in self.care.ring.all(purpose)}
        if waits:
            with pytest.raises(OperatorError, match="waits already"):
                rotate(self.care, purpose, prepare=True)
        else:
            rotate(self.care, purpose, prepare=True)
            SEEN[f"prepare {purpose}"] += 1

    @rule(purpose=purposes, fresh=st.booleans())
    def take_back(self, purpose: str, fresh: bool) -> None:
        """The key that waits, if there is one; or one that was made for nothing."""
        if fresh:
            self.prepare(purpose)
        for key in self.care.ring.all(purpose):
            if key.status == "pre":
                retire(self.care, purpose, key.kid)
                SEEN[f"retire {purpose}"] += 1

    @rule(purpose=purposes, place=st.integers(0, 20), turned=st.booleans())
    def destroy_one(self, purpose: str, place: int, turned: bool) -> None:
        """Any key, perhaps of today: done when nothing needs it, else refused for the right reason."""
        if turned:
            self.put_in_force(purpose)
        keys = self.care.ring.all(purpose)
        key = keys[place % len(keys)]
        if key.status != "retired" or self.checks.in_force()[purpose] == key.kid:
            self.refused(purpose, key.kid, "refused: not retired", "only a retired key|destroyed already|in force")
        elif purpose == "index" and {key.kid} in self.found_under.values():
            self.refused(purpose, key.kid, "refused: known only by it", "known only by")
        elif purpose == "token" and key.kid in self.told_under.values():
            self.refused(purpose, key.kid, "refused: told under it", "are told under")
        else:
            destroy(self.care, purpose, key.kid)
            SEEN[f"destroy {purpose}"] += 1
            for under in self.found_under.values():
                under.discard(key.kid)

    def refused(self, purpose: str, kid: str, why: str, match: str) -> None:
        with pytest.raises(OperatorError, match=match):
            destroy(self.care, purpose, kid)
        SEEN[why] += 1

    # --- what always holds -----------------------------------------------------------------------------

    @invariant()
    def one_key_is_active(self) -> None:
        """One active key of each purpose, every id once, and a worker starts with them."""
        if not hasattr(self, "care"):
            return
        for purpose in ("index", "token"):
            statuses = Counter(key.status for key in self.care.ring.all(purpose))
            assert statuses["active"] == 1
            assert statuses["pre"] <= 1
        kids = [key.kid for purpose in ("index", "token") for key in self.care.ring.all(purpose)]
        assert len(kids) == len(set(kids))
        require_keys(self.care.ring, self.checks, NOW)
        assert [
            p for p in doctor(self.care.ring, self.checks, self.checks, lambda _: 0) if "rotate again" not in p
        ] == []

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        """Each person under the keys of the model and no other."""
        if not hasattr(self, "care"):
            return
        used = self.checks.used("index")
        assert used == set(itertools.chain.from_iterable(self.found_under.values()))
        for kid in used:
            alone = sum(under == {kid} for under in self.found_under.values())
            assert self.store.only_by(kid, used - {kid}) == alone


def test_any_history_of_keys_keeps_every_person() -> None:
    """Whatever is rotated, destroyed or cut short: one subject and one token each, and refusals where they belong."""
    SEEN.clear()
    run_state_machine_as_test(
        KeysMachine,
        settings=settings(
            max_examples=50,
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
