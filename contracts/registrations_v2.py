"""Feed INSC, version 2: as version 1, and why a person is no longer registered.

What a CPAS does next depends on it: a person in work, a person who did not answer, and a person who moved are three
cases, and version 1 tells them alike. Causes that would say something of health are one code, OTHER.
"""

from __future__ import annotations

import polars as pl

from contracts import registrations_v1
from contracts.checks import empty_unless
from contracts.fields import code
from contracts.model import Context, Contract, Environment, Field, Rules

DEREGISTRATION_REASON = ("EMPLOYED", "SELF_EMPLOYED", "REQUESTED", "NO_RESPONSE", "MOVED_AWAY", "PENSION", "OTHER")

FIELDS: tuple[Field, ...] = (*registrations_v1.FIELDS, code("deregistration_reason", DEREGISTRATION_REASON))

_OF_LEFT = "Ne se remplit que pour le mouvement 2.", "Is filled in for movement 2 only."


def _rules(context: Context, environment: Environment) -> Rules:
    movement = pl.col("movement")
    known = movement.is_in(registrations_v1.MOVEMENT).fill_null(False)
    of_left = empty_unless("deregistration_reason", (movement == "2") | ~known, _OF_LEFT)
    return {**registrations_v1.CONTRACT.rules(context, environment), "deregistration_reason": [of_left]}


CONTRACT = Contract(
    feed="INSC",
    name="registrations",
    version=2,
    direction="in",
    fields=FIELDS,
    key=("niss", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    within_person=True,
    added=("deregistration_reason",),
)
