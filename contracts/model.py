"""What a contract is: its fields, its rules, and how both become one pandera schema.

A contract is pure and knows nothing of partners: what its rules must know about the day and the sender comes
as a `Context`. Reading a file is in `reader.py`, the texts' canonical form in `parse.py`, running a schema in
the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from typing import Literal

import pandera.polars as pa

from contracts.codes import Validity

Nature = Literal["direct", "quasi", "coded"]
Kind = Literal["text", "int", "decimal", "date", "incomplete_date", "timestamp", "bool", "code", "list", "niss"]
Environment = Literal["T", "R"]
Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    `nature` says where it may go: only coded ones reach the ledger; sealed columns count as direct.
    `codes` closes a code or a list; `pattern` (anchored) forms a text or each element of a list; `minimum` and
    `maximum`, both included, bound a number.
    """

    name: str
    kind: Kind
    nature: Nature = "coded"
    required: bool = False
    codes: tuple[str, ...] = ()
    pattern: str | None = None
    max_length: int | None = None
    minimum: float = 0
    maximum: float | None = None
    expected: str = "a text without line breaks"


@dataclass(frozen=True, slots=True)
class Context:
    """What the hub tells a contract about the day and the sender.

    `communes` holds every NIS code known, old ones too, with the days it is in use; `adg` those not served by
    Le Forem; `entitled` those that the sender may write for (its own and those it succeeds).
    """

    received_on: date
    communes: Mapping[str, Validity] = default(default_factory=dict)
    adg: frozenset[str] = frozenset()
    entitled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a partner declares that it writes its files; nothing of it is guessed from a file.

    `dates` is `iso` (YYYY-MM-DD) or `dmy` (DD/MM/YYYY). In a workbook (`xlsx`) encoding, delimiter and quote
    mean nothing.
    """

    kind: Literal["csv", "xlsx"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ";"
    quote: str = '"'
    dates: Literal["iso", "dmy"] = "iso"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too large to be read: bytes of a file, rows, characters of a cell, and how far an archive may grow.

    A workbook may not unpack to more than `file_bytes` either; `ratio` is its unpacked to packed bytes, `members` the
    files that it may hold.
    """

    file_bytes: int = 256 * 1024 * 1024  # in memory some four times its size; the whole region is a tenth of this
    rows: int = 1_000_000  # four times the job seekers of Wallonia
    cell: int = 10_000  # a sealed identity has about 1,000 characters: a longer cell is a quote left open
    ratio: int = 100
    members: int = 200


Rules = Mapping[str, Sequence[pa.Check]]


def no_rules(_context: Context, _environment: Environment) -> Rules:
    """Gives no rule beyond those of the fields."""
    return {}


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of one feed in one direction and environment; once released it never changes.

    `entity` names the columns that name, within one source, what a row states (a referral, a contract); its rows
    share one line of versions. Where `within_person` holds, the person's subject id is part of that name too.
    `about` is the column that names something of another feed (a referral, an event). `added` are the columns that
    version 1 has not; they are optional, and one that is empty says nothing: the row is what it is without it.
    """

    feed: str
    name: str
    version: int
    direction: Direction
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    effective_date: str | None
    rules: Callable[[Context, Environment], Rules] = no_rules
    environment: Environment = "T"
    entity: tuple[str, ...] = ()
    within_person: bool = False
    about: str | None = None
    added: tuple[str, ...] = ()

    @property
    def of_person(self) -> bool:
        """Tells whether each row concerns a person, named by a NISS or by a token."""
        return not {"niss", "subject_token"}.isdisjoint(self.columns)

    @property
    def label(self) -> str:
        """Gives the name a manifest uses, such as `orientations/1`."""
        return f"{self.name}/{self.version}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Gives the header, in order."""
        return tuple(field.name for field in self.fields)

    def named(self, nature: Nature) -> tuple[str, ...]:
        """Gives the names of the columns of this nature, in order."""
        return tuple(field.name for field in self.fields if field.nature == nature)
