"""Are the files of a folder whole and in their order? For a partner, or an operator, offline and without the hub.

It reads the data files and GO files that one side keeps (FO from the hub, FI to it), line by line of (feed, partner,
environment), and compares the bytes, the sequence and the chain. It opens nothing sealed and shows no content.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from hub import filenames
from hub.errors import OperatorError
from hub.filenames import InName, Manifest, OutName

What = Literal["ALTERED", "NO_GO", "BAD_GO", "NO_DATA", "GAP", "FORK", "TWICE", "BEGINS"]
# What is wrong; that a folder does not begin with the first file of a line is only told.
WRONG: tuple[What, ...] = ("ALTERED", "NO_GO", "BAD_GO", "NO_DATA", "GAP", "FORK", "TWICE")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing seen in one line of files, with the file's name; of a gap the sequences that miss, if known."""

    what: What
    file: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a folder holds: how many files in how many lines, and what was seen."""

    files: int
    lines: int
    remarks: tuple[Remark, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not any(remark.what in WRONG for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class _File:
    """A data file or what announces it; either may be missing. `digest` is that of the bytes found."""

    name: InName | OutName
    digest: str | None
    manifest: Manifest | None
    announced: bool

    @property
    def line(self) -> tuple[str, str, str, str]:
        partner = self.name.sender if isinstance(self.name, InName) else self.name.recipient
        way = "IN" if isinstance(self.name, InName) else "OUT"
        return way, self.name.feed, partner, self.name.environment


def verify_folder(folder: Path) -> Verified:
    """What is wrong in the files of this folder and those in it. Raises OperatorError where there is none to verify."""
    if not folder.is_dir():
        raise OperatorError("there is no such folder")
    files = sorted(_files(folder), key=lambda file: (file.line, file.name.sequence, str(file.name)))
    if not files:
        raise OperatorError("the folder holds no file named as the exchange names them")
    lines = [list(members) for _, members in groupby(files, key=lambda file: file.line)]
    return Verified(len(files), len(lines), tuple(remark for line in lines for remark in _remarks(line)))


def _files(folder: Path) -> Iterator[_File]:
    """Each data file with the GO beside it, and each GO alone; a name outside the grammar is passed over.

    A file that lies in two folders with the same bytes and GO is one file.
    """
    paths = {path for path in folder.rglob("*") if path.is_file()}
    found: dict[_File, None] = {}
    announced: set[Path] = set()
    for path in sorted(paths):
        if (name := _data_name(path.name)) is not None:
            go = path.with_name(str(name.manifest_name()))
            announced.add(go)
            found[_File(name, _digest(path), _manifest(go) if go in paths else None, go in paths)] = None
    for go in sorted(paths - announced):
        if (alone := _announced_name(go.name)) is not None:
            found[_File(alone, None, _manifest(go), True)] = None
    yield from found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(go: Path) -> Manifest | None:
    return Manifest.parse(go.read_bytes())


def _data_name(text: str) -> InName | OutName | None:
    inward, outward = filenames.parse(text), filenames.parse_out(text)
    if inward is not None and inward.kind == "FI":
        return inward
    return outward if outward is not None and outward.kind == "FO" else None


def _announced_name(text: str) -> InName | OutName | None:
    """The data file that a GO alone announces; it looks the same both ways, and what one takes is from the hub."""
    inward, outward = filenames.parse(text), filenames.parse_out(text)
    if outward is not None and outward.kind == "GO":
        return outward.data_name()
    return inward.data_name() if inward is not None and inward.kind == "GO" else None


def _remarks(line: list[_File]) -> Iterator[Remark]:
    """What is wrong in one line of files, in the order of their sequences."""
    before: list[_File] = []
    for file in line:
        yield from _alone(file)
        yield from _placed(file, before)
        before.append(file)


def _alone(file: _File) -> Iterator[Remark]:
    """What one file says of itself."""
    name = str(file.name)
    if file.digest is None:
        yield Remark("NO_DATA", name)
    elif not file.announced:
        yield Remark("NO_GO", name)
    if file.announced and (file.manifest is None or file.manifest.file != name):
        yield Remark("BAD_GO", name)
    elif file.manifest is not None and file.digest is not None and file.manifest.sha256 != file.digest:
        yield Remark("ALTERED", name)


def _placed(file: _File, before: list[_File]) -> Iterator[Remark]:
    """Where one file stands among those with a lower sequence, or the same one under another day."""
    name, number = str(file.name), file.name.sequence
    previous = file.manifest.previous if file.manifest else None
    if not before:
        if number > 1 or previous is not None:
            yield Remark("BEGINS", name)
        return
    last = before[-1]
    if number == last.name.sequence:
        yield Remark("TWICE", name)
    if previous in _digests(last):
        return
    if previous is not None and any(previous in _digests(other) for other in before):
        yield Remark("FORK", name)
    elif number > last.name.sequence + 1:
        yield Remark("GAP", name, last.name.sequence + 1, number - 1)
    elif previous is not None:
        yield Remark("GAP", name)


def _digests(file: _File) -> set[str]:
    """The hash of the bytes and the announced one: an altered file breaks no chain a second time."""
    announced = file.manifest.sha256 if file.manifest else None
    return {digest for digest in (file.digest, announced) if digest is not None}
