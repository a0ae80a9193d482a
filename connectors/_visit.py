"""One visit to a partner's server: a connection that is made anew after a cut, within the time of the visit.

Decides when going on is worth it; what is taken up again, and from where, is the transfers'. One thread per visit.
"""

import contextlib
import threading
import time
from collections.abc import Iterator

from connectors import _wire
from connectors._link import Limits, Link
from connectors._trust import Address
from connectors._wire import Session, string
from connectors.errors import LinkError, ProtocolBroken, Unreachable
from connectors.login import Login

OVER = "the deadline has passed"


class Visit:
    """A session with the server, the same for all that is done in the visit, until the line is cut."""

    def __init__(self, address: Address, login: Login, limits: Limits) -> None:
        self._address, self._login, self.limits = address, login, limits
        self._ends = time.monotonic() + limits.deadline
        self._over = threading.Event()  # the time of the file that is being moved
        self._link: Link | None = Link(address, login, limits, limits.deadline)

    @property
    def link(self) -> Link:
        """The connection of now. ProtocolBroken once the visit is over."""
        if self._link is None:
            raise ProtocolBroken("the mailbox is not open")
        return self._link

    @property
    def session(self) -> Session:
        """The session of now: a handle is good for the session that gave it and no other."""
        return self.link.session

    def again(self, broken: Session, ends: float) -> None:
        """Makes a new connection in the place of a broken one, unless that was done meanwhile.

        Unreachable when it is `ends` (monotonic seconds) or the end of the visit.
        """
        left = min(ends, self._ends) - time.monotonic()
        if left <= 0 or self._over.is_set():
            raise Unreachable(OVER)
        if self.session is broken:
            self.link.close()
            self._link = Link(self._address, self._login, self.limits, self._ends - time.monotonic())
            if self._over.is_set():  # while it was made, so that nothing would cut it any more
                self._link.expire()

    @contextlib.contextmanager
    def one_file(self) -> Iterator[float]:
        """The time for one file: at its end whatever waits is cut. Gives that end in monotonic seconds."""
        over = self._over = threading.Event()
        timer = threading.Timer(self.limits.file, self._expire, (over,))
        timer.daemon = True
        timer.start()
        try:
            yield time.monotonic() + self.limits.file
        finally:
            timer.cancel()

    def _expire(self, over: threading.Event) -> None:
        over.set()  # first: who makes a new connection just now looks after it is there
        if self._link:
            self._link.expire()

    def close(self) -> None:
        """Ends the connection. No error."""
        if self._link:
            self._link.close()
        self._link = None


@contextlib.contextmanager
def opened(session: Session, kind: int, *fields: bytes) -> Iterator[bytes]:
    """A handle of a file or folder, closed at the end; what closing says is no part of what was transferred."""
    handle = session.call(kind, *fields, expect=_wire.HANDLE).string()
    try:
        yield handle
    finally:
        with contextlib.suppress(LinkError):
            session.call(_wire.CLOSE, string(handle))


def attributes(session: Session, handle: bytes) -> _wire.Attributes:
    """What the server tells of an open file."""
    return session.call(_wire.FSTAT, string(handle), expect=_wire.ATTRS).attributes()
