"""What a partner does with a file of ours: open its sealed columns with its own private key, line by line.

Needs no hub, no database and no network, and no more memory for a large file than for a small one. The file is read
twice: first everything is opened, so that nothing is given out of a file of which one row does not open. A row sealed
to a retired key is opened when that key is given too.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from hub.errors import OperatorError
from hub.kem import Private
from hub.keys import read_private_key
from hub.pseudonymise import CPAS_IDENTITY, FOREM_IDENTITY, LOCAL_REFERENCE, open_capsule

SEALED = {"sealed_identity": "identity_", "sealed_local_ref": ""}
_HOLDS = tuple(dict.fromkeys((*FOREM_IDENTITY, *CPAS_IDENTITY, *LOCAL_REFERENCE)))
_NONE_OF_OURS = "this is not a file of the hub"
Key = tuple[str, str, Private]
Row = dict[str, str | None]
Source = Callable[[], TextIO]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of which every row opens: its columns, each sealed one replaced by those it holds."""

    columns: tuple[str, ...]
    has_rows: bool
    _source: Source
    _keys: Sequence[Key]

    def rows(self) -> Iterator[Row]:
        """Its rows, in order; an empty cell is None."""
        for row in _lines(self._source):
            opened = row | {name: value for column in SEALED for name, value in _open(row, column, self._keys)}
            yield {name: opened.get(name) or None for name in self.columns}


def open_file(source: Source, key_files: Sequence[Path]) -> Opened:
    """A published file, opened; `source` gives its text (UTF-8, newline="") from the beginning each time it is called.

    Raises OperatorError when the file is none of ours, or when no given key opens a row.
    """
    keys = [read_private_key(path) for path in key_files]
    with source() as text:
        header = next(_cells(text), [])
    if not header or len(set(header)) != len(header):
        raise OperatorError(_NONE_OF_OURS)
    held: dict[str, set[str]] = {column: set() for column in SEALED}
    has_rows = False
    for row in _lines(source):
        has_rows = True
        for column, names in held.items():
            names.update(name for name, _ in _open(row, column, keys))
    return Opened(tuple(_columns(header, held)), has_rows, source, keys)


def _columns(header: Sequence[str], held: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The columns that are not sealed as they are, then what the sealed ones hold, in one order."""
    for name in header:
        if name in held:
            yield from (full for one in _HOLDS if (full := f"{SEALED[name]}{one}") in held[name])
        else:
            yield name


def _lines(source: Source) -> Iterator[Row]:
    with source() as text:
        cells = _cells(text)
        header = next(cells, [])
        for line in cells:
            if len(line) != len(header):
                raise OperatorError(_NONE_OF_OURS)
            yield dict(zip(header, line, strict=True))


def _cells(text: TextIO) -> Iterator[list[str]]:
    """The cells of each line; what csv and the decoder say of a wrong file shows it, so it is not told."""
    try:
        yield from csv.reader(text, delimiter=";", strict=True)
    except (csv.Error, UnicodeDecodeError):
        raise OperatorError(_NONE_OF_OURS) from None


def _open(row: Row, column: str, keys: Sequence[Key]) -> Iterator[tuple[str, str]]:
    """What a sealed cell holds, under the names of the columns that take its place."""
    if value := row.get(column):
        for name, held in _open_value(value, keys).items():
            yield f"{SEALED[column]}{name}", held


def _open_value(value: str, keys: Sequence[Key]) -> dict[str, str]:
    for kid, recipient, private in keys:
        try:
            return open_capsule(value, kid, recipient, private)
        except ValueError:
            continue
    raise OperatorError("a row was sealed to a key that was not given")
