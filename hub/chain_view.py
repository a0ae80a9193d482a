"""The whole view of a recipient, put together from the RECO files that it keeps: offline, and nothing sealed is opened.

The last snapshot and every delta after it, of one recipient; what lies before it is not looked at.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub import filenames
from hub.chain_folder import WRONG, verify_folder
from hub.errors import OperatorError
from hub.filenames import Manifest, OutName
from hub.snapshot import Cells, ViewFile, view

_BEFORE = ("GAP", "FORK")  # of a snapshot itself: it needs no file before it


@dataclass(frozen=True, slots=True)
class View:
    """The columns of the last file and the rows that hold, sealed as they came."""

    columns: Sequence[str]
    rows: Sequence[Cells]


def whole_view(folder: Path) -> View:
    """The rows that hold after the files of this folder and those in it.

    Raises OperatorError when there is no snapshot, or the files after the last one are not whole and in line.
    """
    files = sorted(_reco(folder), key=lambda one: one[0].sequence)
    if len({(name.recipient, name.environment) for name, _ in files}) > 1:
        raise OperatorError("the folder holds the views of several recipients: take one folder for each")
    since = [place for place, (_, path) in enumerate(files) if _kind(path) == "SNAPSHOT"]
    if not since:
        raise OperatorError("the folder holds no RECO file that is a snapshot: there is one each week")
    files = files[since[-1] :]
    _require_whole(folder, [name for name, _ in files])
    held = view(ViewFile(_kind(path), _rows(path)) for _, path in files)
    with files[-1][1].open(encoding="utf-8", newline="") as file:
        return View(next(csv.reader(file, delimiter=";")), list(held.values()))


def _reco(folder: Path) -> Iterator[tuple[OutName, Path]]:
    """The data files of RECO; of one that lies in two folders the first."""
    found: dict[OutName, Path] = {}
    for path in sorted(folder.rglob("FO.RECO.*")):
        name = filenames.parse_out(path.name)
        if name is not None and name.kind == "FO":
            found.setdefault(name, path)
    yield from found.items()


def _kind(path: Path) -> filenames.FileKind:
    """What its GO says; where there is none the file is of no use, and `_require_whole` says so."""
    name = filenames.parse_out(path.name)
    go = path.with_name(str(name.manifest_name())) if name else path
    manifest = Manifest.parse(go.read_bytes()) if go.is_file() else None
    return manifest.kind if manifest else "DELTA"


def _require_whole(folder: Path, names: Sequence[OutName]) -> None:
    """Raise OperatorError when one of these files is altered or one between them is missing."""
    used = {str(name): name for name in names}
    for remark in verify_folder(folder).remarks:
        of_snapshot = remark.file == str(names[0]) and remark.what in _BEFORE
        if remark.what in WRONG and remark.file in used and not of_snapshot:
            raise OperatorError(
                f"{remark.file}: {remark.what}; `passerelle chain verify` says more, and the next snapshot heals it"
            )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
