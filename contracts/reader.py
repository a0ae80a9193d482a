"""From the bytes of a file, a partner's or our own before it leaves, to a table of texts.

Nothing is guessed: the kind, the encoding and the delimiter are the declared ones, the header is the
contract's. What is wrong with a whole file is a `Refusal`, what is wrong with one row's number of cells a
finding; neither shows a cell. Cells are judged elsewhere.

What is told first, when several things are wrong: the size, the kind, UTF-16, emptiness, the first NUL or
Ctrl-Z, CR alone, the encoding; then the header; then the first row that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.cells import Cells, Row, gather, long_cell, text_rows
from contracts.decode import decoded
from contracts.findings import CATALOGUE, Finding
from contracts.header import BLANKS, check_header, is_cut
from contracts.lines import line_cells
from contracts.model import Contract, FileFormat, Limits
from contracts.refusal import Refusal, Refused
from contracts.workbook import workbook_rows

__all__ = ["Refusal", "Table", "read_table"]

_FORM = FileFormat()
_LIMITS = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A file split into cells: the rows with the right number of them, and a finding for each other row.

    `rows` holds the contract's columns as texts, an empty cell being null; `lines` the physical line on which
    each of these rows starts (in a workbook the sheet's row); `notes` the codes, of severity WARNING or INFO, of
    what was found on the whole file.
    """

    rows: pl.DataFrame
    lines: pl.Series
    ragged: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Gives the number of rows of the file, those with a wrong number of cells included."""
        return self.rows.height + len(self.ragged)


def read_table(data: bytes, contract: Contract, form: FileFormat = _FORM, limits: Limits = _LIMITS) -> Table | Refusal:
    """Reads a file under its contract. Never raises on what a partner sent."""
    try:
        if len(data) > limits.file_bytes:
            raise Refused("F14", None, f"more than {limits.file_bytes} bytes")
        read = _read_workbook if form.kind == "xlsx" else _read_text
        return read(data, contract.columns, form, limits)
    except Refused as refused:
        return refused.refusal


def _read_text(data: bytes, columns: Sequence[str], form: FileFormat, limits: Limits) -> Table:
    text, notes = decoded(data, form.encoding)
    rows = text_rows(text, form, limits)
    try:
        line = _check_header(rows, columns, form)
    except Refused as refused:
        raise _explained(refused, text_rows(text, form, limits, strict=False), columns, form) from None
    cells = line_cells(text, line, columns, form, limits)
    if cells is None:
        cells = gather(rows, columns, limits)
    return _table(cells, len(columns), notes if text.endswith((b"\n", b"\r")) else (*notes, "F27"))


def _read_workbook(data: bytes, columns: Sequence[str], form: FileFormat, limits: Limits) -> Table:
    rows = workbook_rows(data, limits)
    _check_header(rows, columns, form)
    return _table(gather(_padded(rows, len(columns), limits), columns, limits), len(columns), ())


def _padded(rows: Iterator[Row], width: int, limits: Limits) -> Iterator[Row]:
    """Gives a workbook's rows with the empty cells on their right, which a sheet does not keep."""
    for line, cells in rows:
        if any(len(cell) > limits.cell for cell in cells):
            raise long_cell(line, limits)
        yield line, [*cells, *("",) * (width - len(cells))]


def _check_header(rows: Iterator[Row], columns: Sequence[str], form: FileFormat) -> int:
    """Takes the header from the rows and gives its line; raises `Refused` unless it is the contract's."""
    first = next(rows, None)
    if first is None:
        raise Refused("F28", None, "empty")
    line, cells = first[0], [cell.strip(BLANKS) for cell in first[1]]
    if cells != list(columns) and is_cut(cells, columns) and _is_last(rows):
        raise Refused("F26", line, f"a header of {len(cells)} cells, {len(columns)} expected, and nothing below it")
    check_header(line, cells, columns, form)
    return line


def _explained(refused: Refused, lenient: Iterator[Row], columns: Sequence[str], form: FileFormat) -> Refused:
    """Gives why a header's quotes do not fit, where it is for another delimiter or because it is cut."""
    if refused.refusal.code == "F25":
        try:
            _check_header(lenient, columns, form)
        except Refused as another:
            return another if another.refusal.code in ("F26", "F29") else refused
    return refused


def _is_last(rows: Iterator[Row]) -> bool:
    try:
        return next(rows, None) is None
    except Refused:
        return False


def _table(cells: Cells, width: int, notes: tuple[str, ...]) -> Table:
    ragged = tuple(_ragged(line, found, width) for line, found in cells.ragged)
    return Table(cells.rows, cells.lines, ragged, notes)


def _ragged(line: int, cells: int, expected: int) -> Finding:
    code = CATALOGUE["R001" if cells < expected else "R002"]
    return Finding(line, None, code.code, code.severity, f"{cells} cells, {expected} expected")
