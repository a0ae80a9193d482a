"""Since when an organisation has nothing left to do with a person, read day by day in plain Python.

On each day on which a row came of what the two have in common, all rows received by then are read afresh.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from hub.model import FOREM
from tests.reference.duty import Row, live

States = Callable[[date], Mapping[str, Mapping[str, Any]]]  # the referrals as they were read on a day, by id
Pair = tuple[str, str]  # organisation and person


def pairs(rows: Sequence[Row]) -> set[Pair]:
    """Every organisation with every person that it has described or referred, or that was referred to it."""
    found = {(row["cpas"], row["sid"]) for row in rows if row["feed"] in ("ORIE", "SITU")}
    return found | {(FOREM, row["sid"]) for row in rows if row["feed"] in ("ORIE", "STAT", "INSC", "FORM", "MANQ")}


def lost(pair: Pair, rows: Sequence[Row], states: States, today: date) -> date | None:
    """The first day without ground after the last one with it; None while there is one."""
    common = {row["entity_id"] for row in rows if row["sid"] == pair[1] and _speaks(pair[0], row)}
    of_them = [row for row in rows if row["entity_id"] in common]
    since = None
    for day in sorted({min(row["received_on"], today) for row in of_them}, reverse=True):
        known = [row for row in of_them if min(row["received_on"], today) <= day]
        if _has(pair, known, states(day)):
            break
        since = day
    return since


def _speaks(organisation: str, row: Row) -> bool:
    if organisation == FOREM:
        return row["feed"] in ("ORIE", "STAT", "INSC", "FORM", "MANQ")
    return row["feed"] in ("ORIE", "SITU") and row["cpas"] == organisation


def _has(pair: Pair, known: Sequence[Row], referrals: Mapping[str, Mapping[str, Any]]) -> bool:
    organisation, sid = pair
    for feed, entity in {(row["feed"], row["entity_id"]) for row in known}:
        rows = [row for row in known if (row["feed"], row["entity_id"]) == (feed, entity)]
        if feed in ("ORIE", "STAT") and _of_referral(organisation, sid, referrals[entity]):
            return True
        if feed != "STAT" and any(
            row["sid"] == sid and _speaks(organisation, row) for row in live(rows) or _unread(rows)
        ):
            return True
    return False


def _unread(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, if every version has two contents; nothing can be said then to be taken back."""
    contents = {(row["source"], row["version"], row["content"], row["sid"]) for row in rows}
    versions = [(source, version) for source, version, _, _ in contents]
    return rows if all(versions.count(one) > 1 for one in versions) else []


def _of_referral(organisation: str, sid: str, state: Mapping[str, Any]) -> bool:
    if state["sid"] != sid:
        return False
    if organisation == FOREM:
        return state["forem_view"] != "NONE" or state["owner"] == "FOREM"
    return bool(state["cpas"] == organisation and state["owner"] == "CPAS")
