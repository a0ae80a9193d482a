"""Files of the hub on disk: landing and quarantine (sealed), outbox (published bytes).

Names are keyed digests or published names, never a partner's. A file appears whole or not at all: it is
written elsewhere, synced, renamed. The ledger says what a file means; a file without a row means nothing. Files are
their owner's alone, unless the operator lets a group write into their folder: then they are that group's too.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub import lease

FOLDERS = ("landing", "quarantine", "outbox")
WRITING = "writing"  # what is not whole yet: a folder apart, for the others hold a year of files
CHUNK = 1 << 18
SETTLED = timedelta(minutes=10)  # by then whoever wrote a file has its row, or is dead
LONGEST = timedelta(days=1)  # nobody writes one file for longer, on whatever machine


class Files:
    """A folder of folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in (*FOLDERS, WRITING):
            (root / folder).mkdir(parents=True, exist_ok=True)

    def write(self, folder: str, chunks: Iterable[bytes], name: Callable[[], str]) -> str:
        """Write the chunks and give the file the name that is known once they are read."""
        temporary = self.root / WRITING / lease.new_owner()
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                if (self.root / folder).stat().st_mode & stat.S_IWGRP:  # shared by zones of unlike users
                    os.fchmod(file.fileno(), 0o660)
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            final = name()
            temporary.replace(self.root / folder / final)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(self.root / folder)
        return final

    def chunks(self, folder: str, name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        with (self.root / folder / name).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def read(self, folder: str, name: str) -> bytes:
        """The bytes of a file."""
        return (self.root / folder / name).read_bytes()

    def exists(self, folder: str, name: str) -> bool:
        """Whether the file is there."""
        return (self.root / folder / name).exists()

    def move(self, name: str, before: str, after: str) -> None:
        """Move a file if it is still where it was: running it twice changes nothing."""
        if self.exists(before, name):
            (self.root / before / name).replace(self.root / after / name)
            _sync(self.root / after)

    def remove(self, folder: str, name: str) -> bool:
        """Remove a file that was not written just now, since it may be there for another row; whether it was."""
        path = self.root / folder / name
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return False
        if written > datetime.now(UTC) - SETTLED:
            return False
        path.unlink(missing_ok=True)
        _sync(self.root / folder)
        return True

    def sweep(self) -> None:
        """Remove what a killed process left half-written, and nothing of a living one."""
        for path in (self.root / WRITING).iterdir():
            if _is_left(path):
                path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Whether the process that writes this file, and is named in its name, is dead."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return lease.is_free(path.name, written + LONGEST)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
