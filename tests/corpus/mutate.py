"""Draws files that nobody has thought of: good ones and those of the corpus, changed at random from a seed.

Cells hold words that stand nowhere else (`CANARIES`), so that an answer that repeats a cell shows it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from contracts.model import Environment, FileFormat, Limits
from tests.corpus.recipe import GOOD, XLSX, Damaged, sheet_of, table
from tests.corpus.rows import ROWS
from tests.corpus.whole_files import WHOLE_FILES
from tests.corpus.workbooks import WORKBOOKS

WORD, NUMBER = "Kwyjibo", "85073099932"  # the number is an invented person's
CANARIES = (WORD, WORD.upper(), NUMBER, "850730-999-32", "Dubois", "zoe@example", "470000000", "A123", "R62063-2025")
FEEDS = sorted(GOOD)
_LONGEST = 12_000  # bytes of a file to start from: what matters is how many different ones are tried
_HARD = Limits(file_bytes=20_000, rows=8, cell=60, ratio=20, members=12)

FORMS = (
    *[FileFormat()] * 12,
    *[FileFormat(dates="dmy")] * 2,
    *[FileFormat(encoding="cp1252")] * 2,
    *(FileFormat(delimiter=delimiter) for delimiter in ",\t|"),
    FileFormat(quote="'"),
    FileFormat(encoding="cp1252", delimiter=",", quote="'", dates="dmy"),
    XLSX,
    FileFormat("xlsx", dates="dmy"),
)
PIECES = (
    *(
        b'"',
        b"'",
        b";",
        b",",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"\x1a",
        b"\x07",
        b" ",
        b"\xa0",
        b"\xc2\xa0",
    ),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xe9", b"\xc3\xa9", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(
        "\u2028".encode(),
        "\ufeff".encode(),
        "😀".encode(),
        "٨".encode(),
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ),
    *(WORD.encode(), NUMBER.encode(), b"notice_id", b"niss", b"a" * 70, b"9" * 40, b";" * 50, b'""', b'";"', b"=1+1"),
)
CELLS = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "9",
        "1.0",
        "1,5",
        "38",
        "1e9",
        "8.50731E+10",
        "45678",
        "45678.5",
        "31/12/2024",
        "12/31/24",
    ),
    *(
        "TRUE",
        "VRAI",
        "#N/A",
        "#REF!",
        "8507310003",
        NUMBER,
        "850730-999-32",
        "81120103571",
        "99999999999",
        "٨٥٠٧٣١٠٠٠٣١",
    ),
    *("2025-02-30", "2025-02-28", "2099-01-01", "0001-01-01", "1985-00-00", "2016-10-31", "2025-03-01T25:00Z"),
    *(
        "2025-03-01T23:59:60+14:00",
        "62063",
        "62063.0",
        "82005",
        "63023",
        "62064",
        "236363165",
        "2000000141",
        "R52011-2025-000001",
    ),
    *(
        WORD,
        f"{WORD} {NUMBER}",
        f"{WORD}\n{WORD}",
        "é" * 130,
        "9" * 400,
        "CDI",
        "A|B",
        "|",
        "fr:A1|",
        "\u00a0",
        "NaN",
        "null",
        "{x}",
    ),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file to be answered: under which feed, how it is declared, and what is too large."""

    feed: str
    data: bytes
    form: FileFormat
    limits: Limits
    environment: Environment


def drawn(seed: int) -> Drawn:
    """Draws the file of a seed: always the same one."""
    random = Random(seed)
    feed = random.choice(FEEDS)
    if random.random() < 0.4:
        damaged = random.choice(_small_corpus())
        feed, data, form = damaged.feed, damaged.data, damaged.form
    else:
        form = random.choice(FORMS)
        data = _good_workbook(feed, random.randrange(2)) if form.kind == "xlsx" else _written(random, feed, form)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 6))):
        data = random.choice(WAYS)(random, data)
    if random.random() < 0.04:
        form = random.choice(FORMS)
    if random.random() < 0.02:
        feed = random.choice(FEEDS)
    limits = _HARD if random.random() < 0.1 else Limits()
    return Drawn(feed, data, form, limits, "R" if random.random() < 0.1 else "T")


@cache
def _small_corpus() -> Sequence[Damaged]:
    return [damaged for damaged in (*WHOLE_FILES, *ROWS, *WORKBOOKS) if len(damaged.data) < _LONGEST]


@cache
def _good_workbook(feed: str, rows: int) -> bytes:
    words = {name: WORD for name in ("last_name", "title", "name") if name in GOOD[feed]}
    return sheet_of(feed, *[words] * (rows + 1))


def _written(random: Random, feed: str, form: FileFormat) -> bytes:
    """Writes up to four rows, some of whose cells are others, as they are declared."""
    changed = [
        random.choices((0, 1, 2, len(GOOD[feed]) // 3), (3, 4, 2, 1))[0]
        for _ in range(random.choice((0, 1, 1, 2, 2, 3)))
    ]
    rows = [{name: random.choice(CELLS) for name in random.sample(list(GOOD[feed]), k)} for k in changed]
    quote = form.quote if random.random() < 0.7 else ""
    text = table(feed, *rows, delimiter=form.delimiter, quote=quote)
    return text.encode(form.encoding, "replace")


def _span(random: Random, data: bytes, most: int = 40) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.randint(0, most))


def put_in(random: Random, data: bytes) -> bytes:
    """Puts a piece in, in the place of nothing or of some bytes."""
    start, end = _span(random, data, random.choice((0, 0, 1, 8)))
    return data[:start] + random.choice(PIECES) + data[end:]


def flip(random: Random, data: bytes) -> bytes:
    """Turns bits of some bytes over."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(random: Random, data: bytes) -> bytes:
    """Leaves the end out."""
    return data[: random.randint(0, len(data))]


def take_out(random: Random, data: bytes) -> bytes:
    """Leaves some bytes out."""
    start, end = _span(random, data)
    return data[:start] + data[end:]


def repeat(random: Random, data: bytes) -> bytes:
    """Writes some bytes several times."""
    start, end = _span(random, data, 200)
    return data[:end] + data[start:end] * random.randint(1, 3) + data[end:]


def move_lines(random: Random, data: bytes) -> bytes:
    """Writes lines in another order, or some of them twice or not at all."""
    lines = data.splitlines(keepends=True)
    return b"".join(random.choices(lines, k=len(lines))) if lines else data


def change_cell(random: Random, data: bytes) -> bytes:
    """Writes another text into a cell below the header."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    delimiter = random.choice((b";", b";", b";", b",", b"\t"))
    cells = lines[at].split(delimiter)
    cells[random.randrange(len(cells))] = random.choice(CELLS).encode()
    lines[at] = delimiter.join(cells)
    return b"\n".join(lines)


def write_again(random: Random, data: bytes) -> bytes:
    """Saves the text in another encoding, with other line ends or another delimiter."""
    text = data.decode("utf-8", "replace")
    ways: Sequence[Callable[[], bytes]] = (
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-16-be"),
        lambda: text.encode("cp1252", "replace"),
        lambda: text.encode("utf-8-sig"),
        lambda: text.replace("\n", random.choice(("\r", "\r\n", "\n\r"))).encode(),
        lambda: text.replace(";", random.choice(",\t|")).encode(),
    )
    return random.choice(ways)()


def change_part(random: Random, data: bytes) -> bytes:
    """Changes a part of a workbook and packs it again; any other bytes it flips."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError, zlib.error):
        return flip(random, data)
    sheets = [name for name in parts if "sheet" in name] or list(parts) or ["x"]
    name = random.choice(sheets)
    told = parts.get(name, b"")
    parts[name] = random.choice((put_in, flip, cut, take_out, repeat, _other_value))(random, told)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return file.getvalue()


def _other_value(random: Random, part: bytes) -> bytes:
    """Puts another value between two tags of a sheet."""
    pieces = part.split(b">")
    at = random.randrange(len(pieces))
    _, found, rest = pieces[at].partition(b"<")
    pieces[at] = random.choice((b"1e400", b"-1", b"99999999999", b"nan", random.choice(CELLS).encode())) + found + rest
    return b">".join(pieces)


WAYS = (
    put_in, put_in, put_in, flip, cut, take_out, repeat, move_lines, change_cell, change_cell, change_cell, change_cell,
    write_again, change_part, change_part,
)  # fmt: skip
