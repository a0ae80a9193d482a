"""What a finding may show of a value: counts of digits, letters and others, and what is expected."""

from __future__ import annotations

import polars as pl


def composition(text: pl.Expr) -> pl.Expr:
    """Tells what a text is made of, such as `10 digits` or `3 letters, 1 other`; never which ones."""
    digits, letters = text.str.count_matches("[0-9]"), text.str.count_matches(r"\p{L}")
    others = text.str.len_chars() - digits - letters
    parts = [_counted(digits, "digit"), _counted(letters, "letter"), _counted(others, "other")]
    return (
        pl.when(text.is_null()).then(pl.lit("empty")).otherwise(pl.concat_str(parts, separator=", ", ignore_nulls=True))
    )


def _counted(number: pl.Expr, noun: str) -> pl.Expr:
    many = pl.concat_str([number.cast(pl.String), pl.lit(f" {noun}s")])
    return pl.when(number == 1).then(pl.lit(f"1 {noun}")).when(number > 1).then(many)


_TELLS_FORM = ("R101", "R102", "R204", "R301", "R306")


def shape(text: pl.Expr, code: pl.Expr, expected: pl.Expr) -> pl.Expr:
    """Gives the shape of a finding: what was read, and what the column expects where its form is at fault."""
    made_of = composition(text)
    wanted = pl.concat_str([made_of, pl.lit(", "), expected, pl.lit(" expected")])
    form = (
        pl.when(made_of == expected).then(pl.concat_str([made_of, pl.lit(", not a possible value")])).otherwise(wanted)
    )
    return pl.when(code.is_in(_TELLS_FORM)).then(form).otherwise(made_of)
