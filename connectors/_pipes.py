"""Moving a file's bytes over a session with a bounded number of requests under way.

Decides how many and how large: at most WINDOW requests of one piece each, so that a round trip costs little and memory
is bounded whatever the size of the file: 2 MiB, or 8 MiB with a server that tells that it takes larger pieces. Whether
the bytes are the whole file is the caller's.
"""

import struct
from collections import deque
from collections.abc import Iterator
from itertools import islice

from connectors._wire import DATA, EXTENDED, EXTENDED_REPLY, READ, STATUS, WRITE, Ended, Session, string
from connectors.errors import ProtocolBroken

CHUNK = 1 << 15  # bytes; what every server accepts (draft-ietf-secsh-filexfer-02, section 3)
LARGEST = 1 << 17  # bytes; more than this gained nothing
WINDOW = 64
_LIMITS = b"limits@openssh.com"  # OpenSSH's PROTOCOL, 4.8
_WORTH_ASKING = 1 << 20  # bytes in a file; below it the question costs more than it gains


def read_from(session: Session, handle: bytes, start: int, end: int) -> Iterator[bytes]:
    """The file's bytes from `start`, in order, to its end or to one byte past `end`: that one should not be.

    A server may answer with less than was asked (section 6.4 of the draft): the rest is then asked again.
    """
    plan = _plan(start, end, _piece(session, end - start, reading=True))
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


def write_to(session: Session, handle: bytes, data: bytes, start: int = 0) -> Iterator[int]:
    """Writes these bytes from `start` on; yields up to where they are confirmed. A refusal of any write stops it."""
    size = _piece(session, len(data) - start, reading=False)
    under_way: deque[tuple[int, int]] = deque()
    try:
        for at in range(start, len(data), size):
            if len(under_way) == WINDOW:
                yield _confirmed(session, *under_way.popleft())
            piece = data[at : at + size]
            number = session.ask(WRITE, string(handle), struct.pack(">Q", at), string(piece))
            under_way.append((number, at + len(piece)))
        while under_way:
            yield _confirmed(session, *under_way.popleft())
    finally:
        for number, _ in under_way:
            session.forget(number)


def _confirmed(session: Session, number: int, end: int) -> int:
    session.fields(session.wait(number), STATUS)
    return end


def _plan(start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """The pieces to ask for, and one byte past the end: a file that is still growing shows itself there."""
    yield from ((at, min(size, end - at)) for at in range(start, end, size))
    yield end, 1


def _piece(session: Session, size: int, *, reading: bool) -> int:
    """How large the pieces are: what every server takes, or more for a large file where the server says how much."""
    if size < _WORTH_ASKING or _LIMITS not in session.extensions:
        return CHUNK
    try:
        told = session.call(EXTENDED, string(_LIMITS), expect=EXTENDED_REPLY)
    except ProtocolBroken:  # announced, then unsupported: some do
        return CHUNK
    _packet, read, write = told.u64(), told.u64(), told.u64()
    return max(CHUNK, min(LARGEST, read if reading else write))


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
