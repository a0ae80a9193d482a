"""Reading a file that may be cut, stall, or change while it is read.

Decides what is the same file still: after a cut, reading goes on where it stopped if size and time are told and are
what they were; else the file is read from its beginning at the next visit. Whether the bytes are those that the partner
meant is for who knows their hash.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from connectors import _wire
from connectors._pipes import read_from
from connectors._visit import Visit, attributes, opened
from connectors._wire import Attributes, Session
from connectors.errors import Changed, TooLarge, Unreachable

_TOO_LARGE = "more bytes than we take"
_READING = struct.pack(">I", _wire.FOR_READING)


@dataclass(slots=True)
class _Reading:
    """How far it got, and what the server told of the file when it began."""

    path: bytes
    at: int
    told: Attributes | None = None


def download(visit: Visit, path: bytes, start: int) -> Iterator[bytes]:
    """The file's bytes from `start`, over as many connections as the limits allow.

    Changed if size or time, before and after, differ, or the bytes are not as many as the size says.
    """
    reading = _Reading(path, start)
    with visit.one_file() as ends:
        for left in range(visit.limits.resumes, -1, -1):
            session = visit.session
            try:
                yield from _rest(visit, session, reading)
                return
            except Unreachable:
                if not left or reading.told is None or None in (reading.told.size, reading.told.mtime):
                    raise
                visit.again(session, ends)


def _rest(visit: Visit, session: Session, reading: _Reading) -> Iterator[bytes]:
    """What is not read yet, on one connection."""
    with opened(session, _wire.OPEN, reading.path, _READING, _wire.NO_ATTRIBUTES) as handle:
        told = attributes(session, handle)
        before = reading.told = reading.told or told
        _require_same(before, told)
        end = _end(before, reading.at, visit.limits.max_bytes)
        for data in read_from(session, handle, reading.at, end):
            reading.at += len(data)
            if reading.at > end:
                raise Changed("longer than it said") if before.size == end else TooLarge(_TOO_LARGE)
            yield data
        _require_same(before, attributes(session, handle))
    if before.size not in (reading.at, None):
        raise Changed("it changed while it was read")


def _require_same(before: Attributes, now: Attributes) -> None:
    if (before.size, before.mtime) != (now.size, now.mtime):
        raise Changed("it changed while it was read")


def _end(before: Attributes, start: int, most: int) -> int:
    """Where the file should end; where we stop reading if the server does not say."""
    if before.size is None:
        return most
    if before.size > most:
        raise TooLarge(_TOO_LARGE)
    if start > before.size:
        raise Changed("it is shorter than what we have of it")
    return before.size
