"""Moving a file's bytes over a session with a bounded number of requests under way.

Decides how many and how large: at most WINDOW requests of CHUNK bytes, so that a round trip costs little and
memory is bounded (2 MiB) whatever the size of the file. Whether the bytes are the whole file is the caller's.
"""

import struct
from collections import deque
from collections.abc import Iterator
from itertools import islice

from connectors._wire import DATA, READ, STATUS, WRITE, Ended, Session, string
from connectors.errors import ProtocolBroken

CHUNK = 1 << 15  # bytes; what every server accepts (draft-ietf-secsh-filexfer-02, section 3)
WINDOW = 64


def read_from(session: Session, handle: bytes, start: int, end: int) -> Iterator[bytes]:
    """The file's bytes from `start`, in order, to its end or to one byte past `end`: that one should not be.

    A server may answer with less than was asked (section 6.4 of the draft): the rest is then asked again.
    """
    plan = _plan(start, end)
    under_way: deque[tuple[int, int, int]] = deque()
    try:
        while True:
            under_way.extend(_ask(session, handle, *piece) for piece in islice(plan, WINDOW - len(under_way)))
            if not under_way:
                return
            number, at, count = under_way.popleft()
            if not (data := _data(session, number, count)):
                return
            if len(data) < count:
                under_way.appendleft(_ask(session, handle, at + len(data), count - len(data)))
            yield data
    finally:
        for number, *_ in under_way:
            session.forget(number)


def write_to(session: Session, handle: bytes, data: bytes) -> None:
    """Writes these bytes from the file's beginning. Every write's status is looked at; a refusal stops."""
    under_way: deque[int] = deque()
    try:
        for at in range(0, len(data), CHUNK):
            if len(under_way) == WINDOW:
                session.fields(session.wait(under_way.popleft()), STATUS)
            piece = string(data[at : at + CHUNK])
            under_way.append(session.ask(WRITE, string(handle), struct.pack(">Q", at), piece))
        while under_way:
            session.fields(session.wait(under_way.popleft()), STATUS)
    finally:
        for number in under_way:
            session.forget(number)


def _plan(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces to ask for, and one byte past the end: a file that is still growing shows itself there."""
    yield from ((at, min(CHUNK, end - at)) for at in range(start, end, CHUNK))
    yield end, 1


def _ask(session: Session, handle: bytes, at: int, count: int) -> tuple[int, int, int]:
    return session.ask(READ, string(handle), struct.pack(">QI", at, count)), at, count


def _data(session: Session, number: int, count: int) -> bytes:
    """The bytes of a reply; none at the end of the file."""
    try:
        data = session.fields(session.wait(number), DATA).string()
    except Ended:
        return b""
    if len(data) > count:
        raise ProtocolBroken("more bytes than were asked for")
    return data
