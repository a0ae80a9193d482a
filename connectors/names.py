"""What a mailbox lists, and which names it may hold.

Decides, on the raw bytes, whether a name is safe to open and to show. One that is not is listed all the same,
with its problem: one bad name must not lose the folder. What a good name means is left to the caller.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connectors.errors import ProtocolBroken

PART = ".part"
"""The end of the names of files being written. Only such a file is ever replaced."""

_LONGEST = 255  # bytes: NAME_MAX of POSIX file systems
_UNSAFE = re.compile(rb"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file of a folder. `size` in bytes and `mtime` in seconds since 1970, None where not told.

    With `problem` None or "case twin" the name opens the file. Otherwise it is an escaped form, safe to print
    and to store, that no method accepts.
    """

    name: str
    size: int | None
    mtime: float | None
    problem: str | None = None


def entry(raw: bytes, size: int | None, mtime: float | None) -> Entry:
    """The entry for a name as it is in the folder."""
    found = problem(raw)
    return Entry(raw.decode() if found is None else _shown(raw), size, mtime, found)


def problem(raw: bytes) -> str | None:
    """Why this name cannot be used, in words without any of it; None if it can."""
    if raw in (b"", b".", b".."):
        return "reserved"
    if len(raw) > _LONGEST:
        return "over-long"
    if _UNSAFE.search(raw):
        return "unsafe character"
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "not UTF-8"
    return None if text.isprintable() else "unsafe character"


def with_twins(entries: Iterable[Entry]) -> list[Entry]:
    """The entries by name, those whose names differ only by case or accent encoding flagged: both, always."""
    listed = sorted(entries, key=lambda one: one.name)
    seen = Counter(_folded(one.name) for one in listed)
    return [
        replace(one, problem="case twin") if one.problem is None and seen[_folded(one.name)] > 1 else one
        for one in listed
    ]


def file_name(name: str) -> bytes:
    """The bytes of a name that may be opened; ProtocolBroken for any other."""
    try:
        raw = name.encode()
    except UnicodeEncodeError:
        raise ProtocolBroken("a name that is not UTF-8") from None
    if found := problem(raw):
        raise ProtocolBroken(f"a name that may not be used: {found}")
    return raw


def folder_parts(folder: str) -> Sequence[str]:
    """The names on the way to a folder, '' and '.' being where the mailbox begins. None of them leads out."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    for part in parts:
        file_name(part)
    return parts


def steps(parts: Sequence[str]) -> Iterable[Sequence[str]]:
    """Each folder on the way: a, a/b, a/b/c."""
    return (parts[:end] for end in range(1, len(parts) + 1))


def _shown(raw: bytes) -> str:
    """A printable form of any name, cut at 255 characters, in which every odd byte is an escape."""
    text = raw[: _LONGEST + 1].decode("ascii", "backslashreplace")
    escaped = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return escaped[: _LONGEST - 1] + "\\" if len(raw) > _LONGEST else escaped


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
