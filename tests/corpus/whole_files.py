"""Files damaged on their way, by a program that saves them or by the hand that mends them."""

from __future__ import annotations

import codecs

from contracts.model import FileFormat, Limits
from tests.corpus.recipe import GOOD, XLSX, Damaged, good, header, refused, sheet_of, table

CP1252, COMMA = FileFormat(encoding="cp1252"), FileFormat(delimiter=",")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _second(feed: str) -> str:
    """Gives a good row that says something else than the first."""
    return good(feed).replace("2025-03-01;2025-03-01T", "2025-02-28;2025-03-01T", 1)


def _two(feed: str, end: str = "\n") -> str:
    """Writes the good table of a feed: a header and two rows."""
    return end.join([header(feed), good(feed), _second(feed), ""])


def _kept(what: str, feed: str, data: bytes, *notes: str, form: FileFormat | None = None, rows: int = 2) -> Damaged:
    """Makes a file whose rows are all accepted."""
    return Damaged(what, feed, data, form or FileFormat(), totals=(rows, rows, 0, 0), notes=notes)


BYTES = [
    _kept("a byte order mark", "ORIE", codecs.BOM_UTF8 + _two("ORIE").encode(), "F19"),
    _kept("the last line end is missing", "SITU", _two("SITU").encode()[:-1], "F27"),
    _kept("a byte order mark and no last line end", "OFFR", codecs.BOM_UTF8 + _two("OFFR").encode()[:-1], "F19", "F27"),
    refused("UTF-16, little-endian", "SITU", _two("SITU").encode("utf-16"), "F20", 1),
    refused("UTF-16, big-endian", "MOBI", codecs.BOM_UTF16_BE + _two("MOBI").encode("utf-16-be"), "F20", 1),
    refused("UTF-16 without its mark", "STAT", _two("STAT").encode("utf-16-le"), "F20", 1),
    refused("a NUL byte in the second row", "INSC", (_two("INSC")[:-4] + "\0;;\n").encode(), "F21", 3),
    refused("a Ctrl-Z at the end", "FORM", _two("FORM").encode() + b"\x1a", "F22", 4),
    refused("a Ctrl-Z that cuts the file", "JOBD", _two("JOBD").encode()[:-30] + b"\x1a\r\n", "F22", 3),
    refused("cp1252 where UTF-8 is declared", "ORIE", _two("ORIE").encode("cp1252"), "F08", 2),
    refused("UTF-8 where cp1252 is declared", "CATA", _two("CATA").encode(), "F08", 2, form=CP1252),
    refused("a byte that cp1252 does not have", "MOBI", _two("MOBI").encode() + b"\x81\n", "F08", 4, form=CP1252),
    refused("UTF-8 cut inside a letter", "FORM", _two("FORM").encode().split("é".encode())[0] + b"\xc3\n", "F08", 2),
    _kept("cp1252 as declared", "JOBD", _two("JOBD").encode("cp1252"), form=CP1252),
]
LINES = [
    refused("lines that end with CR alone", "CATA", _two("CATA", "\r").encode(), "F23", 1),
    _kept("lines that end with CR and LF", "MOBI", _two("MOBI", "\r\n").encode()),
    _kept("CR LF on some lines, LF on others", "OFFR", _two("OFFR").replace("\n", "\r\n", 1).encode()),
    _kept(
        "one line ends with CR among LF", "MANQ", "\r".join(_two("MANQ").split("\n", 2)[:2]).encode() + b"\n", rows=1
    ),
    Damaged(
        "blank lines before, between and below rows",
        "INSC",
        f"\n{header('INSC')}\n\n \n{good('INSC')}\n\u00a0\n;;\n\n".encode(),
        found=((7, None, "R001"),),
        totals=(2, 1, 0, 1),
    ),
    refused("no byte at all", "ORIE", b"", "F28", None),
    refused("blanks only", "STAT", " \t\r\n\u00a0\r\n".encode(), "F28", None),
    refused("a byte order mark and nothing else", "SITU", codecs.BOM_UTF8, "F28", None),
    _kept("a header and no row", "MANQ", (header("MANQ") + "\n").encode(), rows=0),
    _kept("a header and no row, without line end", "MUTA", header("MUTA").encode(), "F27", rows=0),
    Damaged(
        "the last row cut short",
        "STAT",
        _two("STAT").encode()[:-20],
        found=((3, None, "R001"),),
        totals=(2, 1, 0, 1),
        notes=("F27",),
    ),
]
_ORIE, _FORM, _MUTA = list(GOOD["ORIE"]), list(GOOD["FORM"]), list(GOOD["MUTA"])
HEADERS = [
    refused("a column twice", "JOBD", _two("JOBD").replace("place;nis", "nis;nis").encode(), "F24", 1),
    refused("a header cut inside a name, and nothing below", "MANQ", header("MANQ").encode()[:70], "F26", 1),
    refused("a header cut after a name, and nothing below", "MUTA", (";".join(_MUTA[:5]) + "\n").encode(), "F26", 1),
    refused(
        "a header that is cut, with rows below", "ORIE", _two("ORIE").replace(";informed_on", "", 1).encode(), "F13", 1
    ),
    refused("a name in capitals", "STAT", _two("STAT").replace("niss", "NISS", 1).encode(), "F13", 1),
    refused("a blank inside a name", "INSC", _two("INSC").replace("notice_id", "notice id", 1).encode(), "F13", 1),
    _kept("blanks around names", "SITU", _two("SITU").replace(";niss;", "; niss\u00a0;", 1).encode()),
    refused("a column is missing", "FORM", _two("FORM").replace(";kind;", ";", 1).encode(), "F13", 1),
    refused("a column too many", "OFFR", _two("OFFR").replace("\n", ";remark\n", 1).encode(), "F13", 1),
    refused(
        "columns in another order",
        "CATA",
        _two("CATA").replace("notice_id;version", "version;notice_id", 1).encode(),
        "F13",
        1,
    ),
    refused("empty columns on the right", "MUTA", _two("MUTA").replace("\n", ";;\n").encode(), "F13", 1),
    refused("no header", "JOBD", f"{good('JOBD')}\n".encode(), "F30", 1),
    refused("a title above the header", "SITU", f"Situations de mars\n{_two('SITU')}".encode(), "F30", 1),
    refused(
        "the line that spreadsheets use to tell the delimiter", "MOBI", f"sep=;\n{_two('MOBI')}".encode(), "F30", 1
    ),
    Damaged(
        "two files one below the other",
        "MUTA",
        (_two("MUTA") + _two("MUTA")).encode(),
        found=(
            (4, "effective_date", "R306"),
            (4, "kind", "R301"),
            (4, "niss", "R101"),
            (4, "notice_id", "R306"),
            (4, "notice_status", "R301"),
            (4, "recorded_at", "R306"),
            (4, "replaced_by", "R101"),
            (4, "version", "R306"),
        ),
        totals=(5, 4, 0, 1),
        repeated=(2, 0),
    ),
]
DELIMITERS = [
    refused("commas", "ORIE", table("ORIE", {}, delimiter=",").encode(), "F29", 1),
    refused("tabulations", "INSC", table("INSC", {}, delimiter="\t").encode(), "F29", 1),
    refused("vertical bars", "MANQ", table("MANQ", {}, delimiter="|").encode(), "F29", 1),
    refused("semicolons where commas are declared", "STAT", _two("STAT").encode(), "F29", 1, form=COMMA),
    refused("commas and quotes", "MOBI", table("MOBI", {}, delimiter=",", quote='"').encode(), "F29", 1),
    _kept("commas as declared", "MUTA", _two("MUTA").replace(";", ",").encode(), form=COMMA),
    _kept(
        "tabulations and single quotes as declared",
        "CATA",
        table("CATA", {}, delimiter="\t", quote="'").encode(),
        form=FileFormat(delimiter="\t", quote="'"),
        rows=1,
    ),
]
QUOTES = [
    _kept("every cell in quotes", "SITU", table("SITU", {}, quote='"').encode(), rows=1),
    refused("a quote that is not closed", "MOBI", (_two("MOBI") + '"' + good("MOBI") + "\n").encode(), "F25", 4),
    refused(
        "text after a closing quote", "MANQ", (_two("MANQ") + '"n-1"1' + good("MANQ")[3:] + "\n").encode(), "F25", 4
    ),
    refused("a quote that is not closed in the header", "FORM", ('"' + _two("FORM")).encode(), "F25", 1),
    refused(
        "a quote that is not closed, with a long text below",
        "INSC",
        (header("INSC") + '\n"' + (good("INSC") + "\n") * 9).encode(),
        "F25",
        2,
        limits=Limits(cell=200),
    ),
    Damaged(
        "a line break inside quotes, and a fault two lines below",
        "ORIE",
        table("ORIE", {"last_name": '"Dubois\nÉpée"'}, {}, {"postal_code": "B4000"}).encode(),
        found=((2, "last_name", "R306"), (5, "postal_code", "R306")),
        totals=(3, 1, 0, 2),
        cells=("Dubois\nÉpée", "B4000"),
    ),
    Damaged(
        "a delimiter inside quotes, and one without them",
        "JOBD",
        table("JOBD", {"access_note": '"Entrée A; salle 2"'}, {"access_note": "Entrée A; salle 2"}).encode(),
        found=((2, "access_note", "R306"), (3, None, "R002")),
        totals=(2, 0, 0, 2),
        cells=("Entrée A; salle 2", "Entrée A"),
    ),
]
WIDTHS = [
    Damaged(
        "a cell too few and a cell too many",
        "OFFR",
        f"{_two('OFFR')}{good('OFFR').partition(';')[2]}\n{good('OFFR')};\n".encode(),
        found=((4, None, "R001"), (5, None, "R002")),
        totals=(4, 2, 0, 2),
    ),
    Damaged(
        "every row one cell too long",
        "JOBD",
        (header("JOBD") + "\n" + f"{good('JOBD')};\n" * 21).encode(),
        found=tuple((line, None, "R002") for line in range(2, 23)),
        totals=(21, 0, 0, 21),
        too_bad=True,
    ),
    refused("too many bytes", "STAT", _two("STAT").encode(), "F14", None, limits=Limits(file_bytes=700)),
    refused("too many rows", "FORM", _two("FORM").encode(), "F14", None, limits=Limits(rows=1)),
    refused("a cell too long", "CATA", _two("CATA").encode(), "F31", 2, limits=Limits(cell=30)),
    refused("a row too long", "MUTA", (_two("MUTA") + ";" * 5001).encode(), "F31", 4, limits=Limits(cell=50)),
]
KINDS = [
    refused("a workbook where CSV is declared", "SITU", sheet_of("SITU", {}), "F32", None),
    refused("an old workbook where CSV is declared", "OFFR", OLE + bytes(504), "F32", None),
    refused("CSV where a workbook is declared", "MOBI", _two("MOBI").encode(), "F32", None, form=XLSX),
]
WHOLE_FILES = [*BYTES, *LINES, *HEADERS, *DELIMITERS, *QUOTES, *WIDTHS, *KINDS]
