"""Feed MOBI, version 1: a CPAS answers, person by person, to an event of Le Forem; later also what came of it.

One row is the full state of one person's answer to one event. Whether the event exists, its deadline and its
quota are judged later.
"""

from __future__ import annotations

import polars as pl

from contracts import codes
from contracts.checks import Says, cpas_rules, empty_unless, niss_rules, not_future_moment, required_if, rule
from contracts.fields import code, coded_text, flag, moment, national_number, reference, technical
from contracts.model import Context, Contract, Environment, Field, Rules
from contracts.parse import in_brussels

ANSWER = ("INTERESTED", "CONFIRMED", "DECLINED", "NOT_CONTACTED", "UNREACHABLE")
ANSWERED = ("INTERESTED", "CONFIRMED", "DECLINED")
DECLINED_REASON = ("WORK", "TRAINING", "UNAVAILABLE", "CHILDCARE", "MOBILITY", "NOT_INTERESTED", "OTHER")
ATTENDANCE = ("PRESENT", "ABSENT_JUSTIFIED", "ABSENT_UNJUSTIFIED")
RESULT = ("INTERVIEW", "OFFER", "HIRED", "NONE")

FIELDS: tuple[Field, ...] = (
    *technical(),
    reference("event_id", required=True),
    coded_text("cpas_nis", codes.NIS, "5 digits", required=True),
    national_number("niss"),
    code("answer", ANSWER, required=True),
    code("declined_reason", DECLINED_REASON),
    moment("answered_at"),
    flag("transport_need"),
    flag("interpreter_need"),
    code("attendance", ATTENDANCE),
    code("result", RESULT),
)

_DECLINED: Says = (
    "Se remplit pour DECLINED, et pour rien d'autre.",
    "Is filled in for DECLINED, and for nothing else.",
)
_ANSWERED: Says = (
    "Se remplit quand la personne a répondu (INTERESTED, CONFIRMED, DECLINED), et seulement alors.",
    "Is filled in when the person has answered (INTERESTED, CONFIRMED, DECLINED), and only then.",
)
_EXPECTED: Says = (
    "Se remplit pour INTERESTED et CONFIRMED seulement.",
    "Is filled in for INTERESTED and CONFIRMED only.",
)
_PRESENT: Says = ("Se remplit pour PRESENT seulement.", "Is filled in for PRESENT only.")
_RECORDED: Says = ("Pas après le jour de l'enregistrement.", "Not after the day of the record.")


def _rules(context: Context, environment: Environment) -> Rules:
    answer, attendance = pl.col("answer"), pl.col("attendance")
    unknown = ~answer.is_in(ANSWER).fill_null(False)
    present = (attendance == "PRESENT") | ~attendance.is_in(ATTENDANCE)
    return {
        "recorded_at": [not_future_moment("recorded_at", context)],
        "cpas_nis": cpas_rules("cpas_nis", "effective_date", context),
        "niss": niss_rules("niss", environment, context),
        "declined_reason": [
            required_if("declined_reason", answer == "DECLINED", _DECLINED),
            empty_unless("declined_reason", (answer == "DECLINED") | unknown, _DECLINED),
        ],
        "answered_at": [
            required_if("answered_at", answer.is_in(ANSWERED), _ANSWERED),
            empty_unless("answered_at", answer.is_in(ANSWERED) | unknown, _ANSWERED),
            not_future_moment("answered_at", context),
            rule("R303", in_brussels("answered_at") <= in_brussels("recorded_at"), _RECORDED),
        ],
        "attendance": [empty_unless("attendance", answer.is_in(("INTERESTED", "CONFIRMED")) | unknown, _EXPECTED)],
        "result": [empty_unless("result", present, _PRESENT)],
    }


CONTRACT = Contract(
    feed="MOBI",
    name="mobilisations",
    version=1,
    direction="in",
    fields=FIELDS,
    key=("event_id", "niss", "effective_date", "version"),
    effective_date="effective_date",
    rules=_rules,
    entity=("event_id",),
    about="event_id",
    within_person=True,
)
