"""Feed MANQ, version 1: Le Forem tells a CPAS of a breach that it observes (decree Forem/CPAS).

One row is the full state of one breach; what is withdrawn stays told, with the day of its withdrawal. To which
CPAS it may go is decided later: the one with an open relationship. No reason and no words of the person are
asked, only whether they were heard.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import Says, empty_unless, niss_rules, not_before, not_future, not_future_moment, required_if
from contracts.fields import code, coded_text, date, flag, national_number, reference, technical
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

KIND = (
    "NOT_REGISTERED", "APPOINTMENT_MISSED", "NO_RESPONSE", "ACTION_PLAN_NOT_FOLLOWED", "TRAINING_ABANDONED",
    "OFFER_REFUSED",
)  # fmt: skip
ATTEMPTED = ("APPOINTMENT_MISSED", "NO_RESPONSE")
STATUS = ("OPEN", "WITHDRAWN", "CLOSED")

FIELDS: tuple[Field, ...] = (
    *technical(),
    reference("breach_id", required=True),
    national_number("niss"),
    coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits"),
    code("kind", KIND, required=True),
    date("occurred_on", required=True),
    date("recorded_on", required=True),
    Field("attempt_no", "int", minimum=1, maximum=99, expected="a whole number from 1"),
    flag("explanation_heard", required=True),
    code("status", STATUS, required=True),
    date("withdrawn_on"),
)

_REFERRED: Says = ("Obligatoire, sauf pour NOT_REGISTERED.", "Required, except for NOT_REGISTERED.")
_ATTEMPTED: Says = (
    "Se remplit pour APPOINTMENT_MISSED et NO_RESPONSE, et pour rien d'autre.",
    "Is filled in for APPOINTMENT_MISSED and NO_RESPONSE, and for nothing else.",
)
_WITHDRAWN: Says = (
    "Se remplit pour WITHDRAWN, et pour rien d'autre.",
    "Is filled in for WITHDRAWN, and for nothing else.",
)
_AFTER_IT: Says = ("Pas avant occurred_on.", "Not before occurred_on.")
_AFTER_RECORD: Says = ("Pas avant recorded_on.", "Not before recorded_on.")


def _rules(context: Context, environment: Environment) -> Rules:
    kind, status = pl.col("kind"), pl.col("status")
    other_kind, other_status = ~kind.is_in(KIND).fill_null(False), ~status.is_in(STATUS).fill_null(False)
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "niss": niss_rules("niss", environment, context),
        "referral_id": [required_if("referral_id", kind.is_in(KIND) & (kind != "NOT_REGISTERED"), _REFERRED)],
        "occurred_on": [not_future("occurred_on", context)],
        "recorded_on": [
            not_before("recorded_on", value("occurred_on"), _AFTER_IT),
            not_future("recorded_on", context),
        ],
        "attempt_no": [
            required_if("attempt_no", kind.is_in(ATTEMPTED), _ATTEMPTED),
            empty_unless("attempt_no", kind.is_in(ATTEMPTED) | other_kind, _ATTEMPTED),
        ],
        "withdrawn_on": [
            required_if("withdrawn_on", status == "WITHDRAWN", _WITHDRAWN),
            empty_unless("withdrawn_on", (status == "WITHDRAWN") | other_status, _WITHDRAWN),
            not_before("withdrawn_on", value("recorded_on"), _AFTER_RECORD),
            not_future("withdrawn_on", context),
        ],
    }


CONTRACT = Contract(
    feed="MANQ",
    name="breaches",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("breach_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("breach_id",),
    about="referral_id",
)
