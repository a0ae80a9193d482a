"""The fast path to a text's cells, at the speed of polars where every row is one line.

It answers exactly as `cells.py` does or not at all; a property test holds the two together.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from contracts.cells import Cells, check_rows, emptied, trimmed
from contracts.header import BLANKS
from contracts.model import FileFormat, Limits

_LINE = pl.col("text")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What polars is to parse below `skip` lines, and what is known of it already."""

    source: bytes
    skip: int
    lines: pl.Series
    ragged: Sequence[tuple[int, int]]
    blanks: bool  # some cell may have blanks around it


def line_cells(text: bytes, header: int, columns: Sequence[str], form: FileFormat, limits: Limits) -> Cells | None:
    """Gathers the rows below line `header` of a UTF-8 text; None when only `cells.py` can tell.

    Raises `Refused` when there are too many rows.
    """
    quote = form.quote if form.quote.encode() in text else ""
    if not (form.delimiter + form.quote).isascii() or _has_lone_cr(text):
        return None
    plan = _plan(text, header, len(columns), form.delimiter, quote, limits)
    if plan is None:
        return None
    frame = _parsed(plan, columns, form.delimiter, quote)
    clean = trimmed if plan.blanks else emptied if quote else pl.DataFrame.clone  # polars empties what is not quoted
    return Cells(clean(frame), plan.lines, plan.ragged)


def _has_lone_cr(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _plan(text: bytes, header: int, width: int, delimiter: str, quote: str, limits: Limits) -> _Plan | None:
    body = pl.read_lines(text, name="text", row_index_name="line", row_index_offset=1).slice(header)
    if _is_odd(body, delimiter, quote, limits):
        return None
    rows = _rows(body, delimiter, quote)
    check_rows(rows.height, limits)
    whole = rows.filter(pl.col("cells") == width)
    ragged = rows.filter(pl.col("cells") != width).select("line", "cells").rows()
    source, skip = (text, header) if whole.height == body.height else (_written(whole), 1)
    return _Plan(source, skip, whole["line"].cast(pl.Int64), ragged, _has_blanks(whole, delimiter, quote))


def _is_odd(lines: pl.DataFrame, delimiter: str, quote: str, limits: Limits) -> bool:
    """Tells whether a line may hold a cell that is too long, a quote in its midst, or one that goes on below.

    A byte order mark on the first line that it parses polars takes for the file's own.
    """
    odd = (_LINE.str.len_bytes() > limits.cell) | _LINE.str.starts_with("\ufeff")
    if quote:
        q, d = _escaped(quote), _escaped(delimiter)
        cell = f"(?:[^{q}{d}]*|{q}(?:[^{q}]|{q}{q})*{q})"
        alone = _LINE.str.contains(quote, literal=True) & ~_LINE.str.contains(delimiter, literal=True)
        odd |= alone | ~_LINE.str.contains(f"^{cell}(?:{d}{cell})*$")  # alone it may be blank inside its quotes
    return bool(lines.select(odd.any()).item())


def _rows(lines: pl.DataFrame, delimiter: str, quote: str) -> pl.DataFrame:
    """Gives the lines that are rows, each with its number of cells."""
    q = _escaped(quote)
    bare = _LINE.str.replace_all(f"{q}[^{q}]*{q}", "") if quote else _LINE
    counted = lines.with_columns(cells=bare.str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1)
    return counted.filter((pl.col("cells") > 1) | ~_LINE.str.contains(f"^[{_escaped(BLANKS)}]*$"))


def _has_blanks(lines: pl.DataFrame, delimiter: str, quote: str) -> bool:
    edge, blank = _escaped(delimiter + quote), _escaped(BLANKS)
    found = _LINE.str.contains(f"(?:^|[{edge}])[{blank}]|[{blank}](?:[{edge}]|$)")
    return bool(lines.select(found.any()).item())


def _written(lines: pl.DataFrame) -> bytes:
    """Writes the lines again, below one that is to be skipped."""
    text = io.BytesIO()
    lines.select(_LINE).write_csv(text, quote_style="never")
    return text.getvalue()


def _parsed(plan: _Plan, columns: Sequence[str], delimiter: str, quote: str) -> pl.DataFrame:
    return pl.read_csv(
        plan.source,
        has_header=False,
        skip_lines=plan.skip,
        schema=dict.fromkeys(columns, pl.String()),
        separator=delimiter,
        quote_char=quote or None,
    )


def _escaped(characters: str) -> str:
    """Gives characters as a regular expression takes them, inside brackets or not."""
    return "".join(f"\\x{ord(character):02x}" for character in characters)
