"""What every mailbox promises: on a local folder, on asyncssh, on OpenSSH."""

import os
from pathlib import Path

import pytest

from connectors.errors import Changed, Exists, Missing, ProtocolBroken
from connectors.folder import FolderMailbox
from connectors.sftp import SftpMailbox

Mailbox = SftpMailbox | FolderMailbox

BODY = bytes(range(256)) * 2000  # 512,000 bytes: several pieces, the last one not full


def test_write_then_move_then_read(mailbox: Mailbox) -> None:
    """What was written under a temporary name and moved is read back, byte for byte, under its final name."""
    mailbox.write("out", ".file.part", BODY)
    assert not mailbox.exists("out", "file")
    mailbox.rename("out", ".file.part", "out", "file")
    assert mailbox.read("out", "file") == BODY
    assert not mailbox.exists("out", ".file.part")


@pytest.mark.parametrize("size", [0, 1, 32_767, 32_768, 32_769, 2_500_000])
def test_sizes(mailbox: Mailbox, size: int) -> None:
    """A file of any size, empty or exactly full pieces or more than is under way at once, comes back whole."""
    body = os.urandom(size)
    mailbox.write("out", "file", body)
    assert mailbox.read("out", "file") == body


@pytest.mark.parametrize("start", [0, 1, 40_000, len(BODY) - 1, len(BODY)])
def test_start(mailbox: Mailbox, root: Path, start: int) -> None:
    """Reading can start anywhere in the file, its end included."""
    (root / "in" / "file").write_bytes(BODY)
    assert b"".join(mailbox.chunks("in", "file", start)) == BODY[start:]


def test_start_past_the_end(mailbox: Mailbox, root: Path) -> None:
    """A file that is shorter than what we have of it is another file."""
    (root / "in" / "file").write_bytes(b"short")
    with pytest.raises(Changed):
        list(mailbox.chunks("in", "file", 6))


def test_list(mailbox: Mailbox, root: Path) -> None:
    """A listing holds the regular files with size and time, in order, and neither folders nor links."""
    (root / "in" / "b").write_bytes(b"12345")
    (root / "in" / "a").write_bytes(b"")
    (root / "in" / "link").symlink_to("/etc/passwd")
    os.utime(root / "in" / "b", (1_700_000_000, 1_700_000_000))
    found = mailbox.list("in")
    assert [(one.name, one.size, one.problem) for one in found] == [("a", 0, None), ("b", 5, None)]
    assert found[1].mtime == 1_700_000_000


def test_many_names(mailbox: Mailbox, root: Path) -> None:
    """A folder with more names than one reply holds is listed whole."""
    names = [f"FI.{number:05d}" for number in range(500)]
    for name in names:
        (root / "in" / name).touch()
    assert [one.name for one in mailbox.list("in")] == names


def test_names_with_problems(mailbox: Mailbox, root: Path) -> None:
    """One bad name does not lose the folder: it is listed, escaped, with its problem, and cannot be opened."""
    for name in ("relevé.csv".encode("latin-1"), "relevé.csv".encode(), b"good", b"Twin", b"tWIN", b"a\nb", b"a\\b"):
        Path(os.fsdecode(os.fsencode(root / "in") + b"/" + name)).write_bytes(b"x")
    found = {one.name: one.problem for one in mailbox.list("in")}
    assert found == {
        "relev\\xe9.csv": "not UTF-8",
        "relevé.csv": None,
        "good": None,
        "Twin": "case twin",
        "tWIN": "case twin",
        "a\\x0ab": "unsafe character",
        "a\\b": "unsafe character",
    }
    assert mailbox.read("in", "relevé.csv") == b"x"
    with pytest.raises(ProtocolBroken):
        mailbox.read("in", "relev\\xe9.csv")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\\b", "a\0b", "a\nb", "x" * 256, "\udce9"])
def test_names_never_sent(mailbox: Mailbox, name: str) -> None:
    """A name that could lead elsewhere is refused before it is used, in a file's place and in a folder's."""
    with pytest.raises(ProtocolBroken) as caught:
        mailbox.read("in", name)
    assert name not in str(caught.value) or name in ("", ".")
    with pytest.raises(ProtocolBroken):
        mailbox.list("in/../in")


def test_missing(mailbox: Mailbox) -> None:
    """What is not there is Missing to a reader, a lister and a mover, and nothing to a remover."""
    with pytest.raises(Missing):
        mailbox.read("in", "file")
    with pytest.raises(Missing):
        mailbox.list("nowhere")
    with pytest.raises(Missing):
        mailbox.rename("in", "file", "in/done", "file")
    mailbox.remove("in", "file")
    assert not mailbox.exists("in", "file")


def test_rename_never_overwrites(mailbox: Mailbox, root: Path) -> None:
    """A move onto a file that is there is refused, and both files stay as they were; onto itself too."""
    (root / "in" / "file").write_bytes(b"new")
    (root / "in" / "done" / "file").write_bytes(b"old")
    with pytest.raises(Exists):
        mailbox.rename("in", "file", "in/done", "file")
    with pytest.raises(Exists):
        mailbox.rename("in", "file", "in", "file")
    assert (mailbox.read("in", "file"), mailbox.read("in/done", "file")) == (b"new", b"old")


def test_write_never_overwrites(mailbox: Mailbox, root: Path) -> None:
    """A file that is there is not written over."""
    (root / "out" / "file").write_bytes(b"old")
    with pytest.raises(Exists):
        mailbox.write("out", "file", b"new")
    assert mailbox.read("out", "file") == b"old"


def test_stale_part(mailbox: Mailbox, root: Path) -> None:
    """What a broken visit left under a temporary name is replaced whole, not only its beginning."""
    (root / "out" / ".file.part").write_bytes(b"left by a broken visit")
    mailbox.write("out", ".file.part", b"new")
    assert mailbox.read("out", ".file.part") == b"new"


def test_remove(mailbox: Mailbox, root: Path) -> None:
    """A removed file is gone, and its neighbour is not."""
    for name in ("file", "other"):
        (root / "in" / name).touch()
    mailbox.remove("in", "file")
    assert [one.name for one in mailbox.list("in")] == ["other"]


def test_ensure(mailbox: Mailbox) -> None:
    """A folder is made with those on its way, and making it again changes nothing."""
    mailbox.ensure("new/deep")
    mailbox.write("new/deep", "file", b"x")
    mailbox.ensure("new/deep")
    assert mailbox.read("new/deep", "file") == b"x"


def test_abandoned_reading(mailbox: Mailbox, root: Path) -> None:
    """A reader that stops in the middle disturbs nothing that follows."""
    (root / "in" / "file").write_bytes(BODY)
    reading = mailbox.chunks("in", "file")
    next(reading)
    assert mailbox.exists("in", "file")
    reading.close()
    assert mailbox.read("in", "file") == BODY


def test_two_readers(mailbox: Mailbox, root: Path) -> None:
    """Two files read by turns in one thread do not mix."""
    (root / "in" / "a").write_bytes(BODY)
    (root / "in" / "b").write_bytes(BODY[::-1])
    pairs = list(zip(mailbox.chunks("in", "a"), mailbox.chunks("in", "b"), strict=True))
    assert b"".join(one for one, _ in pairs) == BODY
    assert b"".join(other for _, other in pairs) == BODY[::-1]
