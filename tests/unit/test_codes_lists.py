"""Code lists, enterprise numbers and dossier references."""

from datetime import date

import polars as pl
import pytest
from stdnum.be import vat

from contracts import codes


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
    assert one(codes.canonical_dossier(pl.col("r")), r=written) == canonical


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
