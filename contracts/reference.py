"""The declared contract run by pandera itself: the reference to which the compiled pass is held.

It gives the same findings, many times slower; nothing of the exchange uses it. pandera's errors hold rows: they
end here.
"""

from __future__ import annotations

import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from contracts.checks import schema_of
from contracts.compile import REQUIRED
from contracts.damage import told
from contracts.findings import CATALOGUE
from contracts.judge import LINE
from contracts.model import Context, Contract, FileFormat
from contracts.parse import canonical, with_values

_FOUND = {LINE: pl.Int64(), "column": pl.String(), "code": pl.String()}


def reference(texts: pl.DataFrame, contract: Contract, context: Context, form: FileFormat) -> pl.DataFrame:
    """Gives line, column and code of all that pandera finds on rows with their `__line`.

    Raises TypeError, without any value, when a check cannot run.
    """
    rows = canonical(texts.lazy(), contract.fields, form).collect()
    cases = _cases(rows.drop(LINE), contract, context)
    code = pl.col("check").replace({"not_nullable": REQUIRED})
    failures = cases.select(pl.col("index").cast(pl.UInt32), "column", code=code).unique()
    if failures.filter(pl.any_horizontal(pl.all().is_null()) | ~pl.col("code").is_in(list(CATALOGUE))).height:
        raise TypeError(f"{contract.label}: a check of the contract failed to run")
    found = [pl.DataFrame(schema=_FOUND)]
    for field in contract.fields:
        for (code_found,), of_field in failures.filter(column=field.name).group_by("code"):
            cells = rows.select(LINE, text=field.name)[of_field["index"]]
            found.append(
                cells.select(LINE, column=pl.lit(field.name), code=told(str(code_found), field, pl.col("text")))
            )
    return pl.concat(found).unique().sort(LINE, "column", "code")


def _cases(rows: pl.DataFrame, contract: Contract, context: Context) -> pl.DataFrame:
    frame = with_values(rows.lazy(), contract.fields).collect()
    try:
        # on frames with less depth, or switched off by the environment, pandera passes every row in silence
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema_of(contract, context).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        return cases.select("index", "column", "check")
    return pl.DataFrame(schema={"index": pl.Int32(), "column": pl.String(), "check": pl.String()})
