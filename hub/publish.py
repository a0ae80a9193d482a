"""What each recipient is told: rows of a feed, and the bytes that carry them, re-read before they leave.

Pure: states, events and sealed values come in, rows and files go out. Each CPAS is told of its own
referrals only, each side only what `hub.reconcile` says it may see. Sequences, storage and delivery are
decided elsewhere.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.model import Contract
from hub.errors import InvariantBroken
from hub.filenames import Manifest, OutName
from hub.model import FOREM, EntityState, Event
from hub.pseudonymise import canonical
from hub.reconcile import visible_to_cpas, visible_to_forem
from hub.validate import verify_outbound

Values = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row to publish. `key` and `digest` say what the recipient was told, and of which entity."""

    key: str
    digest: str
    entity_id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Sealed:
    """What may go out about the person of one event to one recipient: its token and its sealed values."""

    token: str
    identity: str
    local_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A published file and its manifest, as bytes."""

    data: bytes
    manifest: bytes

    @property
    def sha256(self) -> str:
        """The hash that the manifest carries."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def manifest_sha256(self) -> str:
        """The hash of the manifest itself."""
        return hashlib.sha256(self.manifest).hexdigest()


def notice_row(event: Event, sealed: Sealed, contract: Contract) -> Row:
    """The row of an ORIE or STAT that passes through: the sender's coded columns, with what is sealed."""
    carried = {**event.payload, "sender": event.source, **_sealed_columns(sealed)}
    values = {name: carried.get(name) for name in contract.columns}
    return Row(f"{event.entity_id}|{event.effective_date}", event.event_id, event.entity_id, values)


def reconciled_row(
    state: EntityState, sealed: Sealed, recipient: str, snapshot: date, contract: Contract
) -> Row | None:
    """The row of RECO for this recipient, None where it may not be told of this referral."""
    seen = visible_to_forem(state) if recipient == FOREM else visible_to_cpas(state)
    if seen is None:
        return None
    told: Values = {
        "referral_id": seen.entity_id,
        "core_status": seen.state,
        "business_status": seen.business_status,
        "status_date": seen.status_date.isoformat() if seen.status_date else None,
        "class": str(seen.klass),
        "codes": "|".join(seen.codes) or None,
        "owner": str(seen.owner) if seen.owner else None,
        "cpas_version": _number(seen.cpas_version),
        "forem_version": _number(seen.forem_version),
        "next_appointment_at": seen.next_appointment_at,
    }
    digest = hashlib.sha256(canonical(told)).hexdigest()
    carried = told | _sealed_columns(sealed) | {"snapshot_date": snapshot.isoformat()}
    return Row(state.entity_id, digest, state.entity_id, {name: carried.get(name) for name in contract.columns})


def changed(rows: Iterable[Row], told: Mapping[str, str]) -> list[Row]:
    """The rows that differ from what this recipient was last told, sorted by their keys."""
    return sorted((row for row in rows if told.get(row.key) != row.digest), key=lambda row: row.key)


def build(name: OutName, rows: Sequence[Row], contract: Contract, previous: str | None) -> Built:
    """The file and its manifest. Raises InvariantBroken when its recipient would not read the same back."""
    data = write_csv(contract.columns, [row.values for row in rows])
    read = verify_outbound(data, contract)
    if read.table.to_dicts() != [row.values for row in rows]:
        raise InvariantBroken(f"{contract.label}: the bytes do not read back as the rows published")
    versions = [int(str(row.values["version"])) for row in rows if row.values.get("version")]
    manifest = Manifest(
        file=str(name),
        rows=len(rows),
        sha256=hashlib.sha256(data).hexdigest(),
        contract=contract.label,
        first_version=min(versions, default=None),
        last_version=max(versions, default=None),
        previous=previous,
    )
    return Built(data, manifest.to_bytes())


def write_csv(columns: Sequence[str], rows: Iterable[Values]) -> bytes:
    """UTF-8, semicolons, LF, a header: what a spreadsheet program opens (RFC 4180 quoting)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def latest(events: Sequence[Event]) -> Event | None:
    """The last of these events, the one whose capsule is the freshest."""
    return events[-1] if events else None


def _sealed_columns(sealed: Sealed) -> Values:
    return {
        "subject_token": sealed.token,
        "sealed_identity": sealed.identity,
        "sealed_local_ref": sealed.local_reference,
    }


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
