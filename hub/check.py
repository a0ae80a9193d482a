"""What the hub would answer to a file, offline: for a CPAS or its software vendor, before sending.

The same steps as `process`, without stores, keys or network; the manifest is checked when it lies beside the
file. What depends on other files (sequences, versions and rows sent before) is not judged here.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, FileFormat
from contracts.reader import Refusal, Table, read_table
from contracts.registry import by_label, contracts, versions
from contracts.words import Language, mend, says, shape_in
from hub import filenames
from hub.calendar import brussels_date
from hub.errors import OperatorError
from hub.filenames import InName, Manifest
from hub.flow.process import context
from hub.partners import Partner, Registry, load_registry
from hub.settings import Settings
from hub.validate import TOO_BAD, Validated, is_too_bad, validate
from hub.verify import Arrival, check_contract, check_rows, verify

Answer = dict[str, Any]
COUNTS = ("read", "accepted", "warnings", "rejected", "duplicate", "superseded")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked: a file, and what its name does not say. A feed alone asks for its rows only."""

    path: Path
    feed: str | None
    partner: str | None
    language: Language


def check_file(settings: Settings, asked: Asked) -> Answer:
    """The verdict, the counts and the findings of one file, in the words of its receipt."""
    if not asked.path.is_file():
        raise OperatorError("there is no such file")
    registry = load_registry(settings.partners)
    if asked.partner is not None and asked.partner not in registry.partners:
        raise OperatorError("the registry has no such partner: six digits, 0 and the NIS code")
    data = asked.path.read_bytes()
    if asked.feed is not None:
        return _rows(settings, registry, asked, data)
    return _file(settings, registry, asked, data)


def _file(settings: Settings, registry: Registry, asked: Asked, data: bytes) -> Answer:
    """The answer to a file under the name it would be sent by."""
    name = filenames.parse(asked.path.name)
    if name is None or name.kind != "FI":
        return _refused(asked, None, "F01")
    partner = asked.partner or name.sender
    today = brussels_date(datetime.now(UTC))
    form = registry.form(partner, today)
    contract = _written_under(settings, name.feed, data, form)
    beside = asked.path.with_name(str(name.manifest_name()))
    manifest = beside.read_bytes() if beside.is_file() else _own_manifest(settings, name, contract, data, form)
    announced = verify(Arrival(partner, name, "GO", manifest, data, today, settings.environment), registry)
    if isinstance(announced, str):
        return _refused(asked, contract, announced)
    contract = by_label(announced.manifest.contract, settings.environment)
    if (refused := check_contract(announced, contract)) or contract is None:
        return _refused(asked, contract, refused or "F07")
    table = read_table(data, contract, form, settings.limits)
    if isinstance(table, Refusal):
        return _refused(asked, contract, table.code, table.line, table.shape)
    if refused := check_rows(announced, table.read):
        return _refused(asked, contract, refused)
    known = context(registry, partner, today)
    return _judged(settings, asked, contract, table, validate(table, contract, known, form))


def _rows(settings: Settings, registry: Registry, asked: Asked, data: bytes) -> Answer:
    """The answer to the rows of a file under any name, as its sender would get it, or as any sender."""
    sender = registry.partners.get(asked.partner or "")
    today = brussels_date(datetime.now(UTC))
    form = FileFormat(kind="xlsx" if asked.path.suffix.lower() == ".xlsx" else "csv")
    form = registry.form(sender.partner_id, today) if sender else form
    contract = _written_under(settings, str(asked.feed).upper(), data, form)
    if contract is None:
        known = sorted({c.feed for c in contracts(settings.environment) if c.direction == "in"})
        raise OperatorError(f"the feeds are {', '.join(known)}")
    table = read_table(data, contract, form, settings.limits)
    if isinstance(table, Refusal):
        return _refused(asked, contract, table.code, table.line, table.shape)
    seen = _context(registry, sender, today)
    return _judged(settings, asked, contract, table, validate(table, contract, seen, form))


def _context(registry: Registry, sender: Partner | None, today: date) -> Context:
    """What the rules know; of an unnamed sender, every commune may be the one it answers for."""
    if sender is not None:
        return context(registry, sender.partner_id, today)
    known = context(registry, "", today)
    return Context(known.received_on, known.communes, known.adg, frozenset(known.communes))


def _written_under(settings: Settings, feed: str, data: bytes, form: FileFormat) -> Contract | None:
    """The first version of a feed under which this file can be read, version 1 where none can; None for no feed."""
    known = versions(feed, "in", settings.environment)
    if len(known) < 2:
        return next(iter(known), None)
    read = (one for one in known if isinstance(read_table(data, one, form, settings.limits), Table))
    return next(read, known[0])


def _own_manifest(settings: Settings, name: InName, contract: Contract | None, data: bytes, form: FileFormat) -> bytes:
    """A manifest as its sender would have made it, for a file that comes without one."""
    label = contract.label if contract else "unknown/1"
    table = read_table(data, contract, form, settings.limits) if contract else None
    rows = table.read if isinstance(table, Table) else 0
    return Manifest(str(name), rows, hashlib.sha256(data).hexdigest(), label).to_bytes()


def _judged(settings: Settings, asked: Asked, contract: Contract, table: Table, validated: Validated) -> Answer:
    notes = [_told(asked, None, None, note, None) for note in table.notes]
    found = [_told(asked, f["line"], f["column"], f["code"], f["shape"]) for f in validated.findings.to_dicts()]
    codes = dict.fromkeys(table.notes, 1) | validated.counts
    if is_too_bad(validated, settings.refused_share, settings.refused_rows):
        counts = (validated.read, 0, 0, validated.read, 0, 0)
        return _answer(contract, TOO_BAD, counts, [_told(asked, None, None, TOO_BAD, None), *notes, *found], codes)
    duplicate, superseded = _repeated(validated.rows, contract)
    accepted = validated.accepted - duplicate - superseded
    counts = (validated.read, accepted, validated.warned, validated.rejected, duplicate, superseded)
    return _answer(contract, None, counts, [*notes, *found], codes)


def _repeated(rows: pl.DataFrame, contract: Contract) -> tuple[int, int]:
    """How many accepted rows say what another of the file says, or less than a higher version of it."""
    person = ["niss"] if contract.of_person else []
    stated = [name for name in contract.named("coded") if name not in {"notice_id", "recorded_at"}]
    once = rows.unique([*stated, *person])
    notice = [*contract.entity, *(person if contract.within_person else []), str(contract.effective_date)]
    version = pl.col("version").cast(pl.Int64)
    superseded = once.select((version < version.max().over(notice)).sum()).item() if once.height else 0
    return rows.height - once.height, superseded


def _refused(
    asked: Asked, contract: Contract | None, code: str, line: int | None = None, shape: str | None = None
) -> Answer:
    return _answer(contract, code, (0,) * len(COUNTS), [_told(asked, line, None, code, shape)], {code: 1})


def _answer(
    contract: Contract | None,
    code: str | None,
    counts: tuple[int, ...],
    findings: list[Answer],
    codes: dict[str, int],
) -> Answer:
    return {
        "verdict": "REFUSED" if code else "ACCEPTED",
        "code": code,
        "feed": contract.feed if contract else None,
        "version": contract.version if contract else None,
        **dict(zip(COUNTS, counts, strict=True)),
        "codes": codes,
        "findings": findings,
    }


def _told(asked: Asked, line: int | None, column: str | None, code: str, shape: str | None) -> Answer:
    language = asked.language
    return {
        "line": line,
        "column": column,
        "code": code,
        "severity": CATALOGUE[code].severity,
        "shape": shape_in(language, shape),
        "message": says(code, language),
        "mend": mend(code, language),
    }
