"""What is dear to ask of a text is asked only of the few texts of which something cheap is true."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Asked = Callable[[pl.Series], pl.Series]


def where_also(text: pl.Expr, suspect: Asked, certain: Asked) -> pl.Expr:
    """Are both true of a text? `certain` is asked only where `suspect` is true; a null of either counts as false."""

    def both(texts: pl.Series) -> pl.Series:
        found = suspect(texts).fill_null(False)
        if not found.any():
            return found
        return found.scatter(found.arg_true(), certain(texts.filter(found)).fill_null(False))

    return text.map_batches(both, return_dtype=pl.Boolean, is_elementwise=True)
