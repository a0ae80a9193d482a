"""Is it the file that was announced? Name, sender, environment, manifest, hash, contract; never the rows.

Pure: it is given what was landed and what the registry says, and answers with a verdict. What the rows
are worth is decided in `hub.validate`.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from contracts.model import Contract
from hub import filenames
from hub.filenames import InName, Manifest
from hub.partners import Kind, Registry
from hub.plans import SENT_BY_CPAS

# The feeds that each side may send.
FEEDS = {
    Kind.CPAS: SENT_BY_CPAS,
    Kind.FOREM: ("STAT", "INSC", "FORM", "CATA", "OFFR", "JOBD", "MANQ"),
    Kind.REGISTERS: ("MUTA",),
    Kind.OPEN_DATA: ("OFFR",),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A landed file as its mailbox gave it; `name` is None when it lies outside the grammar.

    `day` is the day in Brussels on which it was received: who may send what is judged as of that day.
    """

    partner: str
    name: InName | None
    announced_by: str  # GO, TD or NONE
    manifest: bytes
    data: bytes
    day: date
    environment: str


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is the one announced: what follows may read its rows."""

    name: InName
    manifest: Manifest


def verify(arrival: Arrival, registry: Registry) -> Announced | str:
    """The announced file, or the code of the first reason to refuse it (F12 when it was withdrawn)."""
    if arrival.name is None:
        return "F01"
    if arrival.announced_by == "TD":
        return "F12"
    if arrival.name.parts != 1:
        return "F01"  # one part only in this version of the protocol
    return _check_sender(arrival, arrival.name, registry) or _check_content(arrival, arrival.name)


def check_contract(announced: Announced, contract: Contract | None) -> str | None:
    """F07 when the announced contract is none of ours, or not the one of this feed."""
    return "F07" if contract is None or contract.feed != announced.name.feed else None


def check_rows(announced: Announced, rows: int) -> str | None:
    """F04 when the file does not hold as many rows as its manifest says."""
    return None if announced.manifest.rows == rows else "F04"


def sequence_warning(name: InName, done: int, used: int) -> str | None:
    """F05 for a sequence whose rows were read before, F06 for a gap after the last one `used`.

    Warnings only, since full-state rows decide (rulings 14).
    """
    if name.sequence <= done:
        return "F05"
    return "F06" if name.sequence > used + 1 else None


def _check_sender(arrival: Arrival, name: InName, registry: Registry) -> str | None:
    sender, owner = registry.get(name.sender), registry.get(arrival.partner)
    if name.environment != arrival.environment:
        return "F11"
    if sender is None:
        return "F10"
    if sender.service == "ADG":
        return "F15"
    if owner is None or name.sender not in _names_of(registry, arrival.partner, arrival.day):
        return "F10"
    if not registry.may_exchange(arrival.partner, arrival.day):
        return "F16"
    if name.feed not in FEEDS[owner.kind]:
        return "F17"
    return None if name.feed in registry.plan(arrival.partner, arrival.day).feeds else "F36"


def _names_of(registry: Registry, partner: str, day: date) -> set[str]:
    """The ids under which a partner may send: its own, and those of the CPAS that it succeeds."""
    return {partner} | {f"0{nis}" for nis in registry.entitled_nis(partner, day)}


def _check_content(arrival: Arrival, name: InName) -> Announced | str:
    manifest = Manifest.parse(arrival.manifest)
    if manifest is None:
        return "F02"
    if manifest.file != filenames.format(name):
        return "F03"
    if manifest.sha256 != hashlib.sha256(arrival.data).hexdigest():
        return "F03"
    return Announced(name, manifest)
