"""Feed JOBD, version 1: Le Forem's events: job days to which CPAS send people, sessions that train their staff.

One row is the full state of one event; a status CANCELLED voids the answers to it. It concerns no person. To a
STAFF_SESSION nobody is mobilised: Le Forem shows the staff of the CPAS one of its tools there.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import (
    communes_rule,
    empty_unless,
    not_after,
    not_future_moment,
    required_if,
    residence_rules,
    rule,
)
from contracts.fields import code, coded_text, count, date, listed, listing, moment, reference, technical, title
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import in_brussels, value

STAFF_SESSION = "STAFF_SESSION"
KIND = ("JOBDAY", "SALON", "INFO_SESSION", "SPEED_RECRUIT", STAFF_SESSION)
TOOL = ("MON_PROFIL", "ESPACE_PERSONNEL")
STATUS = ("PLANNED", "OPEN", "FULL", "CANCELLED", "DONE")

FIELDS: tuple[Field, ...] = (
    *technical(),
    reference("event_id", required=True),
    title("title", required=True),
    code("kind", KIND, required=True),
    code("tool", TOOL),
    moment("starts_at", required=True),
    moment("ends_at", required=True),
    coded_text("place", "^[A-Z0-9 -]{1,40}$", "at most 40 capitals, digits, spaces or dashes"),
    coded_text("nis", codes.NIS, "5 digits", required=True),
    count("capacity"),
    listing("target_publics", codes.PUBLIC),
    listed("occupations", codes.OCCUPATION, "occupations joined by |"),
    listed("offer_numbers", codes.REFERENCE, "references joined by |"),
    listed("languages", codes.LANGUAGE, "languages joined by |"),
    listed("target_nis", codes.NIS, "NIS codes joined by |"),
    count("quota_per_cpas"),
    date("answer_deadline"),
    title("access_note"),
    code("status", STATUS, required=True),
)


def _rules(context: Context, _environment: Environment) -> Rules:
    kind = pl.col("kind")
    staff, unknown = kind == STAFF_SESSION, ~kind.is_in(KIND)
    tool = (
        "Se remplit pour STAFF_SESSION, et pour rien d'autre.",
        "Is filled in for STAFF_SESSION, and for nothing else.",
    )
    nobody = (
        "Vide pour STAFF_SESSION : personne n'y est mobilisé.",
        "Empty for STAFF_SESSION: nobody is mobilised to it.",
    )
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "tool": [required_if("tool", staff, tool), empty_unless("tool", staff | unknown, tool)],
        "target_publics": [empty_unless("target_publics", ~staff, nobody)],
        "ends_at": [
            rule(
                "R303",
                value("ends_at") > value("starts_at"),
                ("La fin est après le début.", "It ends after it starts."),
            )
        ],
        "nis": residence_rules("nis", "effective_date", context),
        "target_nis": [communes_rule("target_nis", context)],
        "quota_per_cpas": [
            rule(
                "R314",
                value("quota_per_cpas") <= value("capacity"),
                ("Au plus la capacité de l'événement.", "At most the capacity of the event."),
            )
        ],
        "answer_deadline": [
            not_after(
                "answer_deadline",
                in_brussels("starts_at"),
                ("Au plus tard le jour de l'événement.", "At the latest on the day of the event."),
            )
        ],
    }


CONTRACT = Contract(
    feed="JOBD",
    name="job_days",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("event_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("event_id",),
)
