"""A mailbox in a local folder: the same methods and errors as the one over SFTP.

Decides how to keep the same promises on a local disk. For files that another tool brings, and for tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors._disk import create, sync_folder, told
from connectors.errors import Changed, Exists, ProtocolBroken, TooLarge
from connectors.names import PART, Entry, entry, file_name, folder_parts, steps, with_twins

_CHUNK = 1 << 16  # bytes


class FolderMailbox:
    """The folders below one local folder. Entering and leaving do nothing.

    Everything raised is a LinkError.
    """

    def __init__(self, root: Path, max_bytes: int = 1 << 30) -> None:
        self._root, self._max_bytes = root, max_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def list(self, folder: str) -> list[Entry]:
        """The regular files of a folder, by name. Links and folders are not."""
        with told(), os.scandir(os.fsencode(self._folder(folder))) as found:
            files = [one for one in found if one.is_file(follow_symlinks=False)]
            return with_twins(_entry(one) for one in files)

    def chunks(self, folder: str, name: str, start: int = 0) -> Iterator[bytes]:
        """The file's bytes from `start`. Whole only once the iterator has ended without an error.

        Changed if size or time, taken on the same handle before and after, differ, or the bytes are not as
        many as the size says.
        """
        with told():
            descriptor = os.open(self._file(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            before = os.fstat(descriptor)
            self._check(before, start)
            at = start
            while data := _piece(descriptor, at):
                at += len(data)
                if at > before.st_size:
                    break
                yield data
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if at != before.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Changed("it changed while it was read")

    def read(self, folder: str, name: str) -> bytes:
        """The whole file."""
        return b"".join(self.chunks(folder, name))

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Makes a new file of these bytes, durable and read back. Never over another: Exists.

        A name that ends in '.part' is ours alone: what a broken visit left under it is removed first.
        """
        if name.endswith(PART):
            self.remove(folder, name)
        with told():
            create(self._file(folder, name), [data])
        if self.read(folder, name) != data:
            raise ProtocolBroken("what was written does not read back the same")

    def exists(self, folder: str, name: str) -> bool:
        """Whether anything has that name, a folder or a link included."""
        return os.path.lexists(self._file(folder, name))

    def rename(self, folder: str, name: str, folder2: str, name2: str) -> None:
        """Moves a file. Exists if another has the new name; else Missing if nothing has the old one.

        By a second name and then the removal of the first, since rename(2) writes over its target. A kill
        between the two is mended by the next call, which finds both names to be of one file.
        """
        source, target = self._file(folder, name), self._file(folder2, name2)
        with told():
            if source == target or not _same(source, target):
                _second_name(source, target)
            source.unlink()
            sync_folder(source.parent)

    def remove(self, folder: str, name: str) -> None:
        """Removes a file. One that is not there is fine."""
        with told():
            self._file(folder, name).unlink(missing_ok=True)

    def ensure(self, folder: str) -> None:
        """Makes the folder, and those on the way, where absent."""
        with told():
            for parts in steps(folder_parts(folder)):
                if not (step := self._root.joinpath(*parts)).is_dir():
                    step.mkdir(exist_ok=True)
                    sync_folder(step.parent)

    def _check(self, told_size: os.stat_result, start: int) -> None:
        if told_size.st_size > self._max_bytes:
            raise TooLarge("more bytes than we take")
        if start > told_size.st_size:
            raise Changed("it is shorter than what we have of it")

    def _folder(self, folder: str) -> Path:
        return self._root.joinpath(*folder_parts(folder))

    def _file(self, folder: str, name: str) -> Path:
        return self._folder(folder) / file_name(name).decode()


def _entry(found: os.DirEntry[bytes]) -> Entry:
    status = found.stat(follow_symlinks=False)
    return entry(found.name, status.st_size, status.st_mtime)


def _piece(descriptor: int, at: int) -> bytes:
    with told():
        return os.pread(descriptor, _CHUNK, at)


def _second_name(source: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise Exists("there is a file of that name")
    os.link(source, target, follow_symlinks=False)
    sync_folder(target.parent)


def _same(one: Path, other: Path) -> bool:
    """Whether both names are of one file, neither being a link to the other."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except FileNotFoundError:
        return False
