"""The compiler once more, where mutation testing found that a schema could say something without being heard."""

from typing import Any

import pandera.polars as pa
import polars as pl
import pytest

from contracts.checks import rule
from contracts.compile import NotCompilableError, compiled


def one_column(column: pa.Column, name: str = "a") -> pa.DataFrameSchema:
    """Gives a schema of one column."""
    return pa.DataFrameSchema({name: column}, strict=True)


@pytest.mark.parametrize(
    "column",
    [pa.Column(pl.Date, [rule("R301", pl.lit(True))], nullable=True), pa.Column(pl.Date, nullable=False)],
    ids=["a rule", "a required value"],
)
def test_a_column_of_values_says_nothing_of_itself(column: pa.Column) -> None:
    """Neither a rule nor a requirement may stand on a parsed value: it would be found in a column nobody sent."""
    with pytest.raises(NotCompilableError):
        compiled(one_column(column, "a__value"))
    assert compiled(one_column(pa.Column(pl.Date, nullable=True), "a__value")) == ()


def _measures(data: Any) -> Any:
    return len(data.lazyframe) > 0


def _looks_up(data: Any) -> Any:
    return {}[data.key]


def _is_not_written_yet(data: Any) -> Any:
    raise NotImplementedError


@pytest.mark.parametrize("check", [_measures, _looks_up, _is_not_written_yet], ids=lambda check: check.__name__)
def test_a_check_that_cannot_be_asked_is_refused(check: Any) -> None:
    """However a check stops when it is asked for its expression, the contract is refused by its column."""
    with pytest.raises(NotCompilableError, match=r"^a: R306"):
        compiled(one_column(pa.Column(pl.String, [pa.Check(check, error="R306")])))
