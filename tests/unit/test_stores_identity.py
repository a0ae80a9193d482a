"""The laws of the identity store: one subject per person, and what was sealed first stays."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_stores_submissions import broken_at, together

from hub.pseudonymise import Capsule
from hub.stores.database import Database
from hub.stores.identity import IdentityStore

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
PEOPLE = [bytes([n]) * 16 for n in range(50)]
CAPSULE = Capsule("e1", "062063", "R62063-2026-000001", "5" * 32, "aaaaaaaa", "c1.aaaaaaaa.first", local=False)


@pytest.fixture
def store(identity: Database) -> IdentityStore:
    return IdentityStore(identity)


def test_a_person_has_one_subject_for_ever(store: IdentityStore) -> None:
    """The same index gives the same subject, other indexes others; a key alone starts anew."""
    first = store.subjects({"kid1": PEOPLE}, NOW)
    assert store.subjects({"kid1": PEOPLE[::-1]}, NOW) == first[::-1]
    assert store.subjects({"kid1": [PEOPLE[3], PEOPLE[3]]}, NOW) == [first[3], first[3]]
    assert len(set(first)) == len(PEOPLE)
    assert not set(store.subjects({"kid2": PEOPLE}, NOW)) & set(first)


def test_two_that_see_a_person_at_once_agree(store: IdentityStore, identity: Database) -> None:
    """Two processes that meet the same new people at the same instant give them the same subjects."""
    twin = Database(identity.engine.url.render_as_string(hide_password=False), "identity")
    for n in range(10):
        one, other = together(
            lambda n=n: store.subjects({f"k{n}": PEOPLE}, NOW),
            lambda n=n: IdentityStore(twin).subjects({f"k{n}": PEOPLE}, NOW),
        )
        assert one == other
    twin.close()


def test_what_was_sealed_first_stays(store: IdentityStore) -> None:
    """Sealing again, by a run after a kill, changes nothing; each recipient has its own."""
    local = replace(CAPSULE, sealed="c1.aaaaaaaa.reference", local=True)
    store.keep([CAPSULE, local], NOW)
    store.keep([replace(CAPSULE, sealed="c1.aaaaaaaa.second"), replace(CAPSULE, recipient="900001")], NOW)
    assert store.sealed("062063", ["e1"]) == {"e1": "c1.aaaaaaaa.first"}
    assert store.local_references("062063", ["e1"]) == {"e1": "c1.aaaaaaaa.reference"}
    assert store.sealed("900001", ["e1", "e2"]) == {"e1": "c1.aaaaaaaa.first"}
    assert store.local_references("900001", ["e1"]) == {}


def test_capsules_are_kept_whole_or_not_at_all(store: IdentityStore, identity: Database) -> None:
    """When the second of two statements fails, the first has not happened."""
    with pytest.raises(ConnectionError), broken_at(identity, 3 if "sqlite" in str(identity.engine.url) else 2):
        store.keep([CAPSULE, replace(CAPSULE, local=True)], NOW)
    assert store.sealed("062063", ["e1"]) == {}
