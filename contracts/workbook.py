"""From the bytes of an xlsx workbook to its rows of texts, on the same terms as a text's.

A text cell stays as it is; a number becomes the shortest decimal that says it, without `.0`; a cell formatted as
a date YYYY-MM-DD; TRUE, FALSE and errors such as #N/A the texts that a sheet shows; a formula its last result. An
archive is measured before anything is unpacked, and nothing inside it is opened but the workbook's own parts.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from threading import Lock

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # what read_only=True gives, for its reset_dimensions

from contracts.cells import Row
from contracts.decode import OLE, ZIP
from contracts.header import BLANKS
from contracts.model import Limits
from contracts.refusal import Refused

_ALONE = Lock()
_LAST_ROW = 1_048_576  # of any sheet
_MOST_TAGS = 8_000_000  # of all parts, some two million cells: half a minute's work and 2 GB at the very worst
_MOST_CELLS = 20_000_000  # of a sheet, those on the left of a filled one included
_ENTRY = b"PK\x01\x02"  # starts each entry of an archive's directory
_DAMAGED = "a damaged workbook"
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])(?:[^<>]*?\sr=[\"'](\d{1,9}))?")


def workbook_rows(data: bytes, limits: Limits) -> Iterator[Row]:
    """Gives the rows of the one sheet with content, hidden or not; raises `Refused`.

    Each has its number in the sheet, and no empty cell on its right; a row without anything is left out.
    """
    _refuse_another_kind(data)
    if data.count(_ENTRY) > limits.members:
        raise Refused("F35", None, f"an archive of more than {limits.members} files")
    try:
        with _silence(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_unsafe(archive, len(data), limits)
            return iter(_content(io.BytesIO(data)))
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises whatever a damaged part leads it to
        raise Refused("F33", None, _DAMAGED) from None


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps openpyxl's warnings, which show cells, and what it prints from the logs and from our own output.

    Both are the whole process's: two workbooks read side by side would put back each other's silence.
    """
    with _ALONE, warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _refuse_another_kind(data: bytes) -> None:
    if not data.strip():
        raise Refused("F28", None, "empty")
    if data.startswith(OLE):
        raise Refused("F33", None, "a workbook with a password, or of an old kind")
    if not data.startswith(ZIP) and b"\0" not in data:
        raise Refused("F32", None, "a text file, a workbook expected")
    if not data.startswith(ZIP):
        raise Refused("F33", None, "not an xlsx workbook")


def _refuse_unsafe(archive: zipfile.ZipFile, size: int, limits: Limits) -> None:
    """Measures an archive by its directory, which the unpacking cannot exceed, then looks at each part."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.file_bytes:
        raise Refused("F35", None, f"an archive that unpacks to more than {limits.file_bytes} bytes")
    if unpacked > limits.ratio * size:
        raise Refused("F35", None, f"an archive that unpacks to more than {limits.ratio} times its size")
    if not any(re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename) for part in parts):
        raise Refused("F33", None, "not an xlsx workbook")
    if any(part.compress_type not in _PACKINGS for part in parts):
        raise Refused("F33", None, _DAMAGED)
    _refuse_unsound(archive.read(part) for part in parts if part.filename.endswith((".xml", ".rels")))


def _refuse_unsound(parts: Iterable[bytes]) -> None:
    """Refuses XML that no spreadsheet program writes; of rows out of order openpyxl would leave some out."""
    tags = 0
    for part in parts:
        tags += part.count(b"<")
        if tags > _MOST_TAGS:
            raise Refused("F14", None, f"a workbook of more than {_MOST_TAGS} tags")
        numbers = _ROW.findall(part)
        ordered = not any(numbers) or all(int(one or 0) < int(other or 0) for one, other in pairwise([b"", *numbers]))
        if b"\0" in part or b"<!DOCTYPE" in part or not ordered:
            raise Refused("F33", None, _DAMAGED)


def _content(file: io.BytesIO) -> list[Row]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheets = [_rows(sheet) for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    filled = [sheet for sheet in sheets if sheet]
    if len(filled) > 1:
        raise Refused("F34", None, f"{len(filled)} sheets with content, 1 expected")
    return filled[0] if filled else []


def _rows(sheet: ReadOnlyWorksheet) -> list[Row]:
    sheet.reset_dimensions()  # what the sheet says of its own size may be wrong
    rows, seen = list[Row](), 0
    for number, values in enumerate(sheet.values, 1):
        seen += len(values)
        if number > _LAST_ROW or seen > _MOST_CELLS:
            raise Refused("F14", None, f"a sheet of more than {_LAST_ROW} rows or {_MOST_CELLS} cells")
        cells = [_text(value) for value in values]
        while cells and not cells[-1].strip(BLANKS):
            cells.pop()
        if cells:
            rows.append((number, cells))
    return rows


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _decimal(value: float) -> str:
    if not isfinite(value):
        return "#NUM!"
    return format(Decimal(repr(value + 0.0)), "f").removesuffix(".0")  # adding it makes -0 a plain 0
