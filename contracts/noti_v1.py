"""Feed NOTI, version 1: the outcome of a file, a TOTAL record and FINDING records; shapes, never values."""

from __future__ import annotations

import polars as pl

from contracts.checks import required_if
from contracts.fields import code, count
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Environment, Field, Rules

COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")

_TOTAL = "Obligatoire pour TOTAL.", "Required for TOTAL."
_FINDING = "Obligatoire pour FINDING.", "Required for FINDING."


def _rules(_context: Context, _environment: Environment) -> Rules:
    total, finding = pl.col("record") == "TOTAL", pl.col("record") == "FINDING"
    counts: Rules = {name: [required_if(name, total, _TOTAL)] for name in COUNTS}
    return {**counts, **{name: [required_if(name, finding, _FINDING)] for name in ("code", "severity")}}


CONTRACT = Contract(
    feed="NOTI",
    name="noti",
    version=1,
    direction="out",
    fields=(
        Field("file", "text", required=True, max_length=255),
        code("record", ("TOTAL", "FINDING"), required=True),
        Field("line", "int", minimum=1, expected="a line number"),
        Field("column", "text", max_length=60),
        code("code", tuple(CATALOGUE)),
        code("severity", ("ERROR", "WARNING", "INFO")),
        count("count"),
        Field("shape", "text"),
        Field("message_fr", "text"),
        Field("mend_fr", "text"),
        *(count(name) for name in COUNTS),
    ),
    key=("file", "record", "line", "column", "code"),
    effective_date=None,
    rules=_rules,
)
