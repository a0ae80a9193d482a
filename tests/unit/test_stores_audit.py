"""The audit log in the ledger: numbered without a gap whoever writes, whole or not at all, and honest about itself."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from test_stores_publications import MADE, nothing
from test_stores_submissions import EFFECTS, LANDED, claimed, together

from hub import audit, merkle
from hub.audit_verify import verify
from hub.checkpoint import Checkpoint
from hub.errors import InvariantBroken
from hub.stores.audit import Audit, Leaf, append
from hub.stores.database import Database
from hub.stores.publications import Publications
from hub.stores.submissions import Effects, Submissions
from hub.stores.tables import audit_head, audit_leaf

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)


def entries(ledger: Database) -> list[Leaf]:
    with Audit(ledger).still() as (_, leaves):
        return list(leaves)


def kinds(ledger: Database) -> list[str]:
    return [next(name for name in audit.CATALOGUE if f'"kind":"{name}"' in leaf.entry) for leaf in entries(ledger)]


def wrong(ledger: Database) -> list[str]:
    with Audit(ledger).still() as (head, leaves):
        return [remark.what for remark in verify(leaves, head, [], []).remarks]


def write(ledger: Database, many: int) -> None:
    log = Audit(ledger)
    for _ in range(many):
        log.append(audit.DELIVERY, NOW, publication_id=str(uuid.uuid4()))


@contextmanager
def another(ledger: Database) -> Iterator[Database]:
    """The same ledger as another process has it."""
    twin = Database(ledger.engine.url.render_as_string(hide_password=False), ledger.zone)
    yield twin
    twin.close()


@contextmanager
def refused(ledger: Database, beginning: str) -> Iterator[None]:
    """The database fails just before any statement that begins like this."""

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            raise ConnectionError

    sa.event.listen(ledger.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        sa.event.remove(ledger.engine, "before_cursor_execute", look)


def test_an_empty_log_has_the_empty_root(ledger: Database) -> None:
    """Before the first entry the head says nothing, and verifying finds nothing."""
    assert Audit(ledger).checkpoint() == Checkpoint(0, merkle.EMPTY)
    assert (entries(ledger), wrong(ledger)) == ([], [])


def test_entries_are_numbered_and_the_head_is_their_root(ledger: Database) -> None:
    """After each entry the head is what all leaves together give, and what it was before grew into it."""
    log, heads = Audit(ledger), [Checkpoint(0, merkle.EMPTY)]
    for n in range(1, 14):
        assert log.append(audit.KEYS, NOW + timedelta(n), action="rotate", purpose="token", kid="ab2c") == n
        heads.append(log.checkpoint())
    leaves = log.hashes(13)
    assert [head.root for head in heads] == [merkle.root(leaves[:n]) for n in range(14)]
    assert [leaf.n for leaf in entries(ledger)] == list(range(1, 14))
    for old in heads:
        for new in heads[old.size :]:
            proof = merkle.consistency_proof(old.size, log.hashes(new.size))
            assert merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    assert wrong(ledger) == []


def test_workers_that_write_at_once_leave_no_gap(ledger: Database) -> None:
    """Threads of two processes' connections append side by side: every entry once, numbers without a gap."""
    with another(ledger) as second:
        done = together(*(lambda db=db: write(db, 10) for db in (ledger, second, ledger, second)))  # type: ignore[misc]
    assert done == [None] * 4
    assert [leaf.n for leaf in entries(ledger)] == list(range(1, 41))
    assert wrong(ledger) == []


def test_what_did_not_happen_is_not_in_the_log(ledger: Database) -> None:
    """A transaction that fails after its entry leaves no number used."""

    def fails() -> None:
        with ledger.write() as tx:
            append(ledger, tx, audit.DELIVERY, NOW, publication_id="p1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert Audit(ledger).append(audit.DELIVERY, NOW, publication_id="p2") == 1
    assert wrong(ledger) == []


def test_what_the_catalogue_refuses_changes_nothing(ledger: Database) -> None:
    """A field that no entry has is refused before anything is written, and takes its transaction with it."""
    with pytest.raises(InvariantBroken, match="no such field"):
        Audit(ledger).append(audit.DELIVERY, NOW, publication_id="p1", niss="85010100197")
    assert entries(ledger) == []


def test_a_finished_file_is_an_entry(ledger: Database) -> None:
    """With its ids, state, counts and keyed digest, in the same transaction as its rows: both or neither."""
    submissions = Submissions(ledger)
    owner = claimed(submissions)
    with refused(ledger, "INSERT INTO audit_leaf"), pytest.raises(ConnectionError):
        submissions.finish("m1", owner, EFFECTS, NOW)
    assert (entries(ledger), submissions.finished("062063")) == ([], [])
    submissions.finish("m1", owner, replace(EFFECTS, sender="062063", feed="ORIE", sequence=1), NOW)
    (leaf,) = entries(ledger)
    assert leaf.entry == (
        '{"accepted":1,"at":"2026-03-09T07:00:00.000000Z","digest":"d1","duplicate":0,"feed":"ORIE","kind":"file",'
        '"message_id":"m1","partner":"062063","read":2,"rejected":1,"sender":"062063","sequence":1,"state":"DONE",'
        '"superseded":0,"warned":0}'
    )
    owner = claimed(submissions, replace(LANDED, message_id="m2", name_digest="n2"))
    submissions.finish("m2", owner, Effects("REFUSED", "F04"), NOW)
    assert '"code":"F04"' in entries(ledger)[1].entry


def test_what_leaves_the_hub_is_in_the_log(ledger: Database) -> None:
    """A publication, its delivery and each of its recipient's answers once; not what the hub noted by itself."""
    publications = Publications(ledger)
    publications.add(MADE, nothing)
    for state in ("DATA_SENDING", "READY", "DATA_SENDING", "DATA_SENT", "GO_SENDING", "DELIVERED"):
        publications.advance("p1", state, NOW)
    for kind in ("OVERDUE", "TAKEN", "TAKEN", "ACCEPTED", "VANISHED"):
        publications.acknowledge("p1", kind, NOW, "85010100197")
    assert kinds(ledger) == ["publication", "delivery", "acknowledgement", "acknowledgement"]
    text = "\n".join(leaf.entry for leaf in entries(ledger))
    assert "85010100197" not in text  # its recipient's own code
    assert "R62063" not in text
    assert f'"digest":"{MADE.digest}"' in text
    assert MADE.sha256 not in text
    assert '"rows":2' in text


def test_a_file_that_cannot_be_kept_is_not_in_the_log(ledger: Database) -> None:
    """When making the file durable fails, there is neither publication nor entry."""

    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):
        Publications(ledger).add(MADE, fails)
    assert entries(ledger) == []


TAMPERING = {
    "text": (audit_leaf.update().where(audit_leaf.c.n == 3).values(entry=audit_leaf.c.entry + " "), ["ALTERED"]),
    "hash": (audit_leaf.update().where(audit_leaf.c.n == 3).values(hash=b"x" * 32), ["ALTERED"]),
    "instant": (audit_leaf.update().where(audit_leaf.c.n == 3).values(at=NOW + timedelta(1)), ["ALTERED"]),
    "removed": (audit_leaf.delete().where(audit_leaf.c.n == 3), ["MISSING"]),
    "removed at the end": (audit_leaf.delete().where(audit_leaf.c.n == 5), ["LOST"]),
    "added": (audit_leaf.insert().values(n=6, entry="{}", hash=merkle.leaf_hash(b"{}"), at=NOW), ["ALTERED"]),
    "added before": (
        audit_leaf.insert().values(n=0, entry="{}", hash=merkle.leaf_hash(b"{}"), at=NOW),
        ["STRAY", "ALTERED"],
    ),
    "text taken out": (audit_leaf.update().where(audit_leaf.c.n == 3).values(entry=""), ["EMPTIED"]),
    "head": (audit_head.update().values(size=4), ["ADDED"]),
    "edge": (audit_head.update().values(edge=b"x" * 64), ["HEAD"]),
    "head removed": (audit_head.delete(), ["ADDED"]),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_one_thing_changed_in_the_database_is_found(what: str, ledger: Database) -> None:
    """An entry altered, removed or added, or the head changed, and the log is not whole."""
    write(ledger, 5)
    assert wrong(ledger) == []
    statement, found = TAMPERING[what]
    with ledger.write() as tx:
        tx.execute(statement)
    assert wrong(ledger) == found


def written(ledger: Database, size: int) -> list[Checkpoint]:
    """An entry a day; the checkpoint after each."""
    log, heads = Audit(ledger), [Checkpoint(0, merkle.EMPTY)]
    for n in range(1, size + 1):
        log.append(audit.KEYS, NOW + timedelta(n), action="rotate", purpose="token", kid="ab2c")
        heads.append(log.checkpoint())
    return heads


def test_what_is_over_its_term_loses_its_text_and_no_proof_breaks(ledger: Database) -> None:
    """The first entries have no text, the log says up to which, and every proof between two checkpoints holds."""
    heads, log = written(ledger, 11), Audit(ledger)
    before = log.hashes(11)
    assert log.over(NOW + timedelta(1)) == log.empty(NOW + timedelta(1), NOW + timedelta(20)) == 0
    assert log.over(NOW + timedelta(7)) == log.empty(NOW + timedelta(7), NOW + timedelta(20)) == 6
    assert log.over(NOW + timedelta(7)) == log.empty(NOW + timedelta(7), NOW + timedelta(21)) == 0
    found = entries(ledger)
    assert [leaf.entry == "" for leaf in found] == [True] * 6 + [False] * 6
    assert '"audit":6' in found[-1].entry
    assert log.hashes(11) == before
    heads.append(log.checkpoint())
    hashes = log.hashes(12)
    for old in heads:
        for new in heads[old.size :]:
            proof = merkle.consistency_proof(old.size, hashes[: new.size])
            assert merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    for n, leaf in enumerate(hashes):
        proof = merkle.inclusion_proof(n, hashes)
        assert merkle.verify_inclusion(n, 12, leaf, proof, heads[-1].root)
    with log.still() as (head, leaves):
        verified = verify(leaves, head, [], [])
    assert (verified.remarks, verified.emptied) == ((), 6)
    assert log.empty(NOW + timedelta(30), NOW + timedelta(31)) == 6, "the purge of before is over its term too"
    assert wrong(ledger) == []


@pytest.mark.parametrize(("n", "values", "found"), [
    (9, {"entry": ""}, ["EMPTIED"]),
    (3, {"hash": b"x" * 32}, ["HEAD"]),
    (3, {"entry": "{}"}, ["ALTERED"]),
])  # fmt: skip
def test_beside_what_was_purged_nothing_else_passes(
    n: int, values: dict[str, object], found: list[str], ledger: Database
) -> None:
    """A younger entry emptied, the hash of an emptied one altered, another text put in its place: all are found."""
    written(ledger, 11)
    Audit(ledger).empty(NOW + timedelta(7), NOW + timedelta(20))
    assert wrong(ledger) == []
    with ledger.write() as tx:
        tx.execute(audit_leaf.update().where(audit_leaf.c.n == n).values(**values))
    assert wrong(ledger) == found


def test_an_entry_that_came_before_a_younger_one_keeps_its_text_with_it(ledger: Database) -> None:
    """Only the first entries go, up to the first that is not over: an old one behind a young one waits for it."""
    log = Audit(ledger)
    for day in (1, 9, 2):
        log.append(audit.KEYS, NOW + timedelta(day), action="rotate", purpose="token", kid="ab2c")
    assert log.empty(NOW + timedelta(5), NOW + timedelta(20)) == 1
    assert [leaf.entry == "" for leaf in entries(ledger)] == [True, False, False, False]


def test_a_log_stays_still_while_it_is_read(ledger: Database) -> None:
    """What is appended while somebody verifies is not seen half."""
    write(ledger, 3)
    with another(ledger) as second, Audit(ledger).still() as (head, leaves):
        write(second, 2)
        assert verify(leaves, head, [], []).remarks == ()
    assert head.size == 3
    with ledger.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(audit_leaf)).scalar_one() == 5
