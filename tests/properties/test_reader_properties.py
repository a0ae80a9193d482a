"""What the reader keeps for any bytes: its fast path answers as the exact one, nothing raises, nothing leaks."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product

import openpyxl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.cells import Cells, gather, text_rows
from contracts.findings import CATALOGUE
from contracts.lines import line_cells
from contracts.model import Contract, Field, FileFormat, Limits
from contracts.reader import Refusal, read_table
from contracts.refusal import Refused

COLUMNS = ("id", "name", "day")
CONTRACT = Contract("TEST", "test", 1, "in", tuple(Field(name, "text") for name in COLUMNS), ("id",), None)
CANARY = "Kwyjibo"
SLOW = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

FORMS = [FileFormat(delimiter=d, quote=q) for d, q in product(";,\t|.\\^§", ('"', "'", "*", ""))]
PIECES = (
    *("", "", "a", "é", " a ", "\u00a0x\u00a0", "x" * 9, "é" * 8, "\u2028", "\x0c", "\x0b", "\x85", "\x1c", "\t"),
    *("\ufeff", "x\x01", "#", "\\", '\\"', "-0", "null", "NA", "''", '"', '""', '"a"', '"a;b"', '"a\nb"', '"a\r\nb"'),
    *('"a""b"', 'a"b', '" "', '"\u00a0"', ' "a"', '"a" ', '"', '""""', '"\r"', "😀", "[", "^", "*a*", "'a;'"),
)
cells = st.sampled_from(PIECES)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r\n", "\r", "\n\n", "\n \n", "\r\r\n", ""])
rows = st.lists(cells, min_size=3, max_size=3) | st.lists(cells, max_size=5)
plain = st.lists(st.sampled_from(PIECES[:30]), min_size=3, max_size=3)


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, FileFormat, Limits]:
    """Draws a text below a good header, how it is declared, and limits, mostly wide ones."""
    form = draw(st.just(FileFormat()) | st.sampled_from(FORMS))
    limits = draw(st.just(Limits()) | st.builds(Limits, rows=st.integers(0, 3), cell=st.integers(4, 9)))
    kind = draw(st.sampled_from([rows, plain]))
    end = draw(st.sampled_from([ends, st.just("\n"), st.just("\r\n")]))
    body = "".join(";".join(row) + draw(end) for row in draw(st.lists(kind, max_size=6)))
    told = str.maketrans({";": form.delimiter, '"': form.quote})
    head = draw(st.sampled_from(["", "\n", " \r\n"])) + ";".join(COLUMNS) + draw(st.sampled_from(["\n", "\r\n"]))
    return (head + body).translate(told).encode(), form, limits


def answer(work: Callable[[], Cells | None]) -> object:
    """Gives what a path answers in a form that compares."""
    try:
        found = work()
    except Refused as refused:
        return refused.refusal
    return found and (found.rows.rows(), found.lines.to_list(), list(found.ragged), found.rows.schema)


def test_the_fast_path_answers_as_the_exact_one() -> None:
    """Wherever the fast path answers, it gives the same cells, lines, widths or refusal as the exact one."""
    met: Counter[str] = Counter()

    @settings(SLOW, max_examples=1500)
    @given(texts())
    def holds(drawn: tuple[bytes, FileFormat, Limits]) -> None:
        text, form, limits = drawn
        exact = text_rows(text, form, replace(limits, cell=99))
        line, header = next(exact)
        assert list(header) == list(COLUMNS)
        exact = text_rows(text, form, limits)
        fast = answer(lambda: line_cells(text, line, COLUMNS, form, limits))
        met["fast" if fast else "exact"] += 1
        met["fast, quoted"] += bool(fast) and bool(form.quote) and form.quote.encode() in text
        met["fast, blank lines"] += bool(fast) and b"\n\n" in text
        if fast:
            next(exact, None)
            assert fast == answer(lambda: gather(exact, COLUMNS, limits))

    holds()
    print(dict(met))
    assert min(met["fast"], met["exact"], met["fast, quoted"], met["fast, blank lines"]) > 30, met


WRONG = {code for code, entry in CATALOGUE.items() if entry.level == "file" and entry.severity == "ERROR"}
SHAPES = re.compile(
    r"empty|UTF-16|UTF-8, cp1252 expected|a byte that is not (utf-8|cp1252)|a (NUL|Ctrl-Z) byte"
    r"|lines end with CR alone|a quote that is not closed, or text after a closing quote"
    r"|a cell of more than \d+ characters( over several lines: a quote that is not closed)?"
    r"|more than \d+ (bytes|rows)|\d+ cells, 3 expected|columns in another order"
    r"|a header of \d+ cells, 3 expected, and nothing below it"
    r"|no header row: no cell is a column of the contract"
    r"|the delimiter is a (comma|semicolon|tabulation|vertical bar), a (comma|semicolon) is expected"
    r"|(; |(missing|more than once|unknown in position): ((^|, )?(id|name|day|\d+|…))+)+"
    r"|a workbook or an archive, a CSV file expected|a text file, a workbook expected|not an xlsx workbook"
    r"|a workbook with a password, or of an old kind|a damaged workbook|\d sheets with content, 1 expected"
    r"|a sheet of more than \d+ rows or \d+ cells|a workbook of more than \d+ tags"
    r"|an archive (of|that unpacks to) more than \d+ (files|bytes|times its size)"
)
HEADER = ";".join(COLUMNS).encode()
GOOD = HEADER + f'\r\n1;{CANARY};x\r\n2;"{CANARY}\n";\r\n3;;{CANARY}\r\n'.encode()
NASTY = [
    *(
        b'"',
        b";",
        b"\n",
        b"\r",
        b"\r\n",
        b"\xe9",
        b"\xc3\xa9",
        b"\0",
        b"\x1a",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b",",
        b"PK",
    ),
    *(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CANARY.encode(), HEADER, b"id", b" ", b"\xa0"),
]


def judge(data: bytes, form: FileFormat) -> str:
    """Reads bytes under small limits, holds that the answer is sound and shows no cell, and gives its code."""
    limits = Limits(file_bytes=500_000, rows=3, cell=30, members=20)
    found = read_table(data, CONTRACT, form, limits)
    if isinstance(found, Refusal):
        assert found.code in WRONG
        assert SHAPES.fullmatch(found.shape), found.shape
        assert found.line is None or 1 <= found.line <= len(data) + 1
        return found.code
    starts = sorted([*found.lines, *(finding.line for finding in found.ragged)])
    assert all(one < other for one, other in pairwise([1, *starts]))
    assert found.rows.height == len(found.lines) == found.read - len(found.ragged) <= limits.rows
    assert found.rows.columns == list(COLUMNS)
    assert {finding.code for finding in found.ragged} <= {"R001", "R002"}
    assert all(SHAPES.fullmatch(finding.shape) for finding in found.ragged)
    assert set(found.notes) <= {"F19", "F27"}
    return "read"


def changed(data: bytes) -> st.SearchStrategy[bytes]:
    """Draws these bytes with up to three pieces put in or in the place of others, or cut."""
    piece = st.sampled_from(NASTY) | st.binary(max_size=3)
    edit = st.tuples(st.integers(0, len(data)), st.integers(0, 6) | st.just(len(data)), piece)

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        text = data
        for start, taken, put in edits:
            text = text[:start] + put + text[start + taken :]
        return text

    return st.lists(edit, max_size=3).map(apply)


def test_any_bytes_are_answered_without_a_value() -> None:
    """Any bytes, however declared, are a table or a refusal of the catalogue, and no shape holds a cell."""
    met: Counter[str] = Counter()
    pieces = st.lists(st.sampled_from(NASTY), max_size=8).map(b"".join)
    data = (
        changed(GOOD) | changed(GOOD) | pieces | pieces.map(lambda body: HEADER + b"\n" + body) | st.binary(max_size=40)
    )
    forms = st.builds(
        FileFormat,
        st.sampled_from(["csv", "csv", "csv", "xlsx"]),
        st.sampled_from(["utf-8", "cp1252"]),
        st.sampled_from(";;;,"),
    )

    @settings(SLOW, max_examples=1500)
    @given(data, forms)
    @example(HEADER + b"\n" + 40 * b"x", FileFormat())  # a long cell is drawn too seldom to count on
    def holds(data: bytes, form: FileFormat) -> None:
        met[judge(data, form)] += 1

    holds()
    print(dict(met))
    assert {"read", "F08", "F13", "F14", "F20", "F21", "F22", "F23", "F25", "F26", "F28", "F29", "F30"} <= set(met)
    assert {"F31", "F32", "F33"} <= set(met)


def workbook() -> bytes:
    """Builds a workbook with a good sheet and an empty one."""
    book = openpyxl.Workbook()
    for row in (COLUMNS, (1, CANARY, 45678.5), ("=1+1", True, "#N/A"), (None, None, 1e16)):
        book.worksheets[0].append(row)
    book.worksheets[0]["C2"].number_format = "dd/mm/yyyy"
    book.create_sheet()
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(parts: dict[str, bytes]) -> bytes:
    """Packs parts into an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def test_any_workbook_is_answered_without_a_value() -> None:
    """A workbook damaged as a file, or in any of its parts, is a table or a refusal, and no shape holds a cell."""
    met: Counter[str] = Counter()
    good = workbook()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    told = [
        b"1",
        b"0",
        b"-1",
        b"99999999999",
        b"1e400",
        b"nan",
        b"A1",
        b"ZZZ1",
        b"XFE9",
        b"s",
        b"e",
        b"d",
        b"<",
        b"/>",
        b"&x;",
        b"&#0;",
    ]
    inside = [name for name in parts if name.startswith("xl/") and "theme" not in name]

    @st.composite
    def damaged(draw: st.DrawFn) -> bytes:
        name = draw(st.sampled_from([*inside, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"]))
        places = [found.span() for found in re.finditer(rb'(?<=")[^"]+(?=")|(?<=>)[^<]+', parts[name])]
        part = parts[name]
        for start, end in sorted(
            draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True)), reverse=True
        ):
            part = part[:start] + draw(st.sampled_from(told) | st.binary(max_size=3)) + part[end:]
        return repacked(parts | {name: part})

    @settings(SLOW, max_examples=400)
    @given(damaged() | damaged() | changed(good))
    def holds(data: bytes) -> None:
        met[judge(data, FileFormat("xlsx"))] += 1

    holds()
    print(dict(met))
    assert min(met["read"], met["F33"]) > 8, met
