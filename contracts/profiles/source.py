"""From the bytes of an export to the columns that its profile reads, as texts; all others stay in the export.

The same terms as for a file of a feed: the declared encoding and kind, nothing guessed, no cell shown. An export
is made by a program: a row with another number of cells means another layout, so it refuses the whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from contracts.cells import Row, check_rows, gather, text_rows
from contracts.decode import decoded
from contracts.header import BLANKS
from contracts.model import Limits
from contracts.profiles.model import Source
from contracts.profiles.translate import Export
from contracts.refusal import Refusal, Refused
from contracts.workbook import workbook_rows

_LIMITS = Limits()


def read_export(data: bytes, source: Source, columns: Sequence[str], limits: Limits = _LIMITS) -> Export | Refusal:
    """Reads these columns of an export. Never raises on what it holds."""
    try:
        if len(data) > limits.file_bytes:
            raise Refused("F14", None, f"more than {limits.file_bytes} bytes")
        return (
            _fixed(data, source, columns, limits) if source.kind == "fixed" else _cells(data, source, columns, limits)
        )
    except Refused as refused:
        return refused.refusal


def _fixed(data: bytes, source: Source, columns: Sequence[str], limits: Limits) -> Export:
    text, _ = decoded(data, source.form.encoding)
    lines = pl.read_lines(text, name="text", row_index_name="line", row_index_offset=1)
    lines = lines.filter(pl.col("text").str.strip_chars(BLANKS) != "")
    check_rows(lines.height, limits)
    width = sum(width for _, width in source.layout)
    length = pl.col("text").str.len_chars()
    wrong = lines.filter((length < width) if source.longer else (length != width))
    if wrong.height:
        raise Refused("F13", wrong["line"][0], f"a line of another width, {width} characters expected")
    cells = lines.select("line", *(_slice(source, name) for name in columns))
    return Export(cells.select(_trimmed(columns)), cells["line"].cast(pl.Int64))


def _slice(source: Source, wanted: str) -> pl.Expr:
    start = 0
    for name, width in source.layout:
        if name == wanted:
            return pl.col("text").str.slice(start, width).alias(name)
        start += width
    raise KeyError(wanted)


def _trimmed(columns: Sequence[str]) -> list[pl.Expr]:
    texts = [pl.col(name).str.strip_chars(BLANKS) for name in columns]
    return [pl.when(text != "").then(text) for text in texts]


def _cells(data: bytes, source: Source, columns: Sequence[str], limits: Limits) -> Export:
    rows = _rows(data, source, limits)
    names = [name for name, _ in source.layout] or _header(rows, source.header)
    _check_names(names, columns, source.header)
    places = [names.index(name) for name in columns]
    cells = gather(_picked(rows, places, len(names), source), columns, limits)
    return Export(cells.rows, cells.lines)


def _rows(data: bytes, source: Source, limits: Limits) -> Iterator[Row]:
    if source.kind == "xlsx":
        return workbook_rows(data, limits)
    text, _ = decoded(data, source.form.encoding)
    return text_rows(text, source.form, limits)


def _header(rows: Iterator[Row], header: int) -> list[str]:
    for line, cells in rows:
        if line >= header:
            return [cell.strip(BLANKS) for cell in cells]
    raise Refused("F28", None, "empty")


def _check_names(names: Sequence[str], columns: Sequence[str], header: int) -> None:
    """Only names of the profile are told: a header of another export can hold anything."""
    counts = Counter(names)
    problems = [
        ("missing", [name for name in columns if not counts[name]]),
        ("more than once", [name for name in columns if counts[name] > 1]),
    ]
    told = "; ".join(f"{what}: {', '.join(named)}" for what, named in problems if named)
    if told:
        raise Refused("F13", header or None, told)


def _picked(rows: Iterator[Row], places: Sequence[int], width: int, source: Source) -> Iterator[Row]:
    for line, cells in rows:
        found = (
            max(len(cells), width) if source.kind == "xlsx" else len(cells)
        )  # a sheet keeps no empty cells at the end
        if found < width or (found > width and not source.longer):
            raise Refused("F13", line, f"{len(cells)} cells, {width} expected")
        yield line, [cells[place] if place < len(cells) else "" for place in places]
