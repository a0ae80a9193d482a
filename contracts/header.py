"""How a header differs from the contract's; never shows what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contracts.model import FileFormat
from contracts.refusal import Refused

BLANKS = " \u00a0"  # trimmed from every cell
_MOST = 1_000  # far more cells than any header has: no use in naming them
_NAMED = 10  # unknown columns whose position is told
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tabulation", "|": "a vertical bar"}


def is_cut(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Tells a header that is the contract's until it stops, perhaps inside a name."""
    *whole, last = cells
    at = len(whole)
    return at < len(columns) and whole == list(columns[:at]) and columns[at].startswith(last)


def check_header(line: int, cells: Sequence[str], columns: Sequence[str], form: FileFormat) -> None:
    """Raises `Refused` unless these (trimmed) cells are the contract's header."""
    if list(cells) == list(columns):
        return
    if len(cells) > _MOST:
        raise Refused("F13", line, f"{len(cells)} cells, {len(columns)} expected")
    if not set(cells) & set(columns):
        _refuse_no_header(line, cells, columns, form)
    counts = Counter(cells)
    unknown = [str(place) for place, cell in enumerate(cells, 1) if cell not in columns]
    twice = [name for name in columns if counts[name] > 1]
    problems = [
        ("missing", [name for name in columns if name not in counts]),
        ("more than once", twice),
        ("unknown in position", unknown[:_NAMED] + ["…"] * (len(unknown) > _NAMED)),
    ]
    told = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems if names)
    raise Refused("F24" if twice else "F13", line, told or "columns in another order")


def _refuse_no_header(line: int, cells: Sequence[str], columns: Sequence[str], form: FileFormat) -> None:
    if form.kind == "csv":
        _refuse_another_delimiter(line, cells, columns, form)
    raise Refused("F30", line, "no header row: no cell is a column of the contract")


def _refuse_another_delimiter(line: int, cells: Sequence[str], columns: Sequence[str], form: FileFormat) -> None:
    expected = _DELIMITERS.get(form.delimiter, "another character")
    for delimiter, name in _DELIMITERS.items():
        parts = {part.strip(BLANKS + form.quote) for cell in cells for part in cell.split(delimiter)}
        if delimiter != form.delimiter and parts & set(columns):
            raise Refused("F29", line, f"the delimiter is {name}, {expected} is expected")
