"""Feed OFFR, version 1: the job offers of Le Forem's open data, one row for the full state of one offer.

Licence CC BY-SA 4.0: each row carries the attribution. The employer's name is not asked, as a sole trader's is
a person's; the address of the offer leads to it. An offer is closed by the date of its closing, or by being missing
from a later file whose manifest says that it is complete; missing from any other file says nothing.
"""

from __future__ import annotations

from contracts import codes
from contracts.checks import communes_rule, not_before, not_future, not_future_moment
from contracts.fields import code, coded_text, date, listed, listing, reference, technical, title
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

CONTRACT_TYPE = (
    "CDI", "CDD", "INTERIM", "INTERIM_CDI", "REPLACEMENT", "DEFINED_WORK", "DAILY", "STUDENT", "FLEXI", "APPRENTICE",
    "INTERNSHIP", "STATUTORY", "FREELANCE",
)  # fmt: skip
REGIME = ("FT", "PT")
ATTRIBUTION = "Le Forem, CC BY-SA 4.0"

FIELDS: tuple[Field, ...] = (
    *technical(),
    reference("offer_number", required=True),
    title("title", required=True),
    coded_text("rome", codes.OCCUPATION, "a letter A to N and 4 or 6 digits"),
    listed("nace", codes.NACE, "NACE codes joined by |"),
    code("contract_type", CONTRACT_TYPE, required=True),
    code("regime", REGIME),
    Field("positions", "int", minimum=1, maximum=10_000, expected="a whole number from 1"),
    listed("work_nis", codes.NIS, "NIS codes joined by |"),
    listed("work_postal_codes", codes.POSTAL_CODE, "postal codes joined by |"),
    listed("work_nuts", "^[A-Z]{2}[0-9A-Z]{0,3}$", "NUTS codes joined by |"),
    listing("study_levels", codes.STUDY_LEVEL),
    listed("languages", codes.LANGUAGE, "languages joined by |"),
    listed("experience", codes.OCCUPATION, "occupations joined by |"),
    listing("driving_license", codes.DRIVING_LICENSE),
    date("published_from"),
    date("published_until"),
    date("first_seen", required=True),
    date("last_seen"),
    date("closed_at"),
    coded_text("source", "^[A-Z0-9_]{1,30}$", "at most 30 capitals, digits or _"),
    coded_text("url", codes.WEB_ADDRESS, "an address https://", required=True),
    code("attribution", (ATTRIBUTION,), required=True),
)


def _rules(context: Context, _environment: Environment) -> Rules:
    order = ("La fin n'est pas avant le début.", "The end is not before the start.")
    seen = ("Pas avant first_seen.", "Not before first_seen.")
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "work_nis": [communes_rule("work_nis", context)],
        "published_until": [not_before("published_until", value("published_from"), order)],
        "last_seen": [not_before("last_seen", value("first_seen"), seen), not_future("last_seen", context)],
        "closed_at": [not_before("closed_at", value("first_seen"), seen), not_future("closed_at", context)],
    }


CONTRACT = Contract(
    feed="OFFR",
    name="job_offers",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("offer_number", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("offer_number",),
)
