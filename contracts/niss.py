"""The only place that knows the rules of the Belgian person number (NISS, also INSZ or SSIN).

Decides whether a text is a possible number, whether it is one of our invented people (test-shaped) and
whether it agrees with a birth date. It says nothing about whether a number was issued, replaced or cancelled:
only the registers know. Every rule is a polars expression that gives false, never null, on any text;
`problem` is the same for one text. Source: National Register, information type 000 (T.I. 000); BCSS rules for
BIS numbers; belgif `SsinValidator`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

CHECKSUM, TEN_DIGITS, TEST_IN_REAL, REAL_IN_TEST = "R101", "R102", "R105", "R106"

_BORN_2000 = 2_000_000_000  # T.I. 000: for births from 2000 on, the check is computed with a 2 put before
_ELEVEN_DIGITS = "^[0-9]{11}$"  # \d would also match digits of other alphabets
_WRITTEN = r"[0-9]{2}[.]?[0-9]{2}[.]?[0-9]{2}[-. /]?[0-9]{3}[-. =]?[0-9]{2}"  # as people write it
_STANDING_ALONE = f"(?:^|[^0-9A-Za-z])({_WRITTEN})(?:$|[^0-9A-Za-z])"  # a UUID has longer runs of digits


def _number(niss: pl.Expr) -> pl.Expr:
    """Gives the eleven digits as a number, null for any other text."""
    return pl.when(niss.str.contains(_ELEVEN_DIGITS)).then(niss).cast(pl.Int64, strict=False)


def _checks(niss: pl.Expr, offset: int) -> pl.Expr:
    number = _number(niss)
    return ((97 - (number // 100 + offset) % 97) == number % 100).fill_null(False)


def _month_field(niss: pl.Expr) -> pl.Expr:
    return _number(niss) // 10**7 % 100


def is_bis(niss: pl.Expr) -> pl.Expr:
    """Is it a BIS number: month raised by 20 (sex unknown) or by 40 (sex known)?"""
    return (_month_field(niss) >= 20).fill_null(False)


def birth_year(niss: pl.Expr) -> pl.Expr:
    """Gives the year of birth; the two check rules never agree, so the check tells the century."""
    century = pl.when(_checks(niss, _BORN_2000)).then(2000).when(_checks(niss, 0)).then(1900)
    return century + _number(niss) // 10**9


def birth_month(niss: pl.Expr) -> pl.Expr:
    """Gives the month of birth, 0 when the number does not carry it (13 to 19 are impossible)."""
    return _month_field(niss) % 20


def birth_day(niss: pl.Expr) -> pl.Expr:
    """Gives the day of birth, 0 when the number does not carry it."""
    return _number(niss) // 10**5 % 100


def order_number(niss: pl.Expr) -> pl.Expr:
    """Gives the order number of the day, 000 to 999."""
    return _number(niss) // 100 % 1000


def _days_in_month(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = pl.when(leap).then(29).otherwise(28)
    return pl.when(month == 2).then(february).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)


def is_well_formed(niss: pl.Expr, today: date) -> pl.Expr:
    """Is it a possible number: eleven digits, right check, possible month and day, not born after `today`?

    A month of 00 (20, 40 in a BIS number) is an unknown month or a day whose counter was full: any day is
    then possible.
    """
    year, month, day = birth_year(niss), birth_month(niss), birth_day(niss)
    possible_month = (month <= 12) & (_month_field(niss) < 60)
    possible_day = (month == 0) | (day <= _days_in_month(year, month))
    born = year * 10000 + pl.when(month == 0).then(0).otherwise(month * 100 + day)
    not_future = born <= today.year * 10000 + today.month * 100 + today.day
    return (possible_month & possible_day & not_future).fill_null(False)


def stands_in(text: pl.Expr) -> pl.Expr:
    """Does a number with a right check stand, alone or between separators, in a text that should hold none?"""
    digits = text.str.extract(_STANDING_ALONE, 1).str.replace_all("[^0-9]", "")
    return _checks(digits, 0) | _checks(digits, _BORN_2000)


def is_test_shaped(niss: pl.Expr) -> pl.Expr:
    """Is the order number one that no living person has? 000 and 999 in the register, 000 among BIS numbers.

    BIS numbers with 999 exist (belgif), so they count as real.
    """
    order = order_number(niss)
    return ((order == 0) | ((order == 999) & ~is_bis(niss))).fill_null(False)


def finding(niss: pl.Expr, environment: str, today: date) -> pl.Expr:
    """Gives the code of what is wrong with a number in environment `T` or `R`, null when nothing is."""
    right = is_well_formed(niss, today)
    misplaced = ~is_test_shaped(niss) if environment == "T" else is_test_shaped(niss)
    return (
        pl.when(niss.is_null() | (right & ~misplaced))
        .then(None)
        .when(niss.str.contains("^[0-9]{10}$"))
        .then(pl.lit(TEN_DIGITS))
        .when(~right)
        .then(pl.lit(CHECKSUM))
        .otherwise(pl.lit(REAL_IN_TEST if environment == "T" else TEST_IN_REAL))
    )


def agrees_with(niss: pl.Expr, birth_date: pl.Expr) -> pl.Expr:
    """Does the number agree with a birth date `yyyy-mm-dd`, whose month and day may be 00 (unknown)?

    Only the parts that both know are compared. 00.00 is a wholly unknown birth: it agrees with every date.
    Not judged (true): a number without a right check, a text that is not of that form.
    """
    given = [birth_date.str.extract(p, 1).cast(pl.Int64, strict=False) for p in _DATE_PARTS]
    year, month, day = birth_year(niss), birth_month(niss), birth_day(niss)
    unknown = (_number(niss) // 10**9 == 0) & (month == 0)
    month_open = (month == 0) | (given[1] == 0)
    day_open = month_open | (day == 0) | (given[2] == 0)
    same_month = month_open | (month == given[1])
    same_day = day_open | (day == given[2])
    same = (year == given[0]) & same_month & same_day
    return (year.is_null() | unknown | same).fill_null(True)


_DATE_PARTS = (
    "^([0-9]{4})-[0-9]{2}-[0-9]{2}$",
    "^[0-9]{4}-([0-9]{2})-[0-9]{2}$",
    "^[0-9]{4}-[0-9]{2}-([0-9]{2})$",
)


def problem(text: str, environment: str, today: date) -> str | None:
    """Gives the code of what is wrong with one number in this environment, None when nothing is."""
    frame = pl.DataFrame({"niss": [text]}, schema={"niss": pl.String})
    found: str | None = frame.select(finding(pl.col("niss"), environment, today)).item()
    return found
