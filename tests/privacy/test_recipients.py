"""What leaves the hub: each recipient opens its own and links with nobody; receipts show no value."""

import base64
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from contracts.findings import CATALOGUE
from contracts.registry import by_label
from contracts.words import fr as french
from contracts.words import mend, says
from hub.keys import KeyRing, PartnerKey
from hub.pseudonymise import seal
from tests.privacy.conftest import Week
from tests.privacy.watched import DIRECT, DIRECT_OF_STAFF, sent

Keys = dict[str, tuple[str, X25519PrivateKey]]
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
FOREM = "900001"
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Line:
    """One row of a published file: to whom, which feed, its cells."""

    recipient: str
    feed: str
    cells: dict[str, str]


def published(week: Week) -> list[Line]:
    """Every row of every published file."""
    found = []
    for path in sorted(week.outbox.glob("FO.*")):
        _, feed, recipient, *_ = path.name.split(".")
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter=";")
        found += [Line(recipient, feed, row) for row in rows]
    return found


def keys_of(week: Week) -> Keys:
    """The private key of each partner, with its id."""
    keys = {}
    for path in week.exchange.partners.glob("[0-9]*/keys/*.key"):
        entry = json.loads(path.read_text())
        keys[entry["recipient"]] = (entry["kid"], X25519PrivateKey.from_private_bytes(_unb64(entry["private"])))
    return keys


def opened(capsule: str, recipient: str, kid: str, private: X25519PrivateKey) -> dict[str, Any] | None:
    """What the capsule holds, by the bytes alone; None when this key does not open it for this recipient."""
    info = f"passerelle/capsule/1|{recipient}|{kid}".encode()
    try:
        return json.loads(SUITE.decrypt(_unb64(capsule.split(".")[2]), private, info=info))
    except (InvalidTag, ValueError):
        return None


def test_a_capsule_opens_for_its_recipient_alone(week: Week) -> None:
    """Each sealed value opens with its recipient's key, and with no other partner's, under whatever name."""
    keys, tried, own = keys_of(week), 0, 0
    for line in published(week):
        for column in ("sealed_identity", "sealed_local_ref"):
            if not (capsule := line.cells.get(column)):
                continue
            kid, private = keys[line.recipient]
            assert opened(capsule, line.recipient, kid, private)
            own += 1
            if own % 5 == 0:  # every fifth, against everybody's key, under either name
                for other, (other_kid, other_private) in keys.items():
                    if other != line.recipient:
                        assert opened(capsule, line.recipient, kid, other_private) is None
                        assert opened(capsule, other, other_kid, other_private) is None
                        tried += 2
    print(f"{own} capsules opened by their own recipient; {tried} attempts by others, 0 opened")
    assert own > 500
    assert tried > 2000


def not_their_own(lines: Iterable[Line], keys: Keys, own: dict[str, dict[str, str]]) -> list[Line]:
    """The rows told to a CPAS that are about a referral, or a person, that it has not oriented (`own`)."""
    return [
        line
        for line in lines
        if line.recipient != FOREM and line.cells.get("subject_token")
        if not _is_own(line, keys[line.recipient], own[line.recipient])
    ]


def _is_own(line: Line, key: tuple[str, X25519PrivateKey], own: dict[str, str]) -> bool:
    identity = opened(line.cells["sealed_identity"], line.recipient, *key) if line.cells["sealed_identity"] else None
    named = line.cells.get("referral_id") or line.cells.get("entity_ref")
    if named and own.get(named) is None:
        return False
    return identity is None or identity["niss"] in ({own[named]} if named else set(own.values()))


def test_no_cpas_is_told_of_anothers_person(week: Week) -> None:
    """Each row to a CPAS is about somebody whom it oriented; a row of another's person planted among them is found."""
    truth = json.loads((week.exchange.partners / "truth" / "truth.json").read_text("utf-8"))
    own: dict[str, dict[str, str]] = defaultdict(dict)
    for one in truth["referrals"]:
        own[one["cpas"]][one["referral_id"]] = one["person"]["niss"]
    lines, keys = published(week), keys_of(week)
    told = [line for line in lines if line.recipient != FOREM and line.cells.get("subject_token")]
    for feed in ("STAT", "RECO"):
        planted = next(line for line in told if line.feed == feed and line.cells.get("sealed_identity"))
        stranger = next(n for cpas, of in own.items() if cpas != planted.recipient for n in of.values()
                        if n not in own[planted.recipient].values())  # fmt: skip
        kid, private = keys[planted.recipient]
        capsule = seal({"niss": stranger}, PartnerKey(kid, planted.recipient, private.public_key()))
        wrong = replace(planted, cells=planted.cells | {"sealed_identity": capsule})
        assert not_their_own([*lines, wrong], keys, own) == [wrong]
    print(f"{len(told)} rows told to {len({line.recipient for line in told})} CPAS, each of its own person")
    assert len(told) > 300


def test_tokens_link_nobody_across_recipients(week: Week) -> None:
    """No token, and no sealed value, is in the files of two recipients, though they hold the same people."""
    keys = keys_of(week)
    values: dict[str, set[str]] = defaultdict(set)
    people: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in published(week):
        if (token := line.cells.get("subject_token")) and line.cells["sealed_identity"]:
            identity = opened(line.cells["sealed_identity"], line.recipient, *keys[line.recipient])
            assert identity
            people[identity["niss"]][line.recipient].add(token)
            values[line.recipient] |= {v for c, v in line.cells.items() if c.startswith(("subject", "sealed")) and v}
    shared = [niss for niss, tokens in people.items() if len(tokens) > 1]
    common = {value for a, b in combinations(values, 2) for value in values[a] & values[b]}
    print(f"{len(people)} people, {len(shared)} of them known to two recipients, {len(common)} values in common")
    assert len(shared) > 80
    assert common == set()
    assert all(len(tokens) == 1 for by in people.values() for tokens in by.values())


def test_nothing_but_what_le_forem_wrote_to_both_joins_two_cpas(week: Week) -> None:
    """Joined on every column that names a thing, rows about people of two CPAS meet in Le Forem's own ids alone."""
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in published(week):
        if line.cells.get("subject_token") and line.recipient != "900001":
            for column, value in line.cells.items():
                if value and column.endswith(("_id", "_token", "_ref", "identity", "contact")):
                    values[column][line.recipient].add(value)
    joining = {c for c, by in values.items() if any(by[a] & by[b] for a, b in combinations(by, 2))}
    print(f"columns {sorted(values)}, of which two CPAS have values in common: {sorted(joining)}")
    assert {"subject_token", "sealed_identity", "referral_id"} <= set(values)
    assert joining <= {"notice_id", "enrolment_id", "breach_id"}


def test_a_token_presented_by_another_is_refused(week: Week) -> None:
    """A recipient's token resolves to a subject under its own name, and fails under every other."""
    key = KeyRing(week.home / "keys").active("token")
    tokens = {(line.recipient, t) for line in published(week) if (t := line.cells.get("subject_token"))}
    recipients, accepted = sorted({recipient for recipient, _ in tokens}), 0
    for owner, token in tokens:
        for presenter in recipients:
            info = f"passerelle/token/1|recipient={presenter}|{key.kid}".encode()
            siv = AESSIV(HKDFExpand(hashes.SHA256(), 64, info).derive(key.secret))
            about = [b"passerelle/token/1", presenter.encode(), key.kid.encode()]
            if presenter == owner:
                assert len(siv.decrypt(_unb64(token.split(".")[2]), about)) == 16
                accepted += 1
            else:
                with pytest.raises(InvalidTag):
                    siv.decrypt(_unb64(token.split(".")[2]), about)
    print(f"{accepted} tokens accepted from their owners; {accepted * (len(recipients) - 1)} from others, 0 accepted")
    assert accepted > 200


def test_receipts_show_no_value_of_a_rejected_row(week: Week) -> None:
    """No cell that names a person, of any row of a file with a rejected or refused row, is in any receipt."""
    receipts = {p.name: p.read_text("utf-8") for feed in ("ACRF", "NOTI") for p in week.outbox.glob(f"FO.{feed}.*")}
    rejected, searched = 0, 0
    faulty = {(line.recipient, line.cells["file"], line.cells["line"]) for line in _findings(week)}
    for partner, name, rows in sent(week.exchange):
        for number, row in enumerate(rows, start=2):
            rejected += (partner, name, str(number)) in faulty
            for column in (*DIRECT, *DIRECT_OF_STAFF):
                value = row.get(column) or ""
                if len(value) >= 4:
                    searched += 1
                    assert not any(value in text for text in receipts.values()), column
    print(f"{len(receipts)} receipts; {rejected} rejected rows, {searched} cells searched")
    assert len(receipts) > 50
    assert rejected >= 5


def test_each_cell_of_a_receipt_is_from_a_closed_vocabulary(week: Week) -> None:
    """A receipt is made of file names in the grammar, numbers, instants, codes and sentences of the catalogue."""
    sentences = {text for code in CATALOGUE.values() for text in (says(code.code), mend(code.code))} | {""}
    columns = {c for label in ("orientations/1", "statuses/1") for c in by_label(label, "T").columns} | {""}  # type: ignore[union-attr]
    words = (
        {"utf", "cp"}
        | set(WORD.findall(Path(french.__file__).read_text("utf-8")))
        | {w for c in columns for w in WORD.findall(c)}
    )
    name = re.compile(r"FI\.[A-Z]{4}\.[0-9]{6}\.[0-9]{8}\.[0-9]{5}\.[TR]\.1\.1|[a9?._ -]{1,64}")
    patterns = {
        "received_at": r"2026-03-\d\dT\d\d:00:00\+01:00",
        "sha256": "[0-9a-f]{64}",
        "verdict": "ACCEPTED|REFUSED|DUPLICATE|WITHDRAWN",
        "record": "TOTAL|FINDING",
        "severity": "|ERROR|WARNING|INFO",
        "file": name.pattern,
    }
    cells = 0
    for line in published(week):
        for column, value in line.cells.items() if line.feed in {"ACRF", "NOTI"} else ():
            cells += 1
            if column in ("message_fr", "mend_fr"):
                assert value in sentences
            elif column == "column":
                assert value in columns
            elif column == "shape":  # counts of characters, in words of the table of phrases or names of columns
                assert set(WORD.findall(value)) <= words
                assert not re.search(r"\d{5}", value)
            elif column == "code":
                assert value in {*CATALOGUE, ""}
            else:
                assert re.fullmatch(patterns.get(column, r"\d{0,9}"), value), column
    assert cells > 1000


def _findings(week: Week) -> list[Line]:
    lines = [line for line in published(week) if line.feed == "NOTI"]
    return [line for line in lines if line.cells["record"] == "FINDING" and line.cells["severity"] == "ERROR"]


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
