"""Reading alone: what every engine on polars pays before it judges, and what the product's own reader costs."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.engines.compiled import NO_LIMITS
from bench.engines.compiled import scan as scan_texts
from bench.outcome import FOUND, Outcome, Watch
from contracts.model import Contract
from contracts.reader import Refusal, read_table

NOTHING = pl.DataFrame(schema=FOUND)


def run(path: Path, _contract: Contract, _watch: Watch) -> Outcome:
    """polars reads every cell as a text."""
    texts = scan_texts(path).collect(engine="streaming")
    return Outcome(texts, texts.height, NOTHING)


def run_product(path: Path, contract: Contract, _watch: Watch) -> Outcome:
    """The product's structural reader: strict decoding, quoting, header, cells of each row, line numbers."""
    table = read_table(path.read_bytes(), contract, limits=NO_LIMITS)
    if isinstance(table, Refusal):
        raise TypeError(f"refused: {table.code} {table.shape}")
    return Outcome(table, table.read, NOTHING)
