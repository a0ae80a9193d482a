"""From the bytes of a CSV file to UTF-8 text, in the declared encoding and no other.

Nothing is guessed: another encoding is recognised only to be named in the refusal. Line numbers are physical:
a line ends with LF, CR LF or a CR alone.
"""

from __future__ import annotations

import codecs
import re

from contracts.refusal import Refused

ZIP = b"PK"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old workbook, or a newer one with a password
_BOM = codecs.BOM_UTF8
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANK = b" \t\r\n\xc2\xa0"  # the last two are U+00A0, in cp1252 the last alone
_ODD = ((b"\0", "F21", "a NUL byte"), (b"\x1a", "F22", "a Ctrl-Z byte"))
_TOLD = 64  # bytes that tell UTF-16 without a mark from a stray NUL


def decoded(data: bytes, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    """Gives the text in UTF-8, without a byte order mark, and the notes on it; raises `Refused`."""
    _refuse_another_kind(data)
    marked = data.startswith(_BOM)
    text = data.removeprefix(_BOM)
    if not text.lstrip(_BLANK):
        raise Refused("F28", None, "empty")
    _refuse_odd_bytes(text)
    return _in_utf8(text, encoding), ("F19",) if marked else ()


def _refuse_another_kind(data: bytes) -> None:
    if data.startswith((ZIP + b"\x03\x04", OLE)):
        raise Refused("F32", None, "a workbook or an archive, a CSV file expected")
    if data.startswith(_UTF_16) or _is_bare_utf_16(data[:_TOLD]):
        raise Refused("F20", 1, "UTF-16")


def _is_bare_utf_16(start: bytes) -> bool:
    """Tells Latin text in UTF-16 without a mark: every second byte is NUL, and no other."""
    even, odd = start[0::2], start[1::2]
    return any(zeros and not any(zeros) and all(others) for zeros, others in ((even, odd), (odd, even)))


def _refuse_odd_bytes(text: bytes) -> None:
    for byte, code, shape in _ODD:
        if byte in text:
            raise Refused(code, _line_at(text, text.index(byte)), shape)
    if b"\r" in text and b"\n" not in text:
        raise Refused("F23", 1, "lines end with CR alone")


def _in_utf8(text: bytes, encoding: str) -> bytes:
    try:
        name = codecs.lookup(encoding).name
        if text.isascii():
            return text
        if name != "utf-8" and _is_utf8(text):
            raise Refused("F08", _line_at(text, _first_accent(text)), f"UTF-8, {encoding} expected")
        decoded = text.decode(name)
    except UnicodeDecodeError as error:
        raise Refused("F08", _line_at(text, error.start), f"a byte that is not {encoding}") from None
    except LookupError:
        raise Refused("F08", None, "the declared encoding is unknown") from None
    return text if name == "utf-8" else decoded.encode()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _first_accent(text: bytes) -> int:
    found = re.search(rb"[\x80-\xff]", text)
    return found.start() if found else 0


def _line_at(text: bytes, offset: int) -> int:
    ends = text.count(b"\n", 0, offset) + text.count(b"\r", 0, offset)
    return ends - text.count(b"\r\n", 0, offset + 1) + 1
