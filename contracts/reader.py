"""From the bytes of a file, a partner's or our own before it leaves, to a table of texts.

Nothing is guessed: the encoding is the declared one, the header is the contract's. What is wrong with a whole
file is a `Refusal`, what is wrong with one row's number of cells a finding; neither shows a cell. Cells are
judged elsewhere.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from contracts.findings import CATALOGUE, Finding
from contracts.model import Contract

# a file is held in memory, some four times its size; the full state of the region is a tenth of this
MAX_BYTES = 256 * 1024 * 1024
MAX_ROWS = 1_000_000  # four times the job seekers of Wallonia
MAX_CELL = 10_000  # characters; a sealed identity has about 1,000: a longer cell is a quote left open

_BLANKS = " \u00a0"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole file cannot be read; `line` is the physical line, None when it is not of one line."""

    code: str
    line: int | None
    shape: str


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A file split into cells: the rows with the right number of them, and a finding for each other row.

    `rows` holds the contract's columns as texts, an empty cell being null; `lines` the physical line on which
    each of these rows starts (the header is on line 1).
    """

    rows: pl.DataFrame
    lines: pl.Series
    ragged: tuple[Finding, ...]

    @property
    def read(self) -> int:
        """Gives the number of rows of the file, those with a wrong number of cells included."""
        return self.rows.height + len(self.ragged)


_Row: TypeAlias = tuple[int, list[str]]  # the line on which the row starts, its cells


def read_table(data: bytes, contract: Contract, encoding: str = "utf-8") -> Table | Refusal:
    """Reads a file under its contract. Never raises on what a partner sent."""
    text = _decode(data, encoding)
    if isinstance(text, Refusal):
        return text
    rows = _split(text)
    if isinstance(rows, Refusal):
        return rows
    if not rows:
        return Refusal("F14", None, "empty")
    problem = _header_problem([cell.strip(_BLANKS) for cell in rows[0][1]], contract.columns)
    if problem:
        return Refusal("F13", rows[0][0], problem)
    return _table(rows[1:], contract.columns)


def _decode(data: bytes, encoding: str) -> str | Refusal:
    if len(data) > MAX_BYTES:
        return Refusal("F14", None, f"more than {MAX_BYTES} bytes")
    unfit = _unfit(data, encoding)
    if unfit:
        return unfit
    try:
        return data.removeprefix(_BOM).decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start
    except LookupError:
        return Refusal("F08", None, "the declared encoding is unknown")
    return Refusal("F08", _line_at(data.removeprefix(_BOM), start), f"a byte that is not {encoding}")


def _unfit(data: bytes, encoding: str) -> Refusal | None:
    """Finds what would decode, but into something else than was written."""
    if data.startswith(_UTF_16):
        return Refusal("F08", 1, f"UTF-16, {encoding} expected")
    if b"\0" in data:
        return Refusal("F08", _line_at(data, data.index(b"\0")), "a NUL byte")
    if encoding == "cp1252" and not data.isascii() and _is_utf8(data):
        return Refusal("F08", 1, f"UTF-8, {encoding} expected")
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _split(text: str) -> list[_Row] | Refusal:
    """Splits a text into rows with the line on which each starts; lines without anything are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    rows: list[_Row] = []
    while len(rows) <= MAX_ROWS + 1:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            return Refusal("F13", line, "a quote that is not closed, or text after a closing quote")
        if cells is None:
            return rows
        if any(len(cell) > MAX_CELL for cell in cells):
            return Refusal("F13", line, f"a cell of more than {MAX_CELL} characters: a quote that is not closed?")
        if len(cells) > 1 or "".join(cells).strip(_BLANKS):
            rows.append((line, cells))
    return Refusal("F14", None, f"more than {MAX_ROWS} rows")


def _header_problem(cells: Sequence[str], columns: Sequence[str]) -> str | None:
    """Tells how a header differs from the contract's; never shows what was read."""
    if list(cells) == list(columns):
        return None
    missing = [name for name in columns if name not in cells]
    if len(missing) == len(columns):
        return _no_header(cells, columns)
    counts = Counter(cells)
    unknown = [str(place) for place, cell in enumerate(cells, 1) if cell not in columns]
    problems = [
        ("missing", missing),
        ("more than once", [name for name in columns if counts[name] > 1]),
        ("unknown in position", unknown),
    ]
    told = "; ".join(f"{what}: {', '.join(names)}" for what, names in problems if names)
    return told or "columns in another order"


def _no_header(cells: Sequence[str], columns: Sequence[str]) -> str:
    for delimiter, name in ((",", "comma"), ("\t", "tabulation"), ("|", "vertical bar")):
        if any(part.strip(_BLANKS + '"') in columns for cell in cells for part in cell.split(delimiter)):
            return f"the delimiter is a {name}, a semicolon is expected"
    return "no header row: no cell is a column of the contract"


def _table(rows: Sequence[_Row], columns: Sequence[str]) -> Table:
    whole = [row for row in rows if len(row[1]) == len(columns)]
    ragged = tuple(_ragged(line, len(cells), len(columns)) for line, cells in rows if len(cells) != len(columns))
    texts = zip(*(cells for _, cells in whole), strict=True) if whole else ([] for _ in columns)
    data = {name: [cell.strip(_BLANKS) or None for cell in cells] for name, cells in zip(columns, texts, strict=True)}
    lines = pl.Series("line", [line for line, _ in whole], dtype=pl.Int64)
    return Table(pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String())), lines, ragged)


def _ragged(line: int, cells: int, expected: int) -> Finding:
    code = CATALOGUE["R001" if cells < expected else "R002"]
    return Finding(line, None, code.code, code.severity, f"{cells} cells, {expected} expected")
