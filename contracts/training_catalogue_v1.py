"""Feed CATA, version 1: Le Forem's catalogue of trainings, with the names of Open Referral HSDS 3.

One row is the full state of one service (`service.id`), its schedule, capacity and places. It concerns no
person; texts that describe and persons to contact are not asked.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import communes_rule, enterprise_rule, not_before, not_future_moment, required_if, rule
from contracts.fields import code, coded_text, count, date, decimal, enterprise, listed, reference, technical, title
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

STATUS = ("active", "inactive", "defunct", "temporarily closed")  # HSDS writes them so
LOCATION_TYPE = ("physical", "virtual")  # and so here
LAST_AGE = 120

FIELDS: tuple[Field, ...] = (
    *technical(),
    coded_text("service_id", codes.NOTICE_ID, "1 to 36 letters, digits or dashes", required=True),
    reference("training_code", required=True),
    title("name", required=True),
    code("status", STATUS, required=True),
    code("taxonomy_term", codes.TRAINING_KIND, required=True),
    code("cisp_filiere", codes.CISP_FILIERE),
    enterprise("organization_id"),
    title("organization_name"),
    code("organization_kind", codes.PROVIDER_KIND, required=True),
    code("location_type", LOCATION_TYPE, required=True),
    listed("location_nis", codes.NIS, "NIS codes joined by |"),
    listed("occupations", codes.OCCUPATION, "occupations joined by |"),
    listed("languages", codes.LANGUAGE, "languages joined by |"),
    count("minimum_age", maximum=LAST_AGE),
    count("maximum_age", maximum=LAST_AGE),
    date("valid_from"),
    date("valid_to"),
    decimal("hours", minimum=0, maximum=10_000),
    count("capacity_maximum"),
    count("capacity_available"),
    decimal("cost_amount", minimum=0, maximum=100_000),
    coded_text("url", codes.WEB_ADDRESS, "an address https://"),
)


def _rules(context: Context, _environment: Environment) -> Rules:
    order = ("La fin n'est pas avant le début.", "The end is not before the start.")
    ages = ("Au moins l'âge minimal.", "At least the minimum age.")
    places = ("Au plus le nombre de places.", "At most the number of places.")
    place = ("Obligatoire pour physical.", "Required for physical.")
    free = ("Obligatoire avec les places disponibles.", "Required beside the places available.")
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "organization_id": [enterprise_rule("organization_id")],
        "location_nis": [
            required_if("location_nis", pl.col("location_type") == "physical", place),
            communes_rule("location_nis", context),
        ],
        "maximum_age": [rule("R314", value("maximum_age") >= value("minimum_age"), ages)],
        "valid_to": [not_before("valid_to", value("valid_from"), order)],
        "capacity_maximum": [required_if("capacity_maximum", value("capacity_available").is_not_null(), free)],
        "capacity_available": [rule("R314", value("capacity_available") <= value("capacity_maximum"), places)],
    }


CONTRACT = Contract(
    feed="CATA",
    name="training_catalogue",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("service_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("service_id",),
)
