"""Workbooks as spreadsheet programs save them, and what becomes of a cell there."""

from __future__ import annotations

from datetime import date, datetime

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from contracts.model import Limits
from tests.corpus.recipe import GOOD, WIDE, XLSX, Damaged, Found, header, refused, repacked, sheet_of, workbook

SHEET = "xl/worksheets/sheet1.xml"


def _read(what: str, feed: str, data: bytes, *found: Found, rows: int = 1, cells: tuple[str, ...] = ()) -> Damaged:
    """Makes a workbook that is read; each finding rejects its row."""
    bad = len({line for line, _, _ in found})
    return Damaged(what, feed, data, XLSX, found=found, totals=(rows, rows - bad, 0, bad), cells=cells)


def _refused(what: str, feed: str, data: bytes, code: str, line: int | None, limits: Limits = WIDE) -> Damaged:
    return refused(what, feed, data, code, line, form=XLSX, limits=limits)


def _second_sheet(state: str) -> bytes:
    def change(book: openpyxl.Workbook, _sheet: Worksheet) -> None:
        notes = book.create_sheet("Remarques")
        notes["A1"] = "à vérifier"
        notes.sheet_state = state

    return sheet_of("ORIE", {}, change=change)


def _only_hidden(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    book.create_sheet("Feuil2")
    sheet.sheet_state = "hidden"
    book.active = 1


def _pushed_down(_book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.insert_rows(1, 2)
    sheet.insert_rows(4)


def _one_cell_right(_book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.cell(3, len(GOOD["MANQ"]) + 2, "vu")


def _day_as_number(_book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.cell(2, list(GOOD["JOBD"]).index("answer_deadline") + 1).number_format = "General"


def _bomb(parts: dict[str, bytes]) -> None:
    parts["xl/media/image1.bin"] = bytes(2_000_000)


def _torn(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET][: len(parts[SHEET]) // 2]


def _no_sheet(parts: dict[str, bytes]) -> None:
    del parts[SHEET]
    parts["word/document.xml"] = b"<document/>"


def _with_entity(parts: dict[str, bytes]) -> None:
    parts[SHEET] = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + parts[SHEET]


_TWO = sheet_of("SITU", {}, {"effective_date": "2025-02-28"})
_NUMBERS = {
    "niss": 85073100031,
    "version": 1,
    "cpas_nis": 62063.0,
    "postal_code": 4000,
    "birth_date": date(1985, 7, 31),
}
_MOMENT = datetime(2025, 3, 1, 9, 0)  # noqa: DTZ001 - a sheet knows no zone

FILES = [
    _read("a good workbook of texts", "SITU", _TWO, rows=2),
    _read("a good sheet that is hidden, and an empty one", "INSC", sheet_of("INSC", {}, change=_only_hidden)),
    _refused("two sheets with content", "ORIE", _second_sheet("visible"), "F34", None),
    _refused("a hidden sheet with a remark", "ORIE", _second_sheet("hidden"), "F34", None),
    _refused("a workbook with a password", "STAT", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "F33", None),
    _refused("bytes that are no archive", "FORM", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "F33", None),
    _refused("a workbook cut short", "CATA", sheet_of("CATA", {})[:-200], "F33", None),
    _refused("a torn sheet", "MOBI", repacked(sheet_of("MOBI", {}), _torn), "F33", None),
    _refused("a text document", "MANQ", repacked(sheet_of("MANQ", {}), _no_sheet), "F33", None),
    _refused("a sheet that names another file", "OFFR", repacked(sheet_of("OFFR", {}), _with_entity), "F33", None),
    _refused("an archive that unpacks to far more", "JOBD", repacked(sheet_of("JOBD", {}), _bomb), "F35", None),
    _refused("an archive of too many files", "MUTA", sheet_of("MUTA", {}), "F35", None, Limits(members=5)),
    _refused("an archive beyond the limit of bytes", "SITU", _TWO, "F35", None, Limits(file_bytes=len(_TWO) + 100)),
    _refused("no byte where a workbook is declared", "STAT", b"", "F28", None),
    _refused("an empty sheet", "INSC", workbook(), "F28", None),
    _refused("too many rows", "SITU", _TWO, "F14", None, Limits(rows=1)),
    _refused("a cell too long", "FORM", sheet_of("FORM", {}), "F31", 2, Limits(cell=40)),
]
HEADERS = [
    _refused("a column twice", "MUTA", workbook([*list(GOOD["MUTA"])[:-1], "kind"]), "F24", 1),
    _refused("a header cut, and nothing below", "MANQ", workbook(list(GOOD["MANQ"])[:4]), "F26", 1),
    _refused("a column is missing", "CATA", workbook(list(GOOD["CATA"])[1:], ["x"]), "F13", 1),
    _refused("CSV pasted into one column", "OFFR", workbook([header("OFFR")], ["x"]), "F30", 1),
    _read("empty rows above the header and below it", "JOBD", sheet_of("JOBD", {}, change=_pushed_down)),
]
CELLS = [
    _read("numbers and dates as a spreadsheet types them", "ORIE", sheet_of("ORIE", _NUMBERS)),
    _read(
        "a person number of 2005 typed as a number",
        "STAT",
        sheet_of("STAT", {"niss": 5061500045}),
        (2, "niss", "R102"),
        cells=("5061500045",),
    ),
    _read(
        "a date shown as a number",
        "JOBD",
        sheet_of("JOBD", {"answer_deadline": date(2025, 4, 3)}, change=_day_as_number),
        (2, "answer_deadline", "R309"),
        cells=("45750",),
    ),
    _read(
        "a date and a time without its zone",
        "MOBI",
        sheet_of("MOBI", {"answered_at": _MOMENT}),
        (2, "answered_at", "R306"),
        cells=("2025-03-01T09:00:00",),
    ),
    _read(
        "a logical value for 1 or 0",
        "MANQ",
        sheet_of("MANQ", {"explanation_heard": True}),
        (2, "explanation_heard", "R310"),
        cells=("TRUE",),
    ),
    _read(
        "an error and a formula without a result",
        "FORM",
        sheet_of("FORM", {"hours_done": "#DIV/0!", "training_code": "=A1"}),
        (2, "hours_done", "R313"),
        (2, "training_code", "R305"),
        cells=("#DIV/0!",),
    ),
    _read(
        "an enterprise number typed as a number",
        "SITU",
        sheet_of("SITU", {"cpas_bce": 207000176}),
        (2, "cpas_bce", "R206"),
        cells=("207000176",),
    ),
    _read(
        "a word far on the right of a row",
        "MANQ",
        sheet_of("MANQ", {}, {"effective_date": "2025-02-28"}, change=_one_cell_right),
        (3, None, "R002"),
        rows=2,
    ),
]
WORKBOOKS = [*FILES, *HEADERS, *CELLS]
