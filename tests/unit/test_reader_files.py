"""Files as partners send them: what is read, what is refused, and on which line."""

import pytest

from contracts.model import Contract, Field, FileFormat, Limits
from contracts.reader import Refusal, Table, read_table

CONTRACT = Contract(
    "TEST", "test", 1, "in", (Field("id", "text"), Field("name", "text"), Field("day", "text")), ("id",), None
)
UTF_8 = FileFormat()
CP1252 = FileFormat(encoding="cp1252")
DEFAULT = Limits()
SMALL = Limits(file_bytes=60, rows=2, cell=8)


def read(data: bytes, form: FileFormat = UTF_8, limits: Limits = DEFAULT) -> Table:
    """Reads a file that must be readable."""
    table = read_table(data, CONTRACT, form, limits)
    assert isinstance(table, Table), table
    return table


def refused(data: bytes, form: FileFormat = UTF_8, limits: Limits = DEFAULT) -> Refusal:
    """Reads a file that must be refused."""
    refusal = read_table(data, CONTRACT, form, limits)
    assert isinstance(refusal, Refusal), refusal
    return refusal


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end: str, bom: str, last: bool) -> None:
    """Any line end, a BOM and a missing last line end give the same table; the last two are noted."""
    text = bom + end.join(["id;name;day", "1;Zoé;", "2;\u00a0 B ;x"]) + (end if last else "")
    table = read(text.encode())
    assert table.rows.rows() == [("1", "Zoé", None), ("2", "B", "x")]
    assert table.lines.to_list() == [2, 3]
    assert table.read == 2
    assert table.notes == (("F19",) if bom else ()) + (() if last else ("F27",))


def test_a_cr_among_other_line_ends_ends_a_line() -> None:
    """A CR alone ends a line in a file that has other line ends too, and counts as one."""
    table = read(b"id;name;day\r1;a;\r\n2;b;\n")
    assert table.rows["id"].to_list() == ["1", "2"]
    assert table.lines.to_list() == [2, 3]


def test_lines_are_the_physical_ones() -> None:
    """A row's line is where it starts in the file, past quoted line breaks and lines without anything."""
    table = read(b'id;name;day\n1;"a\nb";\n\n2;"say ""hi"";";\n')
    assert table.rows.rows() == [("1", "a\nb", None), ("2", 'say "hi";', None)]
    assert table.lines.to_list() == [2, 5]


def test_other_characters_that_end_lines_elsewhere_do_not() -> None:
    """U+2028, U+0085, a form feed and a vertical tabulation are characters of a cell."""
    table = read("id;name;day\n1;a\u2028b\x85c\x0cd\x0be;\n2;;\n".encode())
    assert table.rows["name"].to_list() == ["a\u2028b\x85c\x0cd\x0be", None]
    assert table.lines.to_list() == [2, 3]


@pytest.mark.parametrize("quoted", ["", '1;"\n";\n'], ids=["lines", "cells"])
def test_a_ragged_row_does_not_stop_the_others(quoted: str) -> None:
    """A row with too few or too many cells is a finding; the rows around it are read, on either path."""
    more = len(quoted) // 3
    table = read(f"id;name;day\n{quoted}1;a\n2;b;c\n \n3;d;e;f\n4;g;h\n5;;;;\n".encode())
    assert table.rows["id"].to_list()[-2:] == ["2", "4"]
    assert table.lines.to_list()[-2:] == [3 + more, 6 + more]
    assert [(f.line, f.code, f.shape) for f in table.ragged] == [
        (2 + more, "R001", "2 cells, 3 expected"),
        (5 + more, "R002", "4 cells, 3 expected"),
        (7 + more, "R002", "5 cells, 3 expected"),
    ]
    assert table.read == 5 + bool(quoted)


def test_a_header_alone_is_a_file_without_rows() -> None:
    """A file of a whole header and nothing else is read as no row."""
    assert read(b"id;name;day\n").read == 0
    assert read(b"id;name;day").notes == ("F27",)


def test_the_declared_encoding_is_used() -> None:
    """A cp1252 file is read as such when it is declared so, with its accents, and its blanks trimmed."""
    assert read("id;name;day\n1;Zoé €;\u00a0\n".encode("cp1252"), CP1252).rows.rows() == [("1", "Zoé €", None)]


@pytest.mark.parametrize(
    ("delimiter", "quote"), [(",", '"'), ("\t", "'"), ("|", '"'), (".", "*"), ("^", "]"), ("\\", "[")]
)
def test_the_declared_delimiter_and_quote_are_used(delimiter: str, quote: str) -> None:
    """Cells are parted by the declared delimiter and quoted by the declared quote, whatever they are."""
    text = 'id;name;day\n"1";"a;b";"say ""x"""\n2; y ;-\n'
    table = read(
        text.translate(str.maketrans({";": delimiter, '"': quote})).encode(),
        FileFormat("csv", "utf-8", delimiter, quote),
    )
    assert table.rows.rows() == [("1", f"a{delimiter}b", f"say {quote}x{quote}"), ("2", "y", "-")]


def test_no_quote_may_be_declared() -> None:
    """Where no quote is declared, a quote is a character like another."""
    assert read(b'id;name;day\n"1";a"b;"\n', FileFormat(quote="")).rows.rows() == [('"1"', 'a"b', '"')]


@pytest.mark.parametrize(
    ("data", "form", "refusal"),
    [
        ("id;name;day\n1;a;\n2;Zoé;\n".encode("cp1252"), UTF_8, Refusal("F08", 3, "a byte that is not utf-8")),
        ("\ufeffid;name;day\n2;Zo".encode() + b"\xe9;\n", UTF_8, Refusal("F08", 2, "a byte that is not utf-8")),
        (b"id;name;day\r\n1;\r2;\r\n\xe9;\n", UTF_8, Refusal("F08", 4, "a byte that is not utf-8")),
        ("id;name;day\n1;Zoé;\n".encode(), CP1252, Refusal("F08", 2, "UTF-8, cp1252 expected")),
        (b"id;name;day\n1;\x81;\n", CP1252, Refusal("F08", 2, "a byte that is not cp1252")),
        (b"id;name;day\n", FileFormat(encoding="x"), Refusal("F08", None, "the declared encoding is unknown")),
        ("id;name;day\n".encode("utf-16"), UTF_8, Refusal("F20", 1, "UTF-16")),
        ("\ufeffid;name;day\n".encode("utf-16-be"), CP1252, Refusal("F20", 1, "UTF-16")),
        ("id;name;day\n".encode("utf-16-le"), UTF_8, Refusal("F20", 1, "UTF-16")),
        ("id;name;day\n".encode("utf-16-be"), UTF_8, Refusal("F20", 1, "UTF-16")),
        (b"id;name;day\n1;a\x00;\n", UTF_8, Refusal("F21", 2, "a NUL byte")),
        (b"id;name;day\n1;a;\n\x1a", UTF_8, Refusal("F22", 3, "a Ctrl-Z byte")),
        (b"id;name;day\r1;a;\r", UTF_8, Refusal("F23", 1, "lines end with CR alone")),
    ],
)
def test_other_bytes_are_refused(data: bytes, form: FileFormat, refusal: Refusal) -> None:
    """Bytes that are not text in the declared encoding refuse the whole file, each kind with its code and line."""
    assert refused(data, form) == refusal


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"id,name,day\n1,a,\n", Refusal("F29", 1, "the delimiter is a comma, a semicolon is expected")),
        (b"id\tname\tday\n", Refusal("F29", 1, "the delimiter is a tabulation, a semicolon is expected")),
        (b'"id"|"name"\n', Refusal("F29", 1, "the delimiter is a vertical bar, a semicolon is expected")),
        (b"\n1;Dupont;2\n", Refusal("F30", 2, "no header row: no cell is a column of the contract")),
        (b"x\n", Refusal("F30", 1, "no header row: no cell is a column of the contract")),
        (b"id;na", Refusal("F26", 1, "a header of 2 cells, 3 expected, and nothing below it")),
        (b"id;name;\n", Refusal("F26", 1, "a header of 3 cells, 3 expected, and nothing below it")),
        (b'"id";"na', Refusal("F26", 1, "a header of 2 cells, 3 expected, and nothing below it")),
        (b'"id";"name";"day', Refusal("F25", 1, "a quote that is not closed, or text after a closing quote")),
        (b'"id"x;"name";"day', Refusal("F25", 1, "a quote that is not closed, or text after a closing quote")),
        (b"i\n \n", Refusal("F26", 1, "a header of 1 cells, 3 expected, and nothing below it")),
        (b"id;name\n1;a\n", Refusal("F13", 1, "missing: day")),
        (b'id;name\n"', Refusal("F13", 1, "missing: day")),
        (b"id;nom\n", Refusal("F13", 1, "missing: name, day; unknown in position: 2")),
        (b"id;name;day;day\n", Refusal("F24", 1, "more than once: day")),
        (b"id;name;name;x\n", Refusal("F24", 1, "missing: day; more than once: name; unknown in position: 4")),
        (b"id;day;name\n", Refusal("F13", 1, "columns in another order")),
        (b"id;name;day;\n", Refusal("F13", 1, "unknown in position: 4")),
        (
            b"id" + b";x" * 11,
            Refusal("F13", 1, "missing: name, day; unknown in position: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"),
        ),
        (b"id" + b";" * 1000, Refusal("F13", 1, "1001 cells, 3 expected")),
    ],
)
def test_another_header_is_refused(data: bytes, refusal: Refusal) -> None:
    """A header that is not the contract's refuses the file, and says in what without any cell."""
    assert refused(data) == refusal


def test_a_wrong_delimiter_is_named_beside_the_declared_one() -> None:
    """A semicolon where a comma is declared is explained, never accepted."""
    shape = "the delimiter is a semicolon, a comma is expected"
    assert refused(b"id;name;day\n", FileFormat(delimiter=",")) == Refusal("F29", 1, shape)
    shape = "the delimiter is a semicolon, another character is expected"
    assert refused(b"id;name;day\n", FileFormat(delimiter="#")) == Refusal("F29", 1, shape)


@pytest.mark.parametrize(
    ("body", "line"),
    [('1;a;\n2;"b;\n3;c;\n', 3), ('1;"a"b;\n', 2), ('1;"' + "x;y\n" * 3000 + '";\n', 2), ('1;"' + "x\n" * 99999, 2)],
)
def test_an_open_quote_is_refused(body: str, line: int) -> None:
    """A quote that is never closed, closed too late, or followed by text refuses the file where its row starts."""
    refusal = refused(b"id;name;day\n" + body.encode())
    assert (refusal.code, refusal.line) == ("F25", line)
    assert "a quote that is not closed" in refusal.shape


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n", b"\r\r", b" \t\n", b"\xc2\xa0\n", b'""\n'])
def test_an_empty_file_is_refused(data: bytes) -> None:
    """A file without any text is not a feed without rows: it may have been cut."""
    assert refused(data) == Refusal("F28", None, "empty")


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"], ids=["zip", "ole"])
def test_a_workbook_is_not_read_as_text(start: bytes) -> None:
    """A workbook where CSV is declared is refused as such."""
    assert refused(start + b"\0\0").code == "F32"


def test_files_up_to_the_limits_are_read() -> None:
    """A file of as many bytes, rows and characters in a cell as the limits allow is read."""
    data = b"id;name;day\n1;aaaaaaaa;\n2;;\n"
    assert read(data, limits=Limits(file_bytes=len(data), rows=2, cell=8)).read == 2


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"id;name;day\n" + b"1" * 49, Refusal("F14", None, "more than 60 bytes")),
        (b"id;name;day\n1;;\n2\n\n3;;\n", Refusal("F14", None, "more than 2 rows")),
        (b'id;name;day\n1;"\n";\n2\n\n3;;\n', Refusal("F14", None, "more than 2 rows")),
        ("id;name;day\n1;éééééééé;\n2;ééééééééé;\n".encode(), Refusal("F31", 3, "a cell of more than 8 characters")),
        (b"id;name;day\naaaaaaaaa\n", Refusal("F31", 2, "a cell of more than 8 characters")),
    ],
)
def test_files_beyond_the_limits_are_refused(data: bytes, refusal: Refusal) -> None:
    """A file with too many bytes or rows, or too many characters in a cell, is refused."""
    assert refused(data, limits=SMALL) == refusal


@pytest.mark.parametrize("body", [b"x" * 200_000, b"x" * 20_000 + b'\n"'])
def test_a_long_cell_on_one_line_is_not_an_open_quote(body: bytes) -> None:
    """A cell that is too long on its line is told as such, even where the csv module has its own limit."""
    assert refused(b"id;name;day\n" + body) == Refusal("F31", 2, "a cell of more than 10000 characters")


def test_a_row_of_endless_cells_is_refused() -> None:
    """A row longer than a hundred of the longest cells is refused before its cells are made."""
    shape = "a row of more than 1000000 characters"
    assert refused(b"id;name;day\n" + b";" * 1_000_001) == Refusal("F31", 2, shape)
