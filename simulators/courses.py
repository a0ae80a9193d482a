"""How a referral goes on at Le Forem: invented courses of legal transitions, one step a day at most.

Each step says the status that Le Forem sends and the core status in which the referral is afterwards.
"""

import random
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from simulators import days
from simulators.table import Row, words

COLUMNS = words(
    "notice_id version notice_status status_date recorded_at referral_id niss core_status business_status "
    "status_reason_code advisor_unit appointment_at appointment_place appointment_kind attendance "
    "positioning_occupations positioning_robustness employability digital_autonomy track action_plan_date "
    "monthly_contact_last parent_referral_id operator_bce outcome outcome_date"
)
CODED = [column for column in COLUMNS if column != "niss"]
AGENCIES = ("LIEGE-GUILL", "SERAING-01", "HERSTAL-01", "VISE-02")
OPERATOR = "0999999922"  # ten digits whose last two are 97 minus the first eight modulo 97; nobody's
# Core and business status of each step, in order; the weight says how often a course is drawn.
COURSES: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (4, (("RECEIVED", "REGISTERED_AT_FOREM"), ("ACCEPTED", "ASSIGNED_AGENCY"), ("IN_PROGRESS", "BILAN"))),
    (4, (("RECEIVED", "APPT_SCHEDULED"), ("ACCEPTED", "ASSIGNED_DIGITAL"), ("IN_PROGRESS", "TRAINING"))),
    (2, (("RECEIVED", "REGISTERED_AT_FOREM"), ("REJECTED", "ALREADY_FOLLOWED"))),
    (1, (("RECEIVED", "REGISTERED_AT_FOREM"), ("REJECTED", "NOT_REGISTRABLE"))),
    (
        2,
        (
            ("RECEIVED", "APPT_SCHEDULED"),
            ("ACCEPTED", "ASSIGNED_INTENSIVE"),
            ("ON_HOLD", "TRAINING_WAITLIST"),
        ),
    ),
    (2, (("RECEIVED", "REGISTERED_AT_FOREM"), ("ACCEPTED", "ASSIGNED_AGENCY"), ("COMPLETED", "EMPLOYED"))),
    (1, (("RECEIVED", "APPT_MISSED_1"), ("ACCEPTED", "ASSIGNED_AGENCY"), ("FAILED", "UNREACHABLE"))),
    (1, (("RECEIVED", "APPT_SCHEDULED"), ("ACCEPTED", "ASSIGNED_AGENCY"), ("REFERRED_ONWARD", "OPERATOR"))),
    (2, (("RECEIVED", "APPT_SCHEDULED"),)),
    (2, ()),
)
TERMINAL = {"REJECTED", "COMPLETED", "FAILED", "REFERRED_ONWARD"}
NEEDS_REASON = {"REJECTED", "CANCELLED", "ON_HOLD", "FAILED"}


@dataclass(frozen=True, slots=True)
class Step:
    """One status that Le Forem sends on `day`.

    `when` says what the referral must be in Le Forem's book: live or cancelled. `niss_of` names another
    referral, whose person is sent by mistake.
    """

    day: str
    version: int
    cells: Row
    after: str
    when: str = "live"
    niss_of: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the script of Le Forem."""
        return asdict(self)


@dataclass(slots=True)
class Course:
    """The steps of one referral, in the making."""

    steps: list[Step] = field(default_factory=list)

    def add(self, day: date, cells: Row, after: str, when: str = "live", niss_of: str = "") -> None:
        """One more step, with the next version."""
        self.steps.append(Step(day.isoformat(), len(self.steps) + 1, cells, after, when, niss_of))


def draw(rng: random.Random, course: Course, calendar: list[date], start: int) -> None:
    """A course that begins on one of the two days from index `start`, as far as the calendar goes."""
    _, plan = rng.choices(COURSES, [weight for weight, _ in COURSES])[0]
    index = start + rng.randrange(2)
    for core, business in plan:
        if index < len(calendar):
            course.add(calendar[index], status(rng, calendar[index], core, business), core)
        index += 1 + (rng.random() < 0.2)
    _afterthought(rng, course, calendar)


def _afterthought(rng: random.Random, course: Course, calendar: list[date]) -> None:
    """Now and then Le Forem corrects its last status the day after, or takes back a completion."""
    if not course.steps or rng.random() > 0.3:
        return
    last = course.steps[-1]
    index = calendar.index(date.fromisoformat(last.day)) + 1
    if index >= len(calendar):
        return
    if last.after == "COMPLETED":
        course.add(calendar[index], last.cells | {"notice_status": "9"}, course.steps[-2].after)
    else:
        course.add(calendar[index], last.cells | {"notice_status": "1", "advisor_unit": "LIEGE-02"}, last.after)


def straight(rng: random.Random, course: Course, calendar: list[date], start: int, count: int) -> None:
    """The first `count` steps of the commonest course, a day each."""
    for offset, (core, business) in enumerate(COURSES[0][1][:count]):
        course.add(calendar[start + offset], status(rng, calendar[start + offset], core, business), core)


def withdraw(rng: random.Random, course: Course, cancelled_on: date, answer_on: date) -> None:
    """Le Forem answers a cancellation by the CPAS; what it had planned from then on falls away."""
    course.steps[:] = [step for step in course.steps if step.day < cancelled_on.isoformat()]
    while course.steps and course.steps[-1].after in TERMINAL:
        course.steps.pop()
    course.add(answer_on, status(rng, answer_on, "CANCELLED", "WITHDRAWN_BY_CPAS"), "CANCELLED", when="cancelled")


def status(rng: random.Random, day: date, core: str, business: str) -> Row:
    """The cells of a new status, all those that such a status asks for."""
    cells = {
        "notice_status": "0",
        "status_date": day.isoformat(),
        "core_status": core,
        "business_status": business,
        "status_reason_code": f"RC_{business}"[:30] if core in NEEDS_REASON else "",
        "advisor_unit": rng.choice(AGENCIES),
    }
    return cells | _details(rng, day, core, business)


def _details(rng: random.Random, day: date, core: str, business: str) -> Row:
    """The optional columns which fit the status."""
    if business == "APPT_SCHEDULED":
        at = date.fromisoformat(days.later(day.isoformat(), 30))  # past the change to summer time
        kind = rng.choice(("TOUR_DE_TABLE", "INDIVIDUAL", "COLLECTIVE", "VIDEO"))
        return {
            "appointment_at": days.stamp(at, 10, 30),
            "appointment_place": "LIEGE",
            "appointment_kind": kind,
        }
    if core == "ACCEPTED":
        track = business.removeprefix("ASSIGNED_")
        return {
            "track": track,
            "employability": rng.choice(("HIGH", "MEDIUM", "LOW")),
            "digital_autonomy": "2",
        }
    if core == "COMPLETED":
        return {
            "outcome": rng.choice(("EMPLOYED_CDI", "EMPLOYED_CDD", "INTERIM")),
            "outcome_date": day.isoformat(),
        }
    if core == "REFERRED_ONWARD":
        return {"operator_bce": OPERATOR}
    if core == "IN_PROGRESS":
        return {"action_plan_date": day.isoformat(), "positioning_robustness": "TO_CONFIRM"}
    return {}
