"""Full-time contracts that overlap: the window expression against every pair of rows looked at."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Validity
from contracts.model import Context
from contracts.overlap import Period, overlaps_another
from contracts.reader import Table
from contracts.situations_v1 import CONTRACT
from hub.validate import validate

VECTORS = Path(__file__).parents[1] / "vectors"
GOOD: dict[str, str] = json.loads((VECTORS / "good_rows.json").read_text(encoding="utf-8"))["SITU"]
CONTEXT = Context(date(2025, 3, 2), {"62063": Validity()}, frozenset(), frozenset({"62063"}))
PEOPLE = ("85073100031", "85073199902", "85473100020")

Row = dict[str, str]


def contract(niss: str, contract_id: str, start: str, end: str, **changes: str) -> Row:
    """Writes a contract of one person, full-time under article 60 unless told otherwise."""
    days = {"contract_start": start, "planned_end": end, "unemployment_right_date": ""}
    return GOOD | {"niss": niss, "contract_id": contract_id} | days | changes


def overlapping(rows: Sequence[Row]) -> set[int]:
    """Gives the positions of the rows on which the contract finds an overlap."""
    frame = pl.DataFrame(
        [{name: row[name] or None for name in CONTRACT.columns} for row in rows],
        schema=dict.fromkeys(CONTRACT.columns, pl.String()),
    )
    lines = pl.Series("line", range(len(rows)), dtype=pl.Int64)
    found = validate(Table(frame, lines, ()), CONTRACT, CONTEXT, first=10_000).findings
    return set(found.filter(code="R502")["line"])


def crossing(rows: Sequence[Row]) -> set[int]:
    """Gives the same by looking at each pair of rows."""
    return {
        mine
        for mine, one in enumerate(rows)
        for other in rows
        if one["niss"] == other["niss"]
        and one["contract_id"] != other["contract_id"]
        and all(row["notice_status"] != "9" and row["weekly_hours"] == row["reference_hours"] for row in (one, other))
        and one["contract_start"] <= last_day(other)
        and other["contract_start"] <= last_day(one)
        and all(row["contract_start"] <= last_day(row) for row in (one, other))
    }


def last_day(row: Row) -> str:
    """Gives the day on which a contract ended, or is to end."""
    return row["actual_end"] or row["planned_end"]


def day(number: int) -> str:
    """Gives one of a few days, so that many coincide."""
    return (date(2024, 1, 1) + timedelta(days=number)).isoformat()


@st.composite
def contracts(draw: st.DrawFn) -> Row:
    """Draws a contract among few people, contracts and days."""
    start, length = draw(st.integers(0, 12)), draw(st.integers(1, 6))
    ended = draw(st.one_of(st.none(), st.integers(-1, 6)))
    hours = draw(st.sampled_from(["38", "38", "38", "19"]))
    return contract(
        draw(st.sampled_from(PEOPLE)),
        draw(st.sampled_from(["C1", "C2", "C3"])),
        day(start),
        day(start + length),
        actual_end="" if ended is None else day(start + ended),
        notice_status=draw(st.sampled_from(["0", "0", "1", "9"])),
        weekly_hours=hours,
        measure_code="116" if hours == "38" else "115",
    )


def test_overlaps_are_those_of_every_pair_looked_at() -> None:
    """Whatever the order of rows and the days that coincide, each row of an overlapping pair is found, and no other."""
    met: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(contracts(), max_size=14), st.randoms(use_true_random=False))
    def holds(rows: list[Row], order: random.Random) -> None:
        expected = crossing(rows)
        assert overlapping(rows) == expected
        shuffled = order.sample(range(len(rows)), len(rows))
        assert {shuffled[place] for place in overlapping([rows[n] for n in shuffled])} == expected
        met.update("overlaps" if place in expected else "alone" for place in range(len(rows)))
        met.update("cancelled" for row in rows if row["notice_status"] == "9")
        met.update("ends before it starts" for row in rows if last_day(row) < row["contract_start"])
        met.update("part-time" for row in rows if row["measure_code"] == "115")

    holds()
    print("met:", dict(met))
    assert set(met) == {"overlaps", "alone", "cancelled", "ends before it starts", "part-time"}


FIRST = contract(PEOPLE[0], "C1", "2024-01-01", "2024-06-30")


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (contract(PEOPLE[0], "C2", "2024-06-30", "2024-12-31"), {0, 1}),
        (contract(PEOPLE[0], "C2", "2024-07-01", "2024-12-31"), set()),
        (contract(PEOPLE[0], "C2", "2024-03-01", "2024-03-31"), {0, 1}),
        (contract(PEOPLE[0], "C2", "2023-01-01", "2024-12-31"), {0, 1}),
        (contract(PEOPLE[0], "C2", "2023-01-01", "2024-12-31", actual_end="2023-12-31"), set()),
        (contract(PEOPLE[0], "C2", "2024-01-01", "2024-06-30"), {0, 1}),
        (contract(PEOPLE[0], "C1", "2024-03-01", "2024-12-31"), set()),
        (contract(PEOPLE[1], "C2", "2024-03-01", "2024-12-31"), set()),
        (contract(PEOPLE[0], "C2", "2024-03-01", "2024-12-31", notice_status="9"), set()),
        (contract(PEOPLE[0], "C2", "2024-03-01", "2024-12-31", weekly_hours="19", measure_code="115"), set()),
        (contract(PEOPLE[0], "C2", "", "2024-12-31"), set()),
        (contract(PEOPLE[0], "C2", "2024-03-01", ""), set()),
    ],
)
def test_which_two_contracts_overlap(second: Row, found: set[int]) -> None:
    """Full-time contracts of one person that share a day, cancelled ones and other rows of one contract aside."""
    assert overlapping([FIRST, second]) == found
    assert overlapping([second, FIRST]) == found


def test_an_article_61_contract_overlaps_too() -> None:
    """The rule looks at both kinds of contract."""
    other = {"situation_kind": "ART61", "measure_code": "108", "made_available": "", "user_bce": ""}
    second = contract(PEOPLE[0], "C2", "2024-03-01", "2024-12-31", **other, user_establishment="")
    assert overlapping([FIRST, second]) == {0, 1}


def test_days_far_apart_do_not_mix_people() -> None:
    """The first and the last days that can be written stay on their own person's stretch."""
    rows = [("a", "x", date.min, date.min), ("b", "x", date.max, date.max), ("b", "y", date.min, date.max)]
    frame = pl.DataFrame(rows, schema=["person", "thing", "start", "end"], orient="row")
    period = Period(*(pl.col(name) for name in frame.columns))
    assert frame.select(overlaps_another(period, pl.lit(True))).to_series().to_list() == [False, True, True]


def test_rows_that_are_not_judged_give_nothing() -> None:
    """Where a part is missing or the row is not judged the answer is null, and it counts for no other row."""
    day_one = date(2025, 1, 1)
    rows = [("a", "x", day_one, day_one), (None, "y", day_one, day_one), ("a", None, day_one, day_one)]
    frame = pl.DataFrame(rows, schema=["person", "thing", "start", "end"], orient="row")
    period = Period(*(pl.col(name) for name in frame.columns))
    assert frame.select(overlaps_another(period, pl.lit(True))).to_series().to_list() == [False, None, None]
    assert frame.select(overlaps_another(period, pl.lit(False))).to_series().to_list() == [None, None, None]
