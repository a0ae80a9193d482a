"""pandera's own polars backend on the declared contract: what is compared is who runs the same schema."""

from __future__ import annotations

from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from bench.engines.compiled import scan
from bench.engines.hand import WARNING
from bench.outcome import FOUND, Outcome, Watch
from bench.subject import context
from contracts.checks import schema_of
from contracts.judge import LINE
from contracts.model import Contract, FileFormat
from contracts.parse import canonical, value, with_values


def run(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """Validates a frame in memory, all failures at once; a rule across columns is declared on one of them."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    return judged(texts, contract, schema_of(contract, context()))


def run_frame(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """The same with one rule across columns declared as pandera's pages show it: a check of the whole frame."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    return judged(texts, contract, on_the_frame(schema_of(contract, context())))


def on_the_frame(schema: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """Moves the rule that income does not start after the referral from its column to the frame."""
    start = schema.columns["ri_start_date"]
    start.checks = [check for check in start.checks if check.error != "R303"]
    holds = (value("ri_start_date") <= value("effective_date")).fill_null(True)
    across = pa.Check(lambda data: data.lazyframe.select(holds), error="ri_start_date:R303")
    return pa.DataFrameSchema(schema.columns, checks=[across], strict=True, name=schema.name)


def judged(texts: pl.DataFrame, contract: Contract, schema: pa.DataFrameSchema) -> Outcome:
    """Validates texts under a schema; gives accepted rows and what was found."""
    rows = canonical(texts.lazy(), contract.fields, FileFormat()).collect()
    frame = with_values(rows.drop(LINE).lazy(), contract.fields).collect()
    found = pl.DataFrame(schema=FOUND)
    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = _found(errors.failure_cases, rows[LINE])
    bad = found.filter(~pl.col("code").is_in(list(WARNING)))["line"].unique()
    accepted = rows.filter(~pl.col(LINE).is_in(bad.implode()))
    return Outcome(accepted, accepted.height, found)


def _found(cases: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    whole = pl.col("check").str.contains(":")
    told = cases.select(
        pl.col("index").cast(pl.UInt32),
        column=pl.when(whole).then(pl.col("check").str.split(":").list.first()).otherwise("column"),
        code=pl.col("check").str.split(":").list.last().replace({"not_nullable": "R305"}),
    )
    named = told.select(line=lines.cast(pl.Int64).gather(told["index"]), column="column", code="code")
    return named.unique().sort("line", "column", "code")
