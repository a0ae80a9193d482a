"""The only place that knows the rules of the Belgian person number (NISS, also INSZ or SSIN).

Decides whether a text is a possible number, whether it is one of our invented people (test-shaped) and
whether it agrees with a birth date. It says nothing about whether a number was issued, replaced or cancelled:
only the registers know. Every rule is a polars expression that gives false, never null, on any text;
`problem` is the same for one text. Source: National Register, information type 000 (T.I. 000); BCSS rules for
BIS numbers; belgif `SsinValidator`.

Nothing is accepted that python-stdnum refuses (`stdnum.be.ssn`, 2.2). It accepts what is refused here: a number
written with blanks, dashes or points; a day that a known month does not have; a birth later than today in the
current year; and, in the real environment only, the order numbers 000 and 999 of the register and 000 of BIS
numbers, which no person has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from contracts.closely import where_also

CHECKSUM, TEN_DIGITS, TEST_IN_REAL, REAL_IN_TEST = "R101", "R102", "R105", "R106"

_BORN_2000 = 2_000_000_000  # T.I. 000: for births from 2000 on, the check is computed with a 2 put before
_LEAP_DAY = 229
_TEN_DIGITS = "[0-9]{10}"  # asked of ten bytes; \d would also match digits of other alphabets
_WRITTEN = r"[0-9]{2}[.]?[0-9]{2}[.]?[0-9]{2}[-. /]?[0-9]{3}[-. =]?[0-9]{2}"  # as people write it
_STANDING_ALONE = f"(?:^|[^0-9A-Za-z])({_WRITTEN})(?:$|[^0-9A-Za-z])"  # a UUID has longer runs of digits


def meaning(niss: pl.Expr) -> pl.Expr:
    """Gives what a number says, as YYYYMMDD (birth), three digits (order number) and 1 for BIS or 0, in one Int64.

    Null for any text that is not eleven digits with a right check and a possible month and day. The two check
    rules never agree, so the check tells the century. Month and day are 0 when the number does not carry them: a
    month of 00 (20, 40 in a BIS number) is an unknown month or a day whose counter was full, any day is then
    possible. Whether the birth is in the future is not judged.
    """
    return niss.map_batches(_meaning, return_dtype=pl.Int64, is_elementwise=True)


def birth_years(numbers: pl.Series) -> pl.Series:
    """Gives the year of birth that each number carries; null where it carries none, or is no number."""
    said = _meaning(numbers) // 10**4
    year = said // 10**4
    return year.set((said % 10**4 == 0) & (year % 100 == 0), None)  # 00.00.00: wholly unknown


def _meaning(niss: pl.Series) -> pl.Series:
    """Works on the column itself: as an expression, polars would compute again what its parts share."""
    number = niss.cast(pl.Int64, strict=False)
    before_2000, born_2000 = _checks(number)
    digits = (niss.str.len_bytes() == 11) & (niss >= "0")  # a sign is no digit, and comes before them
    born, order = number // 10**5, number // 100 % 1000
    year, fields = born // 10**4, born % 10**4
    said = _days().gather(fields)
    leap = (year % 4 == 0) & ((year != 0) | born_2000)  # 1900 was none
    right = digits & (before_2000 | born_2000) & (leap | (said // 10**4 != _LEAP_DAY))
    meant = (1900 + year + 100 * born_2000.cast(pl.Int64)) * 10**8 + said + order * 10
    return meant.set(~right.fill_null(False), None)


def _checks(number: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Has the number the check of somebody born before 2000, and that of somebody born later?

    A check is what its number lacks to a multiple of 97, from 1 to 97.
    """
    check = number % 100
    left = (number // 100 + check) % 97
    possible = (check > 0) & (check <= 97)
    return possible & (left == 0), possible & (left == -_BORN_2000 % 97)


@cache
def _days() -> pl.Series:
    """Gives what month and day of a number say, by their four digits: a meaning without year and order number."""
    field = pl.int_range(10**4, eager=True) // 100
    month, day = field % 20, pl.int_range(10**4, eager=True) % 100
    days_in_month = 30 + (month + month // 8) % 2 - (month == 2).cast(pl.Int64)
    possible = (field < 60) & (month <= 12) & ((month == 0) | (day <= days_in_month))
    said = (month * 100 + day) * (month != 0).cast(pl.Int64) * 10**4 + (field >= 20).cast(pl.Int64)
    return said.set(~possible, None)


def is_well_formed(said: pl.Expr, today: date) -> pl.Expr:
    """Is it a possible number of somebody not born after `today`? `said` is the number's meaning."""
    return (said // 10_000 <= today.year * 10_000 + today.month * 100 + today.day).fill_null(False)


def is_test_shaped(said: pl.Expr) -> pl.Expr:
    """Is the order number one that no living person has? 000 and 999 in the register, 000 among BIS numbers.

    BIS numbers with 999 exist (belgif), so they count as real.
    """
    return (said % 10_000).is_in([0, 1, 9990]).fill_null(False)


def rules(niss: pl.Expr, said: pl.Expr, environment: str, today: date) -> dict[str, pl.Expr]:
    """Gives, for each code of a number in environment `T` or `R`, when it is not to be found; one at most is."""
    right = is_well_formed(said, today)
    ten = where_also(niss, niss.str.len_bytes() == 10, lambda few: few.str.contains(_TEN_DIGITS))
    misplaced = REAL_IN_TEST if environment == "T" else TEST_IN_REAL
    in_place = is_test_shaped(said) if environment == "T" else ~is_test_shaped(said)
    return {CHECKSUM: right | ten | niss.is_null(), TEN_DIGITS: ~ten, misplaced: ~right | in_place}


def finding(niss: pl.Expr, environment: str, today: date) -> pl.Expr:
    """Gives the code of what is wrong with a number in environment `T` or `R`, null when nothing is."""
    found = rules(niss, meaning(niss), environment, today).items()
    return pl.coalesce(pl.when(~holds).then(pl.lit(code)) for code, holds in found)


def agrees_with(said: pl.Expr, given: pl.Expr) -> pl.Expr:
    """Does the meaning of a number agree with a birth date YYYYMMDD, whose month and day may be 00 (unknown)?

    Only the parts that both know are compared. 00.00 is a wholly unknown birth: it agrees with every date.
    Not judged (true): a number without a meaning, a text that is not of that form.
    """
    return pl.map_batches([said // 10_000, given], _agreeing, return_dtype=pl.Boolean, is_elementwise=True)


def _agreeing(births: Sequence[pl.Series]) -> pl.Series:
    """Compares part by part only the births that differ: next to none."""
    born, given = births
    differ = born != given
    differ = differ.fill_null(False) if differ.null_count() else differ
    if not differ.any():
        return ~differ
    return (~differ).scatter(differ.arg_true(), _partly_same(born.filter(differ), given.filter(differ)))


def _partly_same(born: pl.Series, given: pl.Series) -> pl.Series:
    month, day = born // 100 % 100, born % 100
    unknown = (born // 10_000 % 100 == 0) & (month == 0)
    month_open = (month == 0) | (given // 100 % 100 == 0)
    day_open = month_open | (day == 0) | (given % 100 == 0)
    same_month = month_open | (born // 100 == given // 100)
    return unknown | ((born // 10_000 == given // 10_000) & same_month & (day_open | (born == given)))


def stands_in(text: pl.Expr) -> pl.Expr:
    """Does a number with a right check stand, alone or between separators, in a text that should hold none?"""
    return where_also(text, text.str.contains(_STANDING_ALONE), _is_number)


def _is_number(text: pl.Series) -> pl.Series:
    digits = text.str.extract(_STANDING_ALONE, 1).str.replace_all("[^0-9]", "")
    before_2000, born_2000 = _checks(digits.cast(pl.Int64, strict=False))
    return before_2000 | born_2000


def can_stand_in(pattern: str) -> bool:
    """Can a text of this form hold a person number? A form too narrow for one needs no look at its texts."""
    spellings = ("85073100031", "850731-000-31", "850731 000 31", "85.07.31-000.31")
    around = (
        f"{before}{number}{after}"
        for number in spellings
        for before in ("", "A-", "A ", "https://a.be/")
        for after in ("", "-A", " A")
    )
    return any(re.search(pattern, text) for text in around)


def problem(text: str, environment: str, today: date) -> str | None:
    """Gives the code of what is wrong with one number in this environment, None when nothing is."""
    frame = pl.DataFrame({"niss": [text]}, schema={"niss": pl.String})
    found: str | None = frame.select(finding(pl.col("niss"), environment, today)).item()
    return found
