"""One session with a server that does wrong what its script says, and counts it: `sftp_faults`, on asyncssh."""

import asyncio
import contextlib
import os
import socket
import stat
import struct
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh import FX_FAILURE, FX_OP_UNSUPPORTED, FX_PERMISSION_DENIED, SFTPAttrs, SFTPError, SFTPName

from simulators.sftp_faults import Script

SKEW = 7200  # seconds
HOSTILE = (b"../../etc/passwd", b"/abs", b"a\nb", b"a\0b", b"a\\b", b"\x1b[2J", b"x" * 300, "\u202ea".encode())
GHOST, LATIN1 = b"fantome.csv", "relev\xe9.csv".encode("latin-1")
NOBODY = "85073199937"  # a number as a NISS is, of nobody: order 999


class Faulty(asyncssh.SFTPServer):
    """The folder as the root of its user, with what the script says."""

    def __init__(self, channel: Any, root: Path, script: Script, struck: Counter[str]) -> None:
        super().__init__(channel, chroot=os.fsencode(root))
        self._root, self._script, self._struck = root, script, struck
        self._read, self._written = 0, 0
        self._fstats: Counter[int] = Counter()
        self._new: set[int] = set()

    def _has(self, fault: str) -> bool:
        if fault not in self._script.faults:
            return False
        self._struck[fault] += 1
        return True

    async def _cut(self) -> None:
        reset(self.connection.get_extra_info("socket"))
        self.connection.abort()
        await asyncio.sleep(self._script.pause)

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """The folder, and what is not in it."""
        if self._has("stalls_listing"):
            await asyncio.sleep(self._script.pause)
        async for one in super().scandir(path):
            name = os.fsencode(one.filename)
            yield SFTPName(name, attrs=self._told(one.attrs))
            if stat.S_ISREG(one.attrs.permissions or 0) and self._has("lists_twice"):
                yield SFTPName(name.swapcase(), attrs=self._told(one.attrs))
        for fault, names in (("hostile_names", HOSTILE), ("latin1_names", (LATIN1,)), ("ghost", (GHOST,))):
            for name in names if self._has(fault) else ():
                yield SFTPName(name, attrs=SFTPAttrs(size=5, permissions=stat.S_IFREG | 0o644, atime=9, mtime=9))

    def _told(self, told: SFTPAttrs) -> SFTPAttrs:
        if self._has("no_attributes"):
            return SFTPAttrs()
        for fault, skew in (("clock_ahead", SKEW), ("clock_behind", -SKEW)):
            if told.mtime is not None and self._has(fault):
                told.mtime = told.atime = int(told.mtime) + skew
        return told

    def fstat(self, file_obj: Any) -> Any:
        """Size and time, true or not."""
        found: Any = super().fstat(file_obj)
        told = SFTPAttrs(size=found.st_size, permissions=found.st_mode, atime=0, mtime=int(found.st_mtime))
        self._fstats[id(file_obj)] += 1
        again = self._fstats[id(file_obj)] > 1 and id(file_obj) not in self._new
        for fault, when, more in (
            ("says_more", True, 1000),
            ("says_less", True, -1000),
            ("grows", again, 4),
            ("shrinks", again, -4),
        ):
            if when and id(file_obj) not in self._new and self._has(fault):
                told.size = max(0, found.st_size + more)
        if again and self._has("rewrites"):
            told.mtime = int(found.st_mtime) + 1
        return self._told(told)

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """A file, if it may be."""
        writes = bool(pflags & asyncssh.FXF_WRITE)
        if writes and self._has("read_only"):
            raise SFTPError(FX_PERMISSION_DENIED, "read only")
        if writes and pflags & asyncssh.FXF_READ and self._has("drop_box"):
            raise SFTPError(FX_PERMISSION_DENIED, "write only")
        if not writes and self._has("denies_reading"):
            raise SFTPError(FX_PERMISSION_DENIED, f"{NOBODY}: permission denied")
        if not writes and self._has("babbles"):
            raise SFTPError(FX_FAILURE, f"cannot open {NOBODY}")
        opened = super().open(path, pflags, attrs)
        self._new.discard(id(opened))
        self._fstats.pop(id(opened), None)
        if writes:
            self._new.add(id(opened))
        return opened

    async def close(self, file_obj: Any) -> None:
        """Ends with a file."""
        new = id(file_obj) in self._new
        super().close(file_obj)
        if not new and self._has("cuts_close"):
            await self._cut()
        if new:
            self._take_away(Path(os.fsdecode(file_obj.name)))

    def _take_away(self, path: Path) -> None:
        if path.suffix != ".part" and path.parent.name == "out" and path.exists() and self._has("takes_away"):
            (self._root / "away").mkdir(exist_ok=True)
            path.rename(self._root / "away" / path.name)

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        """Bytes, as and when the script lets them out."""
        if id(file_obj) in self._new:  # what was just written is read back
            return await self._as_it_is(file_obj, offset, size)
        self._read += size
        if self._read > self._script.at and self._has("cuts_download"):
            await self._cut()
        if self._read > self._script.at and self._has("stalls_download"):
            await asyncio.sleep(self._script.pause)
        if self._has("throttles"):
            await asyncio.sleep(0.005)
        if self._has("out_of_order"):
            await asyncio.sleep(0.001 * (offset // max(1, size) % 5))
        return await self._as_it_is(file_obj, offset, max(1, size // 3) if self._has("short_reads") else size)

    async def _as_it_is(self, file_obj: Any, offset: int, size: int) -> bytes:
        found: Any = super().read(file_obj, offset, size)
        return bytes(found)

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        """Takes bytes, or does as if."""
        self._written += len(data)
        late, at = self._written > self._script.at, self._script.at
        if late and self._has("cuts_upload"):
            await self._cut()
        if late and self._has("stalls_upload"):
            await asyncio.sleep(self._script.pause)
        if late and self._has("disk_full"):
            raise SFTPError(FX_FAILURE, "No space left on device")
        if late and self._has("keeps_half"):
            return len(data)
        if late and data and self._has("alters"):
            place = at % len(data)
            data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        taken: Any = super().write(file_obj, offset, data)
        return int(taken)

    def fsync(self, file_obj: Any) -> None:
        """Makes a file durable."""
        if self._has("no_fsync"):
            raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")
        super().fsync(file_obj)

    def remove(self, path: bytes) -> None:
        """Removes a file."""
        if self._exists(path) and self._has("denies_removing"):
            raise SFTPError(FX_PERMISSION_DENIED, "not removed")
        super().remove(path)

    def lstat(self, path: bytes) -> Any:
        """What has a name."""
        if self._exists(path) and self._has("rename_over"):
            return super().lstat(path)  # here a careful client sees that the name is taken
        if not self._exists(path) and (twin := self._twin(path)) and self._has("ignores_case"):
            return super().lstat(twin)
        return super().lstat(path)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Moves a file."""
        if self._has("no_rename"):
            raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")
        if self._has("rename_fails"):
            raise SFTPError(FX_FAILURE, "failure")
        new = Path(os.fsdecode(self.map_path(newpath)))
        if new.exists() and "rename_over" in self._script.faults:
            super().posix_rename(oldpath, newpath)
        else:
            super().rename(oldpath, newpath)
        self._take_away(new)
        if self._has("rename_then_cut"):
            await self._cut()
        if self._has("rename_then_failure"):
            raise SFTPError(FX_FAILURE, "failure")

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Moves a file over another."""
        if self._has("no_posix_rename") or {"no_rename", "rename_fails"} & self._script.faults:
            raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")
        super().posix_rename(oldpath, newpath)

    def _exists(self, path: bytes) -> bool:
        return os.path.lexists(self.map_path(path))

    def _twin(self, path: bytes) -> bytes | None:
        """The name that differs by case only, if the folder has one."""
        wanted, folder = Path(os.fsdecode(self.map_path(path))), Path(os.fsdecode(path)).parent
        for one in wanted.parent.iterdir() if wanted.parent.is_dir() else ():
            if one.name.lower() == wanted.name.lower():
                return os.fsencode(folder / one.name)
        return None


def reset(line: Any) -> None:
    """Ends a connection as a crashed machine or a firewall does: RST, not FIN."""
    with contextlib.suppress(OSError, ValueError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(line, socket.socket):
        line.close()
