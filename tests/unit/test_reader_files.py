"""Files as partners send them: what is read, what is refused, and on which line."""

import pytest

from contracts import reader
from contracts.model import Contract, Field
from contracts.reader import Refusal, Table, read_table

CONTRACT = Contract(
    "TEST", "test", 1, "in", (Field("id", "text"), Field("name", "text"), Field("day", "text")), ("id",), None
)


def read(data: bytes, encoding: str = "utf-8") -> Table:
    """Reads a file that must be readable."""
    table = read_table(data, CONTRACT, encoding)
    assert isinstance(table, Table), table
    return table


def refused(data: bytes, encoding: str = "utf-8") -> Refusal:
    """Reads a file that must be refused."""
    refusal = read_table(data, CONTRACT, encoding)
    assert isinstance(refusal, Refusal)
    return refusal


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end: str, bom: str, last: bool) -> None:
    """Any line end, a BOM and a missing last line end give the same table."""
    text = bom + end.join(["id;name;day", "1;Zoé;", "2;\u00a0 B ;x"]) + (end if last else "")
    table = read(text.encode())
    assert table.rows.rows() == [("1", "Zoé", None), ("2", "B", "x")]
    assert table.lines.to_list() == [2, 3]
    assert table.read == 2


def test_lines_are_the_physical_ones() -> None:
    """A row's line is where it starts in the file, past quoted line breaks and lines without anything."""
    table = read(b'id;name;day\n1;"a\nb";\n\n2;"say ""hi"";";\n')
    assert table.rows.rows() == [("1", "a\nb", None), ("2", 'say "hi";', None)]
    assert table.lines.to_list() == [2, 5]


def test_a_ragged_row_does_not_stop_the_others() -> None:
    """A row with too few or too many cells is a finding; the rows around it are read."""
    table = read(b"id;name;day\n1;a\n2;b;c\n3;d;e;f\n4;g;h\n")
    assert table.rows["id"].to_list() == ["2", "4"]
    assert [(f.line, f.code, f.shape) for f in table.ragged] == [
        (2, "R001", "2 cells, 3 expected"),
        (4, "R002", "4 cells, 3 expected"),
    ]
    assert table.read == 4


def test_a_header_alone_is_a_file_without_rows() -> None:
    """A file of a whole header and nothing else is read as no row."""
    assert read(b"id;name;day\n").read == 0


def test_the_declared_encoding_is_used() -> None:
    """A cp1252 file is read as such when it is declared so, with its accents."""
    assert read("id;name;day\n1;Zoé €;\n".encode("cp1252"), "cp1252").rows["name"].item() == "Zoé €"


@pytest.mark.parametrize(
    ("data", "encoding", "line"),
    [
        ("id;name;day\n1;a;\n2;Zoé;\n".encode("cp1252"), "utf-8", 3),
        ("\ufeffid;name;day\n2;Zo".encode() + b"\xe9;\n", "utf-8", 2),
        ("id;name;day\n1;Zoé;\n".encode(), "cp1252", 1),
        (b"id;name;day\n1;\x81;\n", "cp1252", 2),
        ("id;name;day\n".encode("utf-16"), "utf-8", 1),
        ("id;name;day\n".encode("utf-16-be"), "utf-8", 1),
        (b"id;name;day\n1;a\x00;\n", "utf-8", 2),
        (b"id;name;day\n", "no-such-encoding", None),
    ],
)
def test_another_encoding_is_refused(data: bytes, encoding: str, line: int | None) -> None:
    """Bytes that are not in the declared encoding refuse the whole file, with the line."""
    assert (refused(data, encoding).code, refused(data, encoding).line) == ("F08", line)


@pytest.mark.parametrize(
    ("data", "line", "shape"),
    [
        (b"id,name,day\n1,a,\n", 1, "the delimiter is a comma, a semicolon is expected"),
        (b"id\tname\tday\n", 1, "the delimiter is a tabulation, a semicolon is expected"),
        (b"\n1;Dupont;2\n", 2, "no header row: no cell is a column of the contract"),
        (b"id;na\n", 1, "missing: name, day; unknown in position: 2"),
        (b"id;name;day;day\n", 1, "more than once: day"),
        (b"id;day;name\n", 1, "columns in another order"),
        (b"id;name;day;\n", 1, "unknown in position: 4"),
        (b'id;name;day\n1;a;\n2;"b;\n3;c;\n', 3, "a quote that is not closed, or text after a closing quote"),
        (b'id;name;day\n1;"a"b;\n', 2, "a quote that is not closed, or text after a closing quote"),
    ],
)
def test_another_structure_is_refused(data: bytes, line: int, shape: str) -> None:
    """A header that is not the contract's and an open quote refuse the file, and say why without any cell."""
    assert refused(data) == Refusal("F13", line, shape)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n", b"  \n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    """A file without any text is not a feed without rows: it may have been cut."""
    assert refused(data).code == "F14"


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with too many bytes, rows, or characters in a cell is refused, up to the limit it is read."""
    monkeypatch.setattr(reader, "MAX_ROWS", 2)
    monkeypatch.setattr(reader, "MAX_CELL", 5)
    assert read(b"id;name;day\n1;aaaaa;\n2;;\n").read == 2
    assert refused(b"id;name;day\n1;;\n2;;\n3;;\n").code == "F14"
    assert refused(b"id;name;day\n1;aaaaaa;\n").code == "F13"
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    assert refused(b"id;name;day\n").code == "F14"
