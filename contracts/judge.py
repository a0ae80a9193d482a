"""One pass over the rows of a table: which are accepted, and what is found on the others.

`plan` adds to each row a mark for every rule of a compiled contract; `report` turns the marked rows into
findings without values: the first of each code line by line, and how many there are of each. Both work on
frames in memory and on streams. What a wrong contract or a full disk raises is caught by the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts.checks import schema_of
from contracts.compile import Rule, compiled
from contracts.damage import FORM_CODES, told
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Field, FileFormat
from contracts.parse import canonical, with_values
from contracts.shapes import shape

LINE = "__line"  # NOTI has a column called line
FIRST = 100  # findings kept line by line for each code; the others are counted
FINDINGS = {
    "line": pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "shape": pl.String(),
}
_SEVERITIES = {entry.code: entry.severity for entry in CATALOGUE.values()}
_REJECTED, _WARNED = "__rejected", "__warned"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one pass gives: counts of rows, findings of each code, and the first of them as FINDINGS."""

    accepted: int
    warned: int
    rejected: int
    counts: dict[str, int]
    findings: pl.DataFrame


def judge(
    texts: pl.DataFrame, contract: Contract, context: Context, form: FileFormat, first: int
) -> tuple[pl.DataFrame, Judged]:
    """Judges rows in memory; gives the accepted ones, canonical, and what was found.

    `texts` holds `line` and the contract's columns, and so do the accepted rows, in the same order.
    """
    rules = compiled(schema_of(contract, context))
    marked = plan(texts.lazy(), contract, rules, form).collect()
    accepted = marked.select(texts.columns).filter(~marked[_REJECTED])
    bad = marked.filter(pl.col(_REJECTED) | pl.col(_WARNED))
    return accepted, report(bad, accepted.height, contract, rules, first)


def judge_stream(
    texts: pl.LazyFrame, contract: Contract, context: Context, form: FileFormat, first: int, good: Path, bad: Path
) -> Judged:
    """Judges a stream of rows in bounded memory: accepted rows to `good`, marked rows to `bad`, both parquet.

    Neither file is in the order of the lines. They hold what the rows hold, in clear: they are the caller's to seal.
    """
    rules = compiled(schema_of(contract, context))
    marked = plan(texts, contract, rules, form)
    columns = [LINE, *contract.columns]
    looked_at = list(dict.fromkeys(rule.column for rule in rules))
    marks = [LINE, *looked_at, *_marks(rules), _REJECTED, _WARNED]
    pl.collect_all(
        [
            marked.filter(~pl.col(_REJECTED)).select(columns).sink_parquet(good, lazy=True, compression="lz4"),
            marked.filter(pl.col(_REJECTED) | pl.col(_WARNED))
            .select(marks)
            .sink_parquet(bad, lazy=True, compression="lz4"),
        ],
        engine="streaming",
    )
    accepted = pl.scan_parquet(good).select(pl.len()).collect().item()
    return report(pl.scan_parquet(bad), accepted, contract, rules, first)


def plan(texts: pl.LazyFrame, contract: Contract, rules: Sequence[Rule], form: FileFormat) -> pl.LazyFrame:
    """Adds to canonical rows a mark for each rule that fails, and whether the row is rejected or warned of."""
    marks = _marks(rules)
    by_severity = {
        severity: [mark for mark, rule in zip(marks, rules, strict=True) if _SEVERITIES[rule.code] == severity]
        for severity in ("ERROR", "WARNING")
    }
    return (
        with_values(canonical(texts, contract.fields, form), contract.fields)
        .with_columns(rule.fails.alias(mark) for mark, rule in zip(marks, rules, strict=True))
        .with_columns(
            pl.any_horizontal(by_severity["ERROR"] or [pl.lit(False)]).alias(_REJECTED),
            pl.any_horizontal(by_severity["WARNING"] or [pl.lit(False)]).alias(_WARNED),
        )
        .select(LINE, *contract.columns, *marks, _REJECTED, _WARNED)
    )


def report(
    bad: pl.DataFrame | pl.LazyFrame, accepted: int, contract: Contract, rules: Sequence[Rule], first: int
) -> Judged:
    """Turns marked rows into counts and findings; holds one column at a time."""
    totals = _totals(bad, rules)
    fields = {field.name: field for field in contract.fields}
    counts: Counter[str] = Counter()
    kept = [pl.DataFrame(schema=FINDINGS)]
    for mark, rule in zip(_marks(rules), rules, strict=True):
        if totals[mark]:
            cells = bad.lazy().filter(pl.col(mark)).select(LINE, text=pl.col(rule.column))
            found, firsts = _found(cells, rule, fields[rule.column], totals[mark], first)
            counts.update(found)
            kept.append(firsts)
    findings = _first_of_each(pl.concat(kept).sort("line", "column", "code"), first)
    return Judged(accepted, totals[_WARNED], totals[_REJECTED], dict(sorted(counts.items())), findings)


def _totals(bad: pl.DataFrame | pl.LazyFrame, rules: Sequence[Rule]) -> dict[str, int]:
    """Counts the rows rejected, those warned of and kept, and the rows of each mark."""
    warned = (pl.col(_WARNED) & ~pl.col(_REJECTED)).sum()
    sums = [pl.col(mark).sum() for mark in _marks(rules)]
    return bad.lazy().select(pl.col(_REJECTED).sum(), warned.alias(_WARNED), *sums).collect().row(0, named=True)


def _found(
    cells: pl.LazyFrame, rule: Rule, field: Field, total: int, first: int
) -> tuple[dict[str, int], pl.DataFrame]:
    """Gives how many findings of each code one rule makes, and the first of each code."""
    if rule.code not in FORM_CODES:
        firsts = cells.sort(LINE).head(first).with_columns(code=pl.lit(rule.code)).collect()
        return {rule.code: total}, _as_findings(firsts, field)
    coded = cells.sort(LINE).with_columns(code=told(rule.code, field, pl.col("text"))).collect()
    counts = dict(coded["code"].value_counts().iter_rows())
    return counts, _as_findings(_first_of_each(coded, first), field)


def _first_of_each(found: pl.DataFrame, first: int) -> pl.DataFrame:
    return found.filter(pl.int_range(pl.len()).over("code") < first)


def _as_findings(cells: pl.DataFrame, field: Field) -> pl.DataFrame:
    code = pl.col("code")
    return cells.select(
        pl.col(LINE).cast(pl.Int64).alias("line"),
        pl.lit(field.name).alias("column"),
        code,
        code.replace_strict(_SEVERITIES, return_dtype=pl.String).alias("severity"),
        shape(pl.col("text"), code, field.expected).alias("shape"),
    )


def _marks(rules: Sequence[Rule]) -> list[str]:
    return [f"__mark_{n}" for n in range(len(rules))]
