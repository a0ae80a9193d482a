"""A partner's mailbox over SFTP.

Decides how to list, read, write and move so that a file is whole or not there, whatever the server does.
The connection is left to `_link`, the protocol to `_wire`, the meaning of names to the caller.
One thread per mailbox.
"""

import contextlib
import stat
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import paramiko

from connectors import _wire
from connectors._link import Address, Limits, Link, read_key
from connectors._pipes import read_from, write_to
from connectors._wire import Attributes, Ended, Session, string
from connectors.errors import Changed, Exists, LinkError, Missing, ProtocolBroken, Throttled, TooLarge
from connectors.names import PART, Entry, entry, file_name, folder_parts, steps, with_twins

__all__ = ["Address", "Limits", "SftpMailbox", "read_key"]

_FSYNC = b"fsync@openssh.com"
_MOST_NAMES = 100_000
_TOO_LARGE = "more bytes than we take"


class SftpMailbox:
    """The folders of one user on one server. Entering connects; leaving ends the connection.

    Folders are paths with '/', from where the server puts the user; names are single names of files.
    Everything raised is a LinkError.
    """

    def __init__(self, address: Address, key: paramiko.PKey, limits: Limits | None = None) -> None:
        self._address, self._key = address, key
        self._limits = limits or Limits()
        self._link: Link | None = None

    def __enter__(self) -> Self:
        self._link = Link(self._address, self._key, self._limits)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._link:
            self._link.close()
        self._link = None

    def list(self, folder: str) -> list[Entry]:
        """The regular files of a folder, by name. Links and folders are not; a file of unknown kind is."""
        found: list[Entry] = []
        with self._opened(_wire.OPENDIR, _folder(folder)) as handle:
            for raw, told in self._names(handle):
                if raw not in (b".", b"..") and _regular(told):
                    found.append(entry(raw, told.size, None if told.mtime is None else float(told.mtime)))
        return with_twins(found)

    def chunks(self, folder: str, name: str, start: int = 0) -> Iterator[bytes]:
        """The file's bytes from `start`. Whole only once the iterator has ended without an error.

        Changed if size or time, taken on the same handle before and after, differ, or the bytes are not as
        many as the size says.
        """
        reading = struct.pack(">I", _wire.FOR_READING)
        with self._opened(_wire.OPEN, _file(folder, name), reading, _wire.NO_ATTRIBUTES) as handle:
            before = self._attributes(handle)
            end = self._end(before, start)
            got = start
            for data in read_from(self._session, handle, start, end):
                if (got := got + len(data)) > end:
                    raise Changed("longer than it said") if before.size == end else TooLarge(_TOO_LARGE)
                yield data
            after = self._attributes(handle)
        if (before.size, before.mtime) != (after.size, after.mtime) or before.size not in (got, None):
            raise Changed("it changed while it was read")

    def read(self, folder: str, name: str) -> bytes:
        """The whole file."""
        return b"".join(self.chunks(folder, name))

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Makes a new file of these bytes, synchronised if the server can. Never over another: Exists.

        A name that ends in '.part' is ours alone: what a broken visit left under it is removed first.
        """
        if name.endswith(PART):
            self.remove(folder, name)
        elif self.exists(folder, name):
            raise Exists("there is a file of that name")
        creating = struct.pack(">I", _wire.FOR_CREATION)
        path = _file(folder, name)
        with (
            self._opened(_wire.OPEN, path, creating, _wire.NO_ATTRIBUTES) as handle,
            self._undone(folder, name),
        ):
            write_to(self._session, handle, data)
            if self._attributes(handle).size not in (len(data), None):
                raise ProtocolBroken("the server kept less than it accepted")
            self._sync(handle)

    def exists(self, folder: str, name: str) -> bool:
        """Whether anything has that name, a folder or a link included."""
        return self._there(_file(folder, name))

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Moves a file. Exists if anything has the new name; else Missing if nothing has the old one.

        Looked at first because some servers write over the target, which the draft (section 6.5) forbids. A
        server killed in the middle may leave both names: Exists, and the caller compares.
        """
        source, target = _file(folder, name), _file(folder2, name2)
        if self._there(target):
            raise Exists("there is a file of that name")
        try:
            self._session.call(_wire.RENAME, source, target)
        except Throttled:
            if self._there(target):
                raise Exists("there is a file of that name") from None
            raise

    def remove(self, folder: str, name: str) -> None:
        """Removes a file. One that is not there is fine."""
        with contextlib.suppress(Missing):
            self._session.call(_wire.REMOVE, _file(folder, name))

    def ensure(self, folder: str) -> None:
        """Makes the folder, and those on the way, where absent."""
        if self._is_folder(folder):
            return
        for parts in steps(folder_parts(folder)):
            step = ("/" if folder.startswith("/") else "") + "/".join(parts)
            if not self._is_folder(step):
                self._make(step)

    @property
    def _session(self) -> Session:
        if self._link is None:
            raise ProtocolBroken("the mailbox is not open")
        return self._link.session

    @contextlib.contextmanager
    def _opened(self, kind: int, *fields: bytes) -> Iterator[bytes]:
        handle = self._session.call(kind, *fields, expect=_wire.HANDLE).string()
        try:
            yield handle
        finally:
            with contextlib.suppress(LinkError):
                self._session.call(_wire.CLOSE, string(handle))

    @contextlib.contextmanager
    def _undone(self, folder: str, name: str) -> Iterator[None]:
        """Nothing stays of a file that could not be written whole. What cannot be removed now is later."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(LinkError):
                self.remove(folder, name)
            raise

    def _names(self, handle: bytes) -> Iterator[tuple[bytes, Attributes]]:
        told = 0
        while told <= _MOST_NAMES:
            try:
                fields = self._session.call(_wire.READDIR, string(handle), expect=_wire.NAME)
            except Ended:
                return
            for _ in range(count := fields.u32()):
                raw, _long = fields.string(), fields.string()
                yield raw, fields.attributes()
            told += count
        raise TooLarge("more names in a folder than we take")

    def _attributes(self, handle: bytes) -> Attributes:
        return self._session.call(_wire.FSTAT, string(handle), expect=_wire.ATTRS).attributes()

    def _end(self, before: Attributes, start: int) -> int:
        """Where the file should end; where we stop reading if the server does not say."""
        if before.size is None:
            return self._limits.max_bytes
        if before.size > self._limits.max_bytes:
            raise TooLarge(_TOO_LARGE)
        if start > before.size:
            raise Changed("it is shorter than what we have of it")
        return before.size

    def _sync(self, handle: bytes) -> None:
        if _FSYNC in self._session.extensions:
            with contextlib.suppress(ProtocolBroken):  # announced, then unsupported: some do
                self._session.call(_wire.EXTENDED, string(_FSYNC), string(handle))

    def _there(self, path: bytes) -> bool:
        try:
            self._session.call(_wire.LSTAT, path, expect=_wire.ATTRS)
        except Missing:
            return False
        return True

    def _is_folder(self, folder: str) -> bool:
        try:
            told = self._session.call(_wire.STAT, _folder(folder), expect=_wire.ATTRS).attributes()
        except Missing:
            return False
        if told.mode is not None and not stat.S_ISDIR(told.mode):
            raise ProtocolBroken("a file has the name of a folder")
        return True

    def _make(self, folder: str) -> None:
        try:
            self._session.call(_wire.MKDIR, _folder(folder), _wire.NO_ATTRIBUTES)
        except (Exists, Throttled):  # somebody else has just made it, or it cannot be made
            if not self._is_folder(folder):
                raise


def _regular(told: Attributes) -> bool:
    return told.mode is None or stat.S_ISREG(told.mode)


def _folder(folder: str) -> bytes:
    root = b"/" if folder.startswith("/") else b""
    return string(root + b"/".join(file_name(part) for part in folder_parts(folder)) or b".")


def _file(folder: str, name: str) -> bytes:
    root = b"/" if folder.startswith("/") else b""
    return string(root + b"/".join(file_name(part) for part in [*folder_parts(folder), name]))
