"""The SFTP protocol, version 3, over a channel that is open already: packets, fields and numbers.

Why not paramiko's SFTPClient: it decodes names as text (one Latin-1 name loses the folder), drops the status
of most writes, asks for one piece at a time or for all at once, and puts the server's words in its errors.
Here a refusal is its code alone, told as one of our errors. One thread per session.
Sources: draft-ietf-secsh-filexfer-02; OpenSSH's PROTOCOL.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.errors import Denied, Exists, LinkError, Missing, ProtocolBroken, Throttled, Unsupported

INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT = 1, 2, 3, 4, 5, 6, 7, 8
OPENDIR, READDIR, REMOVE, MKDIR, STAT, RENAME = 11, 12, 13, 14, 17, 18
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED, EXTENDED_REPLY = 101, 102, 103, 104, 105, 200, 201

OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, OP_UNSUPPORTED = 0, 1, 2, 3, 4, 8
ALREADY_EXISTS, WRITE_PROTECT, NO_SPACE, QUOTA_EXCEEDED = 11, 12, 14, 15  # of later versions; some send them

_MEANING: dict[int, type[LinkError]] = {
    NO_SUCH_FILE: Missing,
    PERMISSION_DENIED: Denied,
    WRITE_PROTECT: Denied,
    FAILURE: Throttled,  # "some error": a full disk in most servers
    NO_SPACE: Throttled,
    QUOTA_EXCEEDED: Throttled,
    ALREADY_EXISTS: Exists,
    OP_UNSUPPORTED: Unsupported,
}

FOR_READING, FOR_WRITING = 0x01, 0x02
FOR_CREATION = FOR_WRITING | 0x08 | 0x20  # CREAT and EXCL: never over another
NO_ATTRIBUTES = struct.pack(">I", 0)

_LONGEST = 1 << 20  # bytes in a packet that we accept: four times what OpenSSH sends
_TAKEN = 1 << 20  # bytes taken from the channel at a time: paramiko moves all that it still holds with each taking


class Channel(Protocol):
    """What is asked of the channel below. Its failures are LinkErrors already."""

    def recv(self, nbytes: int, /) -> bytes:
        """Up to so many bytes, at least one."""

    def sendall(self, s: bytes, /) -> None:
        """All of them or an error."""


class Ended(Exception):  # noqa: N818 - the server's answer, a value of the protocol
    """The status EOF: no more names, no more bytes."""


class Reply(NamedTuple):
    """One packet from the server, its number taken off."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a server tells of a file; None where it does not."""

    size: int | None
    mode: int | None
    mtime: int | None


class Fields:
    """Reads a packet's fields in turn. Never past its end: a short packet is ProtocolBroken."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def u32(self) -> int:
        """The next four bytes."""
        return int.from_bytes(self._take(4))

    def u64(self) -> int:
        """The next eight bytes."""
        return int.from_bytes(self._take(8))

    def string(self) -> bytes:
        """The next string, as bytes."""
        return self._take(self.u32())

    def attributes(self) -> Attributes:
        """The next ATTRS structure (section 5 of the draft)."""
        flags = self.u32()
        size = self.u64() if flags & 0x1 else None
        if flags & 0x2:
            self._take(8)  # owner and group
        mode = self.u32() if flags & 0x4 else None
        mtime = (self.u32(), self.u32())[1] if flags & 0x8 else None
        for _ in range(2 * self.u32() if flags & 0x80000000 else 0):
            self.string()
        return Attributes(size, mode, mtime)

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """The pairs of strings that remain."""
        while self._at < len(self._body):
            yield self.string(), self.string()

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._body):
            raise ProtocolBroken("a packet shorter than its fields")
        self._at += count
        return self._body[self._at - count : self._at]


def string(value: bytes) -> bytes:
    """A string as the protocol writes it."""
    return struct.pack(">I", len(value)) + value


class Session:
    """Requests and their replies. Many may be under way; each is waited for by its number, in any order."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._buffer = bytearray()
        self._last = 0
        self._waiting: set[int] = set()
        self._forgotten: set[int] = set()
        self._arrived: dict[int, Reply] = {}
        self._send(INIT, struct.pack(">I", 3))
        self.extensions = self._greeted(self._packet())

    def ask(self, kind: int, *fields: bytes) -> int:
        """Sends a request without waiting. Returns its number."""
        self._last += 1
        self._waiting.add(self._last)
        self._send(kind, struct.pack(">I", self._last), *fields)
        return self._last

    def wait(self, number: int) -> Reply:
        """The reply to a request; those to others are kept for whoever waits for them."""
        while number not in self._arrived:
            self._receive()
        self._waiting.discard(number)
        return self._arrived.pop(number)

    def forget(self, number: int) -> None:
        """Nobody will wait for this reply any more."""
        self._waiting.discard(number)
        if self._arrived.pop(number, None) is None:
            self._forgotten.add(number)

    def call(self, kind: int, *fields: bytes, expect: int = STATUS) -> Fields:
        """Sends a request and gives the fields of its reply, which must be of the kind expected."""
        return self.fields(self.wait(self.ask(kind, *fields)), expect)

    @staticmethod
    def fields(reply: Reply, expect: int) -> Fields:
        """The fields of a reply of this kind. A status other than OK is Ended or the error that it means."""
        fields = Fields(reply.body)
        if reply.kind == STATUS and (code := fields.u32()) != OK:
            raise Ended if code == EOF else _MEANING.get(code, ProtocolBroken)(f"the server's status {code}")
        if reply.kind != expect:
            raise ProtocolBroken(f"a reply of kind {reply.kind} where {expect} was due")
        return fields

    @staticmethod
    def _greeted(packet: bytes) -> frozenset[bytes]:
        hello = Fields(packet[1:])
        if packet[0] != VERSION or hello.u32() < 3:
            raise ProtocolBroken("not an SFTP server of version 3")
        return frozenset(name for name, _ in hello.pairs())

    def _send(self, kind: int, *fields: bytes) -> None:
        body = b"".join(fields)
        self._channel.sendall(struct.pack(">IB", 1 + len(body), kind) + body)

    def _receive(self) -> None:
        packet = self._packet()
        kind, number, body = packet[0], int.from_bytes(packet[1:5]), packet[5:]
        if number in self._forgotten:
            self._forgotten.discard(number)
        elif number in self._waiting and number not in self._arrived:
            self._arrived[number] = Reply(kind, body)
        else:
            raise ProtocolBroken("a reply to nothing that was asked")

    def _packet(self) -> bytes:
        length = int.from_bytes(self._exactly(4))
        if not 5 <= length <= _LONGEST:
            raise ProtocolBroken("not an SFTP packet")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._buffer += self._channel.recv(_TAKEN)
        with memoryview(self._buffer) as view:
            taken = bytes(view[:count])  # copied once
        del self._buffer[:count]
        return taken
