"""In which five years each person was born: all that the ledger may know of an age, for the yearly figures alone.

Pure, and the last that sees a birth date. A band of years of birth holds for good, where one of ages would have to be
made anew each year from what the ledger does not have.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from contracts.niss import birth_years

YEARS = 5


def cohorts(rows: Sequence[Mapping[str, str | None]], sids: Sequence[str]) -> dict[str, int]:
    """The first of the five years in which each person was born, by subject id; who tells no year is left out.

    The number tells it; where it carries no birth, the date that the sender knows. Of several the earliest counts, so
    that the order in which they come does not.
    """
    found: dict[str, int] = {}
    carried = birth_years(pl.Series([row["niss"] for row in rows], dtype=pl.String))
    for row, sid, year in zip(rows, sids, carried, strict=True):
        born = year or _stated(row.get("birth_date"))
        if born:
            found[sid] = min(born // YEARS * YEARS, found.get(sid, born))
    return found


def _stated(birth_date: str | None) -> int | None:
    return int(birth_date[:4]) if birth_date else None
