"""Feed INSC, version 1: Le Forem tells whether a person is registered as a job seeker. One row is a full state.

By when a person had to be registered is computed by the hub from the grant of the aid: it is not asked.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import (
    empty_unless,
    niss_rules,
    not_before,
    not_future,
    not_future_moment,
    required_if,
    residence_rules,
)
from contracts.fields import code, coded_text, date, national_number, person, technical
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

MOVEMENT = ("1", "2", "3")  # registration, deregistration, modification
REGISTERED = ("1", "3")
# STAT.92 of the National Employment Office: 00 with an allowance, 02 young person in the insertion period, 03 free
# registration, 04 excluded, 05 supported by a CPAS, 07 part-time by choice
STAT92 = ("00", "02", "03", "04", "05", "07")
CHANNEL = ("ONLINE", "PHONE", "AGENCY", "CPAS")

FIELDS: tuple[Field, ...] = (
    *technical(),
    national_number("niss"),
    person("forem_person_id", required=True, pattern="^[A-Z0-9]{1,12}$", expected="at most 12 letters or digits"),
    code("movement", MOVEMENT, required=True),
    date("registration_date"),
    date("deregistration_date"),
    code("stat92_category", STAT92),
    code("registration_channel", CHANNEL),
    Field("residence_nis", "text", "quasi", pattern=codes.NIS, expected="5 digits"),
    coded_text("agency_code", codes.UNIT, "at most 12 capitals, digits or dashes"),
)


def _rules(context: Context, environment: Environment) -> Rules:
    movement = pl.col("movement")
    known = movement.is_in(MOVEMENT).fill_null(False)
    registered, left = movement.is_in(REGISTERED), movement == "2"
    of_registered = ("Obligatoire pour les mouvements 1 et 3.", "Required for movements 1 and 3.")
    of_left = (
        "Se remplit pour le mouvement 2, et pour lui seul.",
        "Is filled in for movement 2, and for no other.",
    )
    after = ("La radiation n'est pas avant l'inscription.", "Deregistration is not before registration.")
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "niss": niss_rules("niss", environment, context),
        "registration_date": [
            required_if("registration_date", registered, of_registered),
            not_future("registration_date", context),
        ],
        "deregistration_date": [
            required_if("deregistration_date", left, of_left),
            empty_unless("deregistration_date", left | ~known, of_left),
            not_before("deregistration_date", value("registration_date"), after),
        ],
        "stat92_category": [required_if("stat92_category", registered, of_registered)],
        "residence_nis": residence_rules("residence_nis", "effective_date", context),
    }


CONTRACT = Contract(
    feed="INSC",
    name="registrations",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("niss", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    within_person=True,
)
