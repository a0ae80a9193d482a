"""SFTP servers inside the test, honest or with one fault each: asyncssh in a thread, on a free port.

A fault is a class of a few lines. What a client should make of it is left to the tests.
"""

import asyncio
import contextlib
import os
import socket
import stat
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh import FX_FAILURE, FX_OP_UNSUPPORTED, FX_PERMISSION_DENIED, SFTPAttrs, SFTPError, SFTPName

from connectors.sftp import Address

ENOUGH = 300_000  # bytes after which the faults of a transfer strike
FOR_EVER = 3600.0
PASSWORD = "une phrase de passe"
_NUMBER = 850730999  # order number 999: nobody's
CANARY = f"{_NUMBER}{97 - _NUMBER % 97:02d}"
"""What must appear in no error and no log: a number as a NISS is."""


@dataclass(frozen=True)
class ClientKey:
    """The hub's key pair: the private half in a file, the public half as a line of authorized_keys."""

    file: Path
    public: str


def new_client_key(file: Path) -> ClientKey:
    """Draws a key pair and writes its private half."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(file)
    return ClientKey(file, key.export_public_key().decode())


class Honest(asyncssh.SFTPServer):
    """Serves a folder as it is."""

    receive_buffer: int | None = None

    def __init__(self, chan: Any, root: Path) -> None:
        super().__init__(chan, chroot=os.fsencode(root))
        self.root = root
        self.moved = 0


class CutsDownloads(Honest):
    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self.moved += size
        if self.moved > ENOUGH:
            self.connection.abort()
            await asyncio.sleep(FOR_EVER)
        return super().read(file_obj, offset, size)


class CutsUploads(Honest):
    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        self.moved += len(data)
        if self.moved > ENOUGH:
            self.connection.abort()
            await asyncio.sleep(FOR_EVER)
        return super().write(file_obj, offset, data)


class StallsDownloads(Honest):
    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self.moved += size
        if self.moved > ENOUGH:
            await asyncio.sleep(FOR_EVER)
        return super().read(file_obj, offset, size)


class StallsUploads(Honest):
    """Stops reading its socket, as a frozen machine does: the client's buffers fill up."""

    receive_buffer = 4096

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        self.connection._transport.pause_reading()
        await asyncio.sleep(FOR_EVER)
        return 0


class StallsListings(Honest):
    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        await asyncio.sleep(FOR_EVER)
        yield SFTPName(b"")


class SaysMore(Honest):
    def fstat(self, file_obj: Any) -> SFTPAttrs:
        return _told(super().fstat(file_obj), more=1000)


class SaysLess(Honest):
    def fstat(self, file_obj: Any) -> SFTPAttrs:
        return _told(super().fstat(file_obj), more=-1000)


class SaysNothing(Honest):
    """Tells neither size nor time nor kind."""

    def fstat(self, file_obj: Any) -> SFTPAttrs:
        return SFTPAttrs()

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        async for one in super().scandir(path):
            yield SFTPName(one.filename, attrs=SFTPAttrs())


class FullDisk(Honest):
    """Refuses one write and takes the later ones."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if offset <= ENOUGH < offset + len(data):
            raise SFTPError(FX_FAILURE, "No space left on device")
        return super().write(file_obj, offset, data)


class KeepsHalf(Honest):
    """Accepts every write and drops what comes late."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        return super().write(file_obj, offset, data) if offset < ENOUGH else len(data)


class Alters(Honest):
    """Keeps one byte other than the one it was given, as a bad disk does, and the size right."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if offset <= ENOUGH < offset + len(data):
            at = ENOUGH - offset
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        return super().write(file_obj, offset, data)


class DropBox(Honest):
    """Takes files and lets nobody read them."""

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        if pflags & asyncssh.FXF_READ:
            raise SFTPError(FX_PERMISSION_DENIED, "write only")
        return super().open(path, pflags, attrs)


class ShortReads(Honest):
    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        return super().read(file_obj, offset, max(1, size // 3))


class OutOfOrder(Honest):
    """Answers the reads that are under way in another order than they were asked."""

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        await asyncio.sleep(0.001 * (offset // size % 7))
        return super().read(file_obj, offset, size)


class Grows(Honest):
    """Somebody still writes the file that is read."""

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        with (self.root / "in" / "file").open("ab") as file:
            file.write(b"more")
        return super().read(file_obj, offset, size)


class Rewrites(Honest):
    """Somebody writes the file that is read again, to the same size."""

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        os.utime(self.root / "in" / "file", (1, 1))
        return super().read(file_obj, offset, size)


class Shrinks(Honest):
    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        os.truncate(self.root / "in" / "file", 10)
        return super().read(file_obj, offset, size)


class Plain(Honest):
    """Knows neither posix-rename nor fsync, though asyncssh announces them."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")

    def fsync(self, file_obj: Any) -> None:
        raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")


class NoRename(Plain):
    """Knows no rename at all."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise SFTPError(FX_OP_UNSUPPORTED, "unsupported")


class NoPlainRename(Honest):
    """Fails the plain rename, as a server does whose disk knows no second names, and knows OpenSSH's."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise SFTPError(FX_FAILURE, "failure")


class RenamesOver(Honest):
    """Writes over the target of a rename, as some products do."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        Path(os.fsdecode(self.map_path(oldpath))).replace(os.fsdecode(self.map_path(newpath)))


class HostileNames(Honest):
    names = (b"../../etc/passwd", b"/abs", b"a\nb", b"a\0b", b"a\\b", b"\x1b[2J", b"x" * 300, b"", "\u202ea".encode())

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        async for one in super().scandir(path):
            yield one
        for name in self.names:
            yield SFTPName(name, attrs=SFTPAttrs(size=5, permissions=stat.S_IFREG | 0o644, atime=0, mtime=0))


class Forbids(Honest):
    """Refuses to open, in words that name a person."""

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        raise SFTPError(FX_PERMISSION_DENIED, f"{CANARY}: permission denied")


class Babbles(Honest):
    """Fails to open, in words that name a person."""

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        raise SFTPError(FX_FAILURE, f"cannot open {CANARY}")


class Asks(asyncssh.SSHServer):
    """Lets in whoever knows the password, and nobody by a key."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


class AsksInTurns(Asks):
    """The same, by questions and answers only."""

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return list(responses) == [PASSWORD]


@contextlib.contextmanager
def serving(
    root: Path,
    authorized_keys: str,
    kind: type[Honest],
    host_keys: tuple[str, ...] = ("ssh-ed25519",),
    door: type[asyncssh.SSHServer] | None = None,
    **offers: list[str],
) -> Iterator[Address]:
    """A server of this kind on `root`, with a new host key of each type, its first one pinned.

    `offers`: its algorithms, by asyncssh's names of their lists, where they are not the usual ones.
    """
    keys = [asyncssh.generate_private_key(name) for name in host_keys]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            sock=_listening(kind),
            server_host_keys=keys,
            authorized_client_keys=None if door else asyncssh.import_authorized_keys(authorized_keys),
            server_factory=door,
            sftp_factory=lambda chan: kind(chan, root),
            keepalive_interval=0,
            **offers,
        )

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield Address("127.0.0.1", server.get_port(), "partner", (keys[0].export_public_key().decode(),))
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _listening(kind: type[Honest]) -> socket.socket:
    listening = socket.create_server(("127.0.0.1", 0))
    if kind.receive_buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kind.receive_buffer)
    return listening


async def _ended(server: asyncssh.SSHAcceptor) -> None:
    """Nothing is left of the server, those who sleep for ever included."""
    server.close()
    await server.wait_closed()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _told(found: os.stat_result, more: int) -> SFTPAttrs:
    return SFTPAttrs(size=found.st_size + more, permissions=found.st_mode, atime=0, mtime=int(found.st_mtime))
