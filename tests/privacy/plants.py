"""Leaks made on purpose: one file for each container and each encoding that the scan claims to read.

Each is written with the plain means of a library, never with the scan's own code, as an engineer would leak it by
accident. A scan that misses one of them proves nothing, and fails.
"""

import base64
import bz2
import gzip
import hashlib
import io
import json
import logging
import lzma
import pickle
import shutil
import sqlite3
import struct
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.privacy.scanner import Canary

# a person of this file only: born in 2003, so that the NISS begins with a zero
_NINE = "030405999"
NISS = f"{_NINE}{97 - int('2' + _NINE) % 97:02d}"
DOTTED = f"{NISS[:2]}.{NISS[2:4]}.{NISS[4:6]}-{NISS[6:9]}.{NISS[9:]}"
LAST, FIRST, BORN = "Zwîngelbrôuck", "Élisabéthine", "2003-04-05"
PHONE, EMAIL, DOSSIER = "+3240009999", "elisabethine.zwingelbrouck@courrier.example", "D99"
ROW = f"n-1;1;0;{NISS};{LAST};{FIRST};{BORN}\n"
PLANTED = [
    Canary("niss", NISS),
    Canary("last_name", LAST),
    Canary("first_name", FIRST),
    Canary("birth_date", BORN),
    Canary("phone", PHONE),
    Canary("email", EMAIL),
    Canary("dossier", DOSSIER),
]


def plant(folder: Path) -> set[str]:
    """Write every plant into the folder; the names of the files in which something must be found."""
    folder.mkdir(parents=True)
    for name, make in {**CONTAINERS, **ENCODINGS}.items():
        (folder / name).write_bytes(make())
    (folder / f"name of {NISS}.txt").write_text("clean")
    _databases(folder)
    _log(folder / "run.log")
    found = {path.name for path in folder.iterdir()} - {"rows.db-shm"}
    (folder / "clean.csv").write_text(f"token;status\nw1.abcd.{'Q' * 43};RECEIVED\n2026-03-09;{hashlib.md5(b'x')}\n")  # noqa: S324
    return found


def _zip(row: bytes) -> bytes:
    with zipfile.ZipFile(into := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet.xml", row)
    return into.getvalue()


def _tar(row: bytes, mode: str) -> bytes:
    with tarfile.open(fileobj=(into := io.BytesIO()), mode=mode) as archive:  # type: ignore[call-overload]
        about = tarfile.TarInfo("rows.csv")
        about.size = len(row)
        archive.addfile(about, io.BytesIO(row))
    return into.getvalue()


def _frame(write: Callable[[pl.DataFrame, io.BytesIO], object], **columns: object) -> bytes:
    write(pl.DataFrame({name: [value] * 50 for name, value in columns.items()}), into := io.BytesIO())
    return into.getvalue()


def _databases(folder: Path) -> None:
    """A database with a number and a text; one whose rows are still in its log; one with a deleted row."""
    for name in ("number.db", "deleted.db", "blob.db"):
        connection = sqlite3.connect(folder / name)
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t (n INTEGER, s TEXT, b BLOB)")
        packed = zlib.compress(ROW.encode()) if name == "blob.db" else None
        connection.execute("INSERT INTO t VALUES (?, ?, ?)", (int(NISS) if name == "number.db" else None, None, packed))
        if name == "deleted.db":
            connection.execute("UPDATE t SET s = ?", (ROW,))
            connection.commit()
            connection.execute("DELETE FROM t")
        connection.commit()
        connection.close()
    live = folder / "live.tmp"
    connection = sqlite3.connect(live)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (s TEXT)")
    connection.execute("INSERT INTO t VALUES (?)", (json.dumps({"name": LAST}),))
    connection.commit()
    shutil.copy(f"{live}-wal", folder / "rows.db-wal")
    shutil.copy(live, folder / "rows.db")
    connection.close()
    live.unlink()


def _log(path: Path) -> None:
    """The traceback of an exception that shows a row, as logging writes it."""
    logger, handler = logging.Logger("plant"), logging.FileHandler(path)
    logger.addHandler(handler)
    try:
        int(ROW)
    except ValueError:
        logger.exception("a step failed")
    handler.close()


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "rows.csv": ROW.encode,
    "rows.cp1252.csv": lambda: f"x;{LAST};y".encode("cp1252"),
    "rows.json": lambda: json.dumps({"rows": [{"first": FIRST}]}).encode(),
    "nested.json": lambda: json.dumps({"payload": json.dumps({"last": LAST})}).encode(),
    "rows.csv.gz": lambda: gzip.compress(ROW.encode()),
    "rows.csv.bz2": lambda: bz2.compress(ROW.encode()),
    "rows.csv.xz": lambda: lzma.compress(ROW.encode()),
    "rows.zlib": lambda: zlib.compress(ROW.encode(), 9),
    "book.xlsx": lambda: _zip(ROW.encode()),
    "rows.tar": lambda: _tar(ROW.encode(), "w"),
    "rows.tgz": lambda: _tar(ROW.encode(), "w:gz"),
    "gz.in.zip": lambda: _zip(gzip.compress(ROW.encode())),
    "parquet.in.tar": lambda: _tar(_frame(lambda f, to: f.write_parquet(to), n=NISS), "w"),
    "rows.parquet": lambda: _frame(lambda f, to: f.write_parquet(to, compression="zstd"), niss=NISS, x=1),
    "numbers.parquet": lambda: _frame(lambda f, to: f.write_parquet(to, compression="zstd"), niss=int(NISS)),
    "bytes.parquet": lambda: _frame(lambda f, to: f.write_parquet(to), b=gzip.compress(ROW.encode())),
    "lists.parquet": lambda: _frame(lambda f, to: f.write_parquet(to), a=[["x", LAST]]),
    "rows.arrow": lambda: _frame(lambda f, to: f.write_ipc(to, compression="lz4"), name=LAST),
    "rows.stream": lambda: _frame(lambda f, to: f.write_ipc_stream(to, compression="zstd"), name=LAST),
    "rows.pickle": lambda: pickle.dumps({"row": ROW}),
    "number.pickle": lambda: pickle.dumps([int(NISS)]),
    "frame.pickle": lambda: pickle.dumps(pl.DataFrame({"niss": [NISS]})),
}

_XY = b"xy"
ENCODINGS: dict[str, Callable[[], bytes]] = {
    "niss.plain": lambda: f"a{NISS}b".encode(),
    "niss.dotted": lambda: DOTTED.encode(),
    "niss.dashed": lambda: f"{NISS[:6]}-{NISS[6:9]}-{NISS[9:]}".encode(),
    "niss.slashed": lambda: f"{NISS[:2]}/{NISS[2:4]}/{NISS[4:6]} {NISS[6:9]}-{NISS[9:]}".encode(),
    "niss.spaced": lambda: f"{NISS[:6]} {NISS[6:9]} {NISS[9:]}".encode(),
    "niss.no_zero": lambda: f"niss={int(NISS)};".encode(),
    "niss.reversed": lambda: "".join(reversed(NISS)).encode(),
    "niss.utf16le": lambda: DOTTED.encode("utf-16-le"),
    "niss.utf16be": lambda: NISS.encode("utf-16-be"),
    "niss.hex": lambda: binary(NISS).hex().encode(),
    "niss.HEX": lambda: binary(DOTTED).hex().upper().encode(),
    "niss.base64.0": lambda: base64.b64encode(binary(NISS)),
    "niss.base64.1": lambda: base64.b64encode(_XY[:1] + binary(NISS) + _XY),
    "niss.base64.2": lambda: base64.b64encode(_XY + binary(DOTTED) + _XY),
    "name.base64url.0": lambda: base64.urlsafe_b64encode(binary(LAST)),
    "name.base64url.1": lambda: base64.urlsafe_b64encode(_XY[:1] + binary(LAST) + _XY),
    "name.base64url.2": lambda: base64.urlsafe_b64encode(_XY + binary(LAST) + _XY),
    "niss.int64le": lambda: _XY + struct.pack("<q", int(NISS)) + _XY,
    "niss.int64be": lambda: _XY + struct.pack(">q", int(NISS)) + _XY,
    "niss.float64": lambda: _XY + struct.pack("<d", float(NISS)) + _XY,
    "niss.decimals": lambda: str(list(binary(NISS))).encode(),
    "niss.url": lambda: urllib.parse.quote(f"https://x/?q={NISS[:2]}/{NISS[2:4]}/{NISS[4:6]} 999-{NISS[9:]}").encode(),
    "name.upper": lambda: LAST.upper().encode(),
    "name.plain": lambda: b"a Zwingelbrouck b",
    "name.lower": lambda: FIRST.lower().encode(),
    "name.utf16": lambda: LAST.encode("utf-16"),
    "name.url": lambda: urllib.parse.quote(FIRST).encode(),
    "name.xml": lambda: LAST.encode("ascii", "xmlcharrefreplace"),
    "name.repr": lambda: repr(LAST.encode()).encode(),
    "born.iso": lambda: f"x{BORN}y".encode(),
    "born.slashes": lambda: b"05/04/2003",
    "born.dots": lambda: b"05.04.2003",
    "phone": lambda: PHONE.encode(),
    "phone.bare": lambda: PHONE[1:].encode(),
    "email": lambda: EMAIL.encode(),
    "dossier": lambda: f'{{"ref": "{DOSSIER}"}}'.encode(),
}


def binary(text: str) -> bytes:
    """The text's bytes."""
    return bytes(text, "utf-8")


def _digest_plants() -> dict[str, Callable[[], bytes]]:
    """Unkeyed digests of the NISS, of each algorithm, in one of the forms by turns; and some cut short."""
    forms: list[Callable[[bytes], bytes]] = [
        bytes,
        lambda d: d.hex().encode(),
        lambda d: d.hex().upper().encode(),
        base64.b64encode,
        base64.urlsafe_b64encode,
    ]
    made: dict[str, Callable[[], bytes]] = {}
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s"):
        for n, form in enumerate(forms):
            made[f"{name}.{n}"] = lambda name=name, form=form: _XY + form(hashlib.new(name, binary(NISS)).digest())  # type: ignore[misc]
        made[f"{name}.url"] = lambda name=name: b"\n".join(  # type: ignore[misc]
            base64.urlsafe_b64encode(hashlib.new(name, text.encode(coding)).digest())
            for one in (LAST, FIRST, BORN, PHONE, EMAIL)
            for text in (one, one.upper())
            for coding in ("utf-8", "utf-16-le")
        )
    made["sha256.dotted"] = lambda: hashlib.sha256(binary(DOTTED)).hexdigest().encode()
    made["sha256.cut"] = lambda: hashlib.sha256(binary(NISS)).hexdigest()[:32].encode()
    made["sha256.name"] = lambda: hashlib.sha256(binary(LAST)).hexdigest().encode()
    made["sha1.utf16"] = lambda: hashlib.sha1(NISS.encode("utf-16-le")).hexdigest().encode()  # noqa: S324
    return made


ENCODINGS |= _digest_plants()
