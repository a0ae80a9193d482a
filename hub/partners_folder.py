"""The folder `partners/` as tables, and everything in it that stops it from being used as a registry.

It decides whether the folder can be trusted; `hub.partners` builds the registry from it, `hub.partners_check` looks
at the rest of the folder too. A message names a file, a line and a column and repeats no cell, since a wrong cell
can hold anything.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.model import FOREM, OPEN_DATA, REGISTERS
from hub.partners_rules import (
    CPAS_RULES,
    ENCODINGS,
    ENVELOPE_RULES,
    FORMAT_RULES,
    HISTORY_RULES,
    LEGAL_BASES,
    PLAN_RULES,
    POSTAL_RULES,
    VERSION_RULES,
    Cells,
    Rule,
    read_day,
)

Table = list[tuple[int, Cells]]  # line in its file, cells by column

CPAS_FILE, HISTORY_FILE, POSTAL_FILE = "cpas.csv", "nis_history.csv", "postal_codes.csv"
FORMATS_FILE, PLANS_FILE, VERSIONS_FILE = "formats.csv", "plans.csv", "versions.csv"
ENVELOPES_FILE = "envelopes.csv"
FOREM_FILE = "forem.toml"
COLUMNS = {
    CPAS_FILE: "partner_id;nis;name_fr;name_de;arrondissement_nis;arrondissement;province;service;"
    "language_facilities;convention_signed_on;legal_basis;encoding;valid_from;valid_until",
    HISTORY_FILE: "old_nis;new_nis;effective_date;kind",
    POSTAL_FILE: "postal_code;nis",
    FORMATS_FILE: "partner_id;since;kind;delimiter;quote;dates",
    PLANS_FILE: "partner_id;since;axes;without;extra;calendar;contact_function;contact_phone;contact_email",
    VERSIONS_FILE: "partner_id;feed;version;since",
    ENVELOPES_FILE: "partner_id;since;sends;receives",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend in the registry: file, line (0 when it is the whole file's), what is wrong."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Folder:
    """What the folder holds. `forem` is the content of forem.toml; rows that are no rows are left out."""

    cpas: Table
    history: Table
    postal_codes: Table
    formats: Table
    plans: Table
    versions: Table
    envelopes: Table
    forem: Mapping[str, Any]


def read_folder(path: Path) -> tuple[Folder, list[Problem]]:
    """The folder's content and every problem that stops it from being used as a registry."""
    problems: list[Problem] = []
    cpas, history, postal, formats, agreed, versions, envelopes = (_table(path / name, problems) for name in COLUMNS)
    folder = Folder(cpas, history, postal, formats, agreed, versions, envelopes, _forem(path / FOREM_FILE, problems))
    problems += _check_rows(CPAS_FILE, cpas, CPAS_RULES, ["partner_id"])
    problems += _check_rows(HISTORY_FILE, history, HISTORY_RULES, ["old_nis"])
    problems += _check_rows(POSTAL_FILE, postal, POSTAL_RULES, ["postal_code"])
    problems += _check_rows(FORMATS_FILE, formats, FORMAT_RULES, ["partner_id", "since"])
    problems += _check_rows(PLANS_FILE, agreed, PLAN_RULES, ["partner_id", "since"])
    problems += _check_rows(VERSIONS_FILE, versions, VERSION_RULES, ["partner_id", "feed", "since"])
    problems += _check_rows(ENVELOPES_FILE, envelopes, ENVELOPE_RULES, ["partner_id", "since"])
    problems += _check_successions(folder)
    problems += _check_postal_codes(folder)
    problems += _check_known(FORMATS_FILE, folder.formats, folder)
    problems += _check_known(VERSIONS_FILE, folder.versions, folder)
    problems += _check_known(ENVELOPES_FILE, folder.envelopes, folder)
    problems += _check_plans(folder)
    return folder, problems


def _table(path: Path, problems: list[Problem]) -> Table:
    columns = COLUMNS[path.name].split(";")
    try:
        text = path.read_text(encoding="utf-8")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        lines = [(reader.line_num, cells) for cells in reader]
    except OSError:
        problems.append(Problem(path.name, 0, "the file is missing or cannot be read"))
        return []
    except (UnicodeDecodeError, csv.Error):
        problems.append(Problem(path.name, 0, "the file is not CSV in UTF-8"))
        return []
    if not lines or lines[0][1] != columns:
        problems.append(Problem(path.name, 1, f"the header must be {COLUMNS[path.name]}"))
        return []
    wrong = [(line, len(cells)) for line, cells in lines if len(cells) != len(columns)]
    problems += [Problem(path.name, line, f"{n} cells, {len(columns)} expected") for line, n in wrong]
    return [(line, dict(zip(columns, cells, strict=True))) for line, cells in lines[1:] if len(cells) == len(columns)]


def _forem(path: Path, problems: list[Problem]) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        problems.append(Problem(path.name, 0, "the file is missing, or not TOML in UTF-8"))
        return {}
    bases = content.get("legal_bases")
    rules = {
        f"partner_id must be {FOREM}": content.get("partner_id") == FOREM,
        "name must be a text": isinstance(content.get("name"), str),
        "bce must be ten digits": re.fullmatch(r"[01][0-9]{9}", str(content.get("bce"))) is not None,
        "encoding must be utf-8 or cp1252": content.get("encoding") in ENCODINGS,
        "valid_from must be a date": type(content.get("valid_from")) is date,
        "legal_bases must give the first day of CONV2024 and DECR2025": isinstance(bases, dict)
        and bases.keys() == LEGAL_BASES
        and all(type(first) is date for first in bases.values()),
    }
    problems += [Problem(path.name, 0, text) for text, met in rules.items() if not met]
    return content


def _check_rows(file: str, table: Table, rules: tuple[Rule, ...], key: list[str]) -> Iterator[Problem]:
    for line, row in table:
        yield from (Problem(file, line, text) for text, met in rules if not met(row))
    seen: dict[tuple[str, ...], int] = {}
    for line, row in table:
        named = tuple(row[column] for column in key)
        if named in seen:
            yield Problem(file, line, f"{' and '.join(key)} is already on line {seen[named]}")
        seen.setdefault(named, line)


def _check_successions(folder: Folder) -> Iterator[Problem]:
    communes = {row["nis"]: row for _, row in folder.cpas}
    steps = {row["old_nis"]: row["new_nis"] for _, row in folder.history}
    for line, row in folder.history:
        yield from (Problem(HISTORY_FILE, line, text) for text in _step_problems(row, communes))
        if _is_cycle(row["old_nis"], steps):
            yield Problem(HISTORY_FILE, line, "the succession comes back to old_nis")
    for line, row in folder.cpas:
        if row["valid_until"] and row["nis"] not in steps:
            yield Problem(CPAS_FILE, line, f"valid_until is given but {HISTORY_FILE} names no successor")


def _step_problems(row: Cells, communes: Mapping[str, Cells]) -> Iterator[str]:
    old, new, effective = (
        communes.get(row["old_nis"]),
        communes.get(row["new_nis"]),
        read_day(row["effective_date"]),
    )
    if old is None:
        yield f"old_nis is not in {CPAS_FILE}"
    elif effective and (read_day(old["valid_until"]) or date.max) >= effective:
        yield "overlap: old_nis is still valid on effective_date"
    elif effective and read_day(old["valid_until"]) != effective - timedelta(days=1):
        yield "gap: old_nis ended earlier than the day before effective_date"
    if new is None:
        yield f"the successor new_nis is not in {CPAS_FILE}"
    elif effective and not _is_valid(new, effective):
        yield "the successor new_nis is not valid on effective_date"


def _is_valid(row: Cells, on: date) -> bool:
    return (read_day(row["valid_from"]) or date.min) <= on <= (read_day(row["valid_until"]) or date.max)


def _is_cycle(start: str, steps: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    nis: str | None = start
    while nis is not None and nis not in seen:
        seen.add(nis)
        nis = steps.get(nis)
    return nis == start


def _check_postal_codes(folder: Folder) -> Iterator[Problem]:
    open_nis = {row["nis"] for _, row in folder.cpas if not row["valid_until"]}
    for line, row in folder.postal_codes:
        if row["nis"] not in open_nis:
            yield Problem(POSTAL_FILE, line, f"nis is no current commune of {CPAS_FILE}")


def _check_known(file: str, table: Table, folder: Folder) -> Iterator[Problem]:
    known = {row["partner_id"] for _, row in folder.cpas} | {FOREM, REGISTERS, OPEN_DATA}
    for line, row in table:
        if row["partner_id"] not in known:
            yield Problem(file, line, "partner_id is not in the registry")


def _check_plans(folder: Folder) -> Iterator[Problem]:
    communes = {row["partner_id"]: row for _, row in folder.cpas}
    for line, row in folder.plans:
        yield from (Problem(PLANS_FILE, line, text) for text in _plan_problems(row, communes))
    planned = {row["partner_id"] for _, row in folder.plans}
    for line, row in folder.cpas:
        if row["legal_basis"] and row["partner_id"] not in planned:
            yield Problem(CPAS_FILE, line, f"a legal_basis needs a plan d'actions in {PLANS_FILE}")


def _plan_problems(row: Cells, communes: Mapping[str, Cells]) -> Iterator[str]:
    cpas, since = communes.get(row["partner_id"]), read_day(row["since"])
    if cpas is None:
        yield f"partner_id is not in {CPAS_FILE}"
    elif not cpas["legal_basis"]:
        yield "a plan d'actions needs a legal_basis"
    elif since and not _is_valid(cpas, since):
        yield "partner_id is not valid on since"
    elif since and since < (read_day(cpas["convention_signed_on"]) or date.min):
        yield "since must not be before convention_signed_on"
