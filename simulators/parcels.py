"""What each CPAS puts into its mailbox day by day, and what it must be told about each file.

A parcel is a data file with its GO, in the words of an agenda: rows, and the mistake to make when writing it.
The sequence number is given when the CPAS writes it. An expectation names the parcel by its id.
"""

from collections.abc import Iterator
from typing import Any

from simulators import defects, orientation
from simulators.communes import Commune
from simulators.defects import ACCEPTED, Defect
from simulators.plan import Scenario
from simulators.table import Row

Parcel = dict[str, Any]
Pair = tuple[Parcel, dict[str, Any] | None]


def of_cpas(story: Scenario, commune: Commune) -> Iterator[Pair]:
    """The parcels of one CPAS in the order in which it writes them, each with its expectation."""
    for index in range(len(story.calendar)):
        if index:
            yield from _follow_up(story, commune, index)
        yield from _of_day(story, commune, index)


def _parcel(story: Scenario, commune: Commune, index: int, kind: str, rows: list[Row], **more: Any) -> Parcel:
    """A parcel without a mistake, unless `more` says one."""
    day = story.calendar[index].isoformat()
    return {
        "id": f"{commune.partner}/{day}/{kind}",
        "partner": commune.partner,
        "day": day,
        "mistake": "",
        "of": "",
        "sender": commune.partner,
        "rows": rows,
        "ragged": [],
    } | more


def _rows(story: Scenario, commune: Commune, index: int) -> list[Row]:
    """The rows of a slot in the order of referral and version."""
    rows = story.rows.get((commune.partner, index), [])
    return sorted(rows, key=lambda row: (row["referral_id"], row["version"], row["notice_id"]))


def _of_day(story: Scenario, commune: Commune, index: int) -> Iterator[Pair]:
    """The day's own file, and beside it a stranger's where that is the mistake."""
    slot = (commune.partner, index)
    defect = story.placed.get(slot, ACCEPTED)
    rows = _rows(story, commune, index)
    singled = [position for position, row in enumerate(rows) if row is story.singled.get(slot)]
    parcel = _parcel(story, commune, index, "regular", rows)
    if defect in defects.ROW_DEFECTS:
        parcel["ragged"] = singled if defect.name == "ragged_row" else []
        yield parcel, defects.expectation(defect, parcel, index, rejected=len(singled))
    elif defect.delayed:
        parcel["mistake"] = defect.name
        yield parcel, defects.expectation(defect, parcel, index + (defect.name == "no_go"))
    else:
        yield parcel, defects.expectation(ACCEPTED, parcel, index)
    if defect.name in defects.STRANGERS:
        yield _stranger(story, commune, index, defect)


def _follow_up(story: Scenario, commune: Commune, index: int) -> Iterator[Pair]:
    """What the mistake of the day before brings with it, written before the day's own file."""
    defect = story.placed.get((commune.partner, index - 1))
    if defect is None or defect in defects.ROW_DEFECTS or defect.name in defects.STRANGERS:
        return
    rows = _rows(story, commune, index - 1)
    of = _parcel(story, commune, index - 1, "regular", [])["id"]
    if defect.name == "no_go":
        yield _parcel(story, commune, index, "late-go", [], mistake="late_go", of=of), None
    elif defect.name == "duplicate_file":
        parcel = _parcel(story, commune, index, "duplicate", rows, mistake=defect.name, of=of)
        yield parcel, defects.expectation(defect, parcel, index)
    elif defect.name == "same_name_new_content":
        yield _same_name(story, commune, index, defect, of)
    else:
        parcel = _parcel(story, commune, index, "again", rows)
        yield parcel, defects.expectation(ACCEPTED, parcel, index)


def _same_name(story: Scenario, commune: Commune, index: int, defect: Defect, of: str) -> Pair:
    """Yesterday's file under its own name, with one row in its corrected version."""
    corrected = story.singled[(commune.partner, index - 1)]
    rows = [
        corrected if row["referral_id"] == corrected["referral_id"] else row for row in _rows(story, commune, index - 1)
    ]
    parcel = _parcel(story, commune, index, "same-name", rows, mistake=defect.name, of=of)
    return parcel, defects.expectation(defect, parcel, index, again=len(rows) - 1)


def _stranger(story: Scenario, commune: Commune, index: int, defect: Defect) -> Pair:
    """A file named for somebody else, with invented people who must stay unknown."""
    sender = defects.STRANGERS[defect.name]
    alien = Commune(sender, sender[1:], "Ailleurs", "utf-8", commune.legal_basis, ("4700",))
    rng = story.rng(defect.name)
    offset = 1 if defect.name == "unknown_sender" else 4
    rows = [
        orientation.first_row(rng, alien, person, number, story.calendar[index]) | {"notice_id": f"{sender}-{number}"}
        for number, person in enumerate(story.strangers[offset : offset + 3], start=1)
    ]
    parcel = _parcel(story, commune, index, "stranger", rows, mistake=defect.name, sender=sender)
    return parcel, defects.expectation(defect, parcel, index)
