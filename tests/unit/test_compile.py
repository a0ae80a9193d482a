"""The compiler: what it takes from a pandera schema, and what it refuses while our contracts are imported."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandera.polars as pa
import polars as pl
import pytest

from contracts.checks import rule, schema_of
from contracts.compile import NotCompilableError, compiled
from contracts.model import Context
from contracts.registry import contracts

TEXT = pl.String


def schema(*checks: pa.Check, nullable: bool = True, **more: Any) -> pa.DataFrameSchema:
    """Gives a schema of one column."""
    return pa.DataFrameSchema({"a": pa.Column(TEXT, list(checks), nullable=nullable, **more)}, strict=True)


def found(one: pa.DataFrameSchema, cells: list[str | None]) -> dict[str, list[bool]]:
    """Runs the compiled rules on a column, by code."""
    frame = pl.DataFrame({"a": cells}, schema={"a": TEXT})
    return {r.code: frame.select(r.fails).to_series().to_list() for r in compiled(one)}


def test_a_required_column_and_its_rules_are_compiled() -> None:
    """An empty cell has the code of a required one, a false outcome the check's code, a null outcome none."""
    short = rule("R306", pl.col("a").str.len_chars() < 2)
    assert found(schema(short, nullable=False), ["x", "xyz", None]) == {
        "R305": [False, False, True],
        "R306": [False, True, False],
    }


def test_two_checks_of_one_code_are_one_rule() -> None:
    """A column has one finding of a code on a row, whatever the number of checks that carry it."""
    checks = rule("R303", pl.col("a") != "x"), rule("R303", pl.col("a") != "y")
    assert found(schema(*checks), ["x", "y", "z"]) == {"R303": [True, True, False]}


def test_checks_built_into_pandera_are_compiled() -> None:
    """pandera's own checks give their expression too, and say nothing of an empty cell."""
    assert found(schema(pa.Check.isin(["x"], error="R301")), ["x", "y", None]) == {"R301": [False, True, False]}


def test_a_check_that_minds_empty_cells_is_compiled_so() -> None:
    """Where pandera is told not to ignore nulls, a null outcome fails, as in pandera."""

    def given(data: Any) -> Any:
        return data.lazyframe.select(pl.col(data.key) == "x")

    assert found(schema(pa.Check(given, error="R305", ignore_na=False)), ["x", None]) == {"R305": [False, True]}


def _two_steps(data: Any) -> Any:
    return data.lazyframe.with_columns(pl.lit(True)).select(pl.col(data.key).is_not_null())


def _collects(data: Any) -> Any:
    return data.lazyframe.collect().height > 0


def _by_cell(cell: str) -> bool:
    return bool(cell)


SCHEMAS: dict[str, Callable[[], pa.DataFrameSchema]] = {
    "uniqueness": lambda: schema(unique=True),
    "coercion": lambda: schema(coerce=True),
    "a default": lambda: schema(default="x"),
    "no code": lambda: schema(pa.Check.isin(["x"])),
    "a code that nobody knows": lambda: schema(rule("R999", pl.col("a") == "x")),
    "a check by cell": lambda: schema(pa.Check(_by_cell, element_wise=True, error="R306")),
    "a check that warns only": lambda: schema(pa.Check.isin(["x"], error="R301", raise_warning=True)),
    "a check that shows some cases only": lambda: schema(pa.Check.isin(["x"], error="R301", n_failure_cases=1)),
    "a check that does more than select": lambda: schema(pa.Check(_two_steps, error="R306")),
    "a check that collects": lambda: schema(pa.Check(_collects, error="R306")),
    "a rule on the frame": lambda: pa.DataFrameSchema({"a": pa.Column(TEXT)}, checks=[rule("R301", pl.lit(True))]),
    "a key over columns": lambda: pa.DataFrameSchema({"a": pa.Column(TEXT)}, unique=["a"]),
    "rows dropped": lambda: pa.DataFrameSchema({"a": pa.Column(TEXT)}, drop_invalid_rows=True),
    "a rule on a value": lambda: pa.DataFrameSchema({"a__value": pa.Column(pl.Date, [rule("R301", pl.lit(True))])}),
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_what_one_pass_cannot_express_is_refused(kind: str) -> None:
    """A schema that says more than its rules can is refused, so that nothing it says is lost in silence."""
    with pytest.raises(NotCompilableError):
        compiled(SCHEMAS[kind]())


@pytest.mark.parametrize("environment", ["T", "R"])
def test_every_check_of_every_contract_is_compiled(environment: Any) -> None:
    """Each code that pandera could find in a column of a contract is found there by the compiled rules too."""
    for contract in contracts(environment):
        declared = schema_of(contract, Context(received_on=date(2025, 3, 2)))
        wanted = {(name, check.error) for name, column in declared.columns.items() for check in column.checks}
        wanted |= {(field.name, "R305") for field in contract.fields if field.required}
        assert {(r.column, r.code) for r in compiled(declared)} == wanted
