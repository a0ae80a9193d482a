"""Writing to the local disk so that a file is whole and stays, or is not there.

Decides what 'durable' means here: the file's bytes and then its folder's entry are synchronised (fsync(2)).
"""

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.errors import Denied, Exists, LinkError, Missing, ProtocolBroken, Throttled, Unreachable

_MEANING: dict[int | None, type[LinkError]] = {
    errno.ENOENT: Missing,
    errno.EEXIST: Exists,
    errno.EACCES: Denied,
    errno.EPERM: Denied,
    errno.EROFS: Denied,
    errno.ENOSPC: Throttled,
    errno.EDQUOT: Throttled,
    errno.EMFILE: Throttled,
    errno.ENAMETOOLONG: ProtocolBroken,
    errno.ENOTDIR: ProtocolBroken,
    errno.EISDIR: ProtocolBroken,
    errno.ELOOP: ProtocolBroken,
    errno.EXDEV: ProtocolBroken,
    errno.EOPNOTSUPP: ProtocolBroken,
}


@contextlib.contextmanager
def told() -> Iterator[None]:
    """The system's errors as ours, by their name alone: their text holds the path."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "an error without a number")
        raise _MEANING.get(error.errno, Unreachable)(f"the disk says {name}") from None


def create(path: Path, pieces: Iterable[bytes]) -> int:
    """A new file of these pieces, durable, readable by us alone. Returns its size. A failure leaves none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o600), "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        try:
            size = sum(_put(file.fileno(), piece) for piece in pieces)
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)
    return size


def sync_folder(path: Path) -> None:
    """Makes the folder's entries durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(descriptor: int, piece: bytes) -> int:
    """Writes all of it: write(2) may take less than it is given."""
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(piece)
