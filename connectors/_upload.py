"""Writing a new file so that all of it is there, or nothing.

Decides from where an upload goes on after a cut: after the last byte up to which every write was confirmed, never by
the size alone, since a server may have written later pieces before earlier ones. At the end the size is asked, the
bytes are read back on the handle that wrote them (a server may move a file away once it is closed), and synchronised.
"""

import contextlib
import struct
from dataclasses import dataclass

from connectors import _wire
from connectors._pipes import read_from, write_to
from connectors._visit import Visit, attributes, opened
from connectors._wire import Session, string
from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Unreachable

_FSYNC = b"fsync@openssh.com"


@dataclass(slots=True)
class _Writing:
    """What is written where, up to where it is confirmed, and whether the server lets us read what we wrote."""

    path: bytes
    data: bytes
    confirmed: int = 0
    begun: bool = False
    readable: bool = True


def upload(visit: Visit, path: bytes, data: bytes) -> None:
    """Makes a new file of these bytes, over as many connections as the limits allow. A failure leaves none."""
    writing = _Writing(path, data)
    with visit.one_file() as ends:
        for left in range(visit.limits.resumes, -1, -1):
            session = visit.session
            try:
                _whole(session, writing)
                return
            except Unreachable:
                if not left or not writing.begun:
                    raise
                visit.again(session, ends)
            except BaseException:
                _undo(session, writing)
                raise


def _whole(session: Session, writing: _Writing) -> None:
    """The rest of the file, on one connection."""
    with contextlib.ExitStack() as open_files:
        handle = _handle(session, writing, open_files)
        writing.begun = True
        there = attributes(session, handle).size
        writing.confirmed = min(writing.confirmed, writing.confirmed if there is None else there)
        for confirmed in write_to(session, handle, writing.data, writing.confirmed):
            writing.confirmed = confirmed
        if attributes(session, handle).size not in (len(writing.data), None):
            raise ProtocolBroken("the server kept less than it accepted")
        if writing.readable:
            _read_back(session, handle, writing.data)
        _sync(session, handle)


def _handle(session: Session, writing: _Writing, open_files: contextlib.ExitStack) -> bytes:
    """The file, open to write and, where the server lets us, to read; after a cut the one begun, if it is there."""

    def opening(flags: int) -> bytes:
        """Some servers are drop boxes: they can be written to and not read."""
        if writing.readable:
            try:
                return entered(flags | _wire.FOR_READING)
            except Denied:
                writing.readable = False
        return entered(flags)

    def entered(flags: int) -> bytes:
        fields = writing.path, struct.pack(">I", flags), _wire.NO_ATTRIBUTES
        return open_files.enter_context(opened(session, _wire.OPEN, *fields))

    if writing.begun:
        try:
            return opening(_wire.FOR_WRITING)
        except Missing:
            writing.confirmed = 0
    return opening(_wire.FOR_CREATION)


def _read_back(session: Session, handle: bytes, data: bytes) -> None:
    at = 0
    for piece in read_from(session, handle, 0, len(data)):
        if data[at : at + len(piece)] != piece:
            raise ProtocolBroken("what was written does not read back the same")
        at += len(piece)
    if at != len(data):
        raise ProtocolBroken("what was written does not read back the same")


def _sync(session: Session, handle: bytes) -> None:
    if _FSYNC in session.extensions:
        with contextlib.suppress(ProtocolBroken):  # announced, then unsupported: some do
            session.call(_wire.EXTENDED, string(_FSYNC), string(handle))


def _undo(session: Session, writing: _Writing) -> None:
    """Nothing stays of a file of ours that could not be written whole. What cannot be removed now is later."""
    if writing.begun:
        with contextlib.suppress(LinkError):
            session.call(_wire.REMOVE, writing.path)
