"""Feed STAT, version 1: Le Forem tells what becomes of referrals. One row is a full state.

Whether a referral exists, whether a status may follow another and whose it is are judged later, on all
events.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import niss_rules, not_future, not_future_moment, required_if, rule
from contracts.fields import code, coded_text, date, moment, national_number, sender_version
from contracts.model import Context, Contract, Environment, Field, Rules

FIELDS: tuple[Field, ...] = (
    coded_text("notice_id", codes.NOTICE_ID, "1 to 36 letters, digits or dashes", required=True),
    sender_version("version", required=True),
    code("notice_status", codes.NOTICE_STATUS, required=True),
    date("status_date", required=True),
    moment("recorded_at", required=True),
    coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits", required=True),
    national_number("niss"),
    code("core_status", codes.CORE_STATUS, required=True),
    code("business_status", codes.ALL_BUSINESS_STATUS, required=True),
    coded_text("status_reason_code", "^[A-Z0-9_]{1,30}$", "at most 30 capitals, digits or _"),
    coded_text("advisor_unit", "^[A-Z0-9-]{1,12}$", "at most 12 capitals, digits or dashes"),
    moment("appointment_at"),
    coded_text("appointment_place", "^[A-Z0-9 -]{1,40}$", "at most 40 capitals, digits, spaces or dashes"),
    code("appointment_kind", codes.APPOINTMENT_KIND),
    code("attendance", codes.ATTENDANCE),
    Field("positioning_occupations", "list", pattern=codes.OCCUPATION, expected="occupations joined by |"),
    code("positioning_robustness", codes.POSITIONING),
    code("employability", codes.EMPLOYABILITY),
    code("digital_autonomy", codes.DIGITAL_AUTONOMY),
    code("track", codes.TRACK),
    date("action_plan_date"),
    date("monthly_contact_last"),
    coded_text("parent_referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits"),
    Field("operator_bce", "text", expected="10 digits"),
    code("outcome", codes.OUTCOME),
    date("outcome_date"),
)


def _belongs() -> pl.Expr:
    """Does the business status belong to the core status? Not judged when either is outside its list."""
    core, business = pl.col("core_status"), pl.col("business_status")
    pairs = [f"{c} {b}" for c, allowed in codes.BUSINESS_STATUS.items() for b in allowed]
    pair = pl.concat_str([core, business], separator=" ")
    known = core.is_in(codes.CORE_STATUS) & business.is_in(codes.ALL_BUSINESS_STATUS)
    return ~known | pair.is_in(pairs)


_BELONGS = "Appartient à core_status.", "Belongs to core_status."
_REASON = (
    "Obligatoire pour REJECTED, CANCELLED, ON_HOLD et FAILED.",
    "Required for REJECTED, CANCELLED, ON_HOLD and FAILED.",
)
_DATED = "Obligatoire avec outcome.", "Required with outcome."


def _rules(context: Context, environment: Environment) -> Rules:
    needs_reason = pl.col("core_status").is_in(codes.NEEDS_A_REASON)
    return {
        "status_date": [not_future("status_date", context)],
        "recorded_at": [not_future_moment("recorded_at", context)],
        "niss": niss_rules("niss", environment, context),
        "business_status": [rule("R301", _belongs(), _BELONGS)],
        "status_reason_code": [required_if("status_reason_code", needs_reason, _REASON)],
        "monthly_contact_last": [not_future("monthly_contact_last", context)],
        "operator_bce": [rule("R204", codes.is_bce(pl.col("operator_bce")) | pl.col("operator_bce").is_null())],
        "outcome_date": [required_if("outcome_date", pl.col("outcome").is_not_null(), _DATED)],
    }


CONTRACT = Contract(
    feed="STAT",
    name="statuses",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("referral_id", "status_date", "version"),
    effective_date="status_date",
    rules=_rules,
    entity=("referral_id",),
    about="parent_referral_id",
)
