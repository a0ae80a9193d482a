"""Files on disk: whole or not there, and what a killed process left is swept, not what a living one writes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.stores.files import WRITING, Files


def parts(files: Files) -> list[Path]:
    return list((files.root / WRITING).iterdir())


def test_a_file_appears_whole_under_the_name_known_at_its_end(tmp_path: Path) -> None:
    """Nothing of a file is visible before its last byte, and its name can depend on its content."""
    files, seen = Files(tmp_path), []

    def pieces() -> Iterator[bytes]:
        for piece in (b"one", b"two"):
            seen.extend(path.name for path in (tmp_path / "landing").glob("[!.]*"))
            yield piece

    assert files.write("landing", pieces(), lambda: "name") == "name"
    assert seen == []
    assert files.read("landing", "name") == b"".join(files.chunks("landing", "name")) == b"onetwo"
    assert parts(files) == []


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """When its bytes end in an error, neither the file nor a part of it stays."""
    files = Files(tmp_path)

    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        files.write("landing", pieces(), lambda: "name")
    assert list((tmp_path / "landing").iterdir()) == parts(files) == []


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """The half-written file of a process that is dead goes at the next sweep."""
    files = Files(tmp_path)

    def killed() -> Iterator[bytes]:
        yield b"one"
        os._exit(9)

    if (child := os.fork()) == 0:
        files.write("landing", killed(), lambda: "name")
    os.waitpid(child, 0)
    assert len(parts(files)) == 1
    files.sweep()
    assert parts(files) == []


def test_a_sweep_spares_what_another_is_writing(tmp_path: Path) -> None:
    """A sweep at the beginning of one shard does not take away the file that another shard is landing."""
    files, swept = Files(tmp_path), []

    def pieces() -> Iterator[bytes]:
        yield b"one"
        files.sweep()
        swept.append(len(parts(files)))
        yield b"two"

    files.write("landing", pieces(), lambda: "name")
    assert swept == [1]
    assert files.read("landing", "name") == b"onetwo"


def test_moving_twice_is_moving_once(tmp_path: Path) -> None:
    """A file moved to quarantine is there once, whether or not the run is repeated."""
    files = Files(tmp_path)
    files.write("landing", [b"one"], lambda: "name")
    for _ in range(2):
        files.move("name", "landing", "quarantine")
        assert (files.exists("landing", "name"), files.exists("quarantine", "name")) == (False, True)
