"""What each CPAS wants to be told of offers, as `partners/selection.csv` says; everybody else takes the default.

A message names a line and a column and repeats no cell. How the choice is applied is `hub.selection`'s.
"""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from hub.errors import OperatorError
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
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise OperatorError(f"{FILE} is missing, or not CSV in UTF-8") from None
    if not rows or rows[0] != list(COLUMNS):
        raise OperatorError(f"{FILE}:1: the header must be {';'.join(COLUMNS)}")
    choices: dict[str, Choice] = {}
    for line, cells in enumerate(rows[1:], 2):
        partner, choice = _choice(line, cells)
        if partner in choices:
            raise OperatorError(f"{FILE}:{line}: this partner_id has a line already")
        choices[partner] = choice
    return MappingProxyType(choices)


def _choice(line: int, cells: list[str]) -> tuple[str, Choice]:
    if len(cells) != len(COLUMNS):
        raise OperatorError(f"{FILE}:{line}: {len(cells)} cells, {len(COLUMNS)} expected")
    row = dict(zip(COLUMNS, cells, strict=True))
    wrong = [name for name, form in RULES.items() if not form.fullmatch(row[name])]
    if wrong:
        raise OperatorError(f"{FILE}:{line}: {wrong[0]} has not the form it must have")
    scope = next(scope for scope in SCOPES if scope == row["scope"])
    choice = Choice(scope, _listed(row["communes"]), _listed(row["occupations"]), int(row["max_offers"]))
    return row["partner_id"], choice


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
