"""What CPAS, Le Forem and the registers write of four invented people: right rows, for tests that draw who writes what.

Few people and few things, so that what is drawn at random meets: two CPAS know one person, a training names a
referral, a status names one that no CPAS ever sends, everybody has had another number before. One CPAS took another
over, and still writes under its references.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from scene import CPAS, FOREM, GOOD, OTHER, REGISTERS, Row, row

from contracts.codes import BUSINESS_STATUS, NEEDS_A_REASON

SUCCESSOR = "082039"  # since 2025 it answers for 082005, and may go on with its references
Way = Literal["full", "corrected", "cancelled"]
NOTICE: Mapping[Way, str] = {"full": "0", "corrected": "1", "cancelled": "9"}
_EXTRAS = tuple(f"1970-03-{day:02}" for day in range(1, 21))  # of each of whom one history says one thing
BORN = ("1985-07-31", "1990-02-11", "1979-12-05", "2001-06-20", *_EXTRAS)
PEOPLE = range(len(BORN) - len(_EXTRAS))


def _niss(born: str, months: int = 0) -> str:
    """The number of somebody with order number 000, which no living person has; the check as T.I. 000 has it.

    Of the Crossroads Bank's own numbers the month of birth is 40 higher."""
    digits = f"{born[2:4]}{int(born[5:7]) + months:02}{born[8:]}000"
    return f"{digits}{97 - int(('2' if born >= '2000' else '') + digits) % 97:02}"


NISS = tuple(map(_niss, BORN))
FORMER = tuple(_niss(born, 40) for born in BORN)  # the number that each had before, as the registers may tell


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


_Referrals = tuple[tuple[str, str, int], ...]  # reference, CPAS, person


def _referrals(feed: str, of: _Referrals, sender: str = "") -> tuple[Thing, ...]:
    return tuple(Thing(feed, sender or cpas, n, (("referral_id", one),)) for one, cpas, n in of)


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
    ("R82005-2024-000001", SUCCESSOR, 1),
)
R1, R2, _, R4, R5, _ = (reference for reference, _, _ in REFERRALS)
DOSSIERS = {CPAS: "A", OTHER: "B", SUCCESSOR: "C"}
WRITES_UNDER = {CPAS: ("R62063",), OTHER: ("R62096",), SUCCESSOR: ("R82039", "R82005")}
NEVER_SENT = "R62063-2026-000009"
LIVES = (  # what becomes of a referral, half-day after half-day: each step that may be, at least once
    *("REJECTED", "CANCELLED", "RECEIVED REJECTED", "RECEIVED CANCELLED"),
    *("ACCEPTED CANCELLED", "ACCEPTED COMPLETED", "ACCEPTED FAILED"),
    *("RECEIVED ACCEPTED IN_PROGRESS ON_HOLD COMPLETED", "ACCEPTED ON_HOLD IN_PROGRESS COMPLETED"),
    *("ACCEPTED IN_PROGRESS CANCELLED", "ACCEPTED IN_PROGRESS FAILED", "ACCEPTED ON_HOLD CANCELLED"),
    *("ACCEPTED ON_HOLD FAILED", "ACCEPTED IN_PROGRESS REFERRED_ONWARD CANCELLED"),
    *("ACCEPTED REFERRED_ONWARD COMPLETED", "ACCEPTED REFERRED_ONWARD FAILED"),
    *(f"REQUESTED EXPIRED {core}" for core in ("RECEIVED", "ACCEPTED", "REJECTED", "CANCELLED")),
    "ACCEPTED",
)
_LIVED = tuple(  # each of another person, but for two of one person that nobody answers for long
    (f"R62063-2026-1000{n:02}", CPAS, len(PEOPLE) + n - (n > LIVES.index("REQUESTED EXPIRED RECEIVED")))
    for n, _ in enumerate(LIVES)
)
ORIENTATIONS, LIVED = _referrals("ORIE", REFERRALS), _referrals("ORIE", _LIVED)
STATUSES, ANSWERED = _referrals("STAT", REFERRALS, FOREM), _referrals("STAT", _LIVED, FOREM)
ORPHANS = (Thing("STAT", FOREM, 3, (("referral_id", NEVER_SENT),)),)
CHILDREN = tuple(
    Thing("STAT", FOREM, person, (("referral_id", child), ("parent_referral_id", parent)))
    for child, parent, person in (
        ("R62063-2026-900001", R1, 0),
        ("R62063-2026-900002", R2, 1),
        ("R62096-2026-900001", R5, 2),
    )
)
SITUATIONS = (
    _situation(CPAS, 0, "RI"),
    _situation(CPAS, 1, "RI"),
    _situation(OTHER, 0, "RI"),
    _situation(OTHER, 2, "RI"),
    _situation(CPAS, 0, "PIIS"),
    _situation(CPAS, 1, "CONTRACT", "C-2026-1"),
    _situation(SUCCESSOR, 1, "RI"),
)
REGISTRATIONS = tuple(Thing("INSC", FOREM, n) for n in PEOPLE)
ENROLMENTS = _at_forem(
    "FORM", "enrolment_id", (("E-1", 0, R1), ("E-2", 1, R2), ("E-3", 0, R4), ("E-4", 1, ""), ("E-9", 3, NEVER_SENT))
)
BREACHES = _at_forem("MANQ", "breach_id", (("B-1", 0, R1), ("B-2", 2, R5), ("B-3", 0, R4)))
ANSWERS = tuple(Thing("MOBI", CPAS, n, (("event_id", event),)) for n, event in ((0, "J-1"), (1, "J-1"), (0, "J-9")))
EVENTS = (Thing("JOBD", FOREM, 0, (("event_id", "J-1"),)),)
OFFERS = tuple(Thing("OFFR", FOREM, 0, (("offer_number", number),)) for number in ("1000001", "1000002"))
TRAININGS = tuple(Thing("CATA", FOREM, 0, (("service_id", name),)) for name in ("s-1", "s-2"))
SUCCESSIONS = tuple(Thing("MUTA", REGISTERS, n, (("niss", FORMER[n]), ("replaced_by", NISS[n]))) for n in PEOPLE)
NAMES_A_REFERRAL = {dict(t.named).get(c): dict(t.named)["referral_id"] for t in (*ENROLMENTS, *BREACHES)
                    for c in ("enrolment_id", "breach_id") if c in dict(t.named)}  # fmt: skip

_CONTRACT = {
    **{k: GOOD["SITU"][k] for k in ("measure_code", "weekly_hours", "reference_hours", "employer_bce")},
    "situation_kind": "ART60",
    "contract_start": "2026-03-02",
}
_FOR_STAFF = {"kind": "STAFF_SESSION", "tool": "MON_PROFIL", "target_publics": "", "quota_per_cpas": ""}
_NOT_REGISTERED = {"kind": "NOT_REGISTERED", "occurred_on": "2026-03-06", "recorded_on": "2026-03-06", "attempt_no": ""}
_OFFER = {"work_nis": "62063", "work_postal_codes": "4000", "published_from": "2026-03-01", "published_until": ""}
_TRAINING = {"location_nis": "62063", "valid_to": "2026-04-30"}
CORES = (
    *("RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "CANCELLED", "COMPLETED", "REJECTED"),
    *("FAILED", "REFERRED_ONWARD"),
)
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
        for core in CORES
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
    "MANQ": ({}, {"status": "WITHDRAWN", "withdrawn_on": "2026-03-08"}, {"status": "CLOSED"}, _NOT_REGISTERED),
    "MOBI": (
        {},
        {"answer": "DECLINED", "declined_reason": "OTHER"},
        {"answer": "INTERESTED"},
        {"attendance": "PRESENT", "result": "HIRED"},
        {"attendance": "ABSENT_JUSTIFIED"},
    ),
    "JOBD": (
        {"quota_per_cpas": "1"},
        {"status": "CANCELLED"},
        {"quota_per_cpas": "0", "answer_deadline": "2026-03-05"},
        _FOR_STAFF,
        {"quota_per_cpas": "2", "answer_deadline": "2026-03-05"},
    ),
    "OFFR": (
        _OFFER,
        _OFFER | {"positions": "1"},
        _OFFER | {"published_until": "2026-03-20"},
        _OFFER | {"work_nis": "52011"},
    ),
    "CATA": (_TRAINING, _TRAINING | {"capacity_available": "0"}, _TRAINING | {"status": "defunct"}),
    "MUTA": (
        {"kind": "REPLACED"},
        {"kind": "MERGED"},
        {"kind": "UNMERGED"},
        {"kind": "CANCELLED", "replaced_by": ""},
    ),
}


@dataclass(frozen=True)
class Written:
    """A row as its sender wrote it, and what it is about."""

    thing: Thing
    row: Row
    says: int

    @property
    def names_a_person(self) -> bool:
        """Whether it is about a person, and does not tell of numbers itself."""
        return "niss" in self.row and self.thing.feed != "MUTA"

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


def formerly(written: Written) -> Written:
    """The same row under the number that the person had before."""
    row = written.row | {"niss": FORMER[written.thing.person]}
    if "answered_at" in row:  # nor do two numbers, as long as they are two people
        row |= {"answered_at": row["answered_at"].replace("T08:30", "T09:30")}
    return Written(written.thing, row, written.says)


def of_another(written: Written, person: int) -> Written:
    """The same row on another person."""
    return Written(written.thing, written.row | _who(Thing(written.thing.feed, written.thing.sender, person)), 0)


def _who(thing: Thing) -> Row:
    known = {"niss": NISS[thing.person], "birth_date": BORN[thing.person]}
    known |= {"last_name": f"Personne {chr(ord('A') + thing.person)}", "first_name": "Inventée"}
    known |= {"cpas_dossier_ref": f"{DOSSIERS.get(thing.sender, 'X')}{thing.person}"}
    return {name: value for name, value in known.items() if name in GOOD[thing.feed]}


def moment(day: date, n: int) -> datetime:
    """The n-th instant of a day, in UTC, which is before noon."""
    return datetime.combine(day, time(), tzinfo=datetime.fromisoformat("2026-01-01T00:00:00+00:00").tzinfo) + timedelta(
        seconds=n
    )
