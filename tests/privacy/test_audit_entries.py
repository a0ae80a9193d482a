"""The audit log, and the checkpoints that partners hold, name nobody."""

import hashlib
import json
import re

import pytest
from play import WEEK

from hub.audit import CATALOGUE
from hub.filenames import Manifest
from hub.stores import tables
from tests.privacy.plants import NISS
from tests.privacy.scanner import Scanner
from tests.privacy.test_failures import copied
from tests.privacy.watched import ByCommand

REFERRAL = re.compile(r"R[0-9]{5}-[0-9]{4}")


@pytest.fixture(scope="module")
def done(morning: ByCommand, tmp_path_factory: pytest.TempPathFactory) -> ByCommand:
    """The morning of three CPAS, from their files to what they are told."""
    exchange = copied(morning, tmp_path_factory.mktemp("audited") / "copy")
    exchange.half_day(WEEK[0], "CPAS")
    return exchange


def entries(exchange: ByCommand) -> list[str]:
    return [row["entry"] for row in exchange.rows(tables.audit_leaf)]


def test_no_identifier_is_in_an_entry(done: ByCommand, few: Scanner) -> None:
    """No NISS, name, date, telephone or dossier number of anybody, in any encoding; a plant among them is found."""
    parts = [(f"entry {n}", text.encode()) for n, text in enumerate(entries(done))]
    assert len(parts) > 10
    assert few.search(parts).hits == []
    planted = [*parts, ("planted", parts[0][1].replace(b'"state"', f'"{NISS}"'.encode()))]
    assert {hit.place for hit in few.search(planted).hits} == {"planted"}


def test_no_referral_no_subject_and_no_plain_hash_is_in_an_entry(done: ByCommand) -> None:
    """Nothing of the events: no entity id, no random id of a person; and no SHA-256 that anybody could compute."""
    text = "\n".join(entries(done))
    events = done.rows(tables.event)
    assert events
    assert REFERRAL.search(text) is None
    assert [event for event in events if event["entity_id"] in text or event["sid"] in text] == []
    files = [path for folder in (done.partners, done.settings.files) for path in folder.rglob("*") if path.is_file()]
    plain = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert len(plain) > 20
    assert [digest for digest in plain if digest in text] == []
    assert {len(found) for found in re.findall("[0-9a-f]{32,}", text)} == {64}


def test_every_entry_has_the_fields_of_its_kind(done: ByCommand) -> None:
    """Each is of a kind of the catalogue, with its fields and no other."""
    for text in entries(done):
        entry = json.loads(text)
        kind = CATALOGUE[entry["kind"]]
        assert set(entry) <= {"kind", "at", *kind.fields, *kind.counts}


def test_a_checkpoint_says_a_number_and_a_root(done: ByCommand, few: Scanner) -> None:
    """What partners are given of the log is its origin, a size, a root and a signature."""
    gos = list((done.settings.files / "outbox").glob("GO.*"))
    notes = [manifest.checkpoint for path in gos if (manifest := Manifest.parse(path.read_bytes()))]
    shape = re.compile(
        r"passerelle\.example/audit\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n"
        r"— passerelle\.example/audit [A-Za-z0-9+/]{90,91}={1,2}\n"
    )
    assert len(notes) > 3
    assert all(note and shape.fullmatch(note) for note in notes)
    assert few.search([(path.name, path.read_bytes()) for path in gos]).hits == []
