"""What the protocol's reader makes of bytes that no honest server sends."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _wire
from connectors._pipes import read_from
from connectors._wire import Ended, Fields, Session
from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Throttled, Unreachable


class Script:
    """A channel that says what it was given, whatever it is asked, then breaks off."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def recv(self, nbytes: int, /) -> bytes:
        if not self._said:
            raise Unreachable("the end of the script")
        taken, self._said = self._said[:nbytes], self._said[nbytes:]
        return taken

    def sendall(self, s: bytes, /) -> None:
        return


def _packet(kind: int, *fields: bytes) -> bytes:
    body = b"".join(fields)
    return struct.pack(">IB", 1 + len(body), kind) + body


def _number(value: int) -> bytes:
    return struct.pack(">I", value)


HELLO = _packet(_wire.VERSION, _number(3), _wire.string(b"fsync@openssh.com"), _wire.string(b"1"))


@given(st.binary(max_size=200))
def test_any_bytes_after_the_greeting(said: bytes) -> None:
    """Whatever a server says, a call ends in one of our errors."""
    session = Session(Script(HELLO + said))
    with contextlib.suppress(Ended), pytest.raises(LinkError):
        session.call(_wire.OPEN, expect=_wire.HANDLE).string()


@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_reply(kind: int, body: bytes) -> None:
    """Whatever a well-framed reply holds, reading its names and attributes ends in a value or one of our errors."""
    session = Session(Script(HELLO + _packet(kind, _number(1), body)))
    with contextlib.suppress(Ended, LinkError):
        fields = session.call(_wire.READDIR, expect=_wire.NAME)
        fields.string(), fields.string(), fields.attributes()


@given(st.binary(max_size=40))
def test_any_greeting(said: bytes) -> None:
    """Whatever a server says first, the session opens or ends in one of our errors."""
    with contextlib.suppress(LinkError):
        Session(Script(said))


def test_extensions() -> None:
    """The extensions that a server announces are known."""
    assert Session(Script(HELLO)).extensions == {b"fsync@openssh.com"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, Ended),
        (2, Missing),
        (3, Denied),
        (4, Throttled),
        (8, ProtocolBroken),
        (14, Throttled),
        (999, ProtocolBroken),
    ],
)
def test_status(code: int, expected: type[Exception]) -> None:
    """A status is the error that says what to do next, by its code alone."""
    reply = _packet(_wire.STATUS, _number(1), _number(code), _wire.string(b"words"), _wire.string(b"en"))
    with pytest.raises(expected) as caught:
        Session(Script(HELLO + reply)).call(_wire.REMOVE)
    assert "words" not in str(caught.value)


def test_short_fields() -> None:
    """A packet that ends before its fields do is an error, not a shorter name or a smaller number."""
    for field, read in [(b"\0\0\0\5name", Fields.string), (b"\0\0\1", Fields.u32), (b"\1" * 7, Fields.u64)]:
        with pytest.raises(ProtocolBroken):
            read(Fields(field))


def test_reply_to_nothing() -> None:
    """A reply to a request that was never made, or made once and answered twice, breaks the session."""
    for number in (2, 0):
        session = Session(Script(HELLO + _packet(_wire.STATUS, _number(number), _number(0))))
        with pytest.raises(ProtocolBroken):
            session.call(_wire.REMOVE)
    twice = _packet(_wire.STATUS, _number(2), _number(0)) * 2
    session = Session(Script(HELLO + twice))
    session.ask(_wire.REMOVE)
    session.ask(_wire.REMOVE)
    with pytest.raises(ProtocolBroken):
        session.wait(1)


def test_more_than_asked() -> None:
    """A server that gives more bytes than were asked for breaks the session."""
    reply = _packet(_wire.DATA, _number(1), _wire.string(b"123456"))
    with pytest.raises(ProtocolBroken):
        next(read_from(Session(Script(HELLO + reply)), b"handle", 0, 5))


def test_huge_packet() -> None:
    """A packet announced as huge is refused before it is waited for."""
    with pytest.raises(ProtocolBroken):
        Session(Script(_number(0xFFFFFFFF)))
