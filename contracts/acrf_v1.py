"""Feed ACRF, version 1: the receipt of each file taken from a mailbox, in the words of the catalogue."""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import required_if
from contracts.fields import code, coded_text, count, moment
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Environment, Field, Rules

FILE_CODES = tuple(entry.code for entry in CATALOGUE.values() if entry.level == "file")

_REFUSED = "Obligatoire pour REFUSED.", "Required for REFUSED."


def _rules(_context: Context, _environment: Environment) -> Rules:
    return {"code": [required_if("code", pl.col("verdict") == "REFUSED", _REFUSED)]}


CONTRACT = Contract(
    feed="ACRF",
    name="acrf",
    version=1,
    direction="out",
    fields=(
        Field("file", "text", required=True, max_length=255),
        moment("received_at", required=True),
        count("size", required=True),
        coded_text("sha256", codes.SHA256, "64 hexadecimal digits", required=True),
        code("verdict", codes.VERDICT, required=True),
        code("code", FILE_CODES),
        Field("message_fr", "text"),
        Field("mend_fr", "text"),
    ),
    key=("file", "received_at", "code"),
    effective_date=None,
    rules=_rules,
)
