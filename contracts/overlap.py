"""Periods of one person that overlap, found without comparing rows two by two.

A period overlaps another when it starts before the other's end and ends after the other's start. Among all
periods of a person those that start by a given end, less those that end before a given start, are the ones
that cross: two searches in sorted columns tell how many. All persons are searched at once, as each has a
stretch of numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_STRETCH = 2**33  # twice the days that a column of dates can hold, whatever was written: nobody reaches a neighbour


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """From which day until which (both included) one thing of one person lasts."""

    person: pl.Expr
    thing: pl.Expr
    start: pl.Expr
    end: pl.Expr


def overlaps_another(period: Period, judged: pl.Expr) -> pl.Expr:
    """Does the period cross that of another thing of the same person? Only judged rows count, on both sides.

    Rows of one thing do not count against one another, and the order of rows does not matter. Null where a row
    is not judged, lacks something or ends before it starts. It looks at the whole column: never run it on a part.
    """
    named = period.person.is_not_null() & period.thing.is_not_null()
    complete = judged & named & (period.start <= period.end)
    parts = [complete, period.person, period.thing, period.start, period.end]
    return pl.map_batches(parts, _overlapping, return_dtype=pl.Boolean)


def _overlapping(parts: Sequence[pl.Series]) -> pl.Series:
    """Works on the columns themselves: as expressions, polars would rank and sort again what they share."""
    complete, *rest = parts
    judged = complete.fill_null(False)
    person, thing, start, end = (part.filter(judged) for part in rest)
    persons = person.rank("dense").cast(pl.Int64)
    things = pl.DataFrame([persons.alias("person"), thing.rank("dense").alias("thing")]).select(
        pl.struct(pl.all()).rank("dense")
    )
    found = _crossing(persons, start, end) > _crossing(things.to_series().cast(pl.Int64), start, end)
    nothing = pl.Series(complete.name, [None], dtype=pl.Boolean).new_from_index(0, len(complete))
    return nothing.scatter(judged.arg_true(), found)


def _crossing(owner: pl.Series, start: pl.Series, end: pl.Series) -> pl.Series:
    """Counts the periods of the same owner that cross each one, itself included."""
    starts, ends = (owner * _STRETCH + day.to_physical().cast(pl.Int64) for day in (start, end))
    started = starts.sort().search_sorted(ends, side="right").cast(pl.Int64)
    return started - ends.sort().search_sorted(starts, side="left").cast(pl.Int64)
