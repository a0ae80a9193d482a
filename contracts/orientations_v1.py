"""Feed ORIE, version 1: a CPAS orients a person towards Le Forem. One row is the full state of one referral.

Version order, duplicates and the life cycle are the ledger's and the reconciliation's; here a row stands
alone.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import (
    cpas_rules,
    niss_rules,
    not_after,
    not_born_later,
    not_future_moment,
    required_if,
    residence_rules,
    rule,
    same_birth,
    written_for_sender,
)
from contracts.fields import code, coded_text, date, flag, listing, moment, national_number, person, sender_version
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import in_brussels, value

FIELDS: tuple[Field, ...] = (
    coded_text("notice_id", codes.NOTICE_ID, "1 to 36 letters, digits or dashes", required=True),
    sender_version("version", required=True),
    code("notice_status", codes.NOTICE_STATUS, required=True),
    date("effective_date", required=True),
    moment("recorded_at", required=True),
    coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits", required=True),
    coded_text("cpas_nis", codes.NIS, "5 digits", required=True),
    person("cpas_dossier_ref", required=True, pattern=codes.DOSSIER, expected="at most 11 letters or digits"),
    national_number("niss"),
    person("last_name", required=True, max_length=60, expected="at most 60 characters"),
    person("first_name", required=True, max_length=60, expected="at most 60 characters"),
    Field("birth_date", "incomplete_date", "direct", required=True, expected="a date YYYY-MM-DD"),
    code("sex", codes.SEXES, nature="quasi"),
    Field("residence_nis", "text", "quasi", required=True, pattern=codes.NIS, expected="5 digits"),
    Field("postal_code", "text", "quasi", required=True, pattern=codes.POSTAL_CODE, expected="4 digits"),
    code("contact_language", codes.LANGUAGES, required=True),
    person("phone", pattern=codes.PHONE, expected="+ and 7 to 15 digits"),
    person("email", pattern=codes.EMAIL, max_length=254, expected="an e-mail address"),
    code("legislation", codes.LEGISLATION, required=True),
    code("ri_category", codes.RI_CATEGORY),
    date("ri_start_date", required=True),
    code("piis_code", tuple(codes.PIIS)),
    code("public", codes.PUBLIC, required=True),
    flag("exempt_health_equity", required=True),
    flag("voluntary"),
    code("legal_basis", codes.LEGAL_BASIS, required=True),
    code("delegation", codes.DELEGATION, required=True),
    listing("requested_action", codes.REQUESTED_ACTION, required=True),
    coded_text("wished_occupation", codes.OCCUPATION, "a letter A to N and 4 or 6 digits"),
    code("study_level", codes.STUDY_LEVEL),
    Field("languages", "list", pattern=codes.LANGUAGE_LEVEL, expected="language:level, joined by |"),
    listing("driving_license", codes.DRIVING_LICENSE),
    code("digital_autonomy", codes.DIGITAL_AUTONOMY),
    code("availability", codes.AVAILABILITY),
    date("availability_from"),
    flag("childcare_need"),
    flag("mobility_limited"),
    code("priority", codes.PRIORITY, required=True),
    person("referent_id", required=True, max_length=20, expected="at most 20 characters"),
    person("referent_phone", required=True, pattern=codes.PHONE, expected="+ and 7 to 15 digits"),
    person("referent_email", required=True, pattern=codes.EMAIL, max_length=254, expected="an e-mail address"),
    date("informed_on", required=True),
)

_CATEGORY = "Obligatoire quand legislation vaut 1.", "Required when legislation is 1."
_VOLUNTARY = "Vaut 1 quand exempt_health_equity vaut 1.", "Is 1 when exempt_health_equity is 1."
_STARTED = "Pas après effective_date.", "Not after effective_date."
_INFORMED = "Pas après le jour de recorded_at.", "Not after the day of recorded_at."


def _rules(context: Context, environment: Environment) -> Rules:
    effective = value("effective_date")
    exempt = pl.col("exempt_health_equity") == "1"
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "referral_id": [written_for_sender("referral_id", context)],
        "cpas_nis": cpas_rules("cpas_nis", "effective_date", context),
        "niss": niss_rules("niss", environment, context),
        "birth_date": [not_born_later("birth_date", context), same_birth("niss", "birth_date")],
        "residence_nis": residence_rules("residence_nis", "effective_date", context),
        "ri_category": [required_if("ri_category", pl.col("legislation") == "1", _CATEGORY)],
        "ri_start_date": [not_after("ri_start_date", effective, _STARTED)],
        "piis_code": [rule("R302", codes.is_valid_on(pl.col("piis_code"), codes.PIIS, effective))],
        # an exempt person is outside the decree: only a voluntary orientation may be sent
        "voluntary": [rule("R305", pl.col("voluntary").eq_missing(pl.lit("1")) | ~exempt, _VOLUNTARY)],
        "informed_on": [not_after("informed_on", in_brussels("recorded_at"), _INFORMED)],
    }


CONTRACT = Contract(
    feed="ORIE",
    name="orientations",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("referral_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("referral_id",),
)
