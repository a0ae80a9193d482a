"""Rows that come late about somebody who was erased: what their sender wrote before the erasure is not taken (R107).

Only a sender that had spoken of the person is told so: to anybody else an erased number is one like any other, and is a
new person to the hub (rulings 12). So is the person to whom its CPAS, after the erasure, writes a new row about.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import polars as pl

from contracts.findings import CATALOGUE
from contracts.judge import FINDINGS, FIRST
from hub.flow.hub import Hub
from hub.resolve import resolvers
from hub.rights import ERASED
from hub.validate import Validated

NUMBERS = ("niss", "replaced_by")


def without_erased(hub: Hub, validated: Validated, sender: str) -> Validated:
    """The same without the rows that were written before somebody whom they name was erased: these are rejected."""
    if not hub.identity.forgetting.count():
        return validated  # nearly always: so nobody's number is looked at once more
    rows = validated.rows
    refused: dict[int, str] = {}
    for column in (name for name in NUMBERS if name in rows.columns):
        named = rows.filter(pl.col(column).is_not_null()).select("line", column, "recorded_at")
        refused |= dict.fromkeys(_written_before(hub, sender, *named.get_columns()), column)
    return _rejected(validated, refused) if refused else validated


def _written_before(hub: Hub, sender: str, lines: pl.Series, numbers: pl.Series, written: pl.Series) -> Collection[int]:
    people = {each.kid: each.indexes(numbers.to_list()) for each in resolvers(hub.keys)}
    erased = hub.identity.forgetting.erased(sender, people)
    each = zip(lines, written, erased, strict=True)
    return [int(line) for line, at, when in each if when is not None and datetime.fromisoformat(at) <= when]


def _rejected(validated: Validated, refused: dict[int, str]) -> Validated:
    """Rejects these accepted rows; a row that was warned of as well counts as warned of no more."""
    severity = CATALOGUE[ERASED].severity
    told = [(line, column, ERASED, severity, None) for line, column in sorted(refused.items())]
    new = pl.DataFrame(told[:FIRST], schema=FINDINGS, orient="row")
    return replace(
        validated,
        rows=validated.rows.filter(~pl.col("line").is_in(list(refused))),
        findings=pl.concat([validated.findings, new]).sort("line", "column", "code"),
        counts=dict(sorted({**validated.counts, ERASED: len(refused)}.items())),
        accepted=validated.accepted - len(refused),
        warned_lines=validated.warned_lines - refused.keys(),
        rejected=validated.rejected + len(refused),
    )
