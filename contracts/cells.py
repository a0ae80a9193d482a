"""From a text to its cells, row by row: the definition, which the fast path (`lines.py`) must equal.

A row is as Python's csv module reads it in its strict mode. Lines without anything are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

import polars as pl

from contracts.header import BLANKS
from contracts.model import FileFormat, Limits
from contracts.refusal import Refused

Row: TypeAlias = tuple[int, Sequence[str]]  # the line on which the row starts, its cells

_BATCH = 10_000  # rows held as Python objects at a time, some hundred times the size of their text
_ROW = 100  # a row may be so many times as long as a cell
_OPEN = "a quote that is not closed"


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Rows whose cells are trimmed, an empty one null; the rows of another width as (line, number of cells)."""

    rows: pl.DataFrame
    lines: pl.Series
    ragged: Sequence[tuple[int, int]]


class _Lines:
    """The lines of a text, as long as those of one row are not too long together."""

    def __init__(self, text: bytes, limits: Limits) -> None:
        self._lines = io.TextIOWrapper(io.BytesIO(text), "utf-8", newline="")
        self._most = _ROW * limits.cell
        self.start, self._taken = 1, 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._taken += len(line)
            if self._taken > self._most:
                raise Refused("F31", self.start, f"a row of more than {self._most} characters")
            yield line

    def start_row(self, line: int) -> None:
        """Counts anew from this line."""
        self.start, self._taken = line, 0


def text_rows(text: bytes, form: FileFormat, limits: Limits, *, strict: bool = True) -> Iterator[Row]:
    """Gives the rows of a UTF-8 text, the header first; raises `Refused` where one cannot be read.

    What is not strict takes quotes as they come, and serves to explain only.
    """
    lines = _Lines(text, limits)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote or None, quoting=quoting, strict=strict)
    while True:
        line = reader.line_num + 1
        lines.start_row(line)
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _unreadable(line, reader.line_num, str(error), limits) from None
        if cells is None:
            return
        if any(len(cell) > limits.cell for cell in cells):
            raise _too_long(line, cells, limits)
        if len(cells) > 1 or "".join(cells).strip(BLANKS):
            yield line, cells


def _unreadable(line: int, last: int, problem: str, limits: Limits) -> Refused:
    """Names what the csv module stopped at; a cell beyond its own limit on one line is only a long one."""
    if "field limit" in problem and line == last:
        return long_cell(line, limits)
    return Refused("F25", line, f"{_OPEN}, or text after a closing quote")


def _too_long(line: int, cells: Sequence[str], limits: Limits) -> Refused:
    """Tells a cell that is only long from one over several lines, which a quote left open makes."""
    for cell in cells:
        if len(cell) > limits.cell and ("\n" in cell or "\r" in cell):
            return Refused("F25", line, f"a cell of more than {limits.cell} characters over several lines: {_OPEN}")
    return long_cell(line, limits)


def long_cell(line: int, limits: Limits) -> Refused:
    """Gives the refusal of a cell that is too long."""
    return Refused("F31", line, f"a cell of more than {limits.cell} characters")


def gather(rows: Iterable[Row], columns: Sequence[str], limits: Limits) -> Cells:
    """Gathers the rows below the header; raises `Refused` when there are too many."""
    frames, lines, ragged = [_frame([], columns)], [pl.Series("line", [], pl.Int64())], list[tuple[int, int]]()
    source, read = iter(rows), 0
    while batch := list(islice(source, _BATCH)):
        read += len(batch)
        check_rows(read, limits)
        whole = [row for row in batch if len(row[1]) == len(columns)]
        frames.append(_frame([cells for _, cells in whole], columns))
        lines.append(pl.Series("line", [line for line, _ in whole], pl.Int64()))
        ragged += [(line, len(cells)) for line, cells in batch if len(cells) != len(columns)]
    return Cells(pl.concat(frames), pl.concat(lines), ragged)


def check_rows(read: int, limits: Limits) -> None:
    """Raises `Refused` when there are too many rows."""
    if read > limits.rows:
        raise Refused("F14", None, f"more than {limits.rows} rows")


def trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Gives the texts without blanks around them, an empty one as null."""
    return emptied(frame.select(pl.all().str.strip_chars(BLANKS)))


def emptied(frame: pl.DataFrame) -> pl.DataFrame:
    """Gives an empty text as null."""
    return frame.select(pl.when(pl.all() != "").then(pl.all()))


def _frame(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> pl.DataFrame:
    texts = zip(*rows, strict=True) if rows else ((),) * len(columns)
    series = [pl.Series(name, cells, pl.String()) for name, cells in zip(columns, texts, strict=True)]
    return trimmed(pl.DataFrame(series))
