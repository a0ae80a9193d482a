"""Code lists, enterprise numbers and dossier references."""

from datetime import date

import polars as pl
import pytest
from stdnum.be import vat

from contracts import codes, employment_v1


def one(expression: pl.Expr, **cells: object) -> object:
    """Evaluates an expression on one row."""
    return pl.DataFrame({name: [cell] for name, cell in cells.items()}).select(expression).item()


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("0236363165", True),
        ("0451461655", True),
        ("0236363166", False),
        ("236363165", False),
        ("2000000042", True),
        ("9000000063", False),
        ("BE0236363165", False),
    ],
)
def test_enterprise_numbers(number: str, right: bool) -> None:
    """Ten digits starting with 0 to 8 whose check is right; enterprises as python-stdnum sees them."""
    assert one(codes.is_bce(pl.col("n")), n=number) is right
    if number[0] in "01":
        assert vat.is_valid(number) is right


@pytest.mark.parametrize(
    ("number", "enterprise", "establishment"),
    [
        ("0236363165", True, False),
        ("1000000021", True, False),
        ("2000000042", False, True),
        ("8000000071", False, True),
        ("9000000092", False, False),
        ("2000000043", False, False),
        ("", False, False),
    ],
)
def test_enterprises_and_establishments_are_told_apart(number: str, enterprise: bool, establishment: bool) -> None:
    """An enterprise starts with 0 or 1, an establishment unit with 2 to 8; neither answer is ever null."""
    assert one(codes.is_enterprise(pl.col("n")), n=number) is enterprise
    assert one(codes.is_establishment(pl.col("n")), n=number) is establishment


def test_no_number_is_no_enterprise() -> None:
    """Without a number the answer is no, not unknown."""
    empty = pl.DataFrame({"n": [None]}, schema={"n": pl.String})
    assert empty.select(codes.is_enterprise(pl.col("n"))).item() is False
    assert empty.select(codes.is_establishment(pl.col("n"))).item() is False


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("00a-12/3", "A123"),
        ("A 12\u00a03", "A123"),
        ("000", "0"),
        ("12345678901", "12345678901"),
        ("0-0A", "A"),
    ],
)
def test_one_dossier_has_one_reference(written: str, canonical: str) -> None:
    """Case, blanks, dashes, slashes and leading zeros of a dossier reference do not count."""
    assert codes.canonical_dossier(pl.Series([written])).to_list() == [canonical]


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("3", date(2016, 10, 31), True),
        ("3", date(2016, 11, 1), False),
        ("11", date(2016, 10, 31), False),
        ("11", date(2025, 1, 1), True),
        ("15", date(2018, 9, 30), True),
        ("15", date(2018, 10, 1), False),
        ("8", date(2010, 1, 1), True),
    ],
)
def test_piis_codes_have_their_days(code: str, day: date, valid: bool) -> None:
    """A PIIS code holds from its first to its last day, both included."""
    assert one(codes.is_valid_on(pl.col("c"), codes.PIIS, pl.col("d")), c=code, d=day) is valid


# SPP-IS form B: 1 to 7 until 31 October 2016, 11 and community service from the day after, the latter until 2018
PIIS_ON = {
    date(2016, 10, 31): ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
    date(2016, 11, 1): ["8", "9", "10", "11", "12", "15", "16"],
    date(2018, 9, 30): ["8", "9", "10", "11", "12", "15", "16"],
    date(2018, 10, 1): ["8", "9", "10", "11"],
}


@pytest.mark.parametrize("day", PIIS_ON)
def test_the_whole_list_of_piis_codes_on_a_day(day: date) -> None:
    """On the days around each change, the codes in use are those that SPP-IS publishes."""
    valid = [code for code in codes.PIIS if one(codes.is_valid_on(pl.col("c"), codes.PIIS, pl.col("d")), c=code, d=day)]
    assert valid == PIIS_ON[day]


def test_measure_codes_are_those_of_the_crossroads_bank() -> None:
    """The employment measures are known from 2016, and a contract takes those that are an employment only."""
    listed = ["105", "106", "108", "109", "112", "114", "115", "116", "118", "119", "120", "121"]
    assert list(codes.MEASURE) == listed
    for code in listed:
        for day in (date(2015, 12, 31), date(2016, 1, 1)):
            open_then = one(codes.is_valid_on(pl.col("c"), codes.MEASURE, pl.col("d")), c=code, d=day)
            assert open_then is (day.year == 2016)
    assert set(listed) - set(employment_v1.MEASURE) == {"105", "106", "109", "112"}


def test_a_code_or_a_day_that_is_not_known_is_not_judged() -> None:
    """An unknown code is open on every day, and a code without a day is not judged."""
    assert one(codes.is_valid_on(pl.col("c"), codes.PIIS, pl.col("d")), c="13", d=date(2025, 1, 1)) is True
    assert one(codes.is_valid_on(pl.col("c"), codes.PIIS, pl.lit(None, pl.Date)), c="11") is True


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Employé(e) administratif : remise à niveau", True),
        ("Salon de l'emploi d’Ath – édition 2025 (H/F/X) & C°", True),
        ("Œuvre n° 3, +50 %", True),
        ("", False),
        (" Soudeur", False),
        ("x" * 121, False),
        ("deux\nlignes", False),
        ("a;b", False),
        ('"a"', False),
        ("zoe@example.org", False),
        ("=SUM(A1)", False),
        ("+32 4", False),
    ],
)
def test_titles_of_things(text: str, right: bool) -> None:
    """A title is one line of letters, digits and common signs; no address, no formula, no delimiter."""
    assert one(pl.col("t").str.contains(codes.TITLE), t=text) is right
