"""What a partner's server can do, found out by doing it in a folder of its with two small files of ours.

Decides nothing: an operator reads it when a partner joins. It leaves nothing there but what it may not remove.
"""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass

from connectors import _wire
from connectors._rename import POSIX
from connectors._wire import string
from connectors.errors import Denied, Exists, LinkError, Missing, ProtocolBroken, Throttled
from connectors.names import PART
from connectors.sftp import SftpMailbox, file_path, folder_path

_STATVFS = b"statvfs@openssh.com"  # OpenSSH's PROTOCOL, 4.4
_FSYNC = b"fsync@openssh.com"
_BODY = b"Passerelle probes what this server can do. This file may be removed.\n"
_REFUSED = (Denied, Exists, Missing, ProtocolBroken, Throttled)


@dataclass(frozen=True, slots=True)
class Capability:
    """What was found; None where the server does not tell, or where it could not be tried.

    `renames`: onto a free name. `onto_another`: what the plain rename does to a name that is taken: `refuses`, as it
    must, or `replaces`. `posix_rename`: replaces in one step. `takes_away`: a file is gone as soon as it is written.
    `second_session`: on one connection. `clock`: seconds by which the server's is ahead of ours. `free`: bytes.
    `ignores_case`: a name in capitals is that of the file in small letters. `extensions`: those that it announces.
    """

    host_key: str
    takes_away: bool
    reads_back: bool
    renames: bool | None
    onto_another: str | None
    posix_rename: bool | None
    removes: bool | None
    ignores_case: bool | None
    syncs: bool
    second_session: bool
    clock: int | None
    free: int | None
    extensions: tuple[str, ...]

    def told(self) -> dict[str, object]:
        """For a ledger and for a reader."""
        return asdict(self) | {"extensions": list(self.extensions)}


def probe(box: SftpMailbox, folder: str, now: Callable[[], float]) -> Capability:
    """Find out, on a mailbox that is entered, in a folder in which we may write. `now`: seconds since 1970.

    A LinkError where we may not write, or the link breaks.
    """
    ours = f".passerelle-{secrets.token_hex(4)}"
    names = tuple(f"{ours}-{end}{PART}" for end in ("one", "two", "three"))
    try:
        return _Trial(box, folder, *names).capability(now)
    finally:
        for name in names:
            with contextlib.suppress(LinkError):
                box.remove(folder, name)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Three names in a folder, and what can be done with them."""

    box: SftpMailbox
    folder: str
    one: str
    two: str
    three: str

    def capability(self, now: Callable[[], float]) -> Capability:
        began = now()
        self.box.write(self.folder, self.one, _BODY)
        there = self.box.exists(self.folder, self.one)
        listed = {entry.name: entry.mtime for entry in self.box.list(self.folder)}
        mtime, session = listed.get(self.one), self.box.visit.session
        return Capability(
            host_key=self.box.visit.link.host_key,
            takes_away=not there,
            reads_back=there and self._may(lambda: self.box.read(self.folder, self.one)),
            ignores_case=self.box.exists(self.folder, self.one.upper()) if there else None,
            renames=self._may(lambda: self._rename(self.one, self.three)) if there else None,
            onto_another=self._onto_another() if there else None,
            posix_rename=self._posix_rename() if there else None,
            removes=self._may(lambda: self.box.remove(self.folder, self.two)) if there else None,
            syncs=_FSYNC in session.extensions,
            second_session=self._may(lambda: self.box.visit.link.second_session(self.box.visit.limits.login)),
            clock=None if mtime is None else round(mtime - began),
            free=self._free(),
            extensions=tuple(sorted(name.decode("ascii", "replace") for name in session.extensions)),
        )

    def _onto_another(self) -> str:
        self._both()
        return "replaces" if self._may(lambda: self._rename(self.one, self.two)) else "refuses"

    def _posix_rename(self) -> bool:
        if POSIX not in self.box.visit.session.extensions:
            return False
        self._both()
        paths = file_path(self.folder, self.one), file_path(self.folder, self.two)
        return self._may(lambda: self.box.visit.session.call(_wire.EXTENDED, string(POSIX), *paths))

    def _both(self) -> None:
        for name in (self.one, self.two):
            self.box.write(self.folder, name, _BODY)

    def _rename(self, old: str, new: str) -> None:
        self.box.visit.session.call(_wire.RENAME, file_path(self.folder, old), file_path(self.folder, new))

    def _free(self) -> int | None:
        """Bytes that we may still write: fragments free to users times their size."""
        session = self.box.visit.session
        if _STATVFS not in session.extensions:
            return None
        with contextlib.suppress(*_REFUSED):
            path = folder_path(self.folder)
            told = session.call(_wire.EXTENDED, string(_STATVFS), path, expect=_wire.EXTENDED_REPLY)
            _block, fragment, _all, _free, available = (told.u64() for _ in range(5))
            return fragment * available
        return None

    @staticmethod
    def _may(act: Callable[[], object]) -> bool:
        """Whether the server does it. A link that breaks is no answer: it is raised."""
        try:
            act()
        except _REFUSED:
            return False
        return True
