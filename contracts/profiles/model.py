"""What a source profile is: how an export is written, and where each column of the feed comes from.

A profile invents nothing: a column is taken from the export, is the same in every row by the nature of the
export, is given by whoever makes the draft, or is declared as lacking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.model import Contract, FileFormat

SourceKind = Literal["csv", "xlsx", "fixed"]
Given = Literal["cpas", "now"]  # the NIS code of the CPAS; the moment of the draft
Says = tuple[str, str]  # French, English


class ProfileProblem(Exception):  # noqa: N818 - named after what it tells, as the errors of the hub are
    """A profile cannot be used, or does not fit what it was given; the text names no value of a row."""


_FORM = FileFormat()


@dataclass(frozen=True, slots=True)
class Source:
    """How an export is written.

    `header` is the row of the column names, 0 when there is none: `layout` then names the columns in order, each
    with its width in characters (0 in a CSV). `longer` lets more columns follow. A workbook has one sheet with
    content.
    """

    kind: SourceKind
    header: int = 1
    form: FileFormat = _FORM
    layout: tuple[tuple[str, int], ...] = ()
    longer: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text of one column comes from, and what is done to it, in this order.

    `columns`: the first filled one, or all of them put together with `join`; `empty`: texts that mean nothing;
    `pattern`: what its group takes; `codes`: what each text is in the feed; `dates`, `niss`: forms in which a
    date or a person number is written; `country`: the calling code of a phone number written without one;
    `prefix`: put before.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    given: Given | None = None
    join: str | None = None
    empty: tuple[str, ...] = ()
    pattern: str | None = None
    codes: Mapping[str, str] | None = None
    dates: tuple[str, ...] = ()
    niss: tuple[str, ...] = ()
    country: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows of the export are drafted: those whose column has one of these texts, or none of them."""

    column: str
    texts: tuple[str, ...]
    among: bool


@dataclass(frozen=True, slots=True)
class Companion:
    """A second export that says more of what a row names: `adds` are those of its row whose `key` is the `match`."""

    says: Says
    source: Source
    key: str
    match: Origin
    adds: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One export of one program, as a draft of one feed."""

    name: str
    title: Says
    contract: Contract
    source: Source
    rows: tuple[Condition, ...]
    columns: Mapping[str, Origin]
    lacking: Mapping[str, Says]
    companion: Companion | None = None

    @property
    def read(self) -> Sequence[str]:
        """Gives the columns of the export that are read; all others stay in it."""
        wanted = [name for origin in self.columns.values() for name in origin.columns]
        wanted += [condition.column for condition in self.rows]
        added: tuple[str, ...] = ()
        if self.companion:
            wanted += self.companion.match.columns
            added = self.companion.adds
        return [name for name in dict.fromkeys(wanted) if name not in added]
