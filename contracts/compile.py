"""From a contract's pandera schema to expressions: all that one pass over the rows needs.

pandera's schema stays the declaration; each of its checks is asked for its expression by being run on a frame
that only writes down what is selected from it. A schema that says more than that cannot be compiled, and is
refused when the contracts are imported. What the expressions find on rows is in `judge.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandera.backends.polars.builtin_checks  # noqa: F401  registers what its own checks mean on polars
import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from contracts.findings import CATALOGUE
from contracts.parse import VALUE

REQUIRED = "R305"  # what is found in the empty cell of a required column


class NotCompilableError(TypeError):
    """A contract of ours declares something that one pass cannot express."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Where `fails` is true, `code` is found in `column`; it is never null, and may look at other columns."""

    column: str
    code: str
    fails: pl.Expr


def compiled(schema: pa.DataFrameSchema) -> tuple[Rule, ...]:
    """Gives the rules of a schema, one for each column and code. Raises NotCompilableError, naming the column."""
    if schema.checks or schema.unique or schema.coerce or schema.parsers or schema.drop_invalid_rows:
        raise NotCompilableError(f"{schema.name}: only columns, their checks and their nullability are compiled")
    return rules_of(schema.columns)


def rules_of(columns: Mapping[str, pa.Column]) -> tuple[Rule, ...]:
    """Gives the rules of the columns of a schema; building the schema itself copies each of them deeply."""
    return tuple(
        Rule(name, code, pl.any_horizontal(fails) if len(fails) > 1 else fails[0])
        for name, column in columns.items()
        for code, fails in _failing(name, column).items()
    )


def _failing(name: str, column: pa.Column) -> dict[str, list[pl.Expr]]:
    """Gives what fails in one column by code; a column of parsed values says nothing of itself."""
    if column.unique or column.coerce or column.regex or column.parsers or column.default is not None:
        raise NotCompilableError(
            f"{name}: uniqueness, coercion, patterns of names, parsers and defaults are not compiled"
        )
    if name.endswith(VALUE):
        if column.checks or not column.nullable:
            raise NotCompilableError(f"{name}: rules belong to the text, not to its value")
        return {}
    found: defaultdict[str, list[pl.Expr]] = defaultdict(list)
    if not column.nullable:
        found[REQUIRED].append(pl.col(name).is_null())
    for check in column.checks:
        if check.error not in CATALOGUE:
            raise NotCompilableError(f"{name}: a check without a code of the catalogue")
        found[check.error].append(~_holds(check, name))
    return found


def _holds(check: pa.Check, name: str) -> pl.Expr:
    """Gives what a check selects; a null outcome passes where pandera lets it pass."""
    if check.element_wise or check.groupby or check.raise_warning or check.n_failure_cases is not None:
        raise NotCompilableError(f"{name}: {check.error} looks at cells one by one or in groups")
    function: Any = check._check_fn
    try:
        asked = function(PolarsData(_Asked(), name), **check._check_kwargs)  # type: ignore[arg-type]
    except (AttributeError, TypeError, KeyError, NotImplementedError):
        asked = None
    if not isinstance(asked, _Selected):
        raise NotCompilableError(f"{name}: {check.error} does more than select one expression")
    return asked.expression.ne_missing(pl.lit(False)) if check.ignore_na else asked.expression.eq_missing(pl.lit(True))


@dataclass(frozen=True, slots=True, eq=False)
class _Selected:
    """Stands for the frame that a check gives back."""

    expression: pl.Expr


class _Asked:
    """Stands for the frame that a check is given: it knows how to select one expression, and nothing else."""

    def select(self, expression: pl.Expr) -> _Selected:
        return _Selected(expression)
