"""Whoever has the key, a person is found by the same 16 bytes each time, and the holder sees no number."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.blind import derive_key, evaluate
from hub.errors import OperatorError
from hub.keys import Key, KeyRing, initialise
from hub.pseudonymise import index
from hub.resolve import Blind, Keyed, Resolver, key_id, resolvers
from hub.stores.database import Database
from hub.stores.identity import IdentityStore

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
KEY = Key("abcd", "index", "active", "2026-03-09", bytes(range(32)))
NUMBERS = ["85073000097", "00000000196", "85073000097", "00000000295"]
SECRET, OTHER = (derive_key(bytes([seed]) * 32, b"tests") for seed in (1, 2))


class Holder:
    """Evaluates with one key, and keeps what it was asked."""

    def __init__(self, key: int = SECRET) -> None:
        self.key, self.asked = key, list[bytes]()

    def __call__(self, questions: Sequence[bytes]) -> list[bytes]:
        self.asked += questions
        return evaluate(self.key, questions)


def blind_one(key: int = SECRET) -> Blind:
    holder = Holder(key)
    return Blind(key_id(holder), holder)


@pytest.mark.parametrize("resolver", [Keyed(KEY), blind_one()], ids=["keyed", "blind"])
def test_both_resolvers_keep_the_same_promise(resolver: Resolver) -> None:
    """16 bytes for each number in order, equal for equal numbers alone, the same on another day."""
    found = resolver.indexes(NUMBERS)
    assert [len(each) for each in found] == [16] * 4
    assert found[0] == found[2]
    assert len(set(found)) == 3
    assert resolver.indexes(NUMBERS[::-1]) == found[::-1]
    assert resolver.indexes([]) == []


def test_the_resolver_in_use_is_the_keyed_hash_of_today() -> None:
    """Nothing of what is stored changes with the seam."""
    assert Keyed(KEY).kid == "abcd"
    assert Keyed(KEY).indexes(NUMBERS) == [index(number, KEY) for number in NUMBERS]


def test_every_key_that_may_find_somebody_is_asked(tmp_path: Path) -> None:
    """The ring's keys, the active one first; without any the operator is told what to run."""
    with pytest.raises(OperatorError, match="keys init"):
        resolvers(KeyRing(tmp_path))
    initialise(tmp_path, NOW)
    assert resolvers(KeyRing(tmp_path)) == [Keyed(KeyRing(tmp_path).active("index"))]


def test_a_person_is_found_again_by_either_and_from_one_to_the_other(tmp_path: Path) -> None:
    """The identity store takes the indexes of both: who was known by the key at hand keeps its subject by the other."""
    database = Database(f"sqlite:///{tmp_path}/identity.db", "identity")
    database.migrate()

    def subjects(*resolvers: Resolver) -> list[str]:
        return IdentityStore(database).subjects({each.kid: each.indexes(NUMBERS) for each in resolvers}, NOW)

    keyed, blinded = Keyed(KEY), blind_one()
    first = subjects(keyed)
    assert len(set(first)) == 3
    assert subjects(blinded, keyed) == subjects(blinded) == subjects(keyed) == first
    database.close()


def test_the_holder_is_asked_once_for_each_number_and_never_the_same_question() -> None:
    """Equal numbers are one question, and the next day's questions are all others: it cannot link them."""
    holder = Holder()
    resolver = Blind(key_id(holder), holder)
    resolver.indexes(NUMBERS)
    resolver.indexes(NUMBERS)
    assert len(holder.asked) == len(set(holder.asked)) == 1 + 2 * (1 + 3)


def test_another_key_gives_other_indexes_and_another_id() -> None:
    """Who changes the key changes everybody, and the key's own id tells."""
    one, other = blind_one(), blind_one(OTHER)
    assert not set(one.indexes(NUMBERS)) & set(other.indexes(NUMBERS))
    assert one.kid != other.kid
    assert key_id(Holder()) == one.kid


def test_a_holder_with_another_key_stops_the_hub() -> None:
    """Before any index is made: one person would become two."""
    with pytest.raises(OperatorError, match="another key"):
        Blind(blind_one().kid, Holder(OTHER)).indexes(NUMBERS)


@pytest.mark.parametrize("answer", [[], [b""] * 4, [bytes(67)] * 4, [b"\x02" * 67] * 5], ids=len)
def test_an_answer_that_is_none_is_told_without_a_value(answer: list[bytes]) -> None:
    """Too few, empty, the identity, too many: OperatorError, with no number in it or behind it."""
    with pytest.raises(OperatorError) as told:
        Blind("abcdefgh", lambda _: answer).indexes(NUMBERS)
    assert str(told.value) == "the holder of the index key gives no usable answer"
    assert told.value.__suppress_context__


HOLDER = f"""
import sys
from hub.blind import evaluate
for line in sys.stdin:
    print(*(answer.hex() for answer in evaluate({SECRET}, map(bytes.fromhex, line.split()))), flush=True)
"""


@pytest.fixture
def apart() -> Iterator[Callable[[Sequence[bytes]], list[bytes]]]:
    """Gives a holder in a process of its own: points in hexadecimal go to it, points come back."""
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(questions: Sequence[bytes]) -> list[bytes]:
            assert process.stdin
            assert process.stdout
            print(*(question.hex() for question in questions), file=process.stdin, flush=True)
            return [bytes.fromhex(answer) for answer in process.stdout.readline().split()]

        yield ask


def test_client_and_holder_are_two_processes_with_points_between_them(
    apart: Callable[[Sequence[bytes]], list[bytes]],
) -> None:
    """What crosses is enough to resolve: the key stays on the one side, numbers and blinds on the other."""
    resolver = Blind(key_id(apart), apart)
    assert resolver.kid == blind_one().kid
    assert resolver.indexes(NUMBERS) == blind_one().indexes(NUMBERS)
