"""The product's own pass: the contract as it is declared, compiled."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.outcome import Outcome, Watch
from bench.subject import context
from contracts.judge import FIRST, LINE, judge, judge_stream
from contracts.model import Contract, FileFormat, Limits
from contracts.reader import Refusal, read_table
from hub.validate import validate_stream

ALL = 1_000_000_000  # findings kept line by line: every one, where the product keeps the first of each code
NO_LIMITS = Limits(file_bytes=10**12, rows=10**9)


def scan(path: Path) -> pl.LazyFrame:
    """Gives the texts of a file as polars reads them, with the line of each row."""
    return pl.scan_csv(path, separator=";", infer_schema=False, row_index_name=LINE, row_index_offset=2)


def run(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """polars reads the file, the compiled contract judges the table in memory."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    rows, judged = judge(texts, contract, context(), FileFormat(), ALL)
    return Outcome(rows, judged.accepted, judged.findings.select("line", "column", "code"))


def run_first(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """The same as the hub does it: all findings are counted, the first hundred of each code are kept line by line."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    rows, judged = judge(texts, contract, context(), FileFormat(), FIRST)
    return Outcome(rows, judged.accepted, judged.findings.select("line", "column", "code"))


def run_stream(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """One stream from the file to accepted and marked rows as parquet."""
    good, bad = path.with_suffix(".good.parquet"), path.with_suffix(".bad.parquet")
    judged = judge_stream(scan(path), contract, context(), FileFormat(), ALL, good, bad)
    return Outcome(good, judged.accepted, judged.findings.select("line", "column", "code"))


def run_large(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """The stream as the hub runs it on a file too large for memory."""
    good, bad = path.with_suffix(".good.parquet"), path.with_suffix(".bad.parquet")
    judged = validate_stream(scan(path), contract, context(), good, bad)
    return Outcome(good, judged.accepted, judged.findings.select("line", "column", "code"))


def run_product(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """The product's structural reader instead of polars', and the compiled contract: what the hub does with a file."""
    with watch("read"):
        table = read_table(path.read_bytes(), contract, limits=NO_LIMITS)
        if isinstance(table, Refusal):
            raise TypeError(f"refused: {table.code} {table.shape}")
        texts = table.rows.select(table.lines.alias(LINE), pl.all())
    rows, judged = judge(texts, contract, context(), FileFormat(), ALL)
    return Outcome(rows, judged.accepted, judged.findings.select("line", "column", "code"))
