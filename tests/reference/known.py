"""Since when two facts that do not go together are known, read day by day in plain Python, to hold the frames to.

On each day the rows received by then are read afresh. The clock begins with the first day of the unbroken run of days,
up to today, on which both facts were known and held.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from tests.reference.duty import Row, live

_DAY = timedelta(days=1)
_ENDED = ("RI_WITHDRAWAL", "RI_REFUSAL", "DECEASED")

Known = Callable[[date], bool]  # whether a fact holds on a day, by what had been received by then


def resumption(rows: Sequence[Row], cpas: str, sid: str, today: date) -> date | None:
    """Since when a person's right is over while Le Forem keeps a referral on hold; None if that is not so today."""
    right = [row for row in rows if row["feed"] == "SITU" and (row["cpas"], row["sid"]) == (cpas, sid)]
    right = [row for row in right if row["entity_id"].split("|")[3] == "RI"]
    found = []
    for of_referral in entities(rows, "ORIE", "STAT"):
        for kinds, any_reason in ((_ENDED, False), (("DECEASED",), True)):

            def both(day: date, of: list[Row] = of_referral, k: tuple[str, ...] = kinds, a: bool = any_reason) -> bool:
                return _over(right, k, day, today) and _on_hold(of, cpas, sid, day, today, any_reason=a)

            found.append(_since(both, rows, today))
    return min(filter(None, found), default=None)


def clash(contract: Sequence[Row], training: Sequence[Row], sid: str, today: date) -> date | None:
    """Since when a training runs beside a full-time article 60; None if that is not so today."""

    def both(day: date) -> bool:
        return _employed(contract, sid, day, today) and _status(training, sid, day, today) == "STARTED"

    return _since(both, [*contract, *training], today)


def _since(holds: Known, rows: Iterable[Row], today: date) -> date | None:
    first = min(row["received_on"] for row in rows)
    day, since = today, None
    while day >= first and holds(day):
        since, day = day, day - _DAY
    return since


def _by(rows: Iterable[Row], day: date, today: date) -> list[dict[str, Any]]:
    """The live notices by the rows received by a day: what each says, of whom and from when."""
    known = [row for row in rows if min(row["received_on"], today) <= day]
    return [{**json.loads(row["payload"]), "on": row["effective_date"], "sid": row["sid"]} for row in live(known)]


def _over(right: Sequence[Row], kinds: tuple[str, ...], day: date, today: date) -> bool:
    """Whether the right is over: the last notices in a row end it, and the first of them has taken effect."""
    begins = None
    for one in reversed(_by(right, day, today)):
        if one["situation_kind"] not in kinds:
            break
        begins = one["on"]
    return begins is not None and begins <= day


def _on_hold(of: list[Row], cpas: str, sid: str, day: date, today: date, *, any_reason: bool) -> bool:
    """Whether the CPAS's referral of this person is open and kept on hold, and not for the sake of an article 60."""
    sent = [row for row in of if row["feed"] == "ORIE"]
    referral = _by(sent, day, today)
    if not referral or referral[-1]["sid"] != sid or sent[-1]["cpas"] != cpas:
        return False
    answers = _by([row for row in of if row["feed"] == "STAT" and row["sid"] == sid], day, today)
    if not answers or answers[-1]["core_status"] != "ON_HOLD":
        return False
    return any_reason or answers[-1]["business_status"] != "ART60_RUNNING"


def _employed(contract: Sequence[Row], sid: str, day: date, today: date) -> bool:
    notices = [one for one in _by(contract, day, today) if one["sid"] == sid]
    if not notices or (notices[-1]["situation_kind"], notices[-1]["measure_code"]) != ("ART60", "116"):
        return False
    end = notices[-1]["actual_end"] or notices[-1]["planned_end"]
    return bool(end) and notices[-1]["contract_start"] <= day.isoformat() <= end


def _status(training: Sequence[Row], sid: str, day: date, today: date) -> str | None:
    notices = _by(training, day, today)
    return notices[-1]["status"] if notices and notices[-1]["sid"] == sid else None


def entities(rows: Iterable[Row], *feeds: str) -> list[list[Row]]:
    """The rows of these feeds, by what they are about."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["feed"] in feeds:
            found[row["entity_id"]].append(row)
    return list(found.values())
