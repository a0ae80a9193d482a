"""What may leave the hub's memory for a log or for Airflow, which keep it in clear: ids, counts and our own words.

A word is one of a closed list, taken from the code wherever the code has it: no name of a person is among them, however
short. Whoever needs a new one adds it here, and decides by that that it says nothing of anybody.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from connectors.errors import LinkError
from hub.audit import PURGE
from hub.errors import HubError
from hub.model import Class, Outcome
from hub.reply import ALTERED, VERDICTS

LARGEST = 10**9  # a NISS read as a number is larger, but for people born in a year 00
PARTNER = re.compile(r"[0-9]{6}", re.ASCII)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
RUN = re.compile(r"[a-z_]{6,20}__[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+[0-9:]{5}(_[A-Za-z0-9_-]{1,16})?", re.ASCII)
VERBS = ("fetch", "collect", "process", "acknowledge", "reconcile", "publish", "deliver")
TASKS = (*VERBS, "plan", "failed", "again", "publication", "purge", "verdict")  # Airflow notes which were skipped
STATES = ("RECEIVED", "CLAIMED", "DONE", "REFUSED", "DUPLICATE", "WITHDRAWN")
COUNTED = ("read", "accepted", "warned", "rejected", "duplicate", "superseded", "events", "erased", "holds", "failed")
WORDS = frozenset(
    (
        *TASKS,
        *STATES,
        *VERDICTS,
        ALTERED,
        *COUNTED,
        *PURGE.counts,
        *Class,
        *(f.name for f in fields(Outcome)),
        "skipped",
        "followed",
    )
)


def is_count(value: object) -> bool:
    """Whether it is a number of things."""
    return type(value) is int and 0 <= value < LARGEST


def is_id(value: object) -> bool:
    """Whether it is an id of a partner, of a thing of the hub's, or of a run of Airflow's."""
    return isinstance(value, str) and any(shape.fullmatch(value) for shape in (PARTNER, ID, RUN))


def is_word(value: object) -> bool:
    """Whether it is one of our own words, or the name of one of our errors."""
    return isinstance(value, str) and (value in WORDS or value in set(_errors(HubError, LinkError)))


def may_cross(value: object) -> bool:
    """Whether it is made of ids, counts and our own words alone: a key is a word or an id."""
    match value:
        case None | bool() | "":
            return True
        case int() | str():
            return is_count(value) or is_id(value) or is_word(value)
        case Mapping():
            return all((is_word(k) or is_id(k)) and may_cross(v) for k, v in value.items())
        case list() | tuple():
            return all(may_cross(item) for item in value)
    return False


def _errors(*classes: type[Exception]) -> Iterator[str]:
    for each in classes:
        yield each.__name__
        yield from _errors(*each.__subclasses__())
