"""Expressions of polars written by hand, on its streaming engine: what the compiled contract is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.outcome import FOUND, Outcome, Watch
from bench.rules_polars import Rule, canonical, checked, parsed, possible, rules
from bench.subject import context
from contracts.model import Contract

WARNING = {"R202"}


def scan(path: Path) -> pl.LazyFrame:
    """Gives the texts of a file, with the line of each row."""
    return pl.scan_csv(path, separator=";", infer_schema=False, row_index_name="line", row_index_offset=2)


def marked(texts: pl.LazyFrame, contract: Contract) -> tuple[pl.LazyFrame, list[Rule]]:
    """Adds a mark for each rule that is broken, and whether the row is bad or only warned of."""
    known, columns = context(), set(contract.columns)
    own = rules(columns, known)
    names = {"ERROR": _names(own, warning=False), "WARNING": _names(own, warning=True)}
    frame = texts.with_columns(canonical(columns)).with_columns(parsed(columns)).with_columns(checked())
    frame = frame.with_columns(possible(known)).with_columns(e.alias(str(n)) for n, (_, _, e) in enumerate(own))
    bad = pl.any_horizontal(names["ERROR"]).fill_null(False)
    warned = pl.any_horizontal(names["WARNING"]).fill_null(False)
    return frame.with_columns(_bad=bad, _warned=warned), own


def _names(own: Sequence[Rule], *, warning: bool) -> list[str]:
    return [str(n) for n, (_, code, _) in enumerate(own) if (code in WARNING) == warning]


def found(bad: pl.LazyFrame, own: Sequence[Rule]) -> pl.DataFrame:
    """Gives line, column and code of each broken rule of the bad rows."""
    parts = [
        bad.filter(pl.col(str(n))).select(pl.col("line").cast(pl.Int64), column=pl.lit(column), code=pl.lit(code))
        for n, (column, code, _) in enumerate(own)
    ]
    return pl.concat([pl.LazyFrame(schema=FOUND), *parts]).collect().sort("line", "column", "code")


def run(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """Reads and judges in one stream; accepted rows and findings end in memory."""
    frame, own = marked(scan(path), contract)
    marks = ["line", *(str(n) for n in range(len(own)))]
    good = frame.filter(~pl.col("_bad")).select("line", *contract.columns)
    bad = frame.filter(pl.col("_bad") | pl.col("_warned")).select(marks)
    accepted, wrong = pl.collect_all([good, bad], engine="streaming")
    return Outcome(accepted, accepted.height, found(wrong.lazy(), own))


def run_eager(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """Reads first, and judges the table in memory: its reading can be told apart."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    frame, own = marked(texts.lazy(), contract)
    marks = ["line", *(str(n) for n in range(len(own)))]
    good = frame.filter(~pl.col("_bad")).select("line", *contract.columns)
    bad = frame.filter(pl.col("_bad") | pl.col("_warned")).select(marks)
    accepted, wrong = pl.collect_all([good, bad], engine="streaming")
    return Outcome(accepted, accepted.height, found(wrong.lazy(), own))


def run_sink(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """The same stream, with accepted and marked rows written as parquet: memory does not grow with the file."""
    frame, own = marked(scan(path), contract)
    good, bad = path.with_suffix(".hand-good.parquet"), path.with_suffix(".hand-bad.parquet")
    marks = ["line", *(str(n) for n in range(len(own)))]
    pl.collect_all(
        [
            frame.filter(~pl.col("_bad"))
            .select("line", *contract.columns)
            .sink_parquet(good, lazy=True, compression="lz4"),
            frame.filter(pl.col("_bad") | pl.col("_warned"))
            .select(marks)
            .sink_parquet(bad, lazy=True, compression="lz4"),
        ],
        engine="streaming",
    )
    accepted = pl.scan_parquet(good).select(pl.len()).collect().item()
    return Outcome(good, accepted, found(pl.scan_parquet(bad), own))
