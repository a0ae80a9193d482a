"""What the hub would answer to a file, offline: for a CPAS or its software vendor, before sending.

The same steps as `process`, without stores, keys or network; the manifest is checked when it lies beside
the file. What depends on other files (sequence, duplicates, versions) is not judged here.
"""

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.findings import CATALOGUE
from contracts.french import in_french
from contracts.reader import Refusal, read_table
from contracts.registry import by_label, lookup
from hub import filenames
from hub.calendar import brussels_date
from hub.errors import OperatorError
from hub.filenames import InName, Manifest
from hub.flow.process import context
from hub.partners import Registry, load_registry
from hub.settings import Settings
from hub.validate import Validated, validate
from hub.verify import Announced, Arrival, check_contract, check_rows, verify

Answer = dict[str, Any]


def check_file(settings: Settings, path: Path, partner: str | None) -> Answer:
    """The verdict, the counts and the findings of one file, in the words of its receipt."""
    if not path.is_file():
        raise OperatorError("there is no such file")
    name = filenames.parse(path.name)
    if name is None or name.kind != "FI":
        return _answer("F01")
    registry, data = load_registry(settings.partners), path.read_bytes()
    announced = _announced(settings, registry, path, name, data, partner or name.sender)
    if isinstance(announced, str):
        return _answer(announced)
    contract = by_label(announced.manifest.contract, settings.environment)
    refused = check_contract(announced, contract)
    if refused or contract is None:
        return _answer(refused)
    owner = registry.partners[partner or name.sender]
    table = read_table(data, contract, owner.encoding)
    if isinstance(table, Refusal):
        return _answer(table.code, line=table.line, shape=table.shape)
    if refused := check_rows(announced, table.read):
        return _answer(refused)
    known = context(registry, owner.partner_id, brussels_date(datetime.now(UTC)))
    return _judged(validate(table, contract, known))


def _announced(
    settings: Settings, registry: Registry, path: Path, name: InName, data: bytes, partner: str
) -> Announced | str:
    beside = path.with_name(str(name.manifest_name()))
    manifest = beside.read_bytes() if beside.is_file() else _own_manifest(settings, name, data)
    today = brussels_date(datetime.now(UTC))
    arrival = Arrival(partner, name, "GO", manifest, data, today, settings.environment)
    return verify(arrival, registry)


def _own_manifest(settings: Settings, name: InName, data: bytes) -> bytes:
    """A manifest as its sender would have made it, for a file that comes without one."""
    contract = lookup(name.feed, "in", 1, settings.environment)
    label = contract.label if contract else "unknown/1"
    table = read_table(data, contract) if contract else None
    rows = table.read if table is not None and not isinstance(table, Refusal) else 0
    return Manifest(str(name), rows, hashlib.sha256(data).hexdigest(), label).to_bytes()


def _judged(validated: Validated) -> Answer:
    findings = [_sentence(f) for f in validated.findings.to_dicts()]
    answer = _answer(None) | {name: getattr(validated, name) for name in ("read", "accepted", "warned", "rejected")}
    return answer | {"findings": findings, "codes": dict(Counter(f["code"] for f in findings))}


def _answer(code: str | None, line: int | None = None, shape: str | None = None) -> Answer:
    counts = dict.fromkeys(("read", "accepted", "warned", "rejected"), 0)
    found = [_sentence({"line": line, "column": None, "code": code, "shape": shape})] if code else []
    return {"verdict": "REFUSED" if code else "ACCEPTED", "code": code, **counts, "findings": found}


def _sentence(finding: dict[str, Any]) -> Answer:
    entry = CATALOGUE[finding["code"]]
    return finding | {"shape": in_french(finding["shape"]), "message_fr": entry.fr, "mend_fr": entry.mend_fr}
