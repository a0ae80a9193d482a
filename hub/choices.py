"""What each CPAS wants to be told of offers, as `partners/selection.csv` says; everybody else takes the default.

A message names a line and a column and repeats no cell. How the choice is applied is `hub.selection`'s.
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from hub.errors import OperatorError
from hub.partners_folder import Problem
from hub.selection import SCOPES, Choice

FILE = "selection.csv"
COLUMNS = ("partner_id", "scope", "communes", "occupations", "max_offers")
RULES = {
    "partner_id": re.compile(r"0[1-9][0-9]{4}"),
    "scope": re.compile("|".join(SCOPES)),
    "communes": re.compile(r"([1-9][0-9]{4}(\|[1-9][0-9]{4})*)?"),
    "occupations": re.compile(r"([A-N][0-9]{0,4}(\|[A-N][0-9]{0,4})*)?"),
    "max_offers": re.compile(r"[1-9][0-9]{0,3}"),
}


def read_choices(folder: Path) -> Mapping[str, Choice]:
    """The choice of each CPAS that made one. Raises OperatorError with the first thing to mend."""
    choices, problems = _read(folder)
    if problems:
        raise OperatorError(str(problems[0]))
    return MappingProxyType({partner: choice for partner, (_, choice) in choices.items()})


def check_choices(folder: Path, communes: Mapping[str, str]) -> list[Problem]:
    """Everything wrong with the choices. `communes` gives the service of employment (FOREM, ADG) of each NIS code."""
    choices, problems = _read(folder)
    for partner, (line, choice) in choices.items():
        if communes.get(partner[1:]) != "FOREM":
            problems.append(Problem(FILE, line, "partner_id is no CPAS of Le Forem's territory"))
        if not communes.keys() >= set(choice.communes):
            problems.append(Problem(FILE, line, "communes names a NIS code that is not in the registry"))
    return problems


def _read(folder: Path) -> tuple[dict[str, tuple[int, Choice]], list[Problem]]:
    """Each choice with its line, and what is wrong with lines that are none."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        lines = [(reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}, [Problem(FILE, 0, "the file is missing, or not CSV in UTF-8")]
    if not lines or lines[0][1] != list(COLUMNS):
        return {}, [Problem(FILE, 1, f"the header must be {';'.join(COLUMNS)}")]
    choices: dict[str, tuple[int, Choice]] = {}
    problems = []
    for line, cells in lines[1:]:
        wrong = _mistake(cells, choices)
        if wrong:
            problems.append(Problem(FILE, line, wrong))
        else:
            choices[cells[0]] = line, _choice(cells)
    return choices, problems


def _mistake(cells: list[str], choices: Collection[str]) -> str | None:
    """What is wrong with a line, if it is anything."""
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} cells, {len(COLUMNS)} expected"
    for cell, (name, form) in zip(cells, RULES.items(), strict=True):
        if not form.fullmatch(cell):
            return f"{name} has not the form it must have"
    return "this partner_id has a line already" if cells[0] in choices else None


def _choice(cells: list[str]) -> Choice:
    row = dict(zip(COLUMNS, cells, strict=True))
    scope = next(scope for scope in SCOPES if scope == row["scope"])
    return Choice(scope, _listed(row["communes"]), _listed(row["occupations"]), int(row["max_offers"]))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
