"""A partner's mailbox over SFTP.

Decides how to list and make folders whatever the server does; `_download`, `_upload` and `_rename` decide how a file is
whole or not there. The connection is left to `_visit` and `_link`, the protocol to `_wire`, the meaning of names to the
caller. One thread per mailbox.
"""

import contextlib
import stat
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from connectors import _wire
from connectors._download import download
from connectors._link import Limits
from connectors._rename import rename
from connectors._trust import Address
from connectors._upload import upload
from connectors._visit import Visit, opened
from connectors._wire import Attributes, Ended, Session, string
from connectors.errors import Exists, Missing, ProtocolBroken, Throttled, TooLarge
from connectors.login import Login, Password, read_key, read_password
from connectors.names import PART, Entry, entry, file_name, folder_parts, steps, with_twins
from connectors.slots import Slots

__all__ = ["Address", "Limits", "Login", "Password", "SftpMailbox", "read_key", "read_password"]

_MOST_NAMES = 100_000


class SftpMailbox:
    """The folders of one user on one server. Entering connects; leaving ends the connection.

    Folders are paths with '/', from where the server puts the user; names are single names of files.
    With `slots`, entering waits until one of the `sessions` agreed with the host is free.
    Everything raised is a LinkError.
    """

    def __init__(
        self,
        address: Address,
        login: Login,
        limits: Limits | None = None,
        slots: Slots | None = None,
        sessions: int = 1,
    ) -> None:
        self._address, self._login = address, login
        self._limits = limits or Limits()
        self._slots, self._sessions = slots, sessions
        self._visit: Visit | None = None
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as held:
            if self._slots:
                where = f"{self._address.host.casefold()}:{self._address.port}"
                held.enter_context(self._slots.take(where, self._sessions))
            self._visit = Visit(self._address, self._login, self._limits)
            held.callback(self._visit.close)
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()
        self._visit = None

    def list(self, folder: str) -> list[Entry]:
        """The regular files of a folder, by name. Links and folders are not; a file of unknown kind is."""
        found: list[Entry] = []
        session = self._session
        with opened(session, _wire.OPENDIR, folder_path(folder)) as handle:
            for raw, told in _names(session, handle):
                if raw not in (b".", b"..") and _regular(told):
                    found.append(entry(raw, told.size, None if told.mtime is None else float(told.mtime)))
        return with_twins(found)

    def chunks(self, folder: str, name: str, start: int = 0) -> Iterator[bytes]:
        """The file's bytes from `start`. Whole only once the iterator has ended without an error.

        A cut in the middle is mended by another connection, within the limits, if the file is still the same.
        Changed if size or time, taken on the same handle before and after, differ, or the bytes are not as
        many as the size says.
        """
        return download(self.visit, file_path(folder, name), start)

    def read(self, folder: str, name: str) -> bytes:
        """The whole file."""
        return b"".join(self.chunks(folder, name))

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Makes a new file of these bytes, read back, and synchronised if the server can. Never over another: Exists.

        A name that ends in '.part' is ours alone: what a broken visit left under it is removed first.
        """
        if name.endswith(PART):
            self.remove(folder, name)
        elif self.exists(folder, name):
            raise Exists("there is a file of that name")
        upload(self.visit, file_path(folder, name), data)

    def exists(self, folder: str, name: str) -> bool:
        """Whether anything has that name, a folder or a link included."""
        try:
            self._session.call(_wire.LSTAT, file_path(folder, name), expect=_wire.ATTRS)
        except Missing:
            return False
        return True

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Moves a file. Exists if anything has the new name; else Missing if nothing has the old one.

        Where the server cannot rename, the file is copied and then removed; a copy that was cut is taken up again.
        A server killed in the middle may leave both names: Exists, and the caller compares.
        """
        rename(self.visit, file_path(folder, name), file_path(folder2, name2))

    def remove(self, folder: str, name: str) -> None:
        """Removes a file. One that is not there is fine."""
        with contextlib.suppress(Missing):
            self._session.call(_wire.REMOVE, file_path(folder, name))

    def ensure(self, folder: str) -> None:
        """Makes the folder, and those on the way, where absent."""
        if self._is_folder(folder):
            return
        for parts in steps(folder_parts(folder)):
            step = ("/" if folder.startswith("/") else "") + "/".join(parts)
            if not self._is_folder(step):
                self._make(step)

    @property
    def visit(self) -> Visit:
        """The visit under way; ProtocolBroken before it is entered and after it is left."""
        if self._visit is None:
            raise ProtocolBroken("the mailbox is not open")
        return self._visit

    @property
    def _session(self) -> Session:
        return self.visit.session

    def _is_folder(self, folder: str) -> bool:
        try:
            told = self._session.call(_wire.STAT, folder_path(folder), expect=_wire.ATTRS).attributes()
        except Missing:
            return False
        if told.mode is not None and not stat.S_ISDIR(told.mode):
            raise ProtocolBroken("a file has the name of a folder")
        return True

    def _make(self, folder: str) -> None:
        try:
            self._session.call(_wire.MKDIR, folder_path(folder), _wire.NO_ATTRIBUTES)
        except (Exists, Throttled):  # somebody else has just made it, or it cannot be made
            if not self._is_folder(folder):
                raise


def _names(session: Session, handle: bytes) -> Iterator[tuple[bytes, Attributes]]:
    told = 0
    while told <= _MOST_NAMES:
        try:
            fields = session.call(_wire.READDIR, string(handle), expect=_wire.NAME)
        except Ended:
            return
        for _ in range(count := fields.u32()):
            raw, _long = fields.string(), fields.string()
            yield raw, fields.attributes()
        told += count
    raise TooLarge("more names in a folder than we take")


def _regular(told: Attributes) -> bool:
    return told.mode is None or stat.S_ISREG(told.mode)


def folder_path(folder: str) -> bytes:
    root = b"/" if folder.startswith("/") else b""
    return string(root + b"/".join(file_name(part) for part in folder_parts(folder)) or b".")


def file_path(folder: str, name: str) -> bytes:
    root = b"/" if folder.startswith("/") else b""
    return string(root + b"/".join(file_name(part) for part in [*folder_parts(folder), name]))
