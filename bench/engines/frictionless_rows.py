"""frictionless: a Table Schema with constraints, and one check of our own for what these cannot say.

A cell has one error of the schema: the first. Warnings are errors like others to it: they are told apart
afterwards by their code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from frictionless import Check, Checklist, Dialect, Resource, Schema, errors
from frictionless.formats import CsvControl

from bench import rules_python as plain
from bench.outcome import FOUND, Outcome, Watch
from bench.rules_polars import CODED, DATES, FORMED, LENGTHS, LISTS, REQUIRED
from bench.subject import context
from contracts import codes
from contracts.model import Context, Contract
from contracts.parse import INTEGER

WRITTEN = {
    "version": (plain.canonical_number, re.compile(INTEGER)),
    "recorded_at": (plain.canonical_moment, None),
    "cpas_dossier_ref": (plain.canonical_dossier, re.compile(codes.DOSSIER)),
}


class Rules(Check):
    """What a Table Schema cannot say: rules across columns, numbers with a check, texts in another form."""

    type = "orientations"
    Errors = [errors.CellError]  # noqa: RUF012 - as frictionless declares it

    def __init__(self, known: Context) -> None:
        super().__init__()
        self.known, self.communes = known, dict(known.communes)
        self.accepted: list[dict[str, Any]] = []

    def validate_row(self, row: Any) -> Iterator[errors.CellError]:
        """Gives an error of a cell for each rule that is broken; keeps the row where none but a warning is."""
        cells = row.to_dict()
        found = list(self._found(cells))
        if row.valid and all(code == "R202" for _, code in found):
            self.accepted.append(cells)
        for column, code in found:
            yield errors.CellError.from_row(row, note=code, field_name=column)

    def _found(self, cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
        yield from _written(cells)
        yield from self._moments(cells)
        yield from self._person(cells)
        yield from self._communes(cells)
        yield from _across(cells)

    def _moments(self, cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
        version, recorded = cells["version"], cells["recorded_at"]
        if version and re.match(INTEGER, version) and not 1 <= int(version) <= 2_147_483_647:
            yield "version", "R314"
        day = plain.recorded_day(recorded)
        if recorded and day is None:
            yield "recorded_at", "R306"
        if day and day > self.known.received_on:
            yield "recorded_at", "R304"
        if day and cells.get("informed_on") and cells["informed_on"] > day:
            yield "informed_on", "R303"

    def _person(self, cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
        niss, birth = cells["niss"], cells["birth_date"]
        problem = plain.niss_problem(niss, self.known.received_on) if niss else None
        if problem:
            yield "niss", problem
        if birth and not plain.is_birth_date(birth):
            yield "birth_date", "R306"
        if birth and plain.is_later(birth, self.known.received_on):
            yield "birth_date", "R304"
        if niss and birth and not plain.same_birth(niss, birth):
            yield "birth_date", "R501"
        for name in ("notice_id", "referral_id", "cpas_nis", "wished_occupation"):
            if cells.get(name) and plain.hides_niss(cells[name]):
                yield name, "R601"

    def _communes(self, cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
        cpas, home, referral, day = (cells[c] for c in ("cpas_nis", "residence_nis", "referral_id", "effective_date"))
        problem = plain.cpas_problem(cpas, self.communes, self.known.adg, self.known.entitled) if cpas else None
        if problem:
            yield "cpas_nis", problem
        if home and not plain.is_walloon_or_elsewhere(home, self.communes):
            yield "residence_nis", "R201"
        for name, nis in (("cpas_nis", cpas), ("residence_nis", home)):
            if nis and not plain.is_open(nis, self.communes, day):
                yield name, "R202"
        if referral and re.match("^R[0-9]{5}-", referral) and referral[1:6] not in self.known.entitled:
            yield "referral_id", "R205"


def _written(cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, (written, pattern) in WRITTEN.items():
        if cells.get(name):
            cells[name] = written(cells[name])
            if pattern and not pattern.match(cells[name]):
                yield name, "R306"


def _across(cells: dict[str, Any]) -> Iterable[tuple[str, str]]:
    effective: date | None = cells["effective_date"]
    if effective and cells["ri_start_date"] and cells["ri_start_date"] > effective:
        yield "ri_start_date", "R303"
    if "ri_category" in cells and cells["legislation"] == "1" and not cells["ri_category"]:
        yield "ri_category", "R305"
    if cells.get("piis_code") and not plain.is_open(cells["piis_code"], codes.PIIS, effective):
        yield "piis_code", "R302"
    if cells.get("exempt_health_equity") == "1" and cells["voluntary"] != "1":
        yield "voluntary", "R305"


def run(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """Validates the file; no error is left out."""
    rules = Rules(context())
    dialect = Dialect(controls=[CsvControl(delimiter=";")])
    resource = Resource(path=path.name, basepath=str(path.parent), schema=schema(contract), dialect=dialect)
    report = resource.validate(Checklist(checks=[rules]), limit_errors=10**9)
    found = [_told(error) for task in report.tasks for error in task.errors]
    told = pl.DataFrame(found, schema=FOUND, orient="row").sort("line", "column", "code")
    return Outcome(rules.accepted, len(rules.accepted), told)


def _told(error: Any) -> tuple[int, str, str]:
    column, note = error.field_name, error.note
    if error.type == "cell-error":
        code = note
    elif error.type == "type-error":
        code = "R306"
    elif "required" in note:
        code = "R305"
    else:
        code = "R301" if "enum" in note else LISTS[column][0] if column in LISTS else "R306"
    return error.row_number, column, code


def schema(contract: Contract) -> Schema:
    """Gives the Table Schema of this contract."""
    return Schema.from_descriptor({"fields": [_field(name) for name in contract.columns], "missingValues": [""]})


def _field(name: str) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": True} if name in REQUIRED else {}
    if name in CODED:
        limits["enum"] = list(CODED[name])
    elif name in LISTS:
        limits["pattern"] = LISTS[name][1]
    elif name in FORMED and name not in WRITTEN:
        limits["pattern"] = FORMED[name]
    elif name in ("last_name", "first_name", "referent_id", "niss"):
        limits["pattern"] = r"^[^\x00-\x1f\x7f]*$"
    if name in LENGTHS:
        limits["maxLength"] = LENGTHS[name]
    return {"name": name, "type": "date" if name in DATES else "string", "constraints": limits}
