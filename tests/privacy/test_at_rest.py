"""What lies in the hub's folder after a week: no identity in clear, no key of a partner, nothing to dictionary."""

import base64
import hashlib
import hmac
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.flow.process import open_landed
from hub.keys import KeyRing
from tests.privacy.conftest import Week
from tests.privacy.plants import LAST, NISS
from tests.privacy.scanner import Scanner, read_canaries
from tests.privacy.watched import WEEK_END, searched


def test_nothing_in_the_hubs_folder_is_clear(week: Week, tmp_path: Path) -> None:
    """After a week, no database, log of a database, file, key, log or temporary file of the hub holds an identity."""
    held = {path.name for path in week.home.rglob("*") if path.is_file() and path.stat().st_size}
    assert {
        "ledger.db",
        "identity.db",
        "ledger.db-wal",
        "identity.db-wal",
        "debug.log",
        "err.txt",
        "index.json",
    } <= held
    for folder in ("landing", "quarantine", "outbox"):
        assert any((week.home / "files" / folder).iterdir())
    found = searched(week.scanner, tmp_path, week.home)
    assert week.scanner.left_out["birth_date"] == 0
    print(f"{len(week.scanner)} needles, {sum(1 for _ in week.home.rglob('*'))} files, {len(found)} finds")
    assert found == []


def test_the_same_scan_finds_a_plant_in_each_kind_of_file_of_the_hub(week: Week, tmp_path: Path) -> None:
    """Planted in a copy of the hub's own databases, their logs, files, keys and logs, an identity is found in each."""
    copy = tmp_path / "hub"
    shutil.copytree(week.home, copy)
    wanted = set()
    for path in sorted(copy.rglob("*")):
        kind = f"{path.parent.name}/{path.name[:8]}"
        if (
            path.is_file()
            and path.suffix not in (".db",)
            and not path.name.endswith(("-wal", "-shm"))
            and kind not in wanted
        ):
            wanted.add(kind)
            path.write_bytes(path.read_bytes() + b"\x00\xff" + NISS.encode())
    for name, statement in (
        ("ledger.db", "UPDATE event SET payload = json_set(payload, '$.note', ?) WHERE line = 2"),
        ("identity.db", "UPDATE capsule SET sealed = sealed || ?"),
    ):
        connection = sqlite3.connect(copy / name)
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute(statement, (LAST,))
        connection.commit()
        wal = (copy / f"{name}-wal").read_bytes()
        connection.close()
        (tmp_path / "wals").mkdir(exist_ok=True)
        (tmp_path / "wals" / f"{name}-wal").write_bytes(wal)
    found = week.scanner.scan(copy, tmp_path / "wals")
    kinds = {f"{Path(p).parent.name}/{Path(p).name[:8]}" for p in (hit.place.split("!")[0] for hit in found.hits)}
    assert kinds == wanted | {"hub/ledger.d", "hub/identity", "wals/ledger.d", "wals/identity"}


def test_what_is_sealed_there_does_hold_identities(week: Week) -> None:
    """Opened in memory with the landing key, the landed files are full of what the scan looks for."""
    with week.exchange.hub(*WEEK_END) as hub:
        landed = [
            ("landed", open_landed(hub, partner, row["digest"]))
            for partner in week.exchange.everyone()
            for row in hub.ledger.submissions.finished(partner)
        ]
    assert len(landed) > 60
    assert len(week.scanner.search(landed).hits) > 500


def test_no_private_key_of_a_partner_is_in_the_hubs_folder(week: Week, tmp_path: Path) -> None:
    """The hub holds public keys only: no partner's private key is in its folder, in any spelling."""
    keys = Scanner([])
    files = sorted(week.exchange.partners.glob("[0-9]*/keys/*.key"))
    for n, path in enumerate(files):
        secret = _unb64(json.loads(path.read_text())["private"])
        assert len(secret) == 32
        keys.add(dict.fromkeys(_spelled(secret), f"key {n}"))
    shutil.copy(files[0], tmp_path / "control.key")
    (tmp_path / "control.hex").write_text(_unb64(json.loads(files[1].read_text())["private"]).hex())
    (tmp_path / "control.raw").write_bytes(b"xyz" + _unb64(json.loads(files[2].read_text())["private"]))
    report = keys.scan(tmp_path, week.home)
    assert len(files) == 13
    assert report.files_below(tmp_path) == {"control.key", "control.hex", "control.raw"}
    assert report.within(week.home) == []


STOLEN = {
    "ledger.db and the outputs": ("ledger.db*", "files/outbox/*"),
    "identity.db": ("identity.db*",),
    "everything that is published or stored": ("ledger.db*", "identity.db*", "files/**/*", "logs/*"),
}


@pytest.mark.parametrize("what", STOLEN)
def test_a_thief_with_a_dictionary_finds_nobody(week: Week, what: str, tmp_path: Path) -> None:
    """With every NISS of the population, a store stolen and the digest and token keys, no person is found."""
    keys = KeyRing(week.home / "keys")
    secrets = {name: keys.active(name) for name in ("digest", "token")}
    dictionary = Scanner([])
    for niss in _population(week):
        for guess in _guesses(niss, {n: (k.kid, k.secret) for n, k in secrets.items()}, week.exchange.everyone()):
            dictionary.add(dict.fromkeys(_spelled(guess), niss))
    niss = _population(week)[0]
    control = tmp_path / "control"
    control.mkdir()
    for n, guess in enumerate(_guesses(niss, {n: (k.kid, k.secret) for n, k in secrets.items()}, ["062063"])):
        (control / f"{n}.raw").write_bytes(b"x" + guess)
        (control / f"{n}.b64").write_bytes(base64.urlsafe_b64encode(guess))
    loot = [path for pattern in STOLEN[what] for path in week.home.glob(pattern) if path.is_file()]
    assert loot
    for n, path in enumerate(loot):
        (tmp_path / "loot").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "loot" / f"{n}-{path.name}")
    report = dictionary.scan(control, tmp_path / "loot")
    assert report.files_below(control) == {path.name for path in control.iterdir()}
    hits = report.within(tmp_path / "loot")
    print(f"{what}: {len(dictionary)} guesses of {len(_population(week))} NISS, {len(hits)} hits")
    assert hits == []


def test_the_honest_limit_index_key_and_identity_store_together(week: Week) -> None:
    """Unkeyed hashes fall to the dictionary in whole; so does the identity store to who also has the index key."""
    key = KeyRing(week.home / "keys").active("index")
    store = sqlite3.connect(week.home / "identity.db")
    stored = {idx for (idx,) in store.execute("SELECT idx FROM subject_index")}
    store.close()
    people = _population(week)
    keyed = {hmac.digest(key.secret, f"passerelle/index/1|BE:NISS|{niss}".encode(), "sha256")[:16] for niss in people}
    column = [(niss, hashlib.sha256(niss.encode()).hexdigest().encode()) for niss in people]
    broken = {hit.place for hit in week.scanner.search(column).hits}
    ledger = sqlite3.connect(week.home / "ledger.db")
    events = ledger.execute("SELECT count(*) FROM event").fetchone()[0]
    ledger.close()
    print(f"unkeyed control: {len(broken)} of {len(column)} found")
    print(f"index key + identity.db: {len(stored & keyed)} of {len(stored)} people, with the ledger {events} events")
    assert broken == set(people)
    assert stored <= keyed
    assert len(stored) > 100


def test_the_index_key_alone_opens_nothing_else(week: Week, tmp_path: Path) -> None:
    """Without the identity store, the index key finds nobody in the ledger, the files and the outputs."""
    key = KeyRing(week.home / "keys").active("index")
    dictionary = Scanner([])
    for niss in _population(week):
        index = hmac.digest(key.secret, f"passerelle/index/1|BE:NISS|{niss}".encode(), "sha256")
        dictionary.add(dict.fromkeys((*_spelled(index), *_spelled(index[:16])), niss))
    loot = tmp_path / "loot"
    shutil.copytree(week.home / "files", loot / "files")
    for path in (*week.home.glob("ledger.db*"), *week.home.glob("logs/*")):
        shutil.copy(path, loot)
    store = tmp_path / "store"
    store.mkdir()
    for path in week.home.glob("identity.db*"):
        shutil.copy(path, store)
    report = dictionary.scan(loot, store)
    assert report.within(store)
    assert report.within(loot) == []


def _population(week: Week) -> list[str]:
    return sorted({c.value for c in read_canaries(week.exchange.partners) if c.kind == "niss" and len(c.value) == 11})


def _guesses(niss: str, keys: dict[str, tuple[str, bytes]], recipients: Iterable[str]) -> Iterator[bytes]:
    """What a thief of these keys can compute from a NISS: plain, hashed, under each key, as each one's token."""
    number = niss.encode()
    texts = (number, b"BE:NISS|" + number, b"passerelle/index/1|BE:NISS|" + number)
    for text in texts:
        yield hashlib.sha256(text).digest()
        yield from (hmac.digest(secret, text, "sha256") for _, secret in keys.values())
    kid, secret = keys["token"]
    for recipient in recipients:
        info = f"passerelle/token/1|recipient={recipient}|{kid}".encode()
        siv = AESSIV(HKDFExpand(hashes.SHA256(), 64, info).derive(secret))
        about = [b"passerelle/token/1", recipient.encode(), kid.encode()]
        subjects = (number, *(hashlib.sha256(t).digest()[:16] for t in texts[:2]))
        yield from (siv.encrypt(subject, about) for subject in subjects)


def _spelled(secret: bytes) -> Iterator[bytes]:
    """Its first 15 bytes raw, in hexadecimal, and in base64 at each alignment."""
    yield secret[:15]
    yield secret[:15].hex().encode()
    yield secret[:15].hex().upper().encode()
    for pad in range(3):
        whole = base64.b64encode(b"\0" * pad + secret[:15]).decode()[(0, 2, 3)[pad] : 19]
        yield from (whole.encode(), whole.replace("+", "-").replace("/", "_").encode())


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
