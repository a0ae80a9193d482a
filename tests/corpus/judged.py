"""Rows that differ from a good one in some cells, judged many at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from contracts.codes import Validity
from contracts.judge import LINE
from contracts.model import Context, Contract, FileFormat
from contracts.reader import Table
from contracts.registry import contracts, lookup
from hub.validate import Validated, validate

VECTORS = Path(__file__).parents[1] / "vectors"
GOOD = json.loads((VECTORS / "good_rows.json").read_text(encoding="utf-8"))
FAULTS = json.loads((VECTORS / "faults.json").read_text(encoding="utf-8"))
FEEDS = [c.feed for c in contracts("T") if (c.direction, c.version) == ("in", 1)]
CONTEXT = Context(
    received_on=date.fromisoformat(GOOD["received_on"]),
    communes={
        nis: Validity(*(date.fromisoformat(d) if d else None for d in days)) for nis, days in GOOD["communes"].items()
    },
    adg=frozenset(GOOD["adg"]),
    entitled=frozenset(GOOD["entitled"]),
)
Found = list[list[str]]


def contract_of(feed: str, version: int = 1) -> Contract:
    """Gives a contract of the way in."""
    contract = lookup(feed, "in", version, "T")
    assert contract is not None
    return contract


def judged(
    feed: str, rows: list[Mapping[str, str]], form: FileFormat | None = None, first: int = 10**6, version: int = 1
) -> Validated:
    """Judges rows that differ from the good one of a feed in these cells; the first is on line 2."""
    contract = contract_of(feed, version)
    good = dict.fromkeys(contract.added, "") | GOOD[feed]
    cells = [{name: (good | dict(row))[name] or None for name in contract.columns} for row in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))
    lines = pl.Series("line", range(2, len(rows) + 2), dtype=pl.Int64)
    return validate(Table(frame, lines, ()), contract, CONTEXT, form or FileFormat(), first=first)


def by_row(result: Validated, rows: int) -> list[Found]:
    """Gives what was found on each row."""
    found: list[Found] = [[] for _ in range(rows)]
    for line, column, code in result.findings.select("line", "column", "code").iter_rows():
        found[line - 2].append([column, code])
    return found


def told(feed: str, rows: list[Mapping[str, str]]) -> pl.DataFrame:
    """Gives rows as a stream has them."""
    columns = contract_of(feed).columns
    cells = [[line, *((GOOD[feed] | dict(row))[name] or None for name in columns)] for line, row in enumerate(rows, 2)]
    schema = {LINE: pl.Int64()} | dict.fromkeys(columns, pl.String())
    return pl.DataFrame(cells, schema=schema, orient="row")
