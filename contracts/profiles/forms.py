"""The forms in which exports write dates, person numbers and phones; a form that is not declared is not tried.

A text in none of the declared forms stays as it is: the contract then says on which line it stands and what is
wrong with it, where an empty cell would only say that something is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from contracts import niss

# Month before day is not among them: 03/04 would be read in two ways.
DATES = {
    "yyyy-mm-dd": ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d"),
    "yyyymmdd": ("^[0-9]{8}$", "%Y%m%d"),
    "dd/mm/yyyy": ("^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "%d/%m/%Y"),
    "dd-mm-yyyy": ("^[0-9]{2}-[0-9]{2}-[0-9]{4}$", "%d-%m-%Y"),
    "dd.mm.yyyy": ("^[0-9]{2}[.][0-9]{2}[.][0-9]{4}$", "%d.%m.%Y"),
}
# The two of Lino Welfare tell the century by what stands before the check digits.
NISS = {
    "nnnnnnnnnnn": "^[0-9]{11}$",
    "yy.mm.dd-nnn.cc": "^[0-9]{2}[.][0-9]{2}[.][0-9]{2}-[0-9]{3}[.][0-9]{2}$",
    "yymmdd nnn-cc": "^[0-9]{6} [0-9]{3}-[0-9]{2}$",
    "yymmdd nnn=cc": "^[0-9]{6} [0-9]{3}=[0-9]{2}$",
}
_SEPARATORS = r"[ ./()\x{a0}-]"


def iso_date(text: pl.Expr, forms: Sequence[str]) -> pl.Expr:
    """Writes a date of one of these forms as YYYY-MM-DD."""
    read = [_date(text, *DATES[form]) for form in forms]
    return pl.coalesce(*read, text)


def _date(text: pl.Expr, pattern: str, form: str) -> pl.Expr:
    day = pl.when(text.str.contains(pattern)).then(text).str.to_date(form, strict=False)
    return day.dt.to_string("%Y-%m-%d")


def eleven_digits(text: pl.Expr, forms: Sequence[str]) -> pl.Expr:
    """Writes a person number of one of these forms as eleven digits.

    Where Lino's sign for the century and the check digits disagree the number stays as it is written.
    """
    digits = text.str.replace_all("[^0-9]", "")
    of_form = pl.any_horizontal(text.str.contains(NISS[form]) for form in forms)
    born, since_2000 = niss.meaning(digits) // 10**8, text.str.contains("=", literal=True)
    contradicts = pl.when(text.str.contains(" ", literal=True)).then(since_2000 != (born >= 2000)).fill_null(False)
    return pl.when(of_form & ~contradicts).then(digits).otherwise(text)


def international(text: pl.Expr, country: str) -> pl.Expr:
    """Writes a phone number with its calling code, which is `country` where it starts with a single zero."""
    bare = text.str.replace_all(_SEPARATORS, "").str.replace("^00", "+")
    national = bare.str.contains("^0[1-9][0-9]{7,8}$")
    return (
        pl.when(national)
        .then(bare.str.replace("^0", f"+{country}"))
        .when(bare.str.contains("^[+][1-9][0-9]{6,14}$"))
        .then(bare)
        .otherwise(text)
    )
