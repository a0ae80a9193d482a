"""The columns of a work contract under article 60 § 7 or article 61, within feed SITU, version 1.

Under article 60 the CPAS is the employer, and may make the worker available to a user; under article 61 the
employer is a third party (law of 8 July 1976). The part of a full week is not asked: it is the weekly hours
to the reference hours.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from contracts import codes
from contracts.checks import Says, empty_unless, enterprise_rule, establishment_rule, not_before, required_if, rule
from contracts.fields import code, coded_text, date, decimal, enterprise, flag, reference
from contracts.model import Field, Rules
from contracts.overlap import Period, overlaps_another
from contracts.parse import value

KINDS = ("ART60", "ART61")
MEASURE = ("108", "114", "115", "116", "118", "119", "120", "121")
CANCELLED = "9"
PART_TIME, FULL_TIME = "115", "116"  # both are article 60's own, as 108 is article 61's
_MEASURE_OF_THE_OTHER = ("ART60 108", "ART61 115", "ART61 116")

FIELDS: tuple[Field, ...] = (
    reference("contract_id"),
    code("measure_code", MEASURE),
    date("contract_start"),
    date("planned_end"),
    date("actual_end"),
    decimal("weekly_hours", minimum=0.01, maximum=40),
    decimal("reference_hours", minimum=35, maximum=40),
    enterprise("employer_bce"),
    flag("made_available"),
    enterprise("user_bce"),
    enterprise("user_establishment"),
    coded_text("nace", codes.NACE, "2 to 7 digits"),
    coded_text("occupation", codes.OCCUPATION, "a letter A to N and 4 or 6 digits"),
    coded_text("joint_committee", "^[0-9]{3}([.][0-9]{2})?$", "3 digits, or 3 and 2 with a point"),
    date("unemployment_right_date"),
    flag("tutor"),
)
REQUIRED = (
    "contract_id", "measure_code", "contract_start", "planned_end", "weekly_hours", "reference_hours", "employer_bce",
)  # fmt: skip

_DEMANDED: Says = ("Obligatoire pour ART60 et ART61.", "Required for ART60 and ART61.")
_OF_A_CONTRACT: Says = ("Vide, sauf pour ART60 et ART61.", "Empty, except for ART60 and ART61.")


def rules(all_kinds: Sequence[str]) -> Rules:
    """Gives the rules of the block, which is empty in a row of another of the kinds that exist."""
    kind = pl.col("situation_kind")
    allowed = (kind.is_in(KINDS) | ~kind.is_in(all_kinds)).fill_null(True)
    own = {**_measure_rules(), **_day_rules(), **_party_rules()}
    return {
        field.name: [
            *([required_if(field.name, kind.is_in(KINDS), _DEMANDED)] if field.name in REQUIRED else []),
            empty_unless(field.name, allowed, _OF_A_CONTRACT),
            *own.get(field.name, ()),
        ]
        for field in FIELDS
    }


def _measure_rules() -> Rules:
    measure, effective = pl.col("measure_code"), value("effective_date")
    weekly, reference_hours = value("weekly_hours"), value("reference_hours")
    full = pl.when(measure == FULL_TIME).then(weekly == reference_hours)
    part = pl.when(measure == PART_TIME).then(weekly < reference_hours)
    pair = pl.concat_str(["situation_kind", "measure_code"], separator=" ")
    return {
        "measure_code": [
            rule(
                "R301",
                ~pair.is_in(_MEASURE_OF_THE_OTHER),
                ("115 et 116 sont de l'article 60, 108 de l'article 61.", "115 and 116 are article 60's, 108 is 61's."),
            ),
            rule(
                "R301",
                full.fill_null(True) & part.fill_null(True),
                (
                    "116 demande un horaire égal à l'horaire de référence, 115 un horaire inférieur.",
                    "116 calls for hours equal to the reference hours, 115 for fewer.",
                ),
            ),
            rule("R302", codes.is_valid_on(measure, codes.MEASURE, effective)),
        ],
        "weekly_hours": [
            rule(
                "R314",
                weekly <= reference_hours,
                ("Au plus les heures de référence.", "At most the reference hours."),
            )
        ],
    }


def _day_rules() -> Rules:
    start, end = value("contract_start"), value("planned_end")
    return {
        "contract_start": [rule("R502", ~_overlaps())],
        "planned_end": [
            rule("R303", end > start, ("La fin prévue est après le début.", "The planned end is after the start."))
        ],
        "actual_end": [
            not_before(
                "actual_end",
                start,
                ("La fin réelle n'est pas avant le début.", "The actual end is not before the start."),
            )
        ],
        "unemployment_right_date": [
            not_before(
                "unemployment_right_date",
                start,
                ("Le droit ne s'ouvre pas avant le début.", "The right does not open before the start."),
            )
        ],
    }


def _overlaps() -> pl.Expr:
    """Do two full-time contracts of one person overlap? Cancelled rows do not count; an open end is the planned one."""
    period = Period(
        person=pl.col("niss"),
        thing=pl.col("contract_id"),
        start=value("contract_start"),
        end=pl.coalesce(value("actual_end"), value("planned_end")),
    )
    live = pl.col("situation_kind").is_in(KINDS) & (pl.col("notice_status") != CANCELLED)
    return overlaps_another(period, live & (value("weekly_hours") == value("reference_hours")))


def _party_rules() -> Rules:
    article_60, lent = pl.col("situation_kind") == "ART60", pl.col("made_available") == "1"
    employer, cpas = pl.col("employer_bce"), pl.col("cpas_bce")
    possible = codes.is_enterprise(employer) & codes.is_enterprise(cpas)
    lending = (
        "Se remplit quand le travailleur est mis à disposition (made_available 1).",
        "Is filled in when the worker is made available (made_available 1).",
    )
    return {
        "employer_bce": [
            enterprise_rule("employer_bce"),
            rule("R207", pl.when(article_60 & possible).then(employer == cpas)),
        ],
        "made_available": [
            rule(
                "R315",
                ~lent | (pl.col("situation_kind") != "ART61"),
                ("La mise à disposition est de l'article 60.", "Making available is article 60's."),
            )
        ],
        "user_bce": [
            enterprise_rule("user_bce"),
            required_if("user_bce", article_60 & lent, lending),
            empty_unless("user_bce", lent, lending),
        ],
        "user_establishment": [
            establishment_rule("user_establishment"),
            empty_unless("user_establishment", lent, lending),
        ],
    }
