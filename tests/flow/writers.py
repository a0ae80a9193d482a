"""What two CPAS and Le Forem write of four invented people: right rows, for a test that draws who writes what.

Few people and few things, so that what is drawn at random meets: two CPAS know one person, a training names a
referral, a status names one that no CPAS ever sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from scene import CPAS, FOREM, GOOD, OTHER, Row, row

from contracts.codes import BUSINESS_STATUS, NEEDS_A_REASON

Way = Literal["full", "corrected", "cancelled"]
NOTICE: Mapping[Way, str] = {"full": "0", "corrected": "1", "cancelled": "9"}
BORN = ("1985-07-31", "1990-02-11", "1979-12-05", "2001-06-20")


def _niss(born: str) -> str:
    """The number of somebody with order number 000, which no living person has; the check as T.I. 000 has it."""
    digits = born[2:4] + born[5:7] + born[8:] + "000"
    return f"{digits}{97 - int(('2' if born >= '2000' else '') + digits) % 97:02}"


NISS = tuple(map(_niss, BORN))


@dataclass(frozen=True)
class Thing:
    """What a sender writes rows about: an entity of one feed, of one person, by the columns that name it."""

    feed: str
    sender: str
    person: int
    named: tuple[tuple[str, str], ...] = ()

    @property
    def speech(self) -> str:
        """What may be said of it: a key of SAYS."""
        return f"SITU {dict(self.named)['situation_group']}" if self.feed == "SITU" else self.feed


def _referrals(feed: str, sender: str = "") -> tuple[Thing, ...]:
    return tuple(Thing(feed, sender or cpas, n, (("referral_id", one),)) for one, cpas, n in REFERRALS)


def _at_forem(feed: str, column: str, of: tuple[tuple[str, int, str], ...]) -> tuple[Thing, ...]:
    return tuple(Thing(feed, FOREM, n, ((column, one), ("referral_id", referral))) for one, n, referral in of)


def _situation(sender: str, person: int, group: str, contract: str = "") -> Thing:
    return Thing("SITU", sender, person, (("situation_group", group), ("contract_id", contract)))


REFERRALS = (
    ("R62063-2026-000001", CPAS, 0),
    ("R62063-2026-000002", CPAS, 1),
    ("R62063-2026-000003", CPAS, 0),
    ("R62096-2026-000001", OTHER, 0),
    ("R62096-2026-000002", OTHER, 2),
)
(R1, _, _), (R2, _, _), _, (R4, _, _), (R5, _, _) = REFERRALS
NEVER_SENT = "R62063-2026-000009"
ORIENTATIONS = _referrals("ORIE")
STATUSES = _referrals("STAT", FOREM)
ORPHANS = (Thing("STAT", FOREM, 3, (("referral_id", NEVER_SENT),)),)
SITUATIONS = (
    _situation(CPAS, 0, "RI"),
    _situation(CPAS, 1, "RI"),
    _situation(OTHER, 0, "RI"),
    _situation(OTHER, 2, "RI"),
    _situation(CPAS, 0, "PIIS"),
    _situation(CPAS, 1, "CONTRACT", "C-2026-1"),
)
REGISTRATIONS = tuple(Thing("INSC", FOREM, n) for n in range(len(BORN)))
ENROLMENTS = _at_forem(
    "FORM", "enrolment_id", (("E-1", 0, R1), ("E-2", 1, R2), ("E-3", 0, R4), ("E-4", 1, ""), ("E-9", 3, NEVER_SENT))
)
BREACHES = _at_forem("MANQ", "breach_id", (("B-1", 0, R1), ("B-2", 2, R5), ("B-3", 0, R4)))
ANSWERS = tuple(Thing("MOBI", CPAS, n, (("event_id", event),)) for n, event in ((0, "J-1"), (1, "J-1"), (0, "J-9")))
EVENTS = (Thing("JOBD", FOREM, 0, (("event_id", "J-1"),)),)
NAMES_A_REFERRAL = {dict(t.named).get(c): dict(t.named)["referral_id"] for t in (*ENROLMENTS, *BREACHES)
                    for c in ("enrolment_id", "breach_id") if c in dict(t.named)}  # fmt: skip

_CONTRACT = {
    **{k: GOOD["SITU"][k] for k in ("measure_code", "weekly_hours", "reference_hours", "employer_bce")},
    "situation_kind": "ART60",
    "contract_start": "2026-03-02",
}
SAYS: Mapping[str, tuple[Row, ...]] = {
    "ORIE": (
        {},
        {"delegation": "FULL"},
        {"delegation": "PARTIAL", "requested_action": "TRAINING|RAN"},
        {"exempt_health_equity": "1", "voluntary": "1"},
    ),
    "STAT": tuple(
        {
            "core_status": core,
            "business_status": BUSINESS_STATUS[core][-1],
            "status_reason_code": "REASON" if core in NEEDS_A_REASON else "",
        }
        for core in ("RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "CANCELLED", "COMPLETED", "REJECTED")
    ),
    "SITU RI": (
        {},
        {"situation_kind": "RI_CHANGE", "ri_category": "1"},
        {"situation_kind": "RI_WITHDRAWAL", "end_reason": "WORK"},
        {"situation_kind": "TRANSFER_OUT"},
        {"situation_kind": "RI_SUSPENSION", "suspension_months": "1"},
    ),
    "SITU PIIS": (
        {"situation_kind": "PIIS", "piis_code": "11", "piis_signed_on": "2026-03-02"},
        {"situation_kind": "PIIS", "piis_code": "8"},
    ),
    "SITU CONTRACT": ({**_CONTRACT, "planned_end": "2027-01-31"}, {**_CONTRACT, "planned_end": "2026-03-20"}),
    "INSC": (
        {},
        {"stat92_category": "03"},
        {"movement": "2", "stat92_category": "", "deregistration_date": "2026-03-08", "registration_date": ""},
        {"movement": "3"},
    ),
    "FORM": (
        {"status": "ENROLLED", "actual_start": ""},
        {},
        {"status": "ABANDONED", "abandon_reason": "JOB_FOUND"},
        {"status": "COMPLETED", "actual_end": "2026-03-08"},
    ),
    "MANQ": ({}, {"status": "WITHDRAWN", "withdrawn_on": "2026-03-08"}, {"status": "CLOSED"}),
    "MOBI": ({}, {"answer": "DECLINED", "declined_reason": "OTHER"}, {"answer": "INTERESTED"}),
    "JOBD": (
        {"quota_per_cpas": "1"},
        {"status": "CANCELLED"},
        {"quota_per_cpas": "0", "answer_deadline": "2026-03-10"},
    ),
}


@dataclass(frozen=True)
class Written:
    """A row as its sender wrote it, and what it is about."""

    thing: Thing
    row: Row
    says: int

    @property
    def version(self) -> int:
        return int(self.row["version"])

    @property
    def effective(self) -> date:
        return date.fromisoformat(self.row["status_date" if self.thing.feed == "STAT" else "effective_date"])


def write(thing: Thing, version: int, says: int, effective: date, at: datetime, way: Way = "full") -> Written:
    """The row of a thing: what it says, as of when, written down at that instant."""
    said = SAYS[thing.speech][says % len(SAYS[thing.speech])]
    day = "status_date" if thing.feed == "STAT" else "effective_date"
    made = row(thing.feed, thing.sender) | _who(thing) | dict(thing.named) | said
    made |= {day: effective.isoformat(), "version": str(version), "notice_status": NOTICE[way]}
    made |= {"recorded_at": at.isoformat()}
    if thing.feed == "MOBI":  # two people never answer at one instant
        made["answered_at"] = f"2026-03-0{5 + thing.person}T08:30:00+01:00"
    return Written(thing, made, says)


def of_another(written: Written, person: int) -> Written:
    """The same row on another person."""
    return Written(written.thing, written.row | _who(Thing(written.thing.feed, written.thing.sender, person)), 0)


def _who(thing: Thing) -> Row:
    known = {"niss": NISS[thing.person], "birth_date": BORN[thing.person]}
    known |= {"last_name": f"Personne {'ABCD'[thing.person]}", "first_name": "Inventée"}
    known |= {"cpas_dossier_ref": f"{'A' if thing.sender == CPAS else 'B'}{thing.person}"}
    return {name: value for name, value in known.items() if name in GOOD[thing.feed]}


def moment(day: date, n: int) -> datetime:
    """The n-th instant of a day, in UTC, which is before noon."""
    return datetime.combine(day, time(), tzinfo=datetime.fromisoformat("2026-01-01T00:00:00+00:00").tzinfo) + timedelta(
        seconds=n
    )
