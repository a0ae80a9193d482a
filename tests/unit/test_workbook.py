"""Workbooks as spreadsheet programs save them: what is read from each kind of cell, and what is refused."""

import io
import re
import sys
import warnings
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from contracts.model import Contract, Field, FileFormat, Limits
from contracts.reader import Refusal, Table, read_table

COLUMNS = ("id", "name", "day")
CONTRACT = Contract("TEST", "test", 1, "in", tuple(Field(name, "text") for name in COLUMNS), ("id",), None)
XLSX = FileFormat("xlsx")
DEFAULT = Limits()
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: openpyxl.Workbook) -> bytes:
    """Saves a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: Sequence[object], change: Callable[[Worksheet], None] | None = None) -> bytes:
    """Saves a workbook of one sheet with these rows, changed by hand afterwards."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    return saved(book)


def parts_of(data: bytes) -> dict[str, bytes]:
    """Unpacks a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Packs parts into an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Changes one part of a workbook."""
    parts = parts_of(data)
    assert change(parts[name]) != parts[name]
    return packed(parts | {name: change(parts[name])})


def read(data: bytes, limits: Limits = DEFAULT) -> Table:
    """Reads a workbook that must be readable."""
    table = read_table(data, CONTRACT, XLSX, limits)
    assert isinstance(table, Table), table
    return table


def refused(data: bytes, limits: Limits = DEFAULT) -> Refusal:
    """Reads a workbook that must be refused."""
    refusal = read_table(data, CONTRACT, XLSX, limits)
    assert isinstance(refusal, Refusal), refusal
    return refusal


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("00010100174", "General", "00010100174"),
        (" é\u00a0", "General", "é"),
        ("a\nb", "General", "a\nb"),
        ("2025-03-01", "General", "2025-03-01"),
        (10100174, "General", "10100174"),
        (8507310016, "00000000000", "8507310016"),
        (62063.0, "0.00", "62063"),
        (-0.0, "General", "0"),
        (1e16, "General", "10000000000000000"),
        (1.234567890123457e17, "General", "123456789012345700"),
        (0.1, "General", "0.1"),
        (-1234.5, "#,##0.00", "-1234.5"),
        (1e-7, "General", "0.0000001"),
        (45678, "General", "45678"),
        (45678, "dd/mm/yyyy", "2025-01-21"),
        (45678, "[$-80C]dddd d mmmm yyyy", "2025-01-21"),
        (45678.5, "yyyy-mm-dd", "2025-01-21T12:00:00"),
        (date(2025, 3, 1), "dd/mm/yy", "2025-03-01"),
        (datetime(2025, 3, 1), "dd/mm/yyyy hh:mm", "2025-03-01"),  # noqa: DTZ001 - a sheet knows no zone
        (time(9, 30), "hh:mm", "09:30:00"),
        (1e9, "dd/mm/yyyy", "#VALUE!"),
        (True, "General", "TRUE"),
        (False, "General", "FALSE"),
        ("#N/A", "General", "#N/A"),
        ("#DIV/0!", "General", "#DIV/0!"),
        (None, "dd/mm/yyyy", None),
        (" \u00a0", "General", None),
    ],
)
def test_a_cell_becomes_the_text_that_it_stands_for(value: object, number_format: str, text: str | None) -> None:
    """A cell gives its text, number, date, logical value or error; how a number is shown changes nothing else."""

    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = value  # type: ignore[assignment]
        sheet["B2"].number_format = number_format

    assert read(workbook(COLUMNS, (1,), change=fill)).rows.rows() == [("1", text, None)]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b'<c r="A2" t="s"><v>1</v></c>', "007"),
        (b'<c r="A2" t="str"><f>TEXT(7,"000")</f><v>007</v></c>', "007"),
        (b'<c r="A2"><f>3+4</f><v>7</v></c>', "7"),
        (b'<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        (b'<c r="A2" t="b"><f>1=1</f><v>1</v></c>', "TRUE"),
        (b'<c r="A2"><v>1e400</v></c>', "#NUM!"),
        (b'<c r="A2"><v>85073100165.0</v></c>', "85073100165"),
    ],
)
def test_a_formula_gives_its_last_result(cell: bytes, text: str) -> None:
    """Shared texts and the results of formulas, as spreadsheet programs keep them, are read as any other cell."""
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>x</t></si><si><t>007</t></si></sst>'
    parts = parts_of(workbook(COLUMNS, ("here",)))
    parts[SHEET] = parts[SHEET].replace(b'<c r="A2" t="inlineStr"><is><t>here</t></is></c>', cell)
    assert cell in parts[SHEET]
    parts["xl/sharedStrings.xml"] = shared
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = parts["[Content_Types].xml"]
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'" /></Types>'
    parts["[Content_Types].xml"] = types if kind in types else types.replace(b"</Types>", override)
    assert read(packed(parts)).rows["id"].to_list() == [text]


def test_dates_of_the_1904_system_are_read() -> None:
    """A workbook that counts its days from 1904, as some programs do, gives the same dates."""
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no zone
    for row in (COLUMNS, (1, None, date(2025, 3, 1))):
        book.worksheets[0].append(row)
    assert read(saved(book)).rows["day"].to_list() == ["2025-03-01"]


def test_lines_are_the_rows_of_the_sheet() -> None:
    """A row's line is its number in the sheet; rows above the header and between rows may be empty."""

    def fill(sheet: Worksheet) -> None:
        for place, value in {"A3": "id", "B3": "name", "C3": "day", "A4": 1, "C7": "x", "B5": " "}.items():
            sheet[place] = value

    table = read(workbook(change=fill))
    assert table.rows.rows() == [("1", None, None), (None, None, "x")]
    assert table.lines.to_list() == [4, 7]
    assert table.notes == ()


def test_a_row_is_ragged_only_by_a_cell_with_content() -> None:
    """Empty cells on the right of the columns are passed over; a cell with content there is a finding."""

    def fill(sheet: Worksheet) -> None:
        sheet["XFD1"].number_format = "0.00"
        sheet["H2"] = " "
        sheet["E3"] = "x"

    table = read(workbook(COLUMNS, (1,), (2,), (3, "c", "z", None, None), change=fill))
    assert table.rows["id"].to_list() == ["1", "3"]
    assert [(f.line, f.code, f.shape) for f in table.ragged] == [(3, "R002", "5 cells, 3 expected")]
    assert table.read == 3


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([], Refusal("F28", None, "empty")),
        ([(" ",)], Refusal("F28", None, "empty")),
        ([("title",), COLUMNS], Refusal("F30", 1, "no header row: no cell is a column of the contract")),
        ([("id", "na")], Refusal("F26", 1, "a header of 2 cells, 3 expected, and nothing below it")),
        ([("id", "name"), (1, 2)], Refusal("F13", 1, "missing: day")),
        ([(*COLUMNS, "id")], Refusal("F24", 1, "more than once: id")),
        ([("id;name;day",)], Refusal("F30", 1, "no header row: no cell is a column of the contract")),
        ([COLUMNS, (1,), (2, "x" * 10_001)], Refusal("F31", 3, "a cell of more than 10000 characters")),
    ],
)
def test_what_refuses_a_text_refuses_a_sheet(rows: list[Sequence[object]], refusal: Refusal) -> None:
    """An empty sheet, another header and a cell too long are refused as in a text, with the sheet's row."""
    assert refused(workbook(*rows)) == refusal


def test_too_many_rows_are_refused() -> None:
    """A sheet of as many rows as the limit is read, of one more refused."""
    data = workbook(COLUMNS, (1,), (2,), (), (3,))
    assert read(data, Limits(rows=3)).read == 3
    assert refused(data, Limits(rows=2)) == Refusal("F14", None, "more than 2 rows")
    assert refused(data, Limits(file_bytes=100)) == Refusal("F14", None, "more than 100 bytes")


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_one_sheet_only_may_have_content(state: str) -> None:
    """Empty sheets are passed over, wherever the full one is; a second one with content is refused, hidden or not."""
    book = openpyxl.Workbook()
    sheet, other = book.create_sheet("data"), book.create_sheet("notes")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))  # type: ignore[no-untyped-call]
    book.create_chartsheet("chart").add_chart(chart)
    other.sheet_state = state
    other["C9"].number_format = "0.00"
    for row in (COLUMNS, (1,)):
        sheet.append(row)
    assert read(saved(book)).read == 1
    other["C9"] = "x"
    assert refused(saved(book)) == Refusal("F34", None, "2 sheets with content, 1 expected")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "F28"),
        (b" \r\n", "F28"),
        (b"id;name;day\n", "F32"),
        ("id;é\n".encode("cp1252"), "F32"),
        (b"\x7fELF\0\0", "F33"),
        (b"PK", "F33"),
        (b"PK\x03\x04", "F33"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "F33"),
        (workbook(COLUMNS)[:-30], "F33"),
        (packed({"a.txt": b"x"}), "F33"),
        (packed({}), "F33"),
        (packed({"content.xml": b"<x/>", "mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "F33"),
        (packed(parts_of(workbook(COLUMNS)), zipfile.ZIP_BZIP2), "F33"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, code: str) -> None:
    """A text, another kind of file and a damaged archive are refused where a workbook is declared, and told apart."""
    assert refused(data).code == code


def test_a_password_is_refused() -> None:
    """A workbook whose parts cannot be unpacked without a password is refused, its checks not being ours to open."""
    data = bytearray(workbook(COLUMNS))
    for entry in (b"PK\x03\x04", b"PK\x01\x02"):
        data[data.index(entry) + (6 if entry[2] == 3 else 8)] |= 1
    assert refused(bytes(data)).code == "F33"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="3">', b'<row r="2">'),
        (b'<row r="3">', b'<row spans="1:3" r="1">'),
        (b'<row r="3">', b"<row>"),
        (b'<row r="1">', b"<row/><row r='1'>"),
        (b'r="A3"', b'r="ZZZZ3"'),
        (b"<sheetData>", b"<sheetData><row>"),
        (b"<worksheet", b"<!DOCTYPE worksheet><worksheet"),
        (b"<worksheet", '<?xml version="1.0" encoding="utf-16"?><worksheet'.encode("utf-16-le")),
    ],
)
def test_a_damaged_sheet_is_refused_rather_than_read_in_part(old: bytes, new: bytes) -> None:
    """Rows out of order or beyond the last, cells out of the grid, and XML with tricks refuse the workbook."""
    data = with_part(workbook(COLUMNS, (1,), (2,)), SHEET, lambda part: part.replace(old, new, 1))
    assert refused(data) == Refusal("F33", None, "a damaged workbook")


def test_rows_without_numbers_are_read_in_order() -> None:
    """A sheet whose rows have no numbers, as some programs write, is read from its first row on."""
    data = with_part(workbook(COLUMNS, (1,), (2,)), SHEET, lambda part: re.sub(rb' r="[A-Z]?[0-9]"', b"", part))
    assert read(data).rows["id"].to_list() == ["1", "2"]
    assert read(data).lines.to_list() == [2, 3]


def test_a_sheet_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row beyond a sheet's last, far cells in many rows, and more tags than can be read in time are refused."""
    monkeypatch.setattr("contracts.workbook._MOST_CELLS", 40_000)
    data = workbook(COLUMNS, (1,), (2,))
    far = with_part(data, SHEET, lambda part: part.replace(b'<row r="3">', b'<row r="9999999">'))
    assert refused(far) == Refusal("F14", None, "a sheet of more than 1048576 rows or 40000 cells")
    cell = b'<row r="%d"><c r="ZZZ1"><v>1</v></c></row>'
    for rows in (2, 3):
        wide = b"".join(cell % row for row in range(4, 4 + rows)) + b"</sheetData>"
        wide = with_part(data, SHEET, lambda part, wide=wide: part.replace(b"</sheetData>", wide))
        found = read_table(wide, CONTRACT, XLSX)
        assert isinstance(found, Table) == (rows == 2)
    monkeypatch.setattr("contracts.workbook._MOST_TAGS", 100)
    assert refused(data) == Refusal("F14", None, "a workbook of more than 100 tags")


def test_a_declared_size_is_not_believed() -> None:
    """What a sheet says of its own size neither hides a row nor makes any."""
    for size in (b"A1", b"A1:XFD1048576"):
        data = with_part(
            workbook(COLUMNS, (1, 2, 3)),
            SHEET,
            lambda part, size=size: part.replace(b'ref="A1:C2"', b'ref="%b"' % size),
        )
        assert read(data).rows.rows() == [("1", "2", "3")]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    """An archive of too many files, that unpacks to too much, or to too many times its size is refused."""
    good = parts_of(workbook(COLUMNS))
    bomb = packed(good | {"xl/media/image1.png": bytes(20_000_000)})
    assert refused(bomb) == Refusal("F35", None, "an archive that unpacks to more than 100 times its size")
    shape = "an archive that unpacks to more than 1000000 bytes"
    assert refused(bomb, Limits(file_bytes=1_000_000)) == Refusal("F35", None, shape)
    many = packed(good | {f"xl/media/image{number}.png": b"x" for number in range(200)})
    assert refused(many) == Refusal("F35", None, "an archive of more than 200 files")
    assert read(many, Limits(members=300)).read == 0


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """A part that unpacks to more than the archive's directory says is damaged, and not unpacked further."""
    name = SHEET
    data = packed(parts_of(workbook(COLUMNS)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(name).file_size.to_bytes(4, "little")
    assert data.count(size) >= 1
    assert refused(data.replace(size, (40).to_bytes(4, "little"))).code == "F33"


def test_entities_are_not_expanded() -> None:
    """A part that multiplies a text by its entities is refused."""
    levels = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    laughs = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "ha">{levels}]><sst>&l9;</sst>'.encode()
    assert refused(packed(parts_of(workbook(COLUMNS)) | {"xl/sharedStrings.xml": laughs})).code == "F33"


def test_an_archive_inside_is_not_opened() -> None:
    """A workbook embedded in a workbook is passed over as any other part that is not the sheets'."""
    embedded = packed(parts_of(workbook(COLUMNS)) | {"xl/embeddings/book.xlsx": workbook(COLUMNS, (1,))})
    assert read(embedded).read == 0


def test_a_sheet_with_far_cells_does_not_hurt() -> None:
    """Two cells in opposite corners of a sheet are read as the two rows that they are."""

    def fill(sheet: Worksheet) -> None:
        sheet["XFD1048576"] = "x"

    table = read(workbook(COLUMNS, change=fill))
    assert [(f.line, f.shape) for f in table.ragged] == [(1048576, "16384 cells, 3 expected")]


def test_the_library_says_nothing(recwarn: pytest.WarningsRecorder, capsys: pytest.CaptureFixture[str]) -> None:
    """What the library warns of or prints is kept back: it shows cells, and would be amid an answer in JSON."""

    def fill(sheet: Worksheet) -> None:
        sheet["A2"] = 99999999999
        sheet["A2"].number_format = "dd/mm/yyyy"

    data = workbook(COLUMNS, change=fill)
    assert read(data).rows["id"].to_list() == ["#VALUE!"]
    style = b'<cellStyle name="Normal" xfId="%d"'
    assert refused(with_part(data, "xl/styles.xml", lambda part: part.replace(style % 0, style % 9))).code == "F33"
    assert not [warning for warning in recwarn if "99999999999" in str(warning.message)]
    assert capsys.readouterr() == ("", "")


def test_workbooks_read_side_by_side_leave_the_output_as_it_was() -> None:
    """After many workbooks read by several threads, what the process prints and warns of is as before."""
    before, filters = sys.stdout, list(warnings.filters)
    data = workbook(COLUMNS, ("1", "a", "b"))
    with ThreadPoolExecutor(4) as threads:
        tables = list(threads.map(lambda _: read_table(data, CONTRACT, XLSX), range(12)))
    assert all(isinstance(table, Table) and table.read == 1 for table in tables)
    assert sys.stdout is before
    assert list(warnings.filters) == filters
