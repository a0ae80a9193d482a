"""The chain of what a partner sends: a gap and a fork are told with the receipt, and refuse nothing."""

import hashlib
from pathlib import Path

import pytest
from play import WEEK, Exchange
from post import CPAS, Post, data_of, go_of, name_of, row

from hub.stores import tables

HALVES = ("CPAS", "FOREM", "EVENING")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


@pytest.fixture(params=[False, True], ids=["one key", "another key each time"])
def post(prepared: Exchange, tmp_path: Path, request: pytest.FixtureRequest) -> Post:
    """The mailbox of a CPAS that may exchange; the digest key makes no difference."""
    return Post(tmp_path, prepared, turning=request.param)


def content(sequence: int) -> bytes:
    """What the file of that sequence holds."""
    return data_of(row(referral_id=f"R62063-2025-{sequence:06d}"))


def sha(sequence: int) -> str:
    return hashlib.sha256(content(sequence)).hexdigest()


def put(post: Post, sequence: int, previous: str | None, half: str = "CPAS", **changed: object) -> str:
    """Send one file that says which one it follows; its name."""
    name, data = name_of(sequence), content(sequence)
    post.put(name, data, go_of(name, data, previous=previous, **changed))
    post.run(half)
    return name


def codes(post: Post) -> list[str]:
    """The code of each receipt."""
    return [code for _, _, code in sorted(post.receipts())]


def test_a_line_in_order_has_no_warning(post: Post) -> None:
    """Each file follows the one before it."""
    for sequence, half in enumerate(HALVES, 1):
        put(post, sequence, sha(sequence - 1) if sequence > 1 else None, half)
    assert codes(post) == ["", "", ""]


def test_a_sender_that_says_nothing_is_not_warned(post: Post) -> None:
    """Without `previous` there is no chain to be out of."""
    for sequence, half in enumerate(HALVES, 1):
        put(post, sequence, None, half)
    assert codes(post) == ["", "", ""]


def test_a_file_that_follows_one_never_received_is_a_gap(post: Post) -> None:
    """F37, in the receipt and in the outcome beside the sequence that misses; the rows are read all the same."""
    put(post, 1, None, "CPAS")
    put(post, 3, sha(2), "FOREM")
    assert codes(post) == ["", "F37"]
    assert post.findings() == [("", "", "F37"), ("", "", "F06")]
    assert post.events() == 2
    put(post, 2, sha(1), "EVENING")
    assert codes(post) == ["", "F05", "F37"], "late, and in its place"


def test_two_files_that_follow_one_are_a_fork(post: Post) -> None:
    """F38: a restored backup, or two computers that send; both are read."""
    put(post, 1, None, "CPAS")
    put(post, 2, sha(1), "FOREM")
    put(post, 3, sha(1), "EVENING")
    assert codes(post) == ["", "", "F38"]
    assert post.findings() == [("", "", "F38")]
    assert post.events() == 3


def test_a_refused_file_keeps_its_place(post: Post) -> None:
    """What follows a file that was refused for its content follows it rightly."""
    put(post, 1, None, "CPAS", rows=7)
    put(post, 2, sha(1), "FOREM")
    assert codes(post) == ["F04", ""]


def test_a_file_of_somebody_else_has_no_place(prepared: Exchange, tmp_path: Path) -> None:
    """A file put into a stranger's mailbox under another's name (F10) does not fork that other's line."""
    post = Post(tmp_path / "other", prepared, "062096")
    name, data = name_of(1, sender=CPAS), content(1)
    post.put(name, data, go_of(name, data))
    post.run()
    assert post.receipts() == [(name, "REFUSED", "F10")]
    with post.exchange.hub(WEEK[0]) as hub:
        assert hub.ledger.submissions.line(CPAS, "ORIE") == []


def test_the_ledger_keeps_no_plain_hash(post: Post) -> None:
    """A file of one row could be guessed from its hash: what is kept is under a key."""
    put(post, 1, None, "CPAS")
    put(post, 2, sha(1), "FOREM")
    first, second = sorted(post.exchange.rows(tables.submission), key=lambda one: one["sequence"])
    assert first["previous"] is None
    assert (second["previous"] == first["chain"]) != post.turning
    assert {first["chain"], second["chain"]}.isdisjoint({sha(1), sha(2)})
