"""Which subjects are one person: what the registers have told of numbers replaced, merged and parted again.

Pure, and whatever the order of what comes in: an edge is told once and never overwritten, so that a merger can be
taken back. Nothing is ever joined by a name or a birth date (law of 8 August 1983: the registers give the numbers).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from hub.model import HUB
from hub.said import field, said

JOINS, PARTS, CANCELS = ("REPLACED", "MERGED"), "UNMERGED", "CANCELLED"
REPLACED, CANCELLED = "R103", "R104"  # what is told to whoever goes on using such a number


def persons(events: pl.DataFrame) -> dict[str, str]:
    """Return, for each subject that is known under another today, that other one.

    `events` are all rows of MUTA (EVENTS): `sid` is the subject of the number that was given up, `about` that of the
    number in its place. What prevails of one number is found as everywhere: the live notice of the latest date.
    """
    joined = _joined(_last_told(events))
    ends = {sid: _end(sid, joined) for sid in joined}
    return {sid: end for sid, end in ends.items() if sid != end}


def given_up(events: pl.DataFrame) -> dict[str, str]:
    """Return, for each subject whose number is in use no more, what there is to say of it: R103 or R104.

    `events` are all rows of MUTA about these subjects and about those whose numbers they name.
    """
    told = _last_told(events)
    cancelled = {row["sid"]: CANCELLED for row in told if row["kind"] == CANCELS}
    return dict.fromkeys(_joined(told), REPLACED) | cancelled


def _last_told(events: pl.DataFrame) -> list[dict[str, Any]]:
    """The live notice of the latest date of each number; of one date that by hand, decided knowing the other."""
    if events.is_empty():
        return []
    top = said(events).top.select("sid", "about", "effective_date", "source", field("kind"))
    by_hand = pl.col("source") == HUB
    return top.sort("sid", "effective_date", by_hand).unique("sid", keep="last", maintain_order=True).to_dicts()


def _joined(told: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """For each subject whose number was given up for another's, that other; none that were parted since."""
    parted = {(row["sid"], row["about"]): row["effective_date"] for row in told if row["kind"] == PARTS}
    joined = {}
    for row in told:
        again = parted.get((row["about"], row["sid"]))  # the two numbers of a parting may come either way round
        if row["kind"] in JOINS and (again is None or again < row["effective_date"]):
            joined[row["sid"]] = row["about"]
    return joined


def _end(sid: str, joined: Mapping[str, str]) -> str:
    """The last number of a chain; of numbers that replace each other in a circle the lowest subject."""
    path = [sid]
    while (following := joined.get(path[-1])) is not None:
        if following in path:
            return min(path[path.index(following) :])
        path.append(following)
    return path[-1]
