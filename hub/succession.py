"""Which subjects are one person: what the registers have told of numbers replaced, merged and parted again.

Pure, and whatever the order of what comes in: an edge is told once and never overwritten, so that a merger can be
taken back. Nothing is ever joined by a name or a birth date (law of 8 August 1983: the registers give the numbers).
"""

from collections.abc import Mapping

import polars as pl

from hub.said import field, said

JOINS, PARTS = ("REPLACED", "MERGED"), "UNMERGED"


def persons(events: pl.DataFrame) -> dict[str, str]:
    """Return, for each subject that is known under another today, that other one.

    `events` are all rows of MUTA (EVENTS): `sid` is the subject of the number that was given up, `about` that of the
    number in its place. What prevails of one number is found as everywhere: the live notice of the latest date.
    """
    if events.is_empty():
        return {}
    top = said(events).top.select("sid", "about", "effective_date", field("kind"))
    parted = {(row["sid"], row["about"]): row["effective_date"] for row in top.to_dicts() if row["kind"] == PARTS}
    joined = {}
    for row in top.to_dicts():
        again = parted.get((row["about"], row["sid"]))  # the two numbers of a parting may come either way round
        if row["kind"] in JOINS and (again is None or again < row["effective_date"]):
            joined[row["sid"]] = row["about"]
    ends = {sid: _end(sid, joined) for sid in joined}
    return {sid: end for sid, end in ends.items() if sid != end}


def _end(sid: str, joined: Mapping[str, str]) -> str:
    """The last number of a chain; of numbers that replace each other in a circle the lowest subject."""
    path = [sid]
    while (following := joined.get(path[-1])) is not None:
        if following in path:
            return min(path[path.index(following) :])
        path.append(following)
    return path[-1]
