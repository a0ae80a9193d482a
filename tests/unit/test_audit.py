"""The audit log without a database: what an entry may hold, signed checkpoints, the key, what verifying finds."""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.findings import CATALOGUE as CODES
from contracts.registry import contracts
from hub import audit, merkle
from hub.audit import CATALOGUE, Kind, entry
from hub.audit_key import AuditKey, initialise_audit, read_verifiers
from hub.audit_verify import Found, Remark, verify
from hub.checkpoint import Checkpoint
from hub.errors import InvariantBroken, OperatorError
from hub.filenames import Manifest
from hub.signed_note import read_signer, read_verifier, split, text_of

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
NOTE: dict[str, str] = json.loads((Path(__file__).parents[1] / "vectors/merkle.json").read_text("utf-8"))["note"]
SIGNED = f"{NOTE['text']}\n{NOTE['signature']}\n"
NISS, REFERRAL = "85010100197", "R62063-2026-000001"


@dataclass(frozen=True, slots=True)
class Leaf:
    n: int
    entry: str
    hash: bytes
    at: datetime


def test_an_entry_is_canonical_json() -> None:
    """The same content gives the same text: sorted, without spaces, in UTC, without what is None."""
    text = entry(audit.DELIVERY, NOW, sequence=3, publication_id="p1", recipient="062063", feed=None)
    assert text == (
        '{"at":"2026-03-09T07:00:00.000000Z","kind":"delivery","publication_id":"p1","recipient":"062063","sequence":3}'
    )
    assert audit.is_at(text, NOW)
    assert not audit.is_at(text, NOW + timedelta(microseconds=1))


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("value", [NISS, REFERRAL, "Janssens", "Émilie", "1985-01-01", "a b", "", 85010100197, True])
def test_no_field_takes_an_identifier(kind: Kind, value: Any) -> None:
    """A NISS, a referral id, a name or a birth date is refused in every field of text, and is not told in the error."""
    for field in kind.fields:
        with pytest.raises(InvariantBroken) as refused:
            entry(kind, NOW, **{field: value})
        assert not str(value) or str(value) not in str(refused.value) or value is True


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_a_field_outside_the_catalogue_is_refused(kind: Kind) -> None:
    """No kind takes a field that it does not have, a count that is none, or an instant without a zone."""
    for field in ("niss", "name", "reason", "referral_id", "sid", "sha256"):
        with pytest.raises(InvariantBroken, match="no such field"):
            entry(kind, NOW, **{field: "x"})
    for count in kind.counts:
        for wrong in (-1, "1", True):
            with pytest.raises(InvariantBroken, match="no such field"):
                entry(kind, NOW, **{count: wrong})
    with pytest.raises(InvariantBroken, match="zone"):
        entry(kind, NOW.replace(tzinfo=None))


def test_every_code_and_contract_can_be_told() -> None:
    """Nothing that the hub may answer to a file is refused by the log."""
    for code in CODES:
        assert code in entry(audit.FILE, NOW, code=code)
    for contract in contracts("T"):
        assert contract.label in entry(audit.PUBLICATION, NOW, contract=contract.label)


def test_ids_of_every_digit_can_be_told() -> None:
    """A UUID, a digest and a key id may by chance have no letter: that stops nothing."""
    digits = "12345678-1234-7123-8123-123456789012"
    assert digits in entry(audit.FILE, NOW, message_id=digits, digest="1" * 64)
    assert "2345" in entry(audit.KEYS, NOW, kid="2345")


def test_the_note_of_the_reference_implementation() -> None:
    """Reading and signing agree with the vectors of golang.org/x/mod/sumdb/note."""
    signer, verifier = read_signer(NOTE["private"]), read_verifier(NOTE["public"])
    assert (str(signer.verifier), signer.encoded()) == (NOTE["public"], NOTE["private"])
    assert signer.sign(NOTE["text"]) == SIGNED
    assert text_of(SIGNED, [verifier]) == NOTE["text"]
    assert NOTE["private"] not in repr(signer)


@pytest.mark.parametrize(
    "note",
    [
        SIGNED.replace("your", "Your", 1),
        SIGNED.replace("x08go/", "x08go+"),
        SIGNED.replace("x08go", "x08gp"),
        SIGNED.replace("PeterNeumann", "PaulNeumann"),
        SIGNED.replace("\n\n", "\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.removesuffix("\n"),
        SIGNED.replace("x08go", "x0=8go"),
        NOTE["text"],
        "",
    ],
)
def test_a_note_that_was_changed_is_none(note: str) -> None:
    """One letter of the text, of the signature or of its name, or a line of its form, and it is not signed."""
    assert text_of(note, [read_verifier(NOTE["public"])]) is None


def test_signatures_of_others_are_passed_over() -> None:
    """A witness may add a line of its own; a second, wrong line of the known key spoils the note."""
    known = read_verifier(NOTE["public"])
    other = SIGNED + "— witness.example " + NOTE["signature"].split()[-1].replace("x08g", "AAAA") + "\n"
    assert text_of(other, [known]) == NOTE["text"]
    assert text_of(SIGNED + NOTE["signature"].replace("ZJku", "ZJkv") + "\n", [known]) is None
    assert text_of(SIGNED, []) is None
    parts = split(other)
    assert parts
    assert len(parts[1]) == 2


@pytest.mark.parametrize(
    "key",
    ["", "a+b+c", NOTE["public"][:-1], NOTE["public"].replace("c74f", "c74e"), NOTE["public"].replace("+A", "+B")],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    """A text that is no public key, or whose hash is another's, is a ValueError."""
    with pytest.raises(ValueError):  # base64 has an error of its own, which is one
        read_verifier(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\nAA==\n",
        f"o\n1\n{'A' * 43}=",
        f"o\n-1\n{'A' * 43}=\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{'?' * 44}\n",
        f"\n1\n{'A' * 43}=\n",
        f"o\n1\n\n{'A' * 43}=\n",
    ],
)
def test_what_is_no_checkpoint_is_none(text: str) -> None:
    """A size with a leading zero, a root that is no hash, a missing line: no checkpoint."""
    assert Checkpoint.parse(text) is None


def test_a_checkpoint_is_read_back() -> None:
    """Three lines, and further ones for others."""
    made = Checkpoint(20852163, bytes(range(32)))
    assert Checkpoint.parse(str(made)) == made
    assert Checkpoint.parse(f"{made}more\n") == made


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    """A second call replaces nothing; both files are their owner's alone; nothing is left beside them."""
    assert initialise_audit(tmp_path)
    first = (tmp_path / "audit.key").read_bytes()
    assert not initialise_audit(tmp_path)
    assert (tmp_path / "audit.key").read_bytes() == first
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {
        "audit.key": 0o600,
        "audit.pub": 0o600,
    }


def test_old_checkpoints_verify_after_a_new_key(tmp_path: Path) -> None:
    """With the key moved away another is made, and the public file holds both; a lost public file is made again."""
    initialise_audit(tmp_path)
    key, made = AuditKey(tmp_path), Checkpoint(0, merkle.EMPTY)
    old = key.sign(made)
    (tmp_path / "audit.key").unlink()
    with pytest.raises(OperatorError, match="keys init"):
        key.sign(made)
    initialise_audit(tmp_path)
    assert len(key.verifiers()) == 2
    assert text_of(old, key.verifiers()) == text_of(key.sign(made), key.verifiers()) == str(made)
    (tmp_path / "audit.pub").unlink()
    initialise_audit(tmp_path)
    assert text_of(key.sign(made), key.verifiers()) == str(made)
    assert text_of(old, key.verifiers()) is None


def test_a_key_file_that_cannot_be_read_is_the_operators(tmp_path: Path) -> None:
    """An altered private key, an empty and a missing public file say what to do and show nothing."""
    initialise_audit(tmp_path)
    (tmp_path / "audit.key").write_text("PRIVATE+KEY+x+00+AAAA")
    with pytest.raises(OperatorError, match=r"restore audit\.key"):
        AuditKey(tmp_path).sign(Checkpoint(0, merkle.EMPTY))
    (tmp_path / "audit.pub").write_text("\n")
    for path in (tmp_path / "audit.pub", tmp_path / "none.pub"):
        with pytest.raises(OperatorError, match="public key"):
            read_verifiers(path)


def test_a_manifest_carries_the_checkpoint() -> None:
    """It is read back as it was signed; without one the field is absent; what is none in a partner's is left out."""
    plain = Manifest("FO.RECO.900001.20260907.00042.R", 1, "a" * 64, "reconciliation/1")
    assert b"checkpoint" not in plain.to_bytes()
    told = replace(plain, checkpoint=SIGNED)
    assert Manifest.parse(told.to_bytes()) == told
    assert told.to_bytes().isascii()
    for other in (5, "", "x" * 2001, "a\tb", ["x"], None):
        content = json.loads(plain.to_bytes()) | {"checkpoint": other}
        assert Manifest.parse(json.dumps(content).encode()) == plain
    with pytest.raises(ValueError, match="checkpoint"):
        replace(plain, checkpoint="")


def log_of(size: int) -> list[Leaf]:
    texts = [entry(audit.DELIVERY, NOW, publication_id="p1", sequence=n) for n in range(1, size + 1)]
    return [Leaf(n, text, merkle.leaf_hash(text.encode()), NOW) for n, text in enumerate(texts, 1)]


def head_of(leaves: list[Leaf]) -> Checkpoint:
    return Checkpoint(len(leaves), merkle.root([leaf.hash for leaf in leaves]))


def altered(leaf: Leaf, *, hashed: bool) -> Leaf:
    text = leaf.entry.replace("p1", "p2")
    return replace(leaf, entry=text, hash=merkle.leaf_hash(text.encode()) if hashed else leaf.hash)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    initialise_audit(tmp_path)
    return AuditKey(tmp_path)


LOG = log_of(20)
ALTERATIONS: dict[str, tuple[Callable[[list[Leaf]], list[Leaf]], list[Remark]]] = {
    "text": (lambda log: [*log[:6], altered(log[6], hashed=False), *log[7:]], [Remark("ALTERED", 7)]),
    "hash": (lambda log: [*log[:6], replace(log[6], hash=b"x" * 32), *log[7:]], [Remark("ALTERED", 7)]),
    "instant": (lambda log: [*log[:6], replace(log[6], at=NOW + timedelta(1)), *log[7:]], [Remark("ALTERED", 7)]),
    "text and hash": (lambda log: [*log[:6], altered(log[6], hashed=True), *log[7:]], [Remark("HEAD")]),
    "removed": (lambda log: [*log[:6], *log[8:]], [Remark("MISSING", 7, 8)]),
    "removed at the end": (lambda log: log[:18], [Remark("LOST", 19, 20)]),
    "added": (lambda log: [*log, replace(log[0], n=21)], [Remark("ADDED", 21, 21)]),
    "exchanged": (
        lambda log: [*log[:6], replace(log[7], n=7), replace(log[6], n=8), *log[8:]],
        [Remark("HEAD")],
    ),
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_what_was_done_to_an_entry_is_found(what: str, key: AuditKey) -> None:
    """Without any checkpoint outside, the entries, their hashes and the head tell on each other."""
    spoil, remarks = ALTERATIONS[what]
    assert verify(LOG, head_of(LOG), [], key.verifiers()).remarks == ()
    assert list(verify(spoil(LOG), head_of(LOG), [], key.verifiers()).remarks) == remarks


def test_only_a_checkpoint_finds_what_was_rewritten_whole(key: AuditKey) -> None:
    """Entry, hash and head replaced together pass by themselves, and not beside what partners were given."""
    given = [Found(f"GO{size}", key.sign(head_of(LOG[:size]))) for size in (0, 3, 6, 12, 20)]
    assert verify(LOG, head_of(LOG), given, key.verifiers()).remarks == ()
    forged = [*LOG[:6], altered(LOG[6], hashed=True), *LOG[7:]]
    assert verify(forged, head_of(forged), [], key.verifiers()).remarks == ()
    assert verify(forged, head_of(forged), given, key.verifiers()).remarks == (Remark("CONTRADICTS", 7, 12, "GO12", 2),)
    cut = LOG[:10]
    assert verify(cut, head_of(cut), given, key.verifiers()).remarks == (Remark("BEYOND", 0, 12, "GO12", 2),)


def test_a_checkpoint_of_another_key_or_log_is_told(key: AuditKey, tmp_path: Path) -> None:
    """Signed by another hub, altered, or of another origin: not a checkpoint of this log."""
    initialise_audit(tmp_path / "other")
    stranger = AuditKey(tmp_path / "other").sign(head_of(LOG))
    elsewhere = key.sign(replace(head_of(LOG), origin="passerelle.example/other"))
    own = key.sign(head_of(LOG))
    given = [
        Found("own", own),
        Found("a", stranger),
        Found("b", own.replace("\n20\n", "\n19\n")),
        Found("c", elsewhere),
    ]
    verified = verify(LOG, head_of(LOG), given, key.verifiers())
    assert verified.remarks == (Remark("UNSIGNED", file="a", count=3),)
    assert str(verified.remarks[0]).startswith("3 file(s) with a checkpoint that no key of this log has signed")
