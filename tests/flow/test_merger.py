"""The merger of 2025: what Bertogne (082005) sent in 2024 is answered to Bastogne (082039)."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from opened import open_file
from play import Exchange
from post import go_of
from test_every_feed import FOREM, GOOD, data_of

from hub.audit_key import initialise_audit
from hub.keys import initialise, initialise_ssh
from hub.wiring import migrate

OLD, NEW = "082005", "082039"
REFERRAL = "R82005-2024-000001"
SENT, MERGED = date(2024, 12, 19), date(2025, 1, 6)


def make_key(exchange: Exchange, partner: str) -> Path:
    """A key pair as the partners' page says: the public half with the hub, the private one with the partner."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = base64.b32encode(hashlib.sha256(public).digest()).decode().lower()[:8]
    known = {"kid": kid, "alg": "X25519", "recipient": partner}
    exchange.settings.partner_keys.mkdir(parents=True, exist_ok=True)
    (exchange.settings.partner_keys / f"{partner}.pub").write_text(json.dumps(known | {"public": _text(public)}))
    path = exchange.partners / partner / "keys" / f"{kid}.key"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(known | {"private": _text(private.private_bytes_raw())}))
    return path


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    """A hub, Le Forem, and the three CPAS of the merger, each with its mailbox and its keys."""
    exchange = Exchange(tmp_path)
    initialise(exchange.settings.keys, datetime.now(UTC))
    initialise_ssh(exchange.settings.ssh_key)
    initialise_audit(exchange.settings.keys)
    migrate(exchange.settings)
    for partner in (OLD, "082003", NEW, FOREM):
        make_key(exchange, partner)
        for folder in ("in", "out"):
            (exchange.mailbox(partner) / folder).mkdir(parents=True)
    exchange.set_channels({p: {"folder": str(exchange.mailbox(p))} for p in exchange.everyone()})
    return exchange


def send(exchange: Exchange, partner: str, sender: str, feed: str, day: date, row: Mapping[str, str]) -> None:
    """Put a file of one row into a partner's mailbox."""
    data = data_of(feed, row)
    number = 1 + len(list((exchange.mailbox(partner) / "in").rglob(f"FI.{feed}.{sender}.*")))
    name = f"FI.{feed}.{sender}.{day:%Y%m%d}.{number:05d}.T.1.1"
    label = {"ORIE": "orientations/1", "STAT": "statuses/1"}[feed]
    (exchange.mailbox(partner) / "in" / name).write_bytes(data)
    go = go_of(name, data, contract=label, rows=1)
    (exchange.mailbox(partner) / "in" / f"GO{name[2:-2]}").write_bytes(go)


def orientation(**changed: str) -> dict[str, str]:
    """The orientation of a person of Bertogne, in December 2024."""
    told = {
        "referral_id": REFERRAL,
        "cpas_nis": "82005",
        "cpas_dossier_ref": "B-77",
        "residence_nis": "82005",
        "postal_code": "6687",
        "effective_date": "2024-12-18",
        "recorded_at": "2024-12-18T09:00:30+01:00",
        "informed_on": "2024-12-18",
        "ri_start_date": "2024-10-01",
        "availability_from": "",
        "legal_basis": "CONV2024",
    }
    return GOOD["ORIE"] | told | changed


def status(day: str, **changed: str) -> dict[str, str]:
    """What Le Forem says of it on that day."""
    told = {
        "referral_id": REFERRAL,
        "status_date": day,
        "recorded_at": f"{day}T10:00:00+01:00",
        "appointment_at": "",
        "appointment_place": "",
        "appointment_kind": "",
        "business_status": "REGISTERED_AT_FOREM",
        "monthly_contact_last": "",
    }
    return GOOD["STAT"] | told | changed


def sent(exchange: Exchange) -> None:
    """Bertogne sends its orientation in 2024, and Le Forem is told."""
    send(exchange, OLD, OLD, "ORIE", SENT, orientation())
    for half in ("CPAS", "EVENING"):
        exchange.require(exchange.half_day(SENT, half))
    assert told(exchange, OLD, "ACRF")[0]["verdict"] == "ACCEPTED"
    assert [row["referral_id"] for row in told(exchange, FOREM, "ORIE")] == [REFERRAL]


def told(exchange: Exchange, partner: str, feed: str) -> list[dict[str, str]]:
    """The rows of a feed in a partner's mailbox, opened with every private key of the three CPAS or Le Forem."""
    keys = sorted(exchange.partners.glob("*/keys/*.key"))
    files = sorted((exchange.mailbox(partner) / "out").glob(f"FO.{feed}.*"))
    return [row for file in files for row in open_file(file.read_bytes(), keys).to_dicts()]


def test_an_orientation_of_2024_is_answered_to_the_successor_with_its_own_reference(exchange: Exchange) -> None:
    """Bastogne gets Le Forem's status of 2025 with the dossier number of Bertogne, which gets nothing more."""
    sent(exchange)
    before = sorted(path.name for path in (exchange.mailbox(OLD) / "out").iterdir())
    send(exchange, FOREM, FOREM, "STAT", MERGED, status("2025-01-03"))
    for half in ("FOREM", "EVENING"):
        exchange.require(exchange.half_day(MERGED, half))
    (row,) = told(exchange, NEW, "STAT")
    assert (row["referral_id"], row["core_status"]) == (REFERRAL, "RECEIVED")
    assert (row["identity_niss"], row["cpas_dossier_ref"].replace("-", "")) == (GOOD["ORIE"]["niss"], "B77")
    assert sorted(path.name for path in (exchange.mailbox(OLD) / "out").iterdir()) == before
    assert told(exchange, "082003", "STAT") == []


def test_what_was_sealed_to_the_predecessor_opens_with_the_predecessors_key_alone(exchange: Exchange) -> None:
    """The reference was sealed once, at intake, to Bertogne: Bastogne opens it with the key that it took over."""
    sent(exchange)
    send(exchange, FOREM, FOREM, "STAT", MERGED, status("2025-01-03"))
    for half in ("FOREM", "EVENING"):
        exchange.require(exchange.half_day(MERGED, half))
    (file,) = (exchange.mailbox(NEW) / "out").glob("FO.STAT.*")
    (key,) = (exchange.partners / OLD / "keys").glob("*.key")
    (row,) = open_file(file.read_bytes(), [key]).to_dicts()
    assert row["cpas_dossier_ref"].replace("-", "") == "B77"


def test_the_successor_goes_on_with_the_orientation_under_the_old_number(exchange: Exchange) -> None:
    """Version 2 under the name of Bertogne, from the mailbox of Bastogne, is accepted and told to Le Forem."""
    sent(exchange)
    later = orientation(version="2", effective_date="2025-01-06", recorded_at="2025-01-06T06:30:00+01:00")
    send(exchange, NEW, OLD, "ORIE", MERGED, later)
    for half in ("CPAS", "EVENING"):
        exchange.require(exchange.half_day(MERGED, half))
    assert [row["verdict"] for row in told(exchange, NEW, "ACRF")] == ["ACCEPTED"]
    assert {(row["version"], row["sender"]) for row in told(exchange, FOREM, "ORIE")} == {("1", OLD), ("2", OLD)}


def test_the_old_mailbox_is_closed_from_the_day_of_the_merger(exchange: Exchange) -> None:
    """What is still put there is refused: Bertogne exists no more, so neither do its convention and its plan."""
    send(exchange, OLD, OLD, "ORIE", MERGED, orientation())
    exchange.require(exchange.half_day(MERGED, "CPAS"))
    assert [(row["verdict"], row["code"]) for row in told(exchange, OLD, "ACRF")] == [("REFUSED", "F16")]


def test_the_successor_is_told_where_the_orientation_stands_without_a_new_event(exchange: Exchange) -> None:
    """On the first working day of the week after the merger, its whole view holds what the predecessor's held."""
    sent(exchange)
    exchange.require(exchange.half_day(MERGED, "EVENING"))
    (row,) = told(exchange, NEW, "RECO")
    assert (row["record"], row["entity_kind"], row["entity_ref"]) == ("STATE", "REFERRAL", REFERRAL)
