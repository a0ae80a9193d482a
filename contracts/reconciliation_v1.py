"""Feed RECO, version 1: what each side is told of one entity (a referral, a right, an enrolment), both sides joined.

A file is a delta, or once a week a snapshot of everything its recipient may know: the manifest says which. A row GONE
takes back one told before and holds nothing but its name. The dossier's capsule is empty for Le Forem; an identity is
empty where its recipient never gave one.
"""

from __future__ import annotations

import polars as pl

from contracts import breaches_v1, codes, job_days_v1, mobilisations_v1, situations_v1, trainings_v1
from contracts.checks import empty_unless, required_if
from contracts.fields import code, coded_text, date, listing, moment, sealed, sender_version, token
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Environment, Rules

STATE, GONE = "STATE", "GONE"
ENTITY_KIND = ("REFERRAL", "SITUATION", "REGISTRATION", "ENROLMENT", "ANSWER", "BREACH")
NAMED = tuple(kind for kind in ENTITY_KIND if kind != "REGISTRATION")  # a registration is named by its person alone
REFERENCE = "^[A-Z0-9:-]{1,30}$"
NAME = "^[A-Z][A-Z0-9_]{1,40}$"

REGISTRATION_STATE = ("NOT_APPLICABLE", "PENDING", "ON_TIME", "LATE", "OVERDUE")


def _all(*lists: tuple[str, ...]) -> tuple[str, ...]:
    """Gives every code of these lists once: a word of one feed can be another's too."""
    return tuple(dict.fromkeys(name for listed in lists for name in listed))


CPAS_VIEW = _all(
    ("ABSENT", "OPEN", "WITHDRAWN", "NONE"), situations_v1.ALL_KINDS, ("GRANTED", "ENDED"), mobilisations_v1.ANSWER
)
FOREM_VIEW = _all(
    ("NONE", *codes.CORE_STATUS, "REGISTERED", "DEREGISTERED"),
    trainings_v1.STATUS,
    job_days_v1.STATUS,
    breaches_v1.STATUS,
)
AGREED_STATE = _all(
    (*codes.AGREED_STATUS, "WITHDRAWN", "VOID", *REGISTRATION_STATE),
    situations_v1.ALL_KINDS,
    trainings_v1.STATUS,
    mobilisations_v1.ANSWER,
    breaches_v1.STATUS,
)
CODES = tuple(name for name in CATALOGUE if name.startswith("R4") or "R503" <= name <= "R509")

FIELDS = (
    code("record", (STATE, GONE), required=True),
    token(),
    sealed("sealed_identity"),
    sealed("sealed_local_ref"),
    code("entity_kind", ENTITY_KIND, required=True),
    coded_text("cpas", codes.PARTNER, "6 digits"),  # part of the name: a person can have rights from two CPAS
    coded_text("entity_ref", REFERENCE, "at most 30 capitals, digits, colons or dashes"),
    code("cpas_view", CPAS_VIEW),
    code("forem_view", FOREM_VIEW),
    code("agreed_state", AGREED_STATE),
    code("business_status", codes.ALL_BUSINESS_STATUS),
    date("status_date"),
    code("class", codes.MATCH_CLASS),
    coded_text("reason", NAME, "capitals, digits and underscores"),
    listing("codes", CODES),
    code("owner", codes.OWNER),
    date("since"),
    date("due"),
    code("lead", codes.LEAD),
    coded_text("next_service", NAME, "capitals, digits and underscores"),
    coded_text("lead_rule", NAME, "capitals, digits and underscores"),
    sender_version("cpas_version"),
    sender_version("forem_version"),
    moment("next_appointment_at"),
    date("snapshot_date", required=True),
)

_OF_A_STATE = (
    "Se remplit pour STATE, et pour rien d'autre.",
    "Is filled in for STATE, and for nothing else.",
)
_ONLY_STATE = ("Reste vide pour GONE.", "Stays empty for GONE.")
_NAMED = ("Vide pour REGISTRATION, obligatoire pour le reste.", "Empty for REGISTRATION, required for all others.")


def _rules(_context: Context, _environment: Environment) -> Rules:
    of_a_state, unknown = pl.col("record") == STATE, ~pl.col("record").is_in((STATE, GONE))
    named = pl.col("entity_kind").is_in(NAMED)
    always = ("cpas_view", "forem_view", "agreed_state", "class", "reason")
    told = [field.name for field in FIELDS if field.nature == "coded"][4:-1]
    return {
        "entity_ref": [
            required_if("entity_ref", named, _NAMED),
            empty_unless("entity_ref", named | ~pl.col("entity_kind").is_in(ENTITY_KIND), _NAMED),
        ],
        **{
            name: [
                *([required_if(name, of_a_state, _OF_A_STATE)] if name in always else []),
                empty_unless(name, of_a_state | unknown, _OF_A_STATE if name in always else _ONLY_STATE),
            ]
            for name in told
        },
    }


CONTRACT = Contract(
    feed="RECO",
    name="reconciliation",
    version=1,
    direction="out",
    fields=FIELDS,
    key=("entity_kind", "subject_token", "cpas", "entity_ref"),
    effective_date="snapshot_date",
    rules=_rules,
    entity=("entity_kind", "cpas", "entity_ref"),
    within_person=True,
)
