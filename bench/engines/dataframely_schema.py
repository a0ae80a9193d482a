"""dataframely: the same expressions as written by hand, as the rules of one of its schemas.

Values that several rules need are columns of the frame, computed before as by hand: a schema computes none. Its
own lengths count bytes, so the length of a name is a rule. Warnings are judged beside it, as it has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from bench.engines.hand import WARNING, found, scan
from bench.outcome import FOUND, Outcome, Watch
from bench.rules_polars import REQUIRED, Rule, canonical, checked, parsed, possible, rules
from bench.subject import context
from contracts.model import Contract


def run(path: Path, contract: Contract, watch: Watch) -> Outcome:
    """Filters a frame by a schema; what failed is told rule by rule."""
    with watch("read"):
        texts = scan(path).collect(engine="streaming")
    known, columns = context(), set(contract.columns)
    own = rules(columns, known)
    frame = texts.lazy().with_columns(canonical(columns)).with_columns(parsed(columns)).with_columns(checked())
    valued = frame.with_columns(possible(known)).collect(engine="streaming")
    good, failure = schema(contract, valued.columns, own).filter(valued)
    accepted = good.select("line", *contract.columns)
    warnings = [rule for rule in own if rule[1] in WARNING]
    warned = valued.lazy().select("line", *(e.alias(str(n)) for n, (_, _, e) in enumerate(warnings)))
    parts = [_told(failure.details(), contract, own), found(warned, warnings)]
    return Outcome(accepted, accepted.height, pl.concat(parts).sort("line", "column", "code"))


def schema(contract: Contract, given: list[str], own: list[Rule]) -> type[dy.Schema]:
    """Gives the schema: which texts may be empty, and a rule for every other rule that rejects."""
    body: dict[str, Any] = {name: dy.Any() for name in given}
    body |= {name: dy.String(nullable=name not in REQUIRED) for name in contract.columns}
    for n, (column, code, broken) in enumerate(own):
        if code not in WARNING and not (code == "R305" and column in REQUIRED):
            body[f"rule_{n}"] = dy.rule()(lambda _cls, broken=broken: ~broken)
    return type("Orientation", (dy.Schema,), body)


def _told(details: pl.DataFrame, contract: Contract, own: list[Rule]) -> pl.DataFrame:
    names = {f"rule_{n}": (column, code) for n, (column, code, _) in enumerate(own)}
    names |= {f"{name}|nullability": (name, "R305") for name in contract.columns}
    parts = [
        details.lazy()
        .filter(pl.col(mark) == "invalid")
        .select(pl.col("line").cast(pl.Int64), column=pl.lit(column), code=pl.lit(code))
        for mark, (column, code) in names.items()
        if mark in details.columns
    ]
    return pl.concat([pl.LazyFrame(schema=FOUND), *parts]).collect()
