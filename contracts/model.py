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
Kind = Literal["text", "int", "date", "incomplete_date", "timestamp", "bool", "code", "list"]
Environment = Literal["T", "R"]
Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    `nature` says where it may go: only coded ones reach the ledger; sealed columns count as direct.
    `codes` closes a code or a list; `pattern` (anchored) forms a text or each element of a list.
    """

    name: str
    kind: Kind
    nature: Nature = "coded"
    required: bool = False
    codes: tuple[str, ...] = ()
    pattern: str | None = None
    max_length: int | None = None
    minimum: int = 0
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


Rules = Mapping[str, Sequence[pa.Check]]


def no_rules(_context: Context, _environment: Environment) -> Rules:
    """Gives no rule beyond those of the fields."""
    return {}


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of one feed in one direction and environment; once released it never changes."""

    feed: str
    name: str
    version: int
    direction: Direction
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    effective_date: str | None
    rules: Callable[[Context, Environment], Rules] = no_rules
    environment: Environment = "T"

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
