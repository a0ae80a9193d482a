"""What a damaged file of the corpus is: how it is made from a good table, and the exact answer to it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from contracts.model import Environment, FileFormat, Limits

_VECTORS = Path(__file__).parents[1] / "vectors"
_ROWS = json.loads((_VECTORS / "good_rows.json").read_text(encoding="utf-8"))
GOOD: Mapping[str, Mapping[str, str]] = {feed: row for feed, row in _ROWS.items() if feed.isupper()}

AS_DECLARED, WIDE = FileFormat(), Limits()
XLSX = FileFormat("xlsx")
Changes = Mapping[str, str]
Found = tuple[int, str | None, str]  # line, column, code


@dataclass(frozen=True, slots=True)
class Damaged:
    """One file and its answer: refused as a whole, or read, with what is found and totals.

    `cells` are texts of the damaged cells. `totals` are the rows read, accepted, warned of and rejected;
    `repeated` how many of the accepted ones a check counts as duplicate and as superseded; a file that is
    `too_bad` is refused by the hub although its rows can be told.
    """

    what: str
    feed: str
    data: bytes
    form: FileFormat = AS_DECLARED
    limits: Limits = WIDE
    environment: Environment = "T"
    refused: tuple[str, int | None] | None = None
    found: tuple[Found, ...] = ()
    totals: tuple[int, int, int, int] = (0, 0, 0, 0)
    notes: tuple[str, ...] = ()
    repeated: tuple[int, int] = (0, 0)
    too_bad: bool = False
    cells: tuple[str, ...] = ()


def table(feed: str, *changes: Changes, delimiter: str = ";", quote: str = "") -> str:
    """Writes a right header and one row for each set of changes to the good row of the feed."""
    lines = [list(GOOD[feed]), *(list((GOOD[feed] | change).values()) for change in changes)]
    quoted = [
        [f"{quote}{cell.replace(quote, 2 * quote) if quote else cell}{quote}" for cell in cells] for cells in lines
    ]
    return "".join(delimiter.join(cells) + "\n" for cells in quoted)


def header(feed: str) -> str:
    """Gives the header of a feed, without a line end."""
    return ";".join(GOOD[feed])


def good(feed: str) -> str:
    """Gives the good row of a feed, without a line end."""
    return ";".join(GOOD[feed].values())


def with_row(
    what: str,
    feed: str,
    changes: Changes,
    *found: tuple[str, str],
    form: FileFormat = AS_DECLARED,
    environment: Environment = "T",
    warned: int = 0,
) -> Damaged:
    """Makes a file of a good row (line 2) and a damaged one (line 3), in which this is found."""
    rejected = 0 if warned or not found else 1
    return Damaged(
        what,
        feed,
        table(feed, {}, changes, delimiter=form.delimiter).encode(form.encoding),
        form,
        environment=environment,
        found=tuple((3, column, code) for column, code in found),
        totals=(2, 2 - rejected, warned, rejected),
        cells=tuple(changes.values()),
    )


def refused(
    what: str,
    feed: str,
    data: bytes,
    code: str,
    line: int | None,
    *,
    form: FileFormat = AS_DECLARED,
    limits: Limits = WIDE,
) -> Damaged:
    """Makes a file that is refused as a whole."""
    return Damaged(what, feed, data, form, limits, refused=(code, line))


def workbook(*rows: Sequence[object], change: Callable[[openpyxl.Workbook, Worksheet], None] | None = None) -> bytes:
    """Saves a workbook whose first sheet has these rows, changed by hand afterwards."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if change:
        change(book, book.worksheets[0])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_of(
    feed: str, *changes: Mapping[str, object], change: Callable[[openpyxl.Workbook, Worksheet], None] | None = None
) -> bytes:
    """Saves the good table of a feed as a workbook, with changed cells of any type."""
    rows = [[cell if cell != "" else None for cell in (GOOD[feed] | dict(c)).values()] for c in changes]
    return workbook(list(GOOD[feed]), *rows, change=change)


def repacked(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Changes the parts of a workbook and packs it again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()
