"""A partner acknowledges our files over plain SFTP: by a small file in `in/`, noted once, answered when it is wrong."""

import hashlib
import json
from pathlib import Path

import pytest
from play import WEEK, Exchange
from post import CPAS, Post, data_of, name_of, row

from hub.stores import tables

OURS = "FO.ACRF.062063.20260309.00001.T"
ANSWER = "AK.ACRF.062063.20260309.00001.T.1"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


@pytest.fixture
def post(prepared: Exchange, tmp_path: Path) -> Post:
    """The mailbox of a CPAS to which a receipt was delivered."""
    post = Post(tmp_path, prepared)
    post.put(name_of(), data_of(row()))
    post.run("CPAS")
    assert (post.box / "out" / OURS).exists()
    return post


def reply(post: Post, **changed: object) -> bytes:
    """The right acknowledgement of that receipt, changed."""
    sha256 = hashlib.sha256((post.box / "out" / OURS).read_bytes()).hexdigest()
    return json.dumps({"file": OURS, "sha256": sha256, "verdict": "ACCEPTED"} | changed).encode()


def noted(post: Post) -> list[tuple[str, str | None]]:
    """What the ledger notes of that receipt: kind and code."""
    (ours,) = [one for one in post.exchange.rows(tables.publication) if one["name"] == OURS]
    rows = [r for r in post.exchange.rows(tables.acknowledgement) if r["publication_id"] == ours["publication_id"]]
    return sorted((r["kind"], r["code"]) for r in rows)


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({}, "ACCEPTED", None),
        ({"verdict": "REFUSED", "code": "COLUMNS"}, "REFUSED", "COLUMNS"),
        ({"sha256": "0" * 64}, "ALTERED", None),
    ],
    ids=["accepted", "refused", "altered"],
)
def test_an_acknowledgement_is_noted_and_put_away(
    post: Post, changed: dict[str, object], kind: str, code: str | None
) -> None:
    """The verdict is noted with the publication, or ALTERED where the bytes taken are not those published."""
    post.put_one(ANSWER, reply(post, **changed))
    post.run("FOREM")
    assert noted(post) == [(kind, code)]
    assert (post.waiting(), ANSWER in post.done()) == (set(), True)
    assert len(post.receipts()) == 1, "an acknowledgement is not itself acknowledged"
    counts = post.exchange.status()["acknowledgements"]
    assert (counts["accepted"], counts["refused"]) == ((1, 0) if kind == "ACCEPTED" else (0, 1))


def test_the_same_acknowledgement_twice_is_noted_once(post: Post) -> None:
    """Sent again, it is put away again and changes nothing; a later ACCEPTED stands beside a REFUSED."""
    post.put_one(ANSWER, reply(post, verdict="REFUSED"))
    post.run("FOREM")
    post.put_one(ANSWER, reply(post, verdict="REFUSED"))
    post.run("EVENING")
    assert noted(post) == [("REFUSED", None)]
    with post.exchange.hub(WEEK[0], "EVENING") as hub:
        assert [one["name"] for one in hub.ledger.publications.not_accepted()] == [OURS]
    post.put_one(ANSWER, reply(post))
    post.run("EVENING")
    assert noted(post) == [("ACCEPTED", None), ("REFUSED", None)]
    with post.exchange.hub(WEEK[0], "EVENING") as hub:
        assert hub.ledger.publications.not_accepted() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (ANSWER, b"{"),
        (ANSWER, b'{"verdict": "ACCEPTED"}'),
        (ANSWER, b" " * 70_000),
        ("AK.ACRF.062063.20260309.00009.T.1", None),
        ("AK.ACRF.062096.20260309.00001.T.1", None),
    ],
    ids=["no JSON", "no file named", "too long", "never published", "of another partner"],
)
def test_a_wrong_acknowledgement_is_answered(post: Post, name: str, content: bytes | None) -> None:
    """After two equal looks, since it may be half written: F40 under its own name, and nothing noted."""
    about = f"FO{name[2:-2]}"
    post.put_one(name, reply(post, file=about) if content is None else content)
    post.run("FOREM")
    assert (len(post.receipts()), post.waiting()) == (1, {name})
    post.run("EVENING")
    assert post.receipts()[1:] == [(name, "REFUSED", "F40")]
    assert (noted(post), post.waiting(), name in post.done()) == ([], set(), True)


def test_an_acknowledgement_of_another_file_than_its_name_says_is_wrong(post: Post) -> None:
    """Name and content must speak of the same file."""
    post.put_one(ANSWER, reply(post, file="FO.NOTI.062063.20260309.00001.T"))
    post.run("FOREM")
    post.run("EVENING")
    assert post.receipts()[1:] == [(ANSWER, "REFUSED", "F40")]
