"""Feed SITU, version 1: a CPAS tells a person's situation: right to social integration, PIIS, article 60 or 61.

One row is a full state, as a form B of SPP-IS: what does not change is repeated. The group says of what it is
the state, so that cancelling a withdrawal gives the grant back; each contract has a line of its own. That an
article 60 closes the right, or that two CPAS help one person, is judged later. No amount, no household and no
reason of health is asked.
"""

from __future__ import annotations

import polars as pl

from contracts import codes, employment_v1
from contracts.checks import (
    cpas_rules,
    empty_unless,
    enterprise_rule,
    niss_rules,
    not_before,
    not_future,
    not_future_moment,
    required_if,
    rule,
)
from contracts.fields import code, coded_text, date, decimal, enterprise, national_number, person, technical
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import value

KINDS = {
    "RI": ("RI_GRANT", "RI_CHANGE", "RI_REFUSAL", "RI_WITHDRAWAL", "RI_SUSPENSION", "TRANSFER_OUT", "DECEASED"),
    "PIIS": ("PIIS",),
    "CONTRACT": employment_v1.KINDS,
}
ALL_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)
END_REASON = (
    "WORK", "TRAINING_ALLOWANCE", "UNEMPLOYMENT_RIGHT", "MOVED", "RESOURCES", "RENOUNCED", "SANCTION", "PENSION",
    "STUDIES_ABROAD", "DETENTION", "OTHER",
)  # fmt: skip
NO_PIIS = "8"  # reasons of health or equity: nothing was signed

FIELDS: tuple[Field, ...] = (
    *technical(),
    coded_text("cpas_nis", codes.NIS, "5 digits", required=True),
    enterprise("cpas_bce"),
    person("cpas_dossier_ref", required=True, pattern=codes.DOSSIER, expected="at most 11 letters or digits"),
    national_number("niss"),
    code("situation_group", tuple(KINDS), required=True),
    code("situation_kind", ALL_KINDS, required=True),
    date("decision_date", required=True),
    date("end_date"),
    code("legislation", codes.LEGISLATION),
    code("ri_category", codes.RI_CATEGORY),
    decimal("ri_fraction", minimum=0, maximum=1),
    code("piis_code", tuple(codes.PIIS)),
    date("piis_signed_on"),
    date("piis_review_on"),
    code("end_reason", END_REASON),
    Field("suspension_months", "int", minimum=1, maximum=3, expected="a whole number from 1"),
    *employment_v1.FIELDS,
)


def _belongs() -> pl.Expr:
    """Is the kind one of the group? Not judged when either is outside its list."""
    group, kind = pl.col("situation_group"), pl.col("situation_kind")
    pairs = [f"{group} {kind}" for group, kinds in KINDS.items() for kind in kinds]
    known = group.is_in(list(KINDS)) & kind.is_in(ALL_KINDS)
    return ~known | pl.concat_str([group, kind], separator=" ").is_in(pairs)


def _rules(context: Context, environment: Environment) -> Rules:
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "cpas_nis": cpas_rules("cpas_nis", "effective_date", context),
        "cpas_bce": [enterprise_rule("cpas_bce")],
        "niss": niss_rules("niss", environment, context),
        "situation_kind": [rule("R301", _belongs(), ("Le genre est de son groupe.", "The kind is one of its group."))],
        "decision_date": [not_future("decision_date", context)],
        **_right_rules(),
        **_piis_rules(),
        **employment_v1.rules(ALL_KINDS),
    }


def _right_rules() -> Rules:
    kind = pl.col("situation_kind")
    granted, suspended = kind.is_in(("RI_GRANT", "RI_CHANGE")), kind == "RI_SUSPENSION"
    suspension = (
        "La durée, de 1 à 3 mois, se donne pour RI_SUSPENSION et pour rien d'autre.",
        "The duration, 1 to 3 months, is given for RI_SUSPENSION and for nothing else.",
    )
    return {
        "end_date": [
            not_before(
                "end_date",
                value("effective_date"),
                ("La fin n'est pas avant la date d'effet.", "The end is not before the effective date."),
            )
        ],
        "legislation": [
            required_if(
                "legislation",
                granted,
                ("Obligatoire pour RI_GRANT et RI_CHANGE.", "Required for RI_GRANT and RI_CHANGE."),
            )
        ],
        "ri_category": [
            required_if(
                "ri_category",
                granted & (pl.col("legislation") == "1"),
                (
                    "Obligatoire pour RI_GRANT et RI_CHANGE sous la législation 1.",
                    "Required for RI_GRANT and RI_CHANGE under legislation 1.",
                ),
            )
        ],
        "end_reason": [
            required_if(
                "end_reason",
                kind == "RI_WITHDRAWAL",
                ("Obligatoire pour RI_WITHDRAWAL.", "Required for RI_WITHDRAWAL."),
            )
        ],
        "suspension_months": [
            required_if("suspension_months", suspended, suspension),
            empty_unless("suspension_months", suspended | ~kind.is_in(ALL_KINDS), suspension),
        ],
    }


def _piis_rules() -> Rules:
    signed = pl.col("situation_kind") == "PIIS"
    return {
        "piis_code": [
            required_if("piis_code", signed, ("Obligatoire pour PIIS.", "Required for PIIS.")),
            rule("R302", codes.is_valid_on(pl.col("piis_code"), codes.PIIS, value("effective_date"))),
        ],
        "piis_signed_on": [
            required_if(
                "piis_signed_on",
                signed & (pl.col("piis_code") != NO_PIIS),
                ("Obligatoire pour PIIS, sauf avec le code 8.", "Required for PIIS, except with code 8."),
            )
        ],
        "piis_review_on": [
            not_before(
                "piis_review_on",
                value("piis_signed_on"),
                ("La révision n'est pas avant la signature.", "The review is not before the signature."),
            )
        ],
    }


CONTRACT = Contract(
    feed="SITU",
    name="situations",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("niss", "situation_group", "contract_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("situation_group", "contract_id"),
    within_person=True,
)
