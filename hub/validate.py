"""Judges the rows of a table under a contract: rows that go on, findings, and counts that add up.

The one place that runs pandera, and that catches what pandera and polars raise: their texts show rows, so
none of them leaves this module. What a partner got wrong is a finding; an exception means that a contract of
ours is wrong. Duplicates, versions and the life cycle are judged later, in the ledger and in reconcile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaError, SchemaErrors

from contracts.checks import schema_of
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract
from contracts.parse import canonical, with_values
from contracts.reader import Refusal, Table, read_table
from contracts.shapes import shape
from hub.errors import InvariantBroken

FINDINGS = {
    "line": pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "shape": pl.String(),
}
_SEVERITIES = {entry.code: entry.severity for entry in CATALOGUE.values()}


@dataclass(frozen=True, slots=True, eq=False)
class Validated:
    """A table judged: read = accepted + rejected, and the warned are among the accepted.

    `rows` are the accepted ones, canonical texts under `line` and the contract's columns. `findings` has the
    columns of FINDINGS, by line; it never holds a value.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame
    read: int
    accepted: int
    warned: int
    rejected: int


@dataclass(frozen=True, slots=True, eq=False)
class Outbound:
    """Bytes of ours read back: how many rows, their keys in the file's order, and their columns."""

    rows: int
    keys: tuple[tuple[str | None, ...], ...]
    table: pl.DataFrame


def validate(table: Table, contract: Contract, context: Context) -> Validated:
    """Judges every row by itself: an ERROR rejects it, a WARNING keeps it; a ragged row is rejected.

    Raises InvariantBroken, without any value, when the contract itself cannot be run.
    """
    texts = canonical(table.rows, contract.fields)
    findings = _judged(texts, table, contract, context)
    errors, warnings = (findings.filter(severity=s)["line"].unique() for s in ("ERROR", "WARNING"))
    rows = texts.select(table.lines, pl.all()).filter(~pl.col("line").is_in(errors.implode()))
    result = Validated(
        rows=rows,
        findings=findings,
        read=table.read,
        accepted=rows.height,
        warned=rows.filter(pl.col("line").is_in(warnings.implode())).height,
        rejected=errors.len(),
    )
    if result.read != result.accepted + result.rejected:
        raise InvariantBroken(f"{contract.label}: rows read are not those accepted and rejected")
    return result


def verify_outbound(data: bytes, contract: Contract) -> Outbound:
    """Reads bytes we are about to send as their recipient would; raises InvariantBroken on any objection."""
    table = read_table(data, contract)
    if isinstance(table, Refusal):
        raise InvariantBroken(f"{contract.label}: unreadable, {table.code} line {table.line}: {table.shape}")
    findings = _judged(table.rows, table, contract, Context(received_on=date.max))
    if findings.height:
        line, column, code, *_ = findings.row(0)
        raise InvariantBroken(f"{contract.label}: {findings.height} findings, first {code} {column} line {line}")
    keys = tuple(table.rows.select(contract.key).iter_rows())
    if len(set(keys)) != len(keys):
        raise InvariantBroken(f"{contract.label}: {len(keys) - len(set(keys))} row keys are not unique")
    return Outbound(len(keys), keys, table.rows)


def _judged(texts: pl.DataFrame, table: Table, contract: Contract, context: Context) -> pl.DataFrame:
    """Gives every finding on a table whose texts are `texts`, ragged rows included, by line."""
    parts = [_ragged(table)]
    failures = _failures(texts, contract, context)
    for field in contract.fields:
        of_field = failures.filter(column=field.name)
        if of_field.height:
            cells = pl.DataFrame({"line": table.lines, "text": texts[field.name]})[of_field["index"]]
            parts.append(of_field.hstack(cells).select(_finding_columns(field.expected)))
    return pl.concat(parts).sort("line", "column", "code")


def _failures(texts: pl.DataFrame, contract: Contract, context: Context) -> pl.DataFrame:
    """Runs the schema; gives index (row), column and code of each failure."""
    found = _run(texts, contract, context)
    if isinstance(found, str):
        raise InvariantBroken(f"{contract.label}: the contract cannot be run ({found})")
    code = pl.col("check").replace({"not_nullable": "R305"})
    failures = found.select(pl.col("index").cast(pl.UInt32), "column", code=code).unique()
    broken = failures.filter(pl.any_horizontal(pl.all().is_null()) | ~pl.col("code").is_in(list(CATALOGUE)))
    if broken.height:
        raise InvariantBroken(f"{contract.label}: {broken.height} checks of the contract failed to run")
    return failures


def _run(texts: pl.DataFrame, contract: Contract, context: Context) -> pl.DataFrame | str:
    """Gives pandera's failures without values, or only the name of the error: the error stays here."""
    nothing = pl.DataFrame(schema={"index": pl.Int32(), "column": pl.String(), "check": pl.String()})
    try:
        frame = with_values(texts, contract.fields)
        # on frames with less depth, or switched off by the environment, pandera passes every row in silence
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema_of(contract, context).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        return cases.select(nothing.columns)
    except (SchemaError, pl.exceptions.PolarsError) as error:
        return type(error).__name__
    return nothing


def _finding_columns(expected: str) -> list[pl.Expr]:
    code = pl.col("code")
    severity = code.replace_strict(_SEVERITIES, return_dtype=pl.String).alias("severity")
    return [
        pl.col("line"),
        pl.col("column"),
        code,
        severity,
        shape(pl.col("text"), code, expected).alias("shape"),
    ]


def _ragged(table: Table) -> pl.DataFrame:
    return pl.DataFrame(
        [(f.line, f.column, f.code, f.severity, f.shape) for f in table.ragged], schema=FINDINGS, orient="row"
    )
