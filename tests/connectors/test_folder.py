"""What only a local folder can show: files that change under the reader, kills, disks that refuse."""

import os
from pathlib import Path

import pytest

from connectors.errors import Changed, LinkError, Missing, ProtocolBroken, TooLarge
from connectors.folder import FolderMailbox

BODY = os.urandom(300_000)


@pytest.mark.parametrize("size", [len(BODY) + 1, 10])
def test_changed(root: Path, size: int) -> None:
    """A file that grows or shrinks while it is read is Changed."""
    (root / "in" / "file").write_bytes(BODY)
    reading = FolderMailbox(root).chunks("in", "file")
    next(reading)
    os.truncate(root / "in" / "file", size)
    with pytest.raises(Changed):
        list(reading)


def test_touched(root: Path) -> None:
    """A file rewritten to the same size while it is read is Changed."""
    (root / "in" / "file").write_bytes(BODY)
    reading = FolderMailbox(root).chunks("in", "file")
    next(reading)
    os.utime(root / "in" / "file", (1, 1))
    with pytest.raises(Changed):
        list(reading)


def test_too_large(root: Path) -> None:
    """A file above the limit is refused before a byte is read."""
    (root / "in" / "file").write_bytes(BODY)
    with pytest.raises(TooLarge):
        next(FolderMailbox(root, len(BODY) - 1).chunks("in", "file"))


def test_rename_killed_in_the_middle(root: Path) -> None:
    """A move that was killed between its two steps is completed by doing it again."""
    (root / "in" / "file").write_bytes(BODY)
    (root / "in" / "done" / "file").hardlink_to(root / "in" / "file")
    FolderMailbox(root).rename("in", "file", "in/done", "file")
    assert not (root / "in" / "file").exists()
    assert (root / "in" / "done" / "file").read_bytes() == BODY


def test_link_not_followed(root: Path, tmp_path: Path) -> None:
    """A link in the folder is not read, wherever it leads."""
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "in" / "file").symlink_to(tmp_path / "secret")
    with pytest.raises(ProtocolBroken):
        FolderMailbox(root).read("in", "file")


def test_pipe_does_not_hang(root: Path) -> None:
    """A pipe under a file's name gives an error or nothing, and does not wait for a writer."""
    os.mkfifo(root / "in" / "file")
    assert FolderMailbox(root).list("in") == []
    with pytest.raises(LinkError):
        FolderMailbox(root).read("in", "file")


def test_no_path_in_errors(root: Path) -> None:
    """The error names what the disk said by its number's name, not the path."""
    with pytest.raises(Missing) as caught:
        FolderMailbox(root).read("in", "85073099999")
    assert str(caught.value) == "the disk says ENOENT"
