"""The rules of the person number, against published numbers and against python-stdnum."""

import json
from calendar import monthrange
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.be import ssn

from contracts import niss

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "niss.json").read_text(encoding="utf-8"))
TODAY = date(2026, 9, 7)


def numbered(first_nine: str, century: int = 19) -> str:
    """Completes nine digits with their check."""
    number = int(first_nine) + (2_000_000_000 if century == 20 else 0)
    return f"{first_nine}{97 - number % 97:02d}"


def agrees(number: str, birth_date: str) -> bool:
    """Asks whether a number and a birth date agree."""
    frame = pl.DataFrame({"n": [number], "b": [birth_date]})
    return bool(
        frame.select(
            niss.agrees_with(niss.meaning(pl.col("n")), pl.col("b").str.replace_all("-", "").cast(pl.Int64))
        ).item()
    )


@pytest.mark.parametrize("number", VECTORS["valid"])
def test_published_right_numbers(number: str) -> None:
    """A number that belgif accepts is right in the real environment, and a real person's in test."""
    assert niss.problem(number, "R", TODAY) is None
    assert niss.problem(number, "T", TODAY) == "R106"


@pytest.mark.parametrize("number", VECTORS["invalid"])
def test_published_wrong_numbers(number: str) -> None:
    """A number that belgif rejects is refused in the real environment."""
    order = number[6:9]
    assert niss.problem(number, "R", TODAY) == ("R105" if order in ("000", "999") else "R101")


@pytest.mark.parametrize("number", [*VECTORS["valid"], *VECTORS["invalid"]])
def test_differences_from_stdnum_are_the_written_ones(number: str) -> None:
    """python-stdnum accepts what we do, and besides an impossible day and the order numbers 000 and 999."""
    strict = niss.problem(number, "R", TODAY) is None
    assert ssn.is_valid(number) == (strict or number in VECTORS["stdnum_accepts"])


ON_PURPOSE = ("day", "order", "future")
MONTHS = st.one_of(st.integers(0, 99), st.sampled_from([0, 1, 2, 12, 13, 20, 22, 32, 33, 40, 42, 52, 53]))
DAYS = st.one_of(st.integers(0, 31), st.sampled_from([28, 29, 30, 31, 32, 99]))
ORDERS = st.one_of(st.integers(0, 999), st.sampled_from([0, 1, 998, 999]))


@st.composite
def eleven_digits(draw: st.DrawFn) -> str:
    """Draws eleven digits, mostly with a right check of one of the two centuries."""
    year = draw(st.one_of(st.integers(0, 99), st.sampled_from([0, TODAY.year % 100])))
    nine = f"{year:02d}{draw(MONTHS):02d}{draw(DAYS):02d}{draw(ORDERS):03d}"
    check = draw(st.one_of(st.just(None), st.just(None), st.just(None), st.integers(0, 99)))
    return numbered(nine, draw(st.sampled_from([19, 20]))) if check is None else f"{nine}{check:02d}"


def difference(number: str) -> str | None:
    """Says which written difference concerns a number that python-stdnum accepts; None when none does."""
    born = 2000 if number == numbered(number[:9], 20) else 1900
    year, month, day = born + int(number[:2]), int(number[2:4]) % 20, int(number[4:6])
    if month and day > monthrange(year, month)[1]:
        return "day"
    if (month and (year, month, day) > (TODAY.year, TODAY.month, TODAY.day)) or year > TODAY.year:
        return "future"
    no_person = ("000",) if int(number[2:4]) >= 20 else ("000", "999")
    return "order" if number[6:9] in no_person else None


def test_generated_numbers_differ_from_stdnum_in_the_written_ways_only() -> None:
    """We accept what python-stdnum accepts, but for an impossible day, a birth after today, and 000 and 999."""
    met: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(st.lists(eleven_digits(), min_size=20, max_size=60))
    def holds(numbers: list[str]) -> None:
        found = pl.DataFrame({"n": numbers}).select(niss.finding(pl.col("n"), "R", TODAY)).to_series()
        for number, code in zip(numbers, found, strict=True):
            theirs = ssn.is_valid(number)
            apart = difference(number) if theirs else None
            assert (code is None) == (theirs and apart is None)
            assert (code == "R105") == (apart == "order")
            met.update([apart or ("both accept" if theirs else "both refuse")])

    holds()
    print("met:", dict(met))
    assert set(met) == {*ON_PURPOSE, "both accept", "both refuse"}


@pytest.mark.parametrize("number", ["85.07.31-001.30", "850731 001 30", " 85073100130"])
def test_separators_are_refused_where_stdnum_takes_them_away(number: str) -> None:
    """A NISS is eleven digits and nothing else: what another program would pass over is never mended in silence."""
    assert ssn.is_valid(number)
    assert niss.problem("85073100130", "R", TODAY) is None
    assert niss.problem(number, "R", TODAY) == "R101"


@pytest.mark.parametrize(("day", "century"), [("850731", 19), ("050615", 20)])
def test_every_check_agrees_with_stdnum(day: str, century: int) -> None:
    """Of all checks of some order numbers of a day, we and python-stdnum take the same: 97 too, never 00, 98, 99."""
    nines = [f"{day}{order:03d}" for order in range(1, 998)]
    edges = [nine for nine in nines if numbered(nine, century)[-2:] in ("97", "01", "02")]
    numbers = [f"{nine}{check:02d}" for nine in (*nines[:3], *edges) for check in range(100)]
    found = pl.DataFrame({"n": numbers}).select(niss.finding(pl.col("n"), "R", TODAY)).to_series()
    ours = {number for number, code in zip(numbers, found, strict=True) if code is None}
    assert ours == {number for number in numbers if ssn.is_valid(number)}
    assert {number[-2:] for number in ours} >= {"97", "01", "02"}
    assert "98" not in {number[-2:] for number in ours}


def test_births_are_compared_row_by_row() -> None:
    """What one row knows in part is compared in part, whatever the rows around it know; a null is not judged."""
    said = [19850731_0010, 19850000_0010, 19850731_0010, None, 19850731_0010]
    given = [19850731, 19850731, 19850700, 19850731, 19850730]
    frame = pl.DataFrame({"s": said, "g": given}, schema={"s": pl.Int64, "g": pl.Int64})
    assert frame.select(niss.agrees_with(pl.col("s"), pl.col("g"))).to_series().to_list() == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("first_nine", "century"),
    [
        ("850731000", 19),
        ("850731999", 19),
        ("050615000", 20),
        ("001332000", 20),
        ("852731000", 19),
        ("854731000", 19),
    ],
)
def test_invented_people(first_nine: str, century: int) -> None:
    """Numbers no living person has are right in test, BIS numbers too, and refused in real."""
    number = numbered(first_nine, century)
    if first_nine == "001332000":
        assert niss.problem(number, "T", TODAY) == "R101", "month 13"
    else:
        assert niss.problem(number, "T", TODAY) is None
        assert niss.problem(number, "R", TODAY) == "R105"


def test_a_bis_number_with_999_counts_as_real() -> None:
    """Order number 999 exists among BIS numbers, so it is no test number."""
    assert niss.problem(numbered("854731999"), "R", TODAY) is None
    assert niss.problem(numbered("854731999"), "T", TODAY) == "R106"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8507310003", "R102"),
        ("850731000310", "R101"),
        ("85.07.31-000.31", "R101"),
        ("٨٥٠٧٣١٠٠٠٣١", "R101"),
        ("", "R101"),
        ("85073100031\n", "R101"),
        (numbered("853331000"), "R101"),
        (numbered("856031000"), "R101"),
        (numbered("850732000"), "R101"),
        (numbered("000229000", 20), None),
        (numbered("000229000", 19), "R101"),
        (numbered("260907000", 20), None),
        (numbered("260908000", 20), "R101"),
        (numbered("850099000"), None),
        (numbered("850700000"), None),
    ],
)
def test_texts_in_the_test_environment(text: str, code: str | None) -> None:
    """Ten digits have their own code; other forms, impossible days and births after today are R101."""
    assert niss.problem(text, "T", TODAY) == code


@pytest.mark.parametrize(
    ("number", "birth_date", "agreed"),
    [
        (numbered("850731000"), "1985-07-31", True),
        (numbered("850731000"), "1985-07-30", False),
        (numbered("850731000"), "1985-00-00", True),
        (numbered("850731000"), "1985-07-00", True),
        (numbered("850731000"), "1985-08-00", False),
        (numbered("850731000"), "2085-07-31", False),
        (numbered("050615000", 20), "2005-06-15", True),
        (numbered("050615000", 20), "1905-06-15", False),
        (numbered("854731000"), "1985-07-31", True),
        (numbered("850000000"), "1985-12-24", True),
        (numbered("850000000"), "1986-12-24", False),
        (numbered("850700000"), "1985-07-24", True),
        (numbered("850700000"), "1985-06-24", False),
        (numbered("000001000"), "1972-03-04", True),
        ("85073100099", "1999-01-01", True),
    ],
)
def test_birth_dates(number: str, birth_date: str, agreed: bool) -> None:
    """Only what both the number and the date know is compared; a wrong number is not judged."""
    assert agrees(number, birth_date) is agreed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("85073099932", True),
        ("dossier 85073099932", True),
        ("85.07.30-999.32", True),
        ("850730 999 32", True),
        ("85073099933", False),
        ("A85073099932", False),
        ("850730999320", False),
        ("550e8400-e29b-41d4-a716-85073099932a", False),
        ("062063-000123", False),
    ],
)
def test_a_number_standing_in_another_column_is_seen(text: str, found: bool) -> None:
    """A NISS with a right check is found however it is written; an identifier that only resembles one is not."""
    assert pl.select(niss.stands_in(pl.lit(text))).item() is found
