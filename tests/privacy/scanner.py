"""Searches folders for identities: in many spellings, in many encodings, inside the containers it can unpack.

What is looked for: each NISS, name, birth date, telephone, e-mail and dossier number of the stand-ins' people, in
the spellings of `_spellings` and the encodings of `_encoded`, and the digests of each that anybody could compute.

How false alarms are avoided, without looking away:
- a text of fewer than 8 bytes (`D00007`, `Benoit`) counts only between delimiters, as a cell or a JSON value;
- a birth date counts in full spellings only, and not at all when it is also a coded date of the exchange;
- digests are looked for by their first 10 bytes: still beyond chance, and a digest cut short is found too.
`Scanner.left_out` names the kinds of what was dropped. A container that cannot be read is reported, never skipped.
What is not found: values encrypted, compressed inside another file's body, or split over two SQLite pages of a
free list; a first name alone of 7 letters or fewer in running text; a keyed digest (see the dictionary test).
"""

import base64
import bz2
import contextlib
import hashlib
import io
import json
import lzma
import shutil
import sqlite3
import struct
import tarfile
import tempfile
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ALGORITHMS = ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
SHORT = 8  # bytes: shorter texts are words or numbers of everyday, and count between delimiters only
CUT = 10  # bytes of a digest
DEEP = 6  # containers in containers
PIECE = 64  # bytes unpacked at a time: what came before a fault is kept
DELIMITERS = [('"', '"'), (";", ";"), ("'", "'"), ("\n", ";"), (";", "\n"), ("=", " "), ("=", "\n")]

Part = tuple[str, bytes]  # where, and the bytes found there


@dataclass(frozen=True, slots=True)
class Canary:
    """A value that identifies somebody, and its kind: niss, last_name, first_name, birth_date, phone, …"""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One find. The value is not repeated: a report may be kept."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan found, what it could not read, and how much it read."""

    hits: list[Hit]
    unread: list[str]
    parts: int
    size: int
    files: int
    tables: set[str]

    def within(self, folder: Path) -> list[Hit]:
        """The finds below a folder."""
        return [hit for hit in self.hits if hit.place.startswith(f"{folder}/")]

    def files_below(self, folder: Path) -> set[str]:
        """The names, below a folder, of the files in which something was found."""
        return {hit.place.removeprefix(f"{folder}/").split("!")[0] for hit in self.within(folder)}


def read_canaries(partners: Path) -> list[Canary]:
    """The values that the stand-ins wrote down as those that must never leak."""
    lines = (partners / "truth" / "canaries.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines)
    return [Canary(kind, value) for kind, value in pairs if value]


class Scanner:
    """Needles made once, for as many scans as are wanted."""

    def __init__(self, canaries: Iterable[Canary], public_dates: Iterable[str] = ()) -> None:
        public = set(public_dates)
        self.left_out: Counter[str] = Counter()
        self._needles: dict[str, str] = {}
        self.canaries, self.ways = 0, set[str]()
        for canary in canaries:
            self.canaries += 1
            if canary.kind == "birth_date" and canary.value in public:
                self.left_out["birth_date"] += 1
                continue
            for needle, how in needles(canary):
                self.ways.add(how)
                self._needles.setdefault(needle.decode("latin-1"), f"{canary.kind} as {how}")

    def __len__(self) -> int:
        return len(self._needles)

    def add(self, needles: Mapping[bytes, str]) -> None:
        """Look for these bytes too, such as a key, or a digest under a stolen key."""
        self._needles |= {needle.decode("latin-1"): what for needle, what in needles.items()}

    def scan(self, *roots: Path) -> Report:
        """Search every file, and every file's name, below the folders."""
        unread: list[str] = []
        return self.search([part for root in roots for part in _walk(root, unread.append)], unread)

    def search(self, parts: Iterable[Part], unread: list[str] | None = None) -> Report:
        """Search bytes, as they are."""
        kept = [(place, body) for place, body in parts if body]
        texts = pl.Series([body.decode("latin-1") for _, body in kept], dtype=pl.String)
        patterns = list(self._needles)
        found = texts.str.extract_many(patterns).to_list()
        hits = [
            Hit(place, self._needles[needle])
            for (place, _), names in zip(kept, found, strict=True)
            for needle in dict.fromkeys(names or ())
        ]
        size, files = sum(len(body) for _, body in kept), len({place.split("!")[0] for place, _ in kept})
        tables = {place.split("!")[2] for place, _ in kept if place.count("!") > 1 and "!sqlite!" in place}
        return Report(hits, unread or [], len(kept), size, files, tables)

    @property
    def own_ways(self) -> set[str]:
        """The encodings that make needles no other makes: the others are found under another's name."""
        return {label.split(" as ")[1] for label in self._needles.values()}

    def told(self, report: Report) -> str:
        """How much a scan was, in one line."""
        return (
            f"{report.files} files, {report.parts} parts of them, {len(report.tables)} tables of databases,"
            f" {report.size} bytes searched for {self.canaries} canaries in {len(self.ways)} encodings"
            f" ({len(self)} needles): {len(report.hits)} finds"
        )


def needles(canary: Canary) -> Iterator[tuple[bytes, str]]:
    """The byte strings under which a value might lie somewhere, with how each came about."""
    for spelling in dict.fromkeys(_spellings(canary)):
        for needle, how in _encoded(spelling):
            if len(needle) >= SHORT:
                yield needle[:32], how
        if len(spelling.encode()) < SHORT:
            yield from ((f"{a}{spelling}{b}".encode(), "delimited text") for a, b in DELIMITERS)
        if canary.kind == "niss" or spelling in (canary.value, canary.value.upper()):
            yield from _digests(spelling)
    if canary.kind == "niss":
        yield from _numbers(int(canary.value))


def _spellings(canary: Canary) -> Iterator[str]:
    value = canary.value
    yield value
    match canary.kind:
        case "niss" if len(value) == 11:
            a, b, c, d, e = value[:2], value[2:4], value[4:6], value[6:9], value[9:]
            yield from (f"{a}.{b}.{c}-{d}.{e}", f"{a}{b}{c}-{d}-{e}", f"{a}-{b}-{c}-{d}-{e}", f"{a}{b}{c} {d} {e}")
            yield from (f"{a}/{b}/{c} {d}-{e}", f"{a}.{b}.{c}.{d}.{e}", value.lstrip("0"), value[::-1])
        case "birth_date":
            year, month, day = value.split("-")
            yield from (f"{day}/{month}/{year}", f"{day}.{month}.{year}", f"{day}-{month}-{year}")
        case "last_name" | "first_name":
            plain = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
            yield from (value.upper(), value.lower(), plain, plain.upper(), plain.lower())
            yield from (unicodedata.normalize("NFD", value), value[::-1])
        case "phone":
            yield value.removeprefix("+")
        case "email":
            yield value.upper()
        case _:
            return


def _encoded(text: str) -> Iterator[tuple[bytes, str]]:
    raw = text.encode()
    yield raw, "utf-8"
    if not text.isascii():
        yield text.encode("cp1252", "ignore"), "cp1252"
        escaped = json.dumps(text)[1:-1]
        yield from ((escaped.encode(), "JSON escapes"), (escaped.replace("\\", "\\\\").encode(), "JSON in JSON"))
        yield text.encode("ascii", "xmlcharrefreplace"), "XML references"
        yield repr(raw)[2:-1].encode(), "repr of bytes"
    yield from ((text.encode("utf-16-le"), "utf-16-le"), (text.encode("utf-16-be"), "utf-16-be"))
    yield from ((raw.hex().encode(), "hex"), (raw.hex().upper().encode(), "HEX"))
    yield from ((urllib.parse.quote(text, safe=safe).encode(), "url-quoted") for safe in ("", "/"))
    yield from ((core.encode(), "base64") for core in _base64_cores(raw))
    yield from ((sep.join(map(str, raw)).encode(), "decimal bytes") for sep in (", ", ",", " "))


def _base64_cores(raw: bytes) -> Iterator[str]:
    """For each of the three alignments, the characters that `raw` alone decides, in both alphabets."""
    for pad in range(3):
        coded = base64.b64encode(b"\0" * pad + raw).decode()
        odd = (pad + len(raw)) % 3
        core = coded[(0, 2, 3)[pad] : len(coded.rstrip("=")) - (1 if odd else 0)]
        yield from {core, core.replace("+", "-").replace("/", "_")}


def _digests(text: str) -> Iterator[tuple[bytes, str]]:
    """The unkeyed digests that anybody can compute, as raw bytes, hexadecimal and base64."""
    for raw in (text.encode(), text.encode("utf-16-le")):
        for name in ALGORITHMS:
            digest = hashlib.new(name, raw).digest()
            yield digest[:CUT], f"raw {name}"
            yield from ((digest.hex()[: 2 * CUT].encode(), f"hex {name}"),)
            yield digest.hex()[: 2 * CUT].upper().encode(), f"HEX {name}"
            yield base64.b64encode(digest)[:13], f"base64 {name}"
            yield base64.urlsafe_b64encode(digest)[:13], f"base64url {name}"


def _numbers(number: int) -> Iterator[tuple[bytes, str]]:
    """A NISS as a number: the fixed widths, those of SQLite (6 bytes) and pickle (5 bytes after a mark)."""
    yield number.to_bytes(8, "little"), "int64, little-endian"
    yield number.to_bytes(6, "big"), "int64 or SQLite integer, big-endian"
    yield b"\x8a\x05" + number.to_bytes(5, "little"), "pickled integer"
    for form in ("<d", ">d"):
        yield struct.pack(form, float(number)), "float64"


# ---- containers


def _walk(root: Path, unread: Callable[[str], None]) -> Iterator[Part]:
    for path in sorted(root.rglob("*")):
        place = str(path)
        yield f"{place}!name", f'"{path.name}"'.encode()
        if path.is_file() and not path.is_symlink():
            if path.name.endswith(("-wal", "-shm")):
                yield place, path.read_bytes()  # its rows are read with the database beside it
            else:
                yield from unpack(place, path.read_bytes(), unread, path)


def unpack(
    place: str, body: bytes, unread: Callable[[str], None], path: Path | None = None, depth: int = 0
) -> Iterator[Part]:
    """The bytes, and those of what is packed in them."""
    yield place, body
    for starts, name, opened in CONTAINERS:
        if not starts(body):
            continue
        if depth == DEEP:
            unread(f"{place}!{name}")
            return
        try:
            inner = list(_sqlite(body, path)) if name == "sqlite" else list(opened(body))
        except Exception:  # noqa: BLE001  whatever the reason, it was not searched
            unread(f"{place}!{name}")
            return
        for member, content in inner:
            yield from unpack(f"{place}!{name}{member}", content, unread, None, depth + 1)
        return


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda body: body.startswith(magic)


def _inflated(window: int) -> Callable[[bytes], Iterator[Part]]:
    """What comes out, up to the first fault if there is one.

    Their two bytes are no sure sign: of some ten thousand sealed or hashed cells one begins with them by chance.
    """

    def opened(body: bytes) -> Iterator[Part]:
        while body:
            machine, out, at = zlib.decompressobj(window), bytearray(), 0
            with contextlib.suppress(zlib.error):
                while at < len(body) and not machine.eof:
                    out += machine.decompress(body[at : at + PIECE])
                    at += PIECE
            yield "", bytes(out)
            body = machine.unused_data + body[at:] if machine.eof else b""

    return opened


def _is_tar(body: bytes) -> bool:
    return body[257:262] == b"ustar"


def _zip(body: bytes) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        yield from ((f"!{name}", archive.read(name)) for name in archive.namelist())


def _tar(body: bytes) -> Iterator[Part]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        for member in archive:
            yield f"!{member.name}", f'"{member.name}"'.encode()
            if content := archive.extractfile(member):
                yield f"!{member.name}", content.read()


def _frame(read: Callable[[io.BytesIO], pl.DataFrame]) -> Callable[[bytes], Iterator[Part]]:
    return lambda body: _cells(read(io.BytesIO(body)))


def _cells(frame: pl.DataFrame) -> Iterator[Part]:
    """Every cell as text, and every binary cell as it is."""
    for column in frame:
        cells = column.to_list()
        yield f"!{column.name}", b"\n" + b"".join(_cell(cell) for cell in cells)
        yield from ((f"!{column.name}", cell) for cell in cells if isinstance(cell, bytes))


def _cell(cell: object) -> bytes:
    return cell + b"\n" if isinstance(cell, bytes) else f'"{cell}"\n'.encode("utf-8", "surrogatepass")


def _sqlite(body: bytes, path: Path | None) -> Iterator[Part]:
    """Every cell of every table, the write-ahead log beside the file included; its pages are searched raw too."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        copy = Path(folder) / "copy"
        copy.write_bytes(body)
        wal = path.with_name(path.name + "-wal") if path else None
        if wal and wal.exists():
            shutil.copy(wal, f"{copy}-wal")
        connection = sqlite3.connect(copy)
        try:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608  the names are its own
                yield f"!{table}", b"\n" + b"".join(_cell(cell) for row in rows for cell in row)
                yield from ((f"!{table}", cell) for row in rows for cell in row if isinstance(cell, bytes))
        finally:
            connection.close()


CONTAINERS: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], Iterable[Part]]], ...] = (
    (_starts(b"\x1f\x8b"), "gz", _inflated(31)),
    (_starts(b"BZh"), "bz2", lambda body: [("", bz2.decompress(body))]),
    (_starts(b"\xfd7zXZ"), "xz", lambda body: [("", lzma.decompress(body))]),
    (_starts(b"\x78\x9c", b"\x78\xda", b"\x78\x01"), "zlib", _inflated(15)),
    (_starts(b"PK\x03\x04"), "zip", _zip),
    (_is_tar, "tar", _tar),
    (_starts(b"PAR1"), "parquet", _frame(lambda file: pl.read_parquet(file))),
    (_starts(b"ARROW1"), "arrow", _frame(lambda file: pl.read_ipc(file))),
    (_starts(b"\xff\xff\xff\xff"), "arrow-stream", _frame(lambda file: pl.read_ipc_stream(file))),
    (_starts(b"SQLite format 3\0"), "sqlite", lambda body: ()),
)
