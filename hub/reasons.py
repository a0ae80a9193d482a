"""Why a row has its class: the reasons of pass 1 and those of what is derived of persons, in one table.

A reason gives the class and the side that must move. `hub.lifecycle` holds those of a referral's own two views;
here are those of all other kinds, and of a referral beside its siblings. When a reason holds is decided in the
module of its kind.
"""

from collections.abc import Mapping

import polars as pl

from hub import lifecycle
from hub.lifecycle import Reason
from hub.model import Class, Side

REASONS: Mapping[str, Reason] = {
    "STATED": Reason(Class.AGREED, None, "one side states it, the other has nothing to object"),
    "TAKEN_BACK": Reason(Class.AGREED, None, "every notice is cancelled"),
    # a referral beside the other referrals of its CPAS about its person
    "LATER_REFERRAL": Reason(Class.SUPERSEDED, Side.CPAS, "unanswered, and the CPAS has sent a later one"),
    "SAME_DAY_TWICE": Reason(Class.DUPLICATE, Side.CPAS, "unanswered, and the CPAS has sent another of the same day"),
    # a referral that no CPAS has sent, and whose parent is known
    "SENT_ONWARD": Reason(Class.AGREED, None, "Le Forem has opened it, to send a referral of the CPAS onward"),
    # a situation beside what Le Forem does
    "AWAITING_RESUMPTION": Reason(
        Class.PENDING, Side.FOREM, "the right has ended, Le Forem has yet to close the referral on hold"
    ),
    "RIGHT_ENDED_ON_HOLD": Reason(
        Class.CONFLICT, Side.FOREM, "the right has ended, Le Forem keeps the referral on hold"
    ),
    "AWAITING_TRAINING_DATES": Reason(
        Class.PENDING, Side.FOREM, "a training has started during a full-time article 60, the dates are to be checked"
    ),
    "TRAINING_DURING_ART60": Reason(Class.CONFLICT, Side.FOREM, "a training runs during a full-time article 60"),
    # the duty to register
    "NO_OBLIGATION": Reason(Class.AGREED, None, "no right runs, or the person is exempt"),
    "AWAITING_REGISTRATION": Reason(Class.PENDING, Side.CPAS, "the person has until the due day to register"),
    "OBLIGATION_OVERDUE": Reason(
        Class.MISSING_FOREM, Side.CPAS, "the due day has passed and Le Forem knows of no registration"
    ),
    "REGISTERED_ON_TIME": Reason(Class.AGREED, None, "registered by the due day"),
    "REGISTERED_LATE": Reason(Class.AGREED, None, "registered after the due day"),
    "AWAITING_CPAS": Reason(
        Class.PENDING, Side.FOREM, "Le Forem knows the person as supported by a CPAS, none has written yet"
    ),
    "NO_CPAS": Reason(
        Class.MISSING_CPAS, Side.FOREM, "Le Forem knows the person as supported by a CPAS, none knows the person"
    ),
    # what names a referral
    "OTHER_PERSON": Reason(Class.CONFLICT, Side.FOREM, "it names a referral of another person"),
    "AWAITING_ENROLMENT_END": Reason(
        Class.PENDING, Side.FOREM, "the CPAS has withdrawn the referral, the enrolment still runs"
    ),
    "ENROLLED_AFTER_WITHDRAWAL": Reason(
        Class.CONFLICT, Side.FOREM, "the enrolment runs long after the CPAS withdrew the referral"
    ),
    "REGISTERED_BY_THEN": Reason(
        Class.CONFLICT, Side.FOREM, "not registered, says the breach; registered by then, says Le Forem's registration"
    ),
    # answers to an event
    "EVENT_CANCELLED": Reason(Class.AGREED, None, "the event is cancelled, the answer is void"),
    "AWAITING_EVENT": Reason(Class.PENDING, Side.CPAS, "the event that is answered is not here yet"),
    "NO_EVENT": Reason(Class.CONFLICT, Side.CPAS, "the CPAS answers an event that Le Forem has not sent"),
    "NOT_FOR_PERSONS": Reason(Class.CONFLICT, Side.CPAS, "the event is for the staff of the CPAS"),
    "OVER_QUOTA": Reason(Class.CONFLICT, Side.CPAS, "the CPAS has confirmed more people than it has places"),
    "ANSWERED_LATE": Reason(Class.AGREED, None, "answered after the event's deadline"),
}


def reasons() -> Mapping[str, Reason]:
    """Every reason that a state of any kind can have."""
    return {**lifecycle.REASONS, **REASONS}


def classed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the `class` and the `owner` that its `reason` gives."""
    table = reasons()
    klass = {name: str(why.klass) for name, why in table.items()}
    owner = {name: str(why.owner) if why.owner else None for name, why in table.items()}
    return frame.with_columns(
        pl.col("reason").replace_strict(klass, return_dtype=pl.String).alias("class"),
        pl.col("reason").replace_strict(owner, return_dtype=pl.String).alias("owner"),
    )


def describe() -> str:
    """The reasons of this module as a table in Markdown, for the page of what is derived of persons."""
    head = ["| reason | class | who must move | in words |", "| --- | --- | --- | --- |"]
    rows = [f"| `{name}` | {why.klass} | {why.owner or 'nobody'} | {why.text} |" for name, why in REASONS.items()]
    return "\n".join([*head, *rows]) + "\n"
