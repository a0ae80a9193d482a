"""What is dear to ask of a text, or to do with it, is for the few texts of which something cheap is true.

Both work on columns, and as polars calls them for each piece of a stream, they ask next to nothing of a piece
in which there is no such text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

OfFew = Callable[[pl.Series], pl.Series]


def where_also(text: pl.Expr, suspect: pl.Expr, certain: OfFew) -> pl.Expr:
    """Are both true of a text? `certain` is asked only where `suspect` is true; a null of either counts as false."""

    def both(columns: Sequence[pl.Series]) -> pl.Series:
        texts, found = columns[0], _never_null(columns[1])
        if not found.any():
            return found
        return found.scatter(found.arg_true(), certain(texts.filter(found)).fill_null(False))

    return pl.map_batches([text, suspect], both, return_dtype=pl.Boolean, is_elementwise=True)


def rewritten(text: pl.Expr, loose: pl.Expr, write: OfFew) -> pl.Expr:
    """Gives the texts, those that are `loose` as `write` gives them."""

    def rewrite(columns: Sequence[pl.Series]) -> pl.Series:
        texts, found = columns[0], _never_null(columns[1])
        return texts.scatter(found.arg_true(), write(texts.filter(found))) if found.any() else texts

    return pl.map_batches([text, loose], rewrite, return_dtype=pl.String, is_elementwise=True)


def _never_null(found: pl.Series) -> pl.Series:
    return found.fill_null(False) if found.null_count() else found
