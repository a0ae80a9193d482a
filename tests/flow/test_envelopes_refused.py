"""What a partner that agreed on an envelope is told when its file is not in it: a code, whatever was done to it."""

import base64
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from play import PROJECT, WEEK, Exchange
from post import CPAS, Post, data_of, go_of, mark_of, name_of, row

from connectors import cms, ed25519, hpke
from hub import flow
from hub.envelope_keys import our_public
from hub.filenames import Manifest
from hub.partners import load_registry

OTHER = "062096"
WRAPPED = data_of(row())
SIGNER, STRANGER, OLD = (os.urandom(32) for _ in range(3))
THEIR_SEAL = os.urandom(32)
ENDED, LATER = "2025-12-31", "2026-12-31"
SEAL = {"use": "SEAL", "kind": "HPKE", "public": hpke.public(THEIR_SEAL), "since": "2026-01-01"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


class Wrapped(Post):
    """The mailbox of a CPAS that agreed to wrap what it sends; what it receives is signed unless asked."""

    def agree(
        self, sends: str = "HPKE", receives: str = "SIGNED", keys: list[dict[str, str]] | None = None
    ) -> "Wrapped":
        """A row of the registry, and the keys that the partner gave."""
        registry = self.exchange.root / "registry"
        shutil.copytree(PROJECT / "partners", registry)
        with (registry / "envelopes.csv").open("a") as rows:
            rows.write(f"{CPAS};2026-01-01;{sends};{receives}\n")
        self.exchange.environ = {"PASSERELLE_PARTNERS": str(registry)}
        given = [
            {"use": "SIGN", "kind": "ED25519", "public": ed25519.public(SIGNER), "since": "2026-01-01"},
            {
                "use": "SIGN",
                "kind": "ED25519",
                "public": ed25519.public(OLD),
                "since": "2025-01-01",
                "until": "2025-12-31",
            },
            {"use": "SEAL", "kind": "HPKE", "public": hpke.public(THEIR_SEAL), "since": "2026-01-01", "until": LATER},
        ]
        self.give(given if keys is None else keys)
        return self

    def give(self, keys: list[dict[str, str]]) -> None:
        """The keys that the hub has of this partner."""
        path = self.exchange.settings.partner_keys / f"{CPAS}.keys"
        path.write_text(json.dumps({"partner": CPAS, "keys": keys}))

    @property
    def ours(self) -> str:
        """The hub's public key, as `passerelle keys envelopes` says it."""
        with self.exchange.hub(WEEK[0]) as hub:
            (key,) = [key for key in our_public(hub.keys, hub.registry) if key["use"] == "SEAL"]
        return key["public"]

    def sealed(self, name: str, data: bytes = WRAPPED, to: str = "") -> bytes:
        """A file sealed for the hub."""
        return hpke.sealed(data, to or self.ours, name.encode())

    def send(self, name: str, data: bytes, rows: int = 1, by: bytes | None = SIGNER, **changed: Any) -> None:
        """Put a file and its GO, signed by that key."""
        self.put(name, data, signed(name, data, rows, by) if not changed else signed(name, data, rows, by, **changed))


def signed(name: str, data: bytes, rows: int = 1, by: bytes | None = SIGNER, **changed: Any) -> bytes:
    """A GO with the signature of what it says; `changed` is changed after it was signed."""
    content = json.loads(go_of(name, data, rows=rows))
    manifest = Manifest.parse(json.dumps(content).encode())
    assert manifest is not None
    if by is not None:
        content["signature"] = base64.b64encode(ed25519.sign(manifest.statement(), by)).decode()
    return json.dumps(content | changed).encode()


@pytest.fixture
def post(prepared: Exchange, tmp_path: Path) -> Wrapped:
    """A partner that sends HPKE."""
    return Wrapped(tmp_path, prepared).agree()


def test_a_wrapped_file_is_read(post: Wrapped) -> None:
    """Sealed and signed as agreed: accepted, its row recorded; its receipt names the bytes that were sent."""
    data = post.sealed(name_of())
    post.send(name_of(), data)
    post.run()
    assert post.receipts() == [(name_of(), "ACCEPTED", "")]
    assert post.totals() == [(1, 1, 0, 0)]
    assert post.told("ACRF")[0]["sha256"] == hashlib.sha256(data).hexdigest()


Make = Callable[[Wrapped, str], tuple[bytes, bytes]]
REFUSED: dict[str, tuple[str, Make]] = {
    "unsigned": ("F09", lambda post, name: (d := post.sealed(name), signed(name, d, by=None))),
    "signed by another": ("F09", lambda post, name: (d := post.sealed(name), signed(name, d, by=STRANGER))),
    "signature that is none": (
        "F09",
        lambda post, name: (d := post.sealed(name), signed(name, d, signature="AAAA")),
    ),
    "signature that is no base64": (
        "F09",
        lambda post, name: (d := post.sealed(name), signed(name, d, signature="é")),
    ),
    "chained after it was signed": (
        "F09",
        lambda post, name: (d := post.sealed(name), signed(name, d, previous="0" * 64)),
    ),
    "complete after it was signed": (
        "F09",
        lambda post, name: (d := post.sealed(name), signed(name, d, complete=True)),
    ),
    "signed with an old key": ("F43", lambda post, name: (d := post.sealed(name), signed(name, d, by=OLD))),
    "bare, though sealing was agreed": ("F41", lambda post, name: (WRAPPED, signed(name, WRAPPED))),
    "sealed for another": (
        "F42",
        lambda post, name: (d := post.sealed(name, to=hpke.public(STRANGER)), signed(name, d)),
    ),
    "sealed under another name": (
        "F42",
        lambda post, name: (d := post.sealed(name.replace(CPAS, OTHER)), signed(name, d)),
    ),
    "cut after sealing": ("F42", lambda post, name: (d := post.sealed(name)[:-1], signed(name, d))),
    "begun and nothing more": ("F42", lambda post, name: (d := b"passerelle/hpke/1\n", signed(name, d))),
    "altered on the way": ("F03", lambda post, name: (post.sealed(name), signed(name, post.sealed(name)))),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_not_as_agreed_is_refused_with_a_code(post: Wrapped, what: str) -> None:
    """Its code, in French in the receipt; nothing is recorded, and the right file under that name is then read."""
    code, make = REFUSED[what]
    post.put(name_of(), *make(post, name_of()))
    post.run()
    assert post.receipts() == [(name_of(), "REFUSED", code)]
    assert post.events() == 0
    post.send(name_of(), post.sealed(name_of()))
    post.run("FOREM")
    assert post.receipts()[-1] == (name_of(), "ACCEPTED", "")


def test_any_byte_of_a_file_and_of_its_go_counts(post: Wrapped) -> None:
    """Some hundred places flipped in either: a code each, never an error, and what is accepted is what was sent."""
    codes = Counter[str]()
    for sequence in range(1, 61):
        name = name_of(sequence)
        data = bytearray(post.sealed(name))
        go = bytearray(signed(name, bytes(data)))
        half = data if sequence % 2 else go
        at = sequence * len(half) // 61
        half[at] ^= 1 << sequence % 8
        post.put(name, bytes(data), bytes(go))
    post.run()
    for _, verdict, code in post.receipts():
        codes[code or verdict] += 1
    assert codes["F03"] >= 30
    assert codes["F09"] >= 8, codes
    assert set(codes) <= {"F02", "F03", "F07", "F09", "ACCEPTED"}
    assert codes["ACCEPTED"] <= 3, "a key that nobody reads, or none"


def test_another_partners_file_cannot_be_sent_as_ones_own(post: Wrapped) -> None:
    """Its bytes and its signature under another name, or its bytes signed anew: refused before a row is read."""
    theirs = name_of(sender=OTHER)
    data = post.sealed(theirs)
    post.put(name_of(1), data, signed(theirs, data))
    post.put(name_of(2), data, signed(name_of(2), data, by=STRANGER))
    post.put(name_of(3), data, signed(name_of(3), data))
    post.run()
    assert [code for _, _, code in post.receipts()] == ["F03", "F09", "F42"]
    assert post.events() == 0


def test_a_forged_file_takes_no_place_in_the_line(post: Wrapped) -> None:
    """What was not signed neither uses up a sequence nor breaks the chain: the next right file has no warning."""
    post.send(name_of(7), post.sealed(name_of(7)), by=STRANGER)
    post.run()
    post.send(name_of(1), post.sealed(name_of(1)))
    post.run("FOREM")
    assert post.receipts() == [(name_of(7), "REFUSED", "F09"), (name_of(1), "ACCEPTED", "")]


def test_the_same_file_sealed_again_tells_nothing_new(post: Wrapped) -> None:
    """The same bytes are a duplicate file; the same rows sealed anew are duplicate rows."""
    data = post.sealed(name_of(1))
    post.send(name_of(1), data)
    post.run()
    post.send(name_of(2), data)
    post.send(name_of(3), post.sealed(name_of(3)))
    post.run("FOREM")
    assert [verdict for _, verdict, _ in post.receipts()] == ["ACCEPTED", "DUPLICATE", "ACCEPTED"]
    assert post.totals()[-1] == (1, 0, 0, 1)
    assert post.events() == 1


def test_a_signed_file_is_read_as_it_is(prepared: Exchange, tmp_path: Path) -> None:
    """Where only a signature was agreed the data are bare, and are refused without it."""
    post = Wrapped(tmp_path, prepared).agree("SIGNED")
    post.send(name_of(1), WRAPPED)
    post.put(name_of(2), data_of(row(), row()))
    post.run()
    assert [code for _, _, code in post.receipts()] == ["", "F09"]


def test_nobody_is_unsigned_by_silence(prepared: Exchange, tmp_path: Path) -> None:
    """Without a row of the registry a file has to be signed, and is read; one that is not is F09."""
    post = Wrapped(tmp_path, prepared).agree("SIGNED")
    registry = post.exchange.settings.partners / "envelopes.csv"
    rows = registry.read_text().splitlines(keepends=True)
    registry.write_text("".join(line for line in rows if not line.startswith(CPAS)))
    post.put(name_of(1), WRAPPED)
    post.send(name_of(2), WRAPPED)
    post.run()
    assert [code for _, _, code in post.receipts()] == ["F09", ""]


def test_a_partner_that_signs_nothing_is_sent_signed_files(prepared: Exchange, tmp_path: Path) -> None:
    """BARE is about what it sends: its receipt stays readable, and its GO carries the hub's signature."""
    post = Wrapped(tmp_path, prepared).agree("BARE", keys=[])
    post.put(name_of(), WRAPPED)
    with post.exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process, flow.acknowledge, flow.deliver):
            post.exchange.require(verb(hub, [CPAS]))
        (signing,) = our_public(hub.keys, hub.registry)
    (path,) = (post.box / "out").glob("FO.ACRF.*")
    go = Manifest.parse((post.box / "out" / f"GO{path.name[2:]}.1").read_bytes())
    assert b"message_fr" in path.read_bytes()
    assert go is not None
    assert go.signature is not None
    ed25519.verify(go.statement(), base64.b64decode(go.signature), signing["public"])


def test_what_the_partner_receives_is_sealed_and_signed(prepared: Exchange, tmp_path: Path) -> None:
    """Its receipt opens with its own key under its own name, and the hub's signature is of the GO beside it."""
    post = Wrapped(tmp_path, prepared).agree("BARE", "HPKE")
    post.put(name_of(), WRAPPED)
    with post.exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process, flow.acknowledge, flow.deliver):
            post.exchange.require(verb(hub, [CPAS]))
        (signing,) = our_public(hub.keys, hub.registry)
    files = sorted((post.box / "out").glob("FO.ACRF.*"))
    assert len(files) == 1
    for path in files:
        go = Manifest.parse((post.box / "out" / f"GO{path.name[2:]}.1").read_bytes())
        assert go is not None
        assert go.signature is not None
        assert go.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        ed25519.verify(go.statement(), base64.b64decode(go.signature), signing["public"])
        assert b"message_fr" in hpke.opened(path.read_bytes(), THEIR_SEAL, path.name.encode(), 0)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [
            {
                "use": "SEAL",
                "kind": "HPKE",
                "public": hpke.public(THEIR_SEAL),
                "since": "2026-01-01",
                "until": "2026-03-08",
            }
        ],
        [SEAL | {"since": "2026-03-10"}],
    ],
    ids=["none", "ended", "not begun"],
)
def test_nothing_is_sealed_to_a_key_that_does_not_hold(
    prepared: Exchange, tmp_path: Path, keys: list[dict[str, str]]
) -> None:
    """The operator is told whose key is missing, and nothing is published to that partner meanwhile, sealed or bare."""
    post = Wrapped(tmp_path, prepared).agree("BARE", "HPKE", keys)
    post.put(name_of(), WRAPPED)
    with post.exchange.hub(WEEK[0]) as hub:
        for verb in (flow.collect, flow.process):
            post.exchange.require(verb(hub, [CPAS]))
        (outcome,) = flow.acknowledge(hub, [CPAS])
        assert (outcome.error, outcome.retry) == ("OperatorError", False)
        assert flow.deliver(hub, [CPAS])[0].done == 0
    assert list((post.box / "out").glob("F*")) == []


def test_keys_that_were_never_given_stop_that_partner_only(prepared: Exchange, tmp_path: Path) -> None:
    """A partner with an envelope and no keys, or a file of keys that cannot be read, is the operator's to mend."""
    post = Wrapped(tmp_path, prepared).agree()
    path = post.exchange.settings.partner_keys / f"{CPAS}.keys"
    wrong = ["", "{}", "[]", '{"partner": "062063"}', json.dumps({"partner": OTHER, "keys": []})]
    wrong += [json.dumps({"partner": CPAS, "keys": [one]}) for one in ({}, [], {"use": "SIGN", "kind": "ROT13"}, "é")]
    post.send(name_of(), post.sealed(name_of()))
    post.collect()
    for text in [None, *wrong]:
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        with post.exchange.hub(WEEK[0]) as hub:
            (outcome,) = flow.process(hub, [CPAS])
        assert (outcome.error, outcome.retry) == ("OperatorError", False)


def test_a_certificate_holds_by_its_own_dates(prepared: Exchange, tmp_path: Path) -> None:
    """A file signed with a certificate of X.509 that has ended, or not begun, is F43, whatever the operator wrote."""
    from datetime import UTC, datetime

    post = Wrapped(tmp_path, prepared).agree("CMS", keys=[])
    assert load_registry(post.exchange.settings.partners).envelope(CPAS, WEEK[0]).sends == "CMS"
    for sequence, year in enumerate((2020, 2027), start=1):
        theirs = cms.make(CPAS, datetime(year, 1, 1, tzinfo=UTC))
        post.give([{"use": "SIGN", "kind": "CMS", "public": cms.public(theirs), "since": "2020-01-01"}])
        name = name_of(sequence)
        content = json.loads(go_of(name, WRAPPED))
        manifest = Manifest.parse(json.dumps(content).encode())
        assert manifest is not None
        content["signature"] = base64.b64encode(cms.sign(manifest.statement(), theirs)).decode()
        post.put(name, WRAPPED, json.dumps(content).encode())
        post.run("FOREM" if sequence > 1 else "CPAS")
    assert [code for _, _, code in post.receipts()] == ["F43", "F43"]


def test_a_rotated_key_still_opens_and_a_destroyed_one_does_not(post: Wrapped) -> None:
    """A file sealed to the key of before is read until that key is destroyed; then it is for nobody here."""
    from turning import turn

    first, second = post.sealed(name_of(1)), post.sealed(name_of(2), data_of(row(notice_id="N-2")))
    before = post.ours
    turn(post.exchange, "opening")
    assert post.ours != before
    post.send(name_of(1), first)
    post.run()
    assert post.receipts() == [(name_of(1), "ACCEPTED", "")]
    with post.exchange.hub(WEEK[0]) as hub:
        path = post.exchange.settings.keys / "opening.json"
        content = json.loads(path.read_text())
        gone = hub.keys.all("opening")[0]
        content["keys"][0] = {"kid": gone.kid, "status": "destroyed", "created": gone.created, "kcv": gone.check_value}
        path.write_text(json.dumps(content))
    post.send(name_of(2), second)
    post.run("FOREM")
    assert post.receipts()[-1] == (name_of(2), "REFUSED", "F42")


def test_no_code_says_that_a_withdrawal_needs_a_signature(post: Wrapped) -> None:
    """A TD withdraws an unsigned file as before: it only ever takes back what is not yet read."""
    post.put_one(name_of(), post.sealed(name_of()))
    post.put_one(mark_of(name_of(), "TD"))
    post.run()
    assert post.receipts() == [(name_of(), "WITHDRAWN", "F12")]
