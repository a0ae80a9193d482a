"""The folder `partners/` as tables, and everything that can be wrong in it.

It decides whether the folder can be trusted; `hub.partners` builds the registry from it. A message names
a file, a line and a column and repeats no cell, since a wrong cell can hold anything.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.calendar import load_calendar
from hub.errors import OperatorError
from hub.model import FOREM

Cells = Mapping[str, str]
Table = list[tuple[int, Cells]]  # line in its file, cells by column

CPAS_FILE, HISTORY_FILE, POSTAL_FILE = "cpas.csv", "nis_history.csv", "postal_codes.csv"
FORMATS_FILE, FOREM_FILE, CALENDAR_FILE = "formats.csv", "forem.toml", "calendar.toml"
COLUMNS = {
    CPAS_FILE: "partner_id;nis;name_fr;name_de;arrondissement_nis;arrondissement;province;service;"
    "language_facilities;convention_signed_on;legal_basis;plan_axes;encoding;valid_from;valid_until",
    HISTORY_FILE: "old_nis;new_nis;effective_date;kind",
    POSTAL_FILE: "postal_code;nis",
    FORMATS_FILE: "partner_id;kind;delimiter;quote;dates",
}
DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
QUOTES = {"double": '"', "single": "'"}
# The twenty arrondissements of Wallonia, and 54 (Mouscron), which ended with 2018.
ARRONDISSEMENTS = frozenset(
    f"{number}000" for number in (25, *range(51, 59), *range(61, 65), *range(81, 86), 91, 92, 93)
)
# Communes of Wallonia since 2025-01-01. A merger changes this in the commit that changes the rows.
CURRENT = {"FOREM": 252, "ADG": 9}
ENCODINGS = frozenset({"utf-8", "cp1252"})
LEGAL_BASES = frozenset({"CONV2024", "DECR2025"})

_NIS = re.compile(r"[1-9][0-9]{4}")
_POSTAL_CODE = re.compile(r"[1-9][0-9]{3}")
_AXES = re.compile(r"([1-4](\|[1-4])*)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
    forem: Mapping[str, Any]


def read_folder(path: Path) -> tuple[Folder, list[Problem]]:
    """The folder's content and every problem that stops it from being used as a registry."""
    problems: list[Problem] = []
    cpas, history, postal, formats = (_table(path / name, problems) for name in COLUMNS)
    folder = Folder(cpas, history, postal, formats, _forem(path / FOREM_FILE, problems))
    problems += _check_rows(CPAS_FILE, cpas, CPAS_RULES, "partner_id")
    problems += _check_rows(HISTORY_FILE, history, HISTORY_RULES, "old_nis")
    problems += _check_rows(POSTAL_FILE, postal, POSTAL_RULES, "postal_code")
    problems += _check_rows(FORMATS_FILE, formats, FORMAT_RULES, "partner_id")
    problems += _check_successions(folder)
    problems += _check_postal_codes(folder)
    problems += _check_formats(folder)
    return folder, problems


def check(path: Path) -> list[Problem]:
    """Everything wrong in the folder, by file and line: what stops loading, the counts, the calendar."""
    folder, problems = read_folder(path)
    for service, expected in CURRENT.items():
        found = sum(row["service"] == service and not row["valid_until"] for _, row in folder.cpas)
        if found != expected:
            text = f"{found} CPAS of service {service} without valid_until, {expected} expected"
            problems.append(Problem(CPAS_FILE, 0, text))
    try:
        load_calendar(path / CALENDAR_FILE)
    except OperatorError as error:
        problems.append(Problem(CALENDAR_FILE, 0, str(error)))
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.message))


def read_day(text: str) -> date | None:
    """The date that a cell holds, None when it is empty or no date `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


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


Rule = tuple[str, Callable[[Cells], bool]]  # what must be true, and whether it is


def _is_day(column: str) -> Rule:
    return f"{column} must be a date YYYY-MM-DD", lambda row: read_day(row[column]) is not None


def _is_day_or_empty(column: str) -> Rule:
    return (
        f"{column} must be empty or a date YYYY-MM-DD",
        lambda row: not row[column] or read_day(row[column]) is not None,
    )


def _is_nis(column: str) -> Rule:
    return f"{column} must be a NIS code of five digits", lambda row: _NIS.fullmatch(row[column]) is not None


def _not_after_the_end(column: str) -> Rule:
    return (
        f"{column} must not be after valid_until",
        lambda row: (read_day(row[column]) or date.min) <= (read_day(row["valid_until"]) or date.max),
    )


def _axes_known(row: Cells) -> bool:
    axes = row["plan_axes"].split("|")
    return _AXES.fullmatch(row["plan_axes"]) is not None and len(set(axes)) == len(axes)


CPAS_RULES: tuple[Rule, ...] = (
    _is_nis("nis"),
    ("partner_id must be 0 and the NIS code", lambda row: row["partner_id"] == f"0{row['nis']}"),
    ("name_fr must not be empty", lambda row: bool(row["name_fr"].strip())),
    (
        "arrondissement_nis is not known in Wallonia",
        lambda row: row["arrondissement_nis"] in ARRONDISSEMENTS,
    ),
    (
        "arrondissement_nis must begin as nis does",
        lambda row: row["arrondissement_nis"][:2] == row["nis"][:2],
    ),
    ("service must be FOREM or ADG", lambda row: row["service"] in CURRENT),
    ("encoding must be utf-8 or cp1252", lambda row: row["encoding"] in ENCODINGS),
    ("plan_axes must be a list of 1, 2, 3, 4, each once", _axes_known),
    (
        "legal_basis must be empty, CONV2024 or DECR2025",
        lambda row: row["legal_basis"] in LEGAL_BASES | {""},
    ),
    (
        "a signed convention needs a legal_basis",
        lambda row: _implies(row, "convention_signed_on", "legal_basis"),
    ),
    (
        "CONV2024 needs convention_signed_on",
        lambda row: row["legal_basis"] != "CONV2024" or bool(row["convention_signed_on"]),
    ),
    ("plan_axes need a legal_basis", lambda row: _implies(row, "plan_axes", "legal_basis")),
    (
        "a CPAS of the ADG has no convention with Le Forem",
        lambda row: row["service"] != "ADG" or not (row["convention_signed_on"] or row["legal_basis"]),
    ),
    _is_day_or_empty("convention_signed_on"),
    _is_day("valid_from"),
    _is_day_or_empty("valid_until"),
    _not_after_the_end("valid_from"),
    _not_after_the_end("convention_signed_on"),
)
HISTORY_RULES: tuple[Rule, ...] = (
    _is_nis("old_nis"),
    _is_nis("new_nis"),
    _is_day("effective_date"),
    ("kind must be recode or merger", lambda row: row["kind"] in {"recode", "merger"}),
)
POSTAL_RULES: tuple[Rule, ...] = (
    (
        "postal_code must be four digits",
        lambda row: _POSTAL_CODE.fullmatch(row["postal_code"]) is not None,
    ),
    _is_nis("nis"),
)


FORMAT_RULES: tuple[Rule, ...] = (
    ("kind must be csv or xlsx", lambda row: row["kind"] in {"csv", "xlsx"}),
    ("delimiter must be semicolon, comma, tab or bar", lambda row: row["delimiter"] in DELIMITERS),
    ("quote must be double or single", lambda row: row["quote"] in QUOTES),
    ("dates must be iso or dmy", lambda row: row["dates"] in {"iso", "dmy"}),
)


def _implies(row: Cells, one: str, other: str) -> bool:
    return not row[one] or bool(row[other])


def _check_rows(file: str, table: Table, rules: tuple[Rule, ...], key: str) -> Iterator[Problem]:
    for line, row in table:
        yield from (Problem(file, line, text) for text, met in rules if not met(row))
    seen: dict[str, int] = {}
    for line, row in table:
        if row[key] in seen:
            yield Problem(file, line, f"{key} is already on line {seen[row[key]]}")
        seen.setdefault(row[key], line)


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


def _check_formats(folder: Folder) -> Iterator[Problem]:
    known = {row["partner_id"] for _, row in folder.cpas} | {FOREM}
    for line, row in folder.formats:
        if row["partner_id"] not in known:
            yield Problem(FORMATS_FILE, line, "partner_id is not in the registry")
