"""Feed FORM, version 1: Le Forem tells a person's enrolment in a training and what came of it.

One row is the full state of one enrolment. Whether the referral named exists and is this person's is judged
later.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import (
    empty_unless,
    enterprise_rule,
    niss_rules,
    not_before,
    not_future,
    not_future_moment,
    required_if,
    residence_rules,
    rule,
)
from contracts.fields import (
    code,
    coded_text,
    date,
    decimal,
    enterprise,
    flag,
    national_number,
    reference,
    technical,
    title,
)
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

STATUS = (
    "PROPOSED", "WAITLISTED", "ENROLLED", "CONFIRMED", "STARTED", "SUSPENDED", "COMPLETED", "ABANDONED", "EXCLUDED",
    "NO_SHOW", "CANCELLED_BY_PROVIDER", "REFUSED",
)  # fmt: skip
BEGUN = ("STARTED", "SUSPENDED", "COMPLETED")
RESULT = ("SUCCESS", "PARTIAL", "FAIL", "NOT_ASSESSED")
ABANDON_REASON = (
    "JOB_FOUND", "HEALTH_UNSPECIFIED", "CHILDCARE", "MOBILITY", "MOTIVATION", "LEVEL", "FINANCIAL", "ADMIN", "OTHER",
)  # fmt: skip
MOST_HOURS = 10_000
MARGIN = 1.1  # hours done may exceed those planned by a tenth

FIELDS: tuple[Field, ...] = (
    *technical(),
    reference("enrolment_id", required=True),
    national_number("niss"),
    coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits"),
    reference("training_code", required=True),
    title("training_title"),
    coded_text("domain", "^[A-Z0-9_]{1,30}$", "at most 30 capitals, digits or _"),
    enterprise("provider_bce"),
    code("provider_kind", codes.PROVIDER_KIND, required=True),
    coded_text("centre_nis", codes.NIS, "5 digits"),
    code("kind", codes.TRAINING_KIND, required=True),
    code("cisp_filiere", codes.CISP_FILIERE),
    date("planned_start"),
    date("planned_end"),
    date("actual_start"),
    date("actual_end"),
    decimal("hours_planned", minimum=0, maximum=MOST_HOURS),
    decimal("hours_done", minimum=0, maximum=11_000),
    code("status", STATUS, required=True),
    code("result", RESULT),
    flag("certification"),
    code("abandon_reason", ABANDON_REASON),
    flag("trainee_contract"),
)


def _rules(context: Context, environment: Environment) -> Rules:
    provider = pl.col("provider_kind")
    of_cisp = provider.is_in(codes.CISP) | ~provider.is_in(codes.PROVIDER_KIND)
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "niss": niss_rules("niss", environment, context),
        "provider_bce": [enterprise_rule("provider_bce")],
        "centre_nis": residence_rules("centre_nis", "effective_date", context),
        "cisp_filiere": [
            empty_unless(
                "cisp_filiere",
                of_cisp.fill_null(True),
                ("La filière se donne pour un CISP seulement.", "The filière is given for a CISP only."),
            )
        ],
        **_day_rules(context),
        **_outcome_rules(),
    }


def _day_rules(context: Context) -> Rules:
    status = pl.col("status")
    order = ("La fin n'est pas avant le début.", "The end is not before the start.")
    begun = ("Obligatoire pour STARTED, SUSPENDED et COMPLETED.", "Required for STARTED, SUSPENDED and COMPLETED.")
    ended = ("Obligatoire pour COMPLETED.", "Required for COMPLETED.")
    return {
        "planned_end": [not_before("planned_end", value("planned_start"), order)],
        "actual_start": [
            required_if("actual_start", status.is_in(BEGUN), begun),
            not_future("actual_start", context),
        ],
        "actual_end": [
            required_if("actual_end", status == "COMPLETED", ended),
            not_before("actual_end", value("actual_start"), order),
            not_future("actual_end", context),
        ],
    }


def _outcome_rules() -> Rules:
    status = pl.col("status")
    unknown = ~status.is_in(STATUS).fill_null(False)
    of_completed = ("Se remplit pour COMPLETED seulement.", "Is filled in for COMPLETED only.")
    of_abandoned = (
        "Se remplit pour ABANDONED, et pour lui seul.",
        "Is filled in for ABANDONED, and for nothing else.",
    )
    margin = ("Au plus un dixième de plus que les heures prévues.", "At most a tenth more than the planned hours.")
    return {
        "hours_done": [rule("R314", value("hours_done") <= value("hours_planned") * MARGIN + 1e-9, margin)],
        "result": [empty_unless("result", (status == "COMPLETED") | unknown, of_completed)],
        "abandon_reason": [
            required_if("abandon_reason", status == "ABANDONED", of_abandoned),
            empty_unless("abandon_reason", (status == "ABANDONED") | unknown, of_abandoned),
        ],
    }


CONTRACT = Contract(
    feed="FORM",
    name="trainings",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("enrolment_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("enrolment_id",),
    about="referral_id",
)
