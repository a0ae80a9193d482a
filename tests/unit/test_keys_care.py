"""What operators do to keys: what each command leaves, what it refuses, what it only says in a dry run."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from test_stores_submissions import together

from hub.errors import OperatorError
from hub.keys import KeyRing, change, initialise
from hub.keys_care import Care, destroy, retire, rotate
from hub.keys_check import CHECKED, require_keys
from hub.keys_doctor import doctor
from hub.keys_life import destroyed
from hub.pseudonymise import index
from hub.stores import key_checks
from hub.stores.database import Database
from hub.stores.identity import IdentityStore, RingBehind
from hub.stores.key_checks import KeyChecks

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
PEOPLE = [f"{n:011d}" for n in range(20)]


@pytest.fixture
def care(identity: Database, tmp_path: Path) -> Care:
    """Keys that were used once, and an identity store that knows them."""
    folder = tmp_path / "keys"
    initialise(folder, NOW)
    require_keys(KeyRing(folder), KeyChecks(identity), NOW)
    return Care(folder, IdentityStore(identity), *[KeyChecks(identity)] * 2, lambda _: 0, lambda _: 0, NOW, dry=False)


def resolve(care: Care, people: list[str] = PEOPLE) -> list[str]:
    """The subjects of some people, as `process` asks for them."""
    keys = care.ring.usable("index")
    return care.identity.subjects({key.kid: [index(one, key) for one in people] for key in keys}, NOW)


def statuses(care: Care, purpose: str) -> list[str]:
    return [key.status for key in care.ring.all(purpose)]


def problems(care: Care) -> list[str]:
    return doctor(care.ring, care.checks, care.named, lambda _: 0)


def test_a_new_index_key_changes_no_subject(care: Care) -> None:
    """Who was known under an old key is found, keeps its subject, and is known under the new one from then on."""
    first = resolve(care)
    old = care.ring.active("index").kid
    rotate(care, "index")
    new = care.ring.active("index").kid
    assert care.identity.only_by(old, [new]) == len(PEOPLE)
    assert resolve(care, PEOPLE[:5]) == first[:5]
    assert care.identity.only_by(old, [new]) == len(PEOPLE) - 5
    rotate(care, "index")
    assert resolve(care, PEOPLE[::-1]) == first[::-1]
    assert problems(care) == []


def test_an_index_key_is_destroyed_once_nobody_is_known_only_by_it(care: Care) -> None:
    """Until each of its people has come again it is refused, with their number; then nothing is lost with it."""
    first, old = resolve(care), care.ring.active("index").kid
    rotate(care, "index")
    resolve(care, PEOPLE[1:])
    with pytest.raises(OperatorError, match=r"^1 people are known only by the key"):
        destroy(care, "index", old)
    assert statuses(care, "index") == ["retired", "active"]
    assert resolve(care) == first
    assert len(destroy(care, "index", old)) == 2
    assert statuses(care, "index") == ["destroyed", "active"]
    assert care.checks.used("index") == {care.ring.active("index").kid}
    assert resolve(care) == first
    assert problems(care) == []


def test_a_person_keeps_its_token_key(care: Care) -> None:
    """Who was told, or known before there was a second key, stays under the first; strangers come under the new one."""
    known, (stranger,) = resolve(care), resolve(care, ["99999999999"])
    old = care.ring.active("token").kid
    care.identity.told_under(known[:3], old, NOW)
    rotate(care, "token")
    new = care.ring.active("token").kid
    assert set(care.identity.told_under([*known, stranger], new, NOW).values()) == {old}
    assert care.identity.told_under(["f" * 32], old, NOW) == {"f" * 32: new}
    with pytest.raises(OperatorError, match=r"^21 people are told under the key"):
        destroy(care, "token", old)
    rotate(care, "token")
    assert care.identity.told_under(["f" * 32], new, NOW) == {"f" * 32: new}
    with pytest.raises(OperatorError, match=r"^1 people are told"):
        destroy(care, "token", new)


def test_a_token_key_that_told_nobody_is_destroyed(care: Care) -> None:
    """Nothing needs it, so its secret goes."""
    old = care.ring.active("token").kid
    rotate(care, "token")
    destroy(care, "token", old)
    assert statuses(care, "token") == ["destroyed", "active"]


def test_a_landing_key_stays_while_a_file_is_sealed_to_it(care: Care) -> None:
    """The number of files is told, nothing is destroyed; without any the key goes."""
    old = care.ring.active("landing").kid
    rotate(care, "landing")
    with pytest.raises(OperatorError, match=r"^2 files in landing or quarantine"):
        destroy(replace(care, sealed_to=lambda _: 2), "landing", old)
    assert statuses(care, "landing") == ["retired", "active"]
    destroy(care, "landing", old)
    assert statuses(care, "landing") == ["destroyed", "active"]


def test_a_digest_key_stays_while_files_may_be_named_under_it(care: Care) -> None:
    """The day on which it was retired is asked for, the number of files told; once none is left the key goes."""
    old, asked = care.ring.active("digest").kid, []
    rotate(care, "digest")

    def received(day: date) -> int:
        asked.append(day)
        return 3

    with pytest.raises(OperatorError, match=r"^3 files may be named under the key"):
        destroy(replace(care, received_until=received), "digest", old)
    assert asked == [NOW.date()]
    assert statuses(care, "digest") == ["retired", "active"]
    destroy(care, "digest", old)
    assert statuses(care, "digest") == ["destroyed", "active"]
    assert problems(care) == []


def test_a_prepared_key_waits_and_can_be_taken_back(care: Care) -> None:
    """A waiting key changes nothing; the next rotation puts it in force, unless it was retired before."""
    first = resolve(care)
    rotate(care, "index", prepare=True)
    kid = care.ring.all("index")[1].kid
    assert statuses(care, "index") == ["active", "pre"]
    assert resolve(care) == first
    assert care.checks.used("index") == {care.ring.active("index").kid}
    with pytest.raises(OperatorError, match="waits already"):
        rotate(care, "index", prepare=True)
    retire(care, "index", kid)
    destroy(care, "index", kid)
    rotate(care, "index", prepare=True)
    rotate(care, "index")
    assert statuses(care, "index") == ["retired", "destroyed", "active"]
    with pytest.raises(OperatorError, match="rotate puts another"):
        retire(care, "index", care.ring.active("index").kid)


@pytest.mark.parametrize("purpose", ["index", "token", "landing"])
def test_a_dry_run_changes_nothing_and_refuses_the_same(care: Care, purpose: str) -> None:
    """It says what would be done, step by step; files and the identity store are as before."""
    resolve(care)
    dry = replace(care, dry=True)

    def seen() -> object:
        files = {path.name: path.read_bytes() for path in care.where.iterdir()}
        return files, care.checks.recorded(), care.checks.in_force(), care.identity.told_by(old)

    old = care.ring.active(purpose).kid
    before = seen()
    planned = rotate(dry, purpose)
    rotate(dry, purpose, prepare=True)
    assert seen() == before
    assert rotate(care, purpose) == planned
    before = seen()
    if purpose == "landing":
        assert destroy(dry, purpose, old) == [f"the secret of the key {old} is removed"]
    else:
        with pytest.raises(OperatorError, match="people are"):
            destroy(dry, purpose, old)
    assert seen() == before


class Killed(BaseException):
    """The process died here."""


STEPS: dict[str, list[Callable[[pytest.MonkeyPatch], None]]] = {
    "before the check value is recorded": [lambda m: m.setattr(KeyChecks, "record", _die)],
    "before the key is active": [lambda m: m.setattr("hub.keys_life.rotated", _die)],
    "before it is in force": [lambda m: m.setattr(KeyChecks, "put_in_force", _die)],
}


def _die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("where", STEPS)
@pytest.mark.parametrize("purpose", ["index", "token"])
def test_a_rotation_that_was_killed_harms_nobody_and_is_finished(
    care: Care, purpose: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers start and find the same people; the next rotate goes on and makes no third key."""
    first = resolve(care)
    with monkeypatch.context() as patch:
        STEPS[where][0](patch)
        with pytest.raises(Killed):
            rotate(care, purpose)
    require_keys(care.ring, care.checks, NOW)
    assert resolve(care, [*PEOPLE, "99999999999"])[:-1] == first
    rotate(care, purpose)
    require_keys(care.ring, care.checks, NOW)
    assert statuses(care, purpose) == ["retired", "active"]
    assert care.checks.in_force()[purpose] == care.ring.active(purpose).kid
    assert resolve(care) == first
    assert problems(care) == []


def test_a_worker_that_read_its_keys_before_a_rotation_is_told_so(care: Care) -> None:
    """It writes nothing under a key that is not in force any more; with the keys read again it finds everybody."""
    old = care.ring.active("index")
    indexes = {old.kid: [index(one, old) for one in PEOPLE]}
    rotate(care, "index")
    with pytest.raises(RingBehind):
        care.identity.subjects(indexes, NOW)
    assert care.checks.used("index") == set()


def test_a_rotation_while_two_workers_meet_the_same_people(care: Care, identity: Database) -> None:
    """Whatever the order, each person has one subject and is known under the key in force."""
    twin = Database(identity.engine.url.render_as_string(hide_password=False), "identity")
    other = replace(care, identity=IdentityStore(twin))

    def seen(worker: Care, people: list[str]) -> list[str]:
        for _ in range(5):
            try:
                return resolve(worker, people)
            except RingBehind:
                continue
        raise AssertionError("the ring was never read again")

    for n in range(8):
        people = [f"{100 * n + k:011d}" for k in range(30)]
        one, two, _ = together(
            lambda people=people: seen(care, people),
            lambda people=people: seen(other, people),
            lambda: rotate(care, "index"),
        )
        assert one == two == resolve(care, people)
        assert len(set(one)) == len(people)
    twin.close()


def test_a_worker_with_another_key_does_not_start(care: Care, tmp_path: Path) -> None:
    """A key that was never put in force here stops the worker before it makes other people of everybody."""
    resolve(care)
    initialise(tmp_path / "other", NOW)
    for purpose in CHECKED:
        mine = KeyRing(care.where).where / f"{purpose}.json"
        kept = mine.read_bytes()
        mine.write_bytes((KeyRing(tmp_path / "other").where / f"{purpose}.json").read_bytes())
        with pytest.raises(OperatorError, match="never put in force here"):
            require_keys(care.ring, care.checks, NOW)
        with pytest.raises(OperatorError, match="doctor"):
            rotate(care, "index")
        mine.write_bytes(kept)
    require_keys(care.ring, care.checks, NOW)


def test_a_key_with_a_known_id_and_another_secret_is_found_out(care: Care) -> None:
    """A secret that was replaced with its own check value does not match the one recorded, active or retired."""
    resolve(care)
    old = care.ring.active("index").kid
    rotate(care, "index")
    change(care.where, "index", lambda keys: [replace(k, secret=b"x" * 32) if k.kid == old else k for k in keys])
    with pytest.raises(OperatorError, match=f"the key {old} for index is not the one used under this id"):
        require_keys(care.ring, care.checks, NOW)
    assert any("not the one used" in text for text in problems(care))


def test_a_worker_without_an_old_key_that_people_need_does_not_start(care: Care) -> None:
    """An old index key lost from the ring would split its people in two; one that nobody needs may be gone."""
    resolve(care)
    old = care.ring.active("index").kid
    rotate(care, "index")
    unused = care.ring.active("index").kid
    rotate(care, "index")
    change(care.where, "index", lambda keys: [key for key in keys if key.kid != unused])
    require_keys(care.ring, care.checks, NOW)
    change(care.where, "index", lambda keys: destroyed(keys, old, "2026-03-09"))
    with pytest.raises(OperatorError, match="people are indexed under"):
        require_keys(care.ring, care.checks, NOW)
    assert any(f"people under the key {old}" in text for text in problems(care))


def test_a_store_made_before_keys_were_recorded_is_held_to_its_rows(care: Care, identity: Database) -> None:
    """Rows under a key that is not here stop the first start; with the right key it is recorded."""
    with identity.write() as tx:
        for table in (key_checks.key_check, key_checks.key_in_force):
            tx.execute(table.delete())
    care.identity.subjects({"zzzz": [b"0" * 16]}, NOW)
    with pytest.raises(OperatorError, match="indexed under the key zzzz"):
        require_keys(care.ring, care.checks, NOW)
    with identity.write() as tx:
        tx.execute(key_checks.subject_index.delete())
    resolve(care)
    require_keys(care.ring, care.checks, NOW)
    assert care.checks.in_force()["index"] == care.ring.active("index").kid


def test_a_zone_is_held_to_the_keys_it_was_given(care: Care) -> None:
    """A worker with the token key alone starts, and is stopped by a wrong one."""
    for purpose in ("index", "landing", "digest"):
        (care.ring.where / f"{purpose}.json").unlink()
    require_keys(care.ring, care.checks, NOW)


def test_two_first_workers_with_unlike_keys_do_not_both_start(identity: Database, tmp_path: Path) -> None:
    """Whoever comes first is recorded; the other is stopped."""
    rings = [KeyRing(tmp_path / name) for name in ("one", "two")]
    for ring in rings:
        initialise(ring.where, NOW)

    def start(ring: KeyRing) -> int:
        try:
            require_keys(ring, KeyChecks(identity), NOW)
        except OperatorError:
            return 0
        return 1

    assert sum(together(*(lambda ring=ring: start(ring) for ring in rings))) == 1


def test_the_doctor_names_each_thing_that_is_wrong(care: Care) -> None:
    """Rights, a missing file, two active keys, a public half of another key, files that nothing opens."""
    assert problems(care) == []
    (care.where / "index.json").chmod(0o640)
    (care.where / "landing.pub").write_text("A" * 43 + "=")
    (care.ring.where / "digest.json").unlink()
    change(care.where, "token", lambda keys: [*keys, replace(keys[0], kid="aaaa")])
    found = doctor(care.ring, care.checks, care.named, lambda _: 7)
    wanted = ("index.json: chmod", "landing.pub is not", "digest has 0", "token has 2", "7 files in landing")
    assert all(any(text in line for line in found) for text in wanted), found
    assert len(found) == len(wanted)
