"""Feed MUTA, version 1: the registers tell that a person number was replaced, cancelled, merged or parted again.

The sender is the stand-in of the Crossroads Bank, or an operator with a second one's consent. An edge is told
once and never overwritten: a parting (UNMERGED) names the two numbers that a merger had joined.
"""

from __future__ import annotations

import polars as pl

from contracts.checks import Says, empty_unless, niss_rules, not_future, not_future_moment, required_if, rule
from contracts.fields import code, national_number, technical
from contracts.model import Context, Contract, Environment, Field, Rules

KIND = ("REPLACED", "CANCELLED", "MERGED", "UNMERGED")
OF_TWO = ("REPLACED", "MERGED", "UNMERGED")

FIELDS: tuple[Field, ...] = (
    *technical(),
    national_number("niss"),
    code("kind", KIND, required=True),
    national_number("replaced_by", required=False),
)

_OF_TWO: Says = (
    "Se remplit pour REPLACED, MERGED et UNMERGED, et pas pour CANCELLED.",
    "Is filled in for REPLACED, MERGED and UNMERGED, and not for CANCELLED.",
)
_ANOTHER: Says = ("Un autre numéro que niss.", "Another number than niss.")


def _rules(context: Context, environment: Environment) -> Rules:
    kind = pl.col("kind")
    unknown = ~kind.is_in(KIND).fill_null(False)
    return {
        "effective_date": [not_future("effective_date", context)],
        "recorded_at": [not_future_moment("recorded_at", context)],
        "niss": niss_rules("niss", environment, context),
        "replaced_by": [
            *niss_rules("replaced_by", environment, context),
            required_if("replaced_by", kind.is_in(OF_TWO), _OF_TWO),
            empty_unless("replaced_by", kind.is_in(OF_TWO) | unknown, _OF_TWO),
            rule("R301", pl.col("replaced_by") != pl.col("niss"), _ANOTHER),
        ],
    }


CONTRACT = Contract(
    feed="MUTA",
    name="mutations",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("niss", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    within_person=True,
)
