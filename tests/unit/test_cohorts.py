"""In which five years somebody was born, and what age that is in the yearly figures."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cohorts import YEARS, cohorts
from hub.yearly import OTHER, aged, ages


def number(nine: str, born_2000: bool = False) -> str:
    """A number with the right check."""
    return f"{nine}{97 - int(('2' if born_2000 else '') + nine) % 97:02}"


ROWS = [
    {"niss": number("850730999"), "birth_date": "1985-07-30"},
    {"niss": number("010101999", born_2000=True), "birth_date": "2001-01-01"},
    {"niss": number("000000999"), "birth_date": "1979-00-00"},
    {"niss": number("854730000"), "birth_date": None},
    {"niss": number("000000000"), "birth_date": None},
]


def test_the_number_tells_the_cohort_and_else_the_birth_date() -> None:
    """Born 1985 and 2001 by the number; 1979 by the date where the number is silent; who tells nothing is left out."""
    sids = ["a", "b", "c", "d", "e"]
    assert cohorts(ROWS, sids) == {"a": 1985, "b": 2000, "c": 1975, "d": 1985}


@given(st.permutations(range(len(ROWS))))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    """Whatever comes first, of two answers about one person the earlier counts."""
    found = cohorts([ROWS[n] for n in order], ["one" if n in (0, 2) else f"{n}" for n in order])
    assert found == {"one": 1975, "1": 2000, "3": 1985}


def test_no_row_is_no_cohort() -> None:
    """A file without an accepted row tells of nobody."""
    assert cohorts([], []) == {}


@pytest.mark.parametrize("year", range(2024, 2035))
def test_an_age_lies_in_the_band_that_is_named(year: int) -> None:
    """Every year of birth falls into the band whose name holds the age reached in that year."""
    born = list(range(year - 90, year - 15))
    persons = pl.DataFrame({"sid": [f"{one}" for one in born]})
    known = pl.DataFrame({"sid": [f"{one}" for one in born], "born": [one // YEARS * YEARS for one in born]})
    names = ages(year).labels
    for sid, code in aged(persons, known, year).iter_rows():
        age, words = year - int(sid), names[code].split()
        low = int(words[0]) if words[1] != "ans" or words[-1] == "plus" else 0
        high = int(words[2]) if words[1] == "à" else (int(words[0]) if words[-1] == "moins" else 120)
        assert low <= age <= high


def test_who_is_of_no_cohort_is_unknown() -> None:
    """A person of whom nothing is known is counted as such, not left out."""
    persons = pl.DataFrame({"sid": ["x"]})
    none = pl.DataFrame(schema={"sid": pl.String, "born": pl.Int64})
    assert aged(persons, none, 2026)["age"].to_list() == [OTHER]
