"""The audit log over two whole days: what it holds, what partners hold of it, and what rewriting it shows."""

import json
import shutil
import sqlite3
from collections import Counter
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from play import WEEK, Exchange

from hub import merkle
from hub.audit_key import initialise_audit
from hub.checkpoint import Checkpoint
from hub.cli import main
from hub.filenames import Manifest
from hub.signed_note import read_verifier, text_of
from hub.stores import tables
from hub.stores.audit import Audit
from hub.wiring import open_databases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Two days of three CPAS and Le Forem."""
    exchange = Exchange(tmp_path_factory.mktemp("audited")).prepare()
    exchange.play(WEEK[:2])
    return exchange


@pytest.fixture
def home(played: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the hub, to be tampered with; the partners' mailboxes are out of its reach."""
    shutil.copytree(played.settings.home, tmp_path / "hub")
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "hub"))
    return tmp_path / "hub"


def delivered(exchange: Exchange) -> list[Path]:
    """Every GO that a partner holds, in the order in which they were published."""
    gos = [path for path in exchange.partners.glob("*/mailbox/out/**/GO.*") if path.is_file()]
    return sorted(gos, key=lambda path: (checkpoint(exchange, path).size, path.name))


def checkpoint(exchange: Exchange, go: Path) -> Checkpoint:
    manifest = Manifest.parse(go.read_bytes())
    assert manifest
    assert manifest.checkpoint
    public = read_verifier((exchange.settings.keys / "audit.pub").read_text())
    read = Checkpoint.parse(text_of(manifest.checkpoint, [public]) or "")
    assert read
    return read


def answer(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    assert main(["audit", *map(str, words)]) == code
    return capsys.readouterr().out


def forge(home: Path, statement: str) -> None:
    """Change an entry and make every hash, and the head, right again: what an administrator could do."""
    store = sqlite3.connect(home / "ledger.db")
    store.execute(statement)
    entries = store.execute("SELECT entry, at FROM audit_leaf ORDER BY n").fetchall()
    hashes = [merkle.leaf_hash(text.encode()) for text, _ in entries]
    store.execute("DELETE FROM audit_leaf")
    rows = [(n, text, leaf, at) for n, ((text, at), leaf) in enumerate(zip(entries, hashes, strict=True), 1)]
    store.executemany("INSERT INTO audit_leaf (n, entry, hash, at) VALUES (?, ?, ?, ?)", rows)
    store.execute("UPDATE audit_head SET size = ?, edge = ?", (len(hashes), b"".join(merkle.edge_of(hashes))))
    store.commit()
    store.close()


def test_the_log_tells_all_that_happened(played: Exchange) -> None:
    """One entry for each finished file, publication, delivery and answer of a partner, and no other."""
    entries = [json.loads(row["entry"]) for row in played.rows(tables.audit_leaf)]
    told = Counter(entry["kind"] for entry in entries)
    published = played.rows(tables.publication)
    answers = [row for row in played.rows(tables.acknowledgement) if row["kind"] == "TAKEN"]
    files = played.rows(tables.submission)
    print(dict(told))
    assert told == {
        "file": len(files),
        "publication": len(published),
        "delivery": len(published),
        "acknowledgement": len(answers),
    }
    assert min(told.values()) > 3
    by_id = {entry["message_id"]: entry for entry in entries if entry["kind"] == "file"}
    for row in files:
        entry = by_id[row["message_id"]]
        assert {name: entry.get(name) for name in ("digest", "read", "accepted", "state", "code", "feed")} == {
            name: row[name] for name in ("digest", "read", "accepted", "state", "code", "feed")
        }


def test_every_delivery_carries_a_checkpoint_that_verifies(
    played: Exchange, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each GO that a partner holds has one, the log of later is consistent with all, and the stand-ins took them."""
    held = delivered(played)
    said = json.loads(answer(capsys, "verify", "--folder", played.partners, "--json"))
    assert said == {
        "entries": len(played.rows(tables.audit_leaf)),
        "files": len(held),
        "whole": True,
        "wrong": [],
        "emptied": 0,
    }
    assert len(held) == len(played.rows(tables.publication)) > 10
    assert played.books_agree(WEEK[1])
    assert answer(capsys, "verify").endswith("the log is whole, and every checkpoint is one of it\n")


def test_any_two_checkpoints_are_consistent(played: Exchange) -> None:
    """Between every two checkpoints that any partners hold, a proof shows that the log only grew."""
    known = [checkpoint(played, go) for go in delivered(played)]
    with open_databases(played.settings) as (ledger, _):
        hashes = Audit(ledger).hashes(known[-1].size)
    pairs = list(combinations_with_replacement(known, 2))
    for old, new in pairs:
        proof = merkle.consistency_proof(old.size, hashes[: new.size])
        assert merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    print(f"{len(pairs)} pairs")


def test_a_partner_checks_a_proof_alone(
    played: Exchange, home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the public key, two of its GO and the proof, without hub or database; a wrong one of them is refused."""
    first, *_, last = delivered(played)
    old, new = checkpoint(played, first).size, checkpoint(played, last).size
    proof, other, key = tmp_path / "proof", tmp_path / "other", tmp_path / "audit.pub"
    shutil.copy(home / "keys" / "audit.pub", key)
    proof.write_text(answer(capsys, "proof", "--from", str(old), "--to", str(new)))
    other.write_text(answer(capsys, "proof", "--from", str(old)))
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "nowhere"))

    def check(*, key: Path = key, old: Path = first, new: Path = last, proof: Path = proof, code: int = 0) -> str:
        return answer(capsys, "check", "--key", key, "--old", old, "--new", new, "--proof", proof, code=code)

    assert check() == f"the log only grew, from {old} to {new} entries\n"
    assert "history was rewritten" in check(proof=other, code=1)
    assert "history was rewritten" in check(old=last, new=first, code=1)
    note = tmp_path / "note"
    note.write_text(str(json.loads(first.read_text())["checkpoint"]))
    assert check(old=note) == check()
    note.write_text(note.read_text().replace(f"\n{old}\n", f"\n{old + 1}\n"))
    assert check(old=note, code=1) == "the old checkpoint is not signed by that key, or is none\n"
    proof.write_text("not base64!\n")
    answer(capsys, "check", "--key", key, "--old", first, "--new", last, code=11)
    for wrong in (proof, tmp_path / "missing"):
        check(proof=wrong, code=11)
    check(key=proof, code=11)


FORGED = {
    "altered": "UPDATE audit_leaf SET entry = entry || ' ' WHERE n = 2",
    "removed": "DELETE FROM audit_leaf WHERE n = 2",
    "added": "INSERT INTO audit_leaf SELECT 0, entry, hash, at FROM audit_leaf WHERE n = 2",
    "appended": "INSERT INTO audit_leaf SELECT 999999, entry, hash, at FROM audit_leaf WHERE n = 1",
    "cut": "DELETE FROM audit_leaf WHERE n > 4",
}


@pytest.mark.parametrize("what", FORGED)
def test_what_is_rewritten_whole_is_found_by_what_partners_hold(
    what: str, played: Exchange, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With hashes and head made right, the log passes alone; beside the delivered files it does not.

    But for an entry appended after the last checkpoint: that is what any log does.
    """
    forge(home, FORGED[what])
    shutil.rmtree(home / "files" / "outbox")
    assert "is whole" in answer(capsys, "verify")
    said = answer(capsys, "verify", "--folder", played.partners, code=0 if what == "appended" else 1)
    wanted = {
        "altered": "with a checkpoint that the log does not contain",
        "removed": "with a checkpoint that the log does not contain",
        "added": "with a checkpoint that the log does not contain",
        "appended": "the log is whole",
        "cut": "entries, which the log does not have",
    }
    assert wanted[what] in said


PLAINLY = {
    "altered": ("UPDATE audit_leaf SET entry = entry || ' ' WHERE n = 1", "entry 1 was altered"),
    "removed": ("DELETE FROM audit_leaf WHERE n = 2", "entries 2 to 2 were removed"),
    "added": ("INSERT INTO audit_leaf SELECT 999, entry, hash, at FROM audit_leaf WHERE n = 1", "were removed"),
}


@pytest.mark.parametrize("what", PLAINLY)
def test_one_entry_changed_is_told_in_plain_words(what: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Altering, removing or adding one leaf in the database ends with exit code 1 and says which."""
    statement, said = PLAINLY[what]
    store = sqlite3.connect(home / "ledger.db")
    store.execute(statement)
    store.commit()
    store.close()
    assert said in answer(capsys, "verify", code=1)


@pytest.mark.parametrize(
    "words",
    [
        ("proof",),
        ("proof", "--from", "3", "--to", "2"),
        ("proof", "--from", "99999"),
        ("proof", "--from", "-1"),
        ("check",),
        ("verify", "--folder", "/nowhere/at/all"),
        ("verify", "--key", "/nowhere"),
    ],
)
def test_what_cannot_be_asked_is_the_operators(words: Any, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes that the log does not have, options or files that are missing: exit code 11 and one sentence."""
    assert answer(capsys, *words, code=11) == ""


def test_a_checkpoint_of_another_hub_is_told(
    played: Exchange, home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With the public key of somebody else, none of the checkpoints counts as signed."""
    initialise_audit(tmp_path / "other")
    said = answer(capsys, "verify", "--folder", played.partners, "--key", tmp_path / "other" / "audit.pub", code=1)
    assert f"{len(delivered(played))} file(s) with a checkpoint that no key of this log has signed" in said


def test_entries_over_their_term_lose_their_text_and_partners_still_agree(
    played: Exchange, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run changes nothing; after the purge every checkpoint that partners hold is one of the log."""
    size, late = len(played.rows(tables.audit_leaf)), ("--at", "2040-03-09T07:00+01:00")
    assert "0 entries" in answer(capsys, "purge", "--at", "2030-03-09T07:00+01:00")
    for _ in range(2):
        assert f"{size} entries over 3650 days would lose" in answer(capsys, "purge", "--dry-run", *late)
    assert f"{size} entries over 3650 days lost" in answer(capsys, "purge", *late)
    said = answer(capsys, "verify", "--folder", played.partners)
    assert f"entries 1 to {size} are over their term: hashes only" in said
    assert "the log is whole" in said
    with sqlite3.connect(home / "ledger.db") as store:
        store.execute("UPDATE audit_leaf SET hash = ? WHERE n = 2", (b"x" * 32,))
    assert "does not contain" in answer(capsys, "verify", "--folder", played.partners, code=1)
