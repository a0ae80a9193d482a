"""What partners read: every code in every language, and shapes without a word of English left in them."""

import io
import re
from collections import Counter
from itertools import permutations
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from openpyxl import Workbook

from contracts.findings import CATALOGUE
from contracts.model import Contract, Field, FileFormat, Limits
from contracts.profiles.model import Source
from contracts.profiles.source import read_export
from contracts.reader import Refusal, Table, read_table
from contracts.registry import contracts
from contracts.shapes import shape
from contracts.words import LANGUAGES, Language, de, en, fr, mend, nl, says, shape_in

TABLES = {"fr": fr, "de": de, "nl": nl, "en": en}
TRANSLATED: tuple[Language, ...] = ("fr", "de", "nl")
OTHERS_NAMES = {  # names that official texts of the language do not use
    "fr": r"\b(OCMW|ÖSHZ|INSZ|INSS|KBO|ZDU)\b",
    "de": r"\b(CPAS|OCMW|INSZ|BCE|KBO)\b",
    "nl": r"\b(CPAS|ÖSHZ|INSS|BCE|ZDU)\b",
    "en": r"\b(OCMW|ÖSHZ|INSZ|INSS|KBO|ZDU)\b",
}
ENGLISH = re.compile(r"\b(the|and|with|not|to|file|row|cell|column|sheet|number|save)\b")

COLUMNS = {column for contract in contracts("T") for column in contract.columns}
EXPECTED = sorted({field.expected for contract in contracts("T") for field in contract.fields})
TEXTS = [None, "1", "a", "-", "1a-", "12ab+-", "0" * 11]

CONTRACT = Contract(
    "TEST", "test", 1, "in", (Field("id", "text"), Field("name", "text"), Field("day", "text")), ("id",), None
)
HEADER = b"id;name;day\n"
DELIMITERS = (",", ";", "\t", "|", "^")
CSV, CP1252, XLSX = FileFormat(), FileFormat(encoding="cp1252"), FileFormat(kind="xlsx")


def _workbook(sheets: int) -> bytes:
    """Gives a workbook of as many sheets, each with a header."""
    book, file = Workbook(write_only=True), io.BytesIO()
    for _ in range(sheets):
        book.create_sheet().append(HEADER.decode().strip().split(";"))
    book.save(file)
    return file.getvalue()


def _with_sheet(part: bytes) -> bytes:
    """Gives a workbook whose one sheet is this part."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(BOOK)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, part if name.startswith("xl/worksheets/") else old.read(name))
    return file.getvalue()


BOOK = _workbook(1)
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FILES = [
    (b"", CSV, Limits()),
    (HEADER, CSV, Limits(file_bytes=10)),
    (HEADER + b"1;a;\n2;b;\n", CSV, Limits(rows=1)),
    (HEADER + b"1;abcdef;\n", CSV, Limits(cell=5)),
    (HEADER + b'1;"abc\ndef";\n', CSV, Limits(cell=5)),
    (HEADER + b"1;" * 300, CSV, Limits(cell=5)),
    (HEADER + b'1;"abc', CSV, Limits()),
    (HEADER + b"\0", CSV, Limits()),
    (HEADER + b"\x1a", CSV, Limits()),
    (HEADER.replace(b"\n", b"\r"), CSV, Limits()),
    (HEADER.decode().encode("utf-16"), CSV, Limits()),
    (HEADER + b"1;\xe9;\n", CSV, Limits()),
    (HEADER + "1;é;\n".encode(), CP1252, Limits()),
    (HEADER, FileFormat(encoding="none"), Limits()),
    (b"i", CSV, Limits()),
    (b"id;na", CSV, Limits()),
    (b"x;y\n", CSV, Limits()),
    (b"day;name;id\n", CSV, Limits()),
    (b"id;id;x;name\n", CSV, Limits()),
    (BOOK, CSV, Limits()),
    (HEADER, XLSX, Limits()),
    (HEADER + b"\0", XLSX, Limits()),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", XLSX, Limits()),
    (BOOK[:-1], XLSX, Limits()),
    (_workbook(2), XLSX, Limits()),
    (BOOK, XLSX, Limits(members=1)),
    (BOOK, XLSX, Limits(ratio=1)),
    (BOOK, XLSX, Limits(file_bytes=len(BOOK))),
    (_with_sheet(b"<" * 8_000_001), XLSX, Limits(ratio=10**6)),
    (
        _with_sheet(b'<worksheet xmlns="%s"><sheetData><row r="1048577"/></sheetData></worksheet>' % MAIN),
        XLSX,
        Limits(),
    ),
    *(
        (HEADER.replace(b";", written.encode()), FileFormat(delimiter=declared), Limits())
        for written, declared in permutations(DELIMITERS, 2)
        if written != "^"
    ),
]
EXPORTS = [
    (HEADER, Source("csv", header=2)),
    (HEADER, Source("fixed", header=0, layout=(("id", 2),))),
    (HEADER, Source("csv", header=0, layout=(("id", 0),))),
]


def _row_shapes() -> set[str]:
    """Gives the shapes of cells: any text, where any form is expected, and where only the value is wrong."""
    cells = pl.DataFrame({"text": TEXTS, "code": "R306"}, schema={"text": pl.String, "code": pl.String})
    found = (
        cells.select(shape(pl.col("text"), pl.col("code"), pl.lit(form))).to_series().to_list() for form in EXPECTED
    )
    ragged = read_table(HEADER + b"1\n2;b\n3;c;;\n", CONTRACT)
    assert isinstance(ragged, Table)
    return {*EXPECTED, *(text for texts in found for text in texts), *(finding.shape for finding in ragged.ragged)}


def _file_shapes() -> set[str]:
    """Gives the shapes of whole files that cannot be read."""
    answers: list[object] = [read_table(data, CONTRACT, form, limits) for data, form, limits in FILES]
    answers += [read_export(data, source, ["id"]) for data, source in EXPORTS]
    assert all(isinstance(answer, Refusal) for answer in answers)
    return {answer.shape for answer in answers if isinstance(answer, Refusal)}


SHAPES = sorted(_row_shapes() | _file_shapes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_told_in_every_language(language: Language) -> None:
    """Each code of the catalogue, and none beside it, has a sentence and how to mend it, short enough to be read."""
    assert list(TABLES[language].SENTENCES) == list(CATALOGUE)
    told = [text for pair in TABLES[language].SENTENCES.values() for text in pair]
    assert [text for text in told if not re.fullmatch(r"[A-ZÀÉÔÜ].{10,198}\.", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_for_two_codes(language: Language) -> None:
    """A reader can tell two codes apart by what they say, and by how they are mended."""
    told = [text for pair in TABLES[language].SENTENCES.values() for text in pair]
    assert [text for text, times in Counter(told).items() if times > 1] == []


def test_no_sentence_stands_in_two_languages() -> None:
    """Each language has its own sentences."""
    told = [text for table in TABLES.values() for pair in table.SENTENCES.values() for text in pair]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_official_names_are_those_of_the_language(language: Language) -> None:
    """CPAS, ÖSHZ, OCMW: each language names the institutions and the numbers as its own readers do."""
    told = [text for code in CATALOGUE for text in (says(code, language), mend(code, language))]
    assert [text for text in told if re.search(OTHERS_NAMES[language], text)] == []
    assert language == "en" or [text for text in told if ENGLISH.search(text)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_shape_is_translated_whole(language: Language) -> None:
    """Beside phrases of the table a shape holds numbers, names of columns and encodings, and signs: no English."""
    kept = {*COLUMNS, *CONTRACT.columns, "UTF", "utf", "cp1252"}
    for told in SHAPES:
        rest = _phrases(language).sub("", told)
        assert set(re.findall(r"[^\W\d]\w*", rest)) <= kept, told


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_expectation_of_a_contract_is_one_phrase(language: Language) -> None:
    """No part of what a column expects is taken for a phrase of its own."""
    assert [text for text in EXPECTED if [match[0] for match in _phrases(language).finditer(text)] != [text]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_columns_stay_as_they_are(language: Language) -> None:
    """A translation changes the words: not the counts, and not the names of columns."""
    for told in SHAPES:
        assert re.findall(r"\d+", str(shape_in(language, told))) == re.findall(r"\d+", told)
    assert [column for column in COLUMNS if shape_in(language, column) != column] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_phrase_is_dead(language: Language) -> None:
    """Each phrase of the table translates something that a contract, a cell or a file can be told."""
    phrases = TABLES[language].PHRASES
    found = {match[0] for told in SHAPES for match in _phrases(language).finditer(told)}
    used = {next(phrase for phrase in phrases if re.fullmatch(phrase, text)) for text in found}
    assert [phrase for phrase in phrases if phrase not in used] == []


@pytest.mark.parametrize(
    ("told", "french", "german", "dutch"),
    [
        (
            "10 digits, 11 digits expected",
            "10 chiffres, 11 chiffres attendus",
            "10 Ziffern, 11 Ziffern erwartet",
            "10 cijfers, 11 cijfers verwacht",
        ),
        (
            "1 digit, 1 letter, 1 other, a date YYYY-MM-DD expected",
            "1 chiffre, 1 lettre, 1 autre caractère, une date AAAA-MM-JJ attendue",
            "1 Ziffer, 1 Buchstabe, 1 anderes Zeichen, ein Datum JJJJ-MM-TT erwartet",
            "1 cijfer, 1 letter, 1 ander teken, een datum JJJJ-MM-DD verwacht",
        ),
        ("41 cells, 42 expected", "41 cellules, 42 attendues", "41 Zellen, 42 erwartet", "41 cellen, 42 verwacht"),
        (
            "the delimiter is a comma, a semicolon is expected",
            "le séparateur est une virgule, il faut un point-virgule",
            "das Trennzeichen ist ein Komma, erwartet ist ein Semikolon",
            "het scheidingsteken is een komma, verwacht is een puntkomma",
        ),
    ],
)
def test_a_shape_reads_as_a_sentence(told: str, french: str, german: str, dutch: str) -> None:
    """Singular and plural, and in French masculine and feminine, agree with what is counted or expected."""
    assert [shape_in(language, told) for language in LANGUAGES] == [french, german, dutch, told]


def test_a_finding_without_a_shape_has_none_in_any_language() -> None:
    """Nothing is told of a value where nothing was seen."""
    assert [shape_in(language, None) for language in LANGUAGES] == [None] * len(LANGUAGES)


def _phrases(language: Language) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(TABLES[language].PHRASES)})(?!\w)")
