"""Tables of persons by arrondissement and one other thing, coarse enough to be shown to anybody.

Pure. It counts, puts together the arrondissements that are too small or too uniform to stand alone, and has each table
hidden where it must be by `hub.suppress`. What is counted, and in which words, is given by its caller. All tables of
one population have the same rows, whose totals are shown; so they tell a reader nothing of one another's hidden counts,
and auditing each by itself audits them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hub.suppress import Protected, UnprotectableError, protect

OTHERS = "Autres arrondissements"
WHOLE = "Tous les arrondissements"
AREA = "arrondissement"  # the column of persons that says where each is counted

Counts = Mapping[str, Sequence[int]]  # by arrondissement, category by category


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what a table divides persons: a column of theirs and, in order, what each code in it is called.

    A code without a name counts as the last one.
    """

    name: str
    title: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table; without `protected` it is not shown: nothing could protect it, or all persons are of one category."""

    dimension: Dimension
    protected: Protected | None


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of one population, each with the same rows; none where there are fewer than k persons in all.

    `together` are the arrondissements of the row of others; those without any person are in no row.
    """

    title: str
    rows: tuple[str, ...]
    together: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def hidden(self) -> int:
        """How many counts are hidden in all, totals of columns among them; a single row is its own totals."""
        hidden = [cell for table in self.tables if table.protected for cell in table.protected.hidden]
        return sum(row > 0 or len(self.rows) > 1 for row, _ in hidden)


@dataclass(slots=True)
class _Rows:
    """Which arrondissements stand alone, from the smallest, and which are put together."""

    alone: list[str]
    together: list[str]

    @property
    def groups(self) -> list[list[str]]:
        return [*([one] for one in sorted(self.alone)), *([sorted(self.together)] if self.together else [])]

    def merge(self, row: int) -> None:
        """Put this row with the others; the smallest that stands alone, where it is none of them."""
        standing = sorted(self.alone)
        name = standing[row] if row < len(standing) else self.alone[0]
        self.alone.remove(name)
        self.together.append(name)


def part(title: str, persons: pl.DataFrame, dimensions: Sequence[Dimension], k: int) -> Part:
    """The tables of these persons, one row each, with their arrondissement and the column of every dimension."""
    if persons.height < k:
        return Part(title, (), (), ())
    counted = [_counted(persons, dimension) for dimension in dimensions]
    sizes = {area: sum(line) for area, line in counted[0].items()}
    rows = _Rows(sorted(sizes, key=lambda area: (sizes[area], area)), [])
    while (weak := _weak(rows, counted, k)) is not None:
        rows.merge(weak)
    tables = zip(dimensions, counted, strict=True)
    made = tuple(Table(dimension, _protected(rows.groups, counts, k)) for dimension, counts in tables)
    names = [WHOLE] if not rows.alone else [*sorted(rows.alone), *([OTHERS] if rows.together else [])]
    return Part(title, tuple(names), tuple(sorted(rows.together)) if rows.alone else (), made)


def _counted(persons: pl.DataFrame, dimension: Dimension) -> Counts:
    codes = list(dimension.labels)
    known = pl.col(dimension.name).is_in(codes).fill_null(value=False)
    code = pl.when(known).then(dimension.name).otherwise(pl.lit(codes[-1])).alias("code")
    found = {(area, code): count for area, code, count in persons.group_by(AREA, code).len().iter_rows()}
    return {area: [found.get((area, code), 0) for code in codes] for area in sorted({area for area, _ in found})}


def _weak(rows: _Rows, counted: Sequence[Counts], k: int) -> int | None:
    """The first row that cannot be shown as it is; None where all can, or where there is nothing left to merge.

    A row of fewer than k, one whose persons are all of one category (whoever knows that a person is in it would know
    that of the person: group attribute disclosure, handbook, chapter 5), or one whose hidden counts nothing protects.
    """
    if not rows.alone:
        return None
    for counts in counted:
        lines = _lines(rows.groups, counts)
        for row, line in enumerate(lines):
            if sum(line) < k or (_divided(lines) and not _divided([line])):
                return row
        try:
            protect(lines, k)
        except UnprotectableError as error:
            return error.row
    return None


def _divided(lines: Sequence[Sequence[int]]) -> bool:
    """Whether the persons of these rows are of two categories at least."""
    return sum(any(column) for column in zip(*lines, strict=True)) > 1


def _protected(groups: Sequence[Sequence[str]], counts: Counts, k: int) -> Protected | None:
    lines = _lines(groups, counts)
    try:
        return protect(lines, k) if _divided(lines) else None
    except UnprotectableError:
        return None


def _lines(groups: Sequence[Sequence[str]], counts: Counts) -> list[list[int]]:
    return [[sum(column) for column in zip(*(counts[area] for area in group), strict=True)] for group in groups]
