"""One pass over the rows of a table: which are accepted, and what is found on the others.

`plan` adds to each row a mark for every rule of a compiled contract; `report` turns the marked rows into
findings without values: the first of each code line by line, and how many there are of each. Both work on
frames in memory and on streams. What a wrong contract or a full disk raises is caught by the hub.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import polars as pl

from contracts.checks import columns_of
from contracts.compile import Rule, rules_of
from contracts.damage import FORM_CODES, told
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Field, FileFormat
from contracts.parse import canonical, with_values
from contracts.shapes import shape

LINE = "__line"  # NOTI has a column called line
_FEW = 10_000  # rows judged in one piece
_HANDFUL = 500  # rows of which it is asked first whether anything is found at all
FIRST = 100  # findings kept line by line for each code; the others are counted
FINDINGS = {
    "line": pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "shape": pl.String(),
}
# rows that polars gathers for a file before it writes them: with its own number a stream holds nearly twice as much
_WRITTEN_AT_ONCE = ("POLARS_IDEAL_SINK_MORSEL_SIZE_ROWS", "20000")
_CELLS = {
    LINE: pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "text": pl.String(),
    "expected": pl.String(),
}
_AS_WRITTEN = pl.QueryOptFlags.none()
_SEVERITIES = {entry.code: entry.severity for entry in CATALOGUE.values()}
_REJECTED, _WARNED = "__rejected", "__warned"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one pass gives: counts of rows, findings of each code, and the first of them as FINDINGS.

    `warned_lines` are those of the accepted rows that are warned of; a pass over a stream does not keep them.
    """

    accepted: int
    warned: int
    rejected: int
    counts: dict[str, int]
    findings: pl.DataFrame
    warned_lines: frozenset[int] = frozenset()


def judge(
    texts: pl.DataFrame, contract: Contract, context: Context, form: FileFormat, first: int
) -> tuple[pl.DataFrame, Judged]:
    """Judges rows in memory; gives the accepted ones, canonical, and what was found.

    `texts` holds `__line` and the contract's columns, and so do the accepted rows, in the same order.
    """
    return judge_by(rules_of(columns_of(contract, context)), texts, contract, form, first)


def judge_by(
    rules: Sequence[Rule], texts: pl.DataFrame, contract: Contract, form: FileFormat, first: int
) -> tuple[pl.DataFrame, Judged]:
    """Judges rows as `judge` does, by rules that were compiled before."""
    if texts.height <= _HANDFUL and (sound := _sound(rules, texts, contract, form)) is not None:
        return sound, Judged(sound.height, 0, 0, {}, pl.DataFrame(schema=FINDINGS))
    good, bad = _parted(plan(texts.lazy(), contract, rules, form), contract, rules)
    accepted, marked = pl.collect_all([good, bad], engine=_engine(texts.height))
    if marked.is_empty():
        return accepted, Judged(accepted.height, 0, 0, {}, pl.DataFrame(schema=FINDINGS))
    warned = frozenset(marked.filter(pl.col(_WARNED) & ~pl.col(_REJECTED)).get_column(LINE).to_list())
    return accepted, replace(report(marked, accepted.height, contract, rules, first), warned_lines=warned)


def _sound(rules: Sequence[Rule], texts: pl.DataFrame, contract: Contract, form: FileFormat) -> pl.DataFrame | None:
    """Gives the rows, canonical, when nothing is found on any of them: of a handful that is most often so.

    It takes half as long as the plan that parts them, which polars has to think about first.
    """
    read = with_values(canonical(texts.lazy(), contract.fields, form), contract.fields)
    rows = read.collect(engine="in-memory", optimizations=_AS_WRITTEN)
    failing = rows.select(rule.fails.alias(mark) for mark, rule in zip(_marks(rules), rules, strict=True))
    return None if any(map(pl.Series.any, failing.iter_columns())) else rows.select(LINE, *contract.columns)


def _engine(rows: int) -> Literal["in-memory", "streaming"]:
    """Names the engine of polars for so many rows: to start the one for many takes longer than to judge a few."""
    return "streaming" if rows > _FEW else "in-memory"


def judge_stream(
    texts: pl.LazyFrame, contract: Contract, context: Context, form: FileFormat, first: int, good: Path, bad: Path
) -> Judged:
    """Judges a stream of rows in bounded memory: accepted rows to `good`, marked rows to `bad`, both parquet.

    Neither file is in the order of the lines. They hold what the rows hold, in clear: they are the caller's to seal.
    """
    rules = rules_of(columns_of(contract, context))
    parts = _parted(plan(texts, contract, rules, form), contract, rules)
    sinks = [
        part.sink_parquet(path, lazy=True, compression="lz4", maintain_order=False)
        for part, path in zip(parts, (good, bad), strict=True)
    ]
    os.environ.setdefault(*_WRITTEN_AT_ONCE)
    pl.collect_all(sinks, engine="streaming")
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
            pl.any_horizontal(by_severity["ERROR"]).alias(_REJECTED),
            pl.any_horizontal(by_severity["WARNING"] or [pl.lit(False)]).alias(_WARNED),
        )
    )


def _parted(marked: pl.LazyFrame, contract: Contract, rules: Sequence[Rule]) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Parts marked rows into those accepted, and those on which something is found, with their marks."""
    looked_at = list(dict.fromkeys(rule.column for rule in rules))
    marked = marked.cache()  # both parts come from it, and polars does not always see that
    good = marked.filter(~pl.col(_REJECTED)).select(LINE, *contract.columns)
    bad = marked.filter(pl.col(_REJECTED) | pl.col(_WARNED))
    return good, bad.select(LINE, *looked_at, *_marks(rules), _REJECTED, _WARNED)


def report(
    bad: pl.DataFrame | pl.LazyFrame, accepted: int, contract: Contract, rules: Sequence[Rule], first: int
) -> Judged:
    """Turns marked rows into counts and findings."""
    rows, totals = bad.lazy(), _totals(bad.lazy(), rules)
    fields = {field.name: field for field in contract.fields}
    met = [(mark, rule) for mark, rule in zip(_marks(rules), rules, strict=True) if totals[mark]]
    cells = pl.collect_all([_cells(rows, mark, rule, fields[rule.column], first) for mark, rule in met])
    counts: Counter[str] = Counter()
    for (mark, rule), found in zip(met, cells, strict=True):
        # of a damaged cell only the cell tells the code, and all of them were looked at
        counts.update(
            dict(found["code"].value_counts().iter_rows()) if _is_of_form(rule) else {rule.code: totals[mark]}
        )
    kept = pl.concat([pl.DataFrame(schema=_CELLS), *(_first_of_each(found, first) for found in cells)])
    findings = _as_findings(_first_of_each(kept.sort(LINE, "column", "code"), first))
    return Judged(accepted, totals[_WARNED], totals[_REJECTED], dict(sorted(counts.items())), findings)


def _totals(bad: pl.LazyFrame, rules: Sequence[Rule]) -> dict[str, int]:
    """Counts the rows rejected, those warned of and kept, and the rows of each mark."""
    warned = (pl.col(_WARNED) & ~pl.col(_REJECTED)).sum()
    sums = [pl.col(mark).sum() for mark in _marks(rules)]
    return bad.select(pl.col(_REJECTED).sum(), warned.alias(_WARNED), *sums).collect().row(0, named=True)


def _is_of_form(rule: Rule) -> bool:
    return rule.code in FORM_CODES


def _cells(bad: pl.LazyFrame, mark: str, rule: Rule, field: Field, first: int) -> pl.LazyFrame:
    """Gives the cells in which a rule fails, by line: all of them where their text tells the code, else the first."""
    text, code = pl.col(rule.column), told(rule.code, field, pl.col("text"))
    cells = bad.filter(pl.col(mark)).select(pl.col(LINE).cast(pl.Int64), text=text).sort(LINE)
    cells = cells if _is_of_form(rule) else cells.head(first)
    return cells.select(LINE, column=pl.lit(field.name), code=code, text="text", expected=pl.lit(field.expected))


def _first_of_each(found: pl.DataFrame, first: int) -> pl.DataFrame:
    if found.height <= first:
        return found
    return found.filter(pl.int_range(pl.len()).over("code") < first)


def _as_findings(cells: pl.DataFrame) -> pl.DataFrame:
    """Gives findings of cells; what is found often is mostly found in the same texts, whose shape is told once."""
    code, alike = pl.col("code"), ["text", "code", "expected"]
    shapes = cells.select(alike).unique().with_columns(shape(pl.col("text"), code, pl.col("expected")).alias("shape"))
    return cells.join(shapes, on=alike, how="left", nulls_equal=True, maintain_order="left").select(
        pl.col(LINE).alias("line"),
        "column",
        "code",
        code.replace_strict(_SEVERITIES, return_dtype=pl.String).alias("severity"),
        "shape",
    )


def _marks(rules: Sequence[Rule]) -> list[str]:
    return [f"__mark_{n}" for n in range(len(rules))]
