"""What the mailbox makes of a partner's server that fails, stalls or lies: one fault, one server."""

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors import _visit
from connectors.errors import (
    Changed,
    Denied,
    Exists,
    LinkError,
    Missing,
    ProtocolBroken,
    Throttled,
    TooLarge,
    Unreachable,
)
from connectors.sftp import Address, Limits, SftpMailbox, read_key
from tests.connectors import faulty
from tests.connectors.faulty import CANARY, ENOUGH, ClientKey, Honest, serving

BODY = os.urandom(3 * ENOUGH)
LARGE = os.urandom(40 * ENOUGH)
SHORT_IO = Limits(io=1.0, resumes=0)
SHORT_DEADLINE = Limits(io=600.0, deadline=2.0)
SHORT_FILE = Limits(io=600.0, file=2.0)
ONCE = Limits(resumes=0)
OFTEN = Limits(resumes=30)  # a server that aborts throws away what it has not sent: how much is chance

Visit = Callable[..., AbstractContextManager[SftpMailbox]]


@pytest.fixture
def visit(root: Path, client_key: ClientKey) -> Visit:
    """Opens a mailbox on a server of the kind given; the file to read is in/file."""
    (root / "in" / "file").write_bytes(BODY)

    @contextmanager
    def visiting(kind: type[Honest], limits: Limits | None = None) -> Iterator[SftpMailbox]:
        with (
            serving(root, client_key.public, kind) as address,
            SftpMailbox(address, read_key(client_key.file), limits) as box,
        ):
            yield box

    return visiting


def test_cut_download(visit: Visit) -> None:
    """A download cut in the middle is Unreachable, to be tried again, and never a shorter file."""
    with visit(faulty.CutsDownloads, ONCE) as box, pytest.raises(Unreachable) as caught:
        box.read("in", "file")
    assert caught.value.retry


def test_cut_download_is_resumed(visit: Visit) -> None:
    """Bytes cut several times in one file are taken up where they stopped, on other connections, and all come."""
    with visit(faulty.CutsDownloads, OFTEN) as box:
        assert box.read("in", "file") == BODY


def test_cut_download_of_another_file(visit: Visit, root: Path) -> None:
    """What lies under the name after a cut and has another time is another file: none of it is joined to the first."""
    with visit(faulty.CutsDownloads) as box:
        reading = box.chunks("in", "file")
        next(reading)
        os.utime(root / "in" / "file", (1, 1))
        with pytest.raises(Changed):
            list(reading)


def test_cut_upload_is_resumed(visit: Visit, root: Path) -> None:
    """An upload cut on each connection goes on after the last confirmed byte, and ends whole."""
    with visit(faulty.CutsUploads, OFTEN) as box:
        box.write("out", ".file.part", BODY)
    assert (root / "out" / ".file.part").read_bytes() == BODY


def test_cut_upload(visit: Visit, root: Path) -> None:
    """An upload cut in the middle is Unreachable, and what it left is replaced on the next visit."""
    with visit(faulty.CutsUploads, ONCE) as box, pytest.raises(Unreachable):
        box.write("out", ".file.part", BODY)
    with visit(Honest) as box:
        box.write("out", ".file.part", b"new")
    assert (root / "out" / ".file.part").read_bytes() == b"new"


GIVEN_UP = [
    pytest.param(SHORT_IO, "no answer|lost", id="io"),
    pytest.param(SHORT_DEADLINE, "deadline", id="deadline"),
    pytest.param(SHORT_FILE, "deadline", id="file"),
]


@pytest.mark.parametrize(("limits", "why"), GIVEN_UP)
def test_stalled_download(visit: Visit, limits: Limits, why: str) -> None:
    """A server that goes silent in a download is given up, by the silence or by the deadline."""
    with visit(faulty.StallsDownloads, limits) as box, pytest.raises(Unreachable, match=why):
        box.read("in", "file")


@pytest.mark.parametrize("late", [False, True])
def test_the_time_of_a_file_ends_in_the_middle_of_a_new_connection(
    visit: Visit, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a file's time is over just before, or while, a connection is made anew, nothing more is waited for: else a
    server that stalls again would be waited for until the end of the visit."""
    made = _visit.Link

    def slowly(*given: Any) -> _visit.Link:
        link = made(*given)
        time.sleep(0.6)
        return link

    with visit(faulty.Honest, Limits(io=600.0, file=0.3)) as box:
        monkeypatch.setattr(_visit, "Link", slowly)

        def go_on(ends: float) -> None:
            time.sleep(0 if late else 0.6)
            box.visit.again(box.visit.session, ends + 60)
            box.exists("in", "file")

        with box.visit.one_file() as ends, pytest.raises(Unreachable, match="deadline"):
            go_on(ends)


@pytest.mark.parametrize(("limits", "why"), GIVEN_UP)
def test_stalled_upload(visit: Visit, limits: Limits, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that no longer reads is given up even when the buffers are full and nothing can be sent."""
    monkeypatch.setattr(socket, "create_connection", _with_small_buffer(socket.create_connection))
    with visit(faulty.StallsUploads, limits) as box, pytest.raises(Unreachable, match=why):
        box.write("out", ".file.part", LARGE)


def test_stalled_listing(visit: Visit) -> None:
    """A server that never ends its listing is given up."""
    with visit(faulty.StallsListings, SHORT_IO) as box, pytest.raises(Unreachable):
        box.list("in")


def test_after_a_broken_link(visit: Visit) -> None:
    """Once a link is broken, every call on it says so at once."""
    with visit(faulty.CutsDownloads, ONCE) as box:
        with pytest.raises(Unreachable):
            box.read("in", "file")
        with pytest.raises(Unreachable):
            box.list("in")


@pytest.mark.parametrize("kind", [faulty.SaysMore, faulty.SaysLess, faulty.Grows, faulty.Shrinks, faulty.Rewrites])
def test_changed(visit: Visit, kind: type[Honest]) -> None:
    """Bytes that are not as many as the server says, or another time after than before, are a file being written."""
    with visit(kind) as box, pytest.raises(Changed) as caught:
        box.read("in", "file")
    assert caught.value.retry


def test_no_size_told(visit: Visit) -> None:
    """A server that tells no size, time or kind is read to the end of the file, within the limit."""
    with visit(faulty.SaysNothing) as box:
        assert box.read("in", "file") == BODY
        assert ("file", None, None, None) in [(e.name, e.size, e.mtime, e.problem) for e in box.list("in")]
        box.write("out", ".file.part", BODY)
    with visit(faulty.SaysNothing, Limits(max_bytes=len(BODY) - 1)) as box, pytest.raises(TooLarge):
        box.read("in", "file")


def test_too_large(visit: Visit) -> None:
    """A file of exactly the limit is taken; one byte more is refused before a byte is read."""
    with visit(Honest, Limits(max_bytes=len(BODY))) as box:
        assert box.read("in", "file") == BODY
    with visit(Honest, Limits(max_bytes=len(BODY) - 1)) as box, pytest.raises(TooLarge):
        next(box.chunks("in", "file"))


@pytest.mark.parametrize("kind", [faulty.ShortReads, faulty.OutOfOrder])
def test_legal_oddities(visit: Visit, kind: type[Honest]) -> None:
    """Answers shorter than asked, or in another order, still give the file, in order."""
    with visit(kind) as box:
        assert box.read("in", "file") == BODY


def test_no_space(visit: Visit, root: Path) -> None:
    """One refused write among many is an error to try again, and nothing half written stays."""
    with visit(faulty.FullDisk) as box, pytest.raises(Throttled) as caught:
        box.write("out", ".file.part", BODY)
    assert caught.value.retry
    assert not (root / "out" / ".file.part").exists()


def test_half_written(visit: Visit, root: Path) -> None:
    """A server that accepts every write and keeps half is found out, and nothing half written stays."""
    with visit(faulty.KeepsHalf) as box, pytest.raises(ProtocolBroken):
        box.write("out", ".file.part", BODY)
    assert not (root / "out" / ".file.part").exists()


def test_altered_bytes(visit: Visit, root: Path) -> None:
    """One byte that reads back as another is found out though the size is right, and nothing of it stays."""
    with visit(faulty.Alters) as box, pytest.raises(ProtocolBroken, match="read back"):
        box.write("out", ".file.part", BODY)
    assert not (root / "out" / ".file.part").exists()


def test_drop_box(visit: Visit, root: Path) -> None:
    """A server that lets us write and not read is written to, and its size is all that is checked."""
    with visit(faulty.DropBox) as box:
        box.write("out", ".file.part", BODY)
    assert (root / "out" / ".file.part").read_bytes() == BODY


@pytest.mark.parametrize("kind", [faulty.NoRename, faulty.NoPlainRename])
def test_server_without_a_rename(visit: Visit, root: Path, kind: type[Honest]) -> None:
    """Where the server cannot rename, or not in the plain way, a file is moved all the same, and never over another."""
    (root / "in" / "done" / "other").write_bytes(b"old")
    with visit(kind) as box:
        box.rename("in", "file", "in/done", "file")
        assert not box.exists("in", "file")
        box.write("in", "file2", b"new")
        with pytest.raises(Exists):
            box.rename("in", "file2", "in/done", "other")
        with pytest.raises(Missing):
            box.rename("in", "nothing", "in/done", "nothing")
    assert (root / "in" / "done" / "file").read_bytes() == BODY
    assert (root / "in" / "done" / "other").read_bytes() == b"old"


def test_cut_copy_is_taken_up(visit: Visit, root: Path) -> None:
    """Where a move is a copy, one that was cut leaves a beginning under the new name; the next call finishes it."""
    (root / "in" / "done" / "file").write_bytes(BODY[:1000])
    with visit(faulty.NoRename) as box:
        box.rename("in", "file", "in/done", "file")
    assert (root / "in" / "done" / "file").read_bytes() == BODY
    assert not (root / "in" / "file").exists()


def test_plain_server(visit: Visit, root: Path) -> None:
    """Neither posix-rename nor fsync is needed."""
    with visit(faulty.Plain) as box:
        box.write("out", ".file.part", BODY)
        box.rename("out", ".file.part", "out", "file")
    assert (root / "out" / "file").read_bytes() == BODY


def test_server_that_renames_over(visit: Visit, root: Path) -> None:
    """Where the server would write over the target, we look first."""
    (root / "in" / "done" / "file").write_bytes(b"old")
    with visit(faulty.RenamesOver) as box, pytest.raises(Exists):
        box.rename("in", "file", "in/done", "file")
    assert (root / "in" / "done" / "file").read_bytes() == b"old"


def test_hostile_names(visit: Visit) -> None:
    """Names made to lead elsewhere or to break a terminal are listed as problems, escaped, and are not opened."""
    with visit(faulty.HostileNames) as box:
        found = [one for one in box.list("in") if one.problem]
        assert len(found) == len(faulty.HostileNames.names)
        assert all(one.name.isprintable() and len(one.name) <= 255 for one in found)
        for one in found:
            with pytest.raises(ProtocolBroken):
                box.read("in", one.name)


@pytest.mark.parametrize(
    ("kind", "expected"), [(faulty.Forbids, Denied), (faulty.Babbles, Throttled)], ids=["denied", "failure"]
)
def test_nothing_of_a_person_in_errors_and_logs(
    visit: Visit, kind: type[Honest], expected: type[LinkError], caplog: pytest.LogCaptureFixture, root: Path
) -> None:
    """Neither a file's name nor the server's words reach an error, its traceback or a log of ours, at any level."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("planted").debug(CANARY)
    (root / "in" / CANARY).touch()
    with visit(kind) as box:
        box.list("in")
        with pytest.raises(expected) as caught:
            box.read("in", CANARY)
    told = "".join(traceback.format_exception(caught.value))
    assert CANARY not in told
    ours = [one for one in caplog.records if not one.name.startswith("asyncssh")]  # that is the partner's own
    assert [one.name for one in ours if CANARY in one.getMessage()] == ["planted"]


def test_nobody_listens(client_key: ClientKey) -> None:
    """A port where nobody listens is Unreachable."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable), SftpMailbox(_nowhere(port), read_key(client_key.file)):
        pass


def test_silent_server(client_key: ClientKey) -> None:
    """A server that accepts the connection and says nothing is Unreachable."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(Unreachable),
        SftpMailbox(_nowhere(silent.getsockname()[1]), read_key(client_key.file), Limits(banner=1.0)),
    ):
        pass


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        (f"{CANARY}\r\nSSH-{CANARY}-x\r\n", ProtocolBroken),
        (f"{CANARY}\r\n", Unreachable),
        (f"SSH-2.0-{CANARY}\r\n{CANARY}", Unreachable),
    ],
)
def test_nothing_of_the_greeting_in_errors_and_logs(
    client_key: ClientKey, greeting: str, expected: type[LinkError], caplog: pytest.LogCaptureFixture
) -> None:
    """What a server says before it is known to be the partner's reaches no error, no traceback and no log."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("planted").debug(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greets, args=(server, greeting.encode()), daemon=True).start()
        box = SftpMailbox(_nowhere(server.getsockname()[1]), read_key(client_key.file), Limits(banner=5.0))
        with pytest.raises(expected) as caught:
            box.__enter__()
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert [one.name for one in caplog.records] == ["planted"]


def _greets(server: socket.socket, greeting: bytes) -> None:
    line, _ = server.accept()
    with line:
        line.sendall(greeting)
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass


def _with_small_buffer(create: Callable[..., socket.socket]) -> Callable[..., socket.socket]:
    """Connections that can hold little of what is not yet sent."""

    def creating(*where: object, **how: object) -> socket.socket:
        line = create(*where, **how)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return line

    return creating


def _nowhere(port: int) -> Address:
    return Address("127.0.0.1", port, "partner", ("ssh-ed25519 AAAA",))
