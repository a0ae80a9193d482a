"""The nouns of the exchange: submissions, events, states of entities, publications.

Plain frozen values shared by the pure steps and the stores. They decide nothing; the steps do.
No field of this module can hold a NISS, a name, a birth date or a contact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

FOREM = "900001"
REGISTERS = "900002"  # the Crossroads Bank, as far as it tells of numbers that were replaced
OPEN_DATA = "900003"  # the public data set of job offers, which the hub fetches itself
HUB = "999999"


class Side(StrEnum):
    """Who must move next on an entity."""

    CPAS = "CPAS"
    FOREM = "FOREM"
    HUB = "HUB"


class EntityKind(StrEnum):
    """What a state is the state of."""

    REFERRAL = "REFERRAL"
    SITUATION = "SITUATION"
    REGISTRATION = "REGISTRATION"
    ENROLMENT = "ENROLMENT"
    ANSWER = "ANSWER"
    BREACH = "BREACH"


class Class(StrEnum):
    """How the two sides' views of one entity stand to each other."""

    AGREED = "AGREED"
    PENDING = "PENDING"
    MISSING_CPAS = "MISSING_CPAS"
    MISSING_FOREM = "MISSING_FOREM"
    CONFLICT = "CONFLICT"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    ORPHAN_ACK = "ORPHAN_ACK"
    DUPLICATE = "DUPLICATE"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted row about one entity, as its sender stated it.

    `source` is the partner id of the sender; for a referral the CPAS that answers for the sender's
    code today is found through the registry, not here. `notice_status` is 0 (full state), 1 (correction
    of the same effective date) or 9 (cancellation). `payload` holds coded columns only. `content` is
    the SHA-256 of the canonical payload and technical columns, the `sid` left out (rulings 11). `about` is the
    entity of another feed that the row names, if it names one: a referral, an event of Le Forem's.
    """

    event_id: str
    feed: str
    source: str
    entity_id: str
    sid: str
    version: int
    notice_status: int
    effective_date: date
    recorded_at: datetime
    received_at: datetime
    message_id: str
    line: int
    content: str
    payload: Mapping[str, str | None]
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one verb did for one partner: counts and a code, never a value of a row."""

    partner: str
    done: int = 0
    error: str | None = None
    retry: bool = False


After = Literal["archive", "delete", "leave"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How we treat the files of a mailbox.

    `after`: what becomes of a file that was taken. `looks`: how often a file that nothing announces must be seen with
    the same size and time, at different instants, before it is read. `consumes`: the partner's server moves what we
    deliver away at once, so that a file which is not there any more has arrived.
    """

    after: After = "archive"
    looks: int = 2
    consumes: bool = False
