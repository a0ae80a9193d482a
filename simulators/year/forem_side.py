"""What Le Forem says of a person: registration, the courses of orientations, and its mistakes."""

from dataclasses import replace
from datetime import date, timedelta

from simulators import courses, days
from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import besides, legal, onward
from simulators.year.story import Referral, Story

Step = tuple[str, str, int, int]  # core status, business status, days after the step before: at least and at most
COURSES: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (
        5,
        (
            ("RECEIVED", "REGISTERED_AT_FOREM", 0, 4),
            ("ACCEPTED", "ASSIGNED_AGENCY", 2, 12),
            ("IN_PROGRESS", "BILAN", 4, 20),
            ("IN_PROGRESS", "JOB_SEARCH", 10, 40),
            ("COMPLETED", "EMPLOYED", 20, 90),
        ),
    ),
    (
        5,
        (
            ("RECEIVED", "APPT_SCHEDULED", 0, 4),
            ("ACCEPTED", "ASSIGNED_DIGITAL", 5, 15),
            ("IN_PROGRESS", "TRAINING", 4, 25),
            ("COMPLETED", "TRAINING_COMPLETED", 60, 160),
        ),
    ),
    (
        2,
        (
            ("RECEIVED", "APPT_SCHEDULED", 0, 4),
            ("RECEIVED", "APPT_MISSED_1", 8, 20),
            ("ACCEPTED", "ASSIGNED_INTENSIVE", 6, 20),
            ("IN_PROGRESS", "ACTION_PLAN", 5, 20),
            ("FAILED", "ABANDONED", 20, 80),
        ),
    ),
    (2, (("RECEIVED", "REGISTERED_AT_FOREM", 0, 4), ("REJECTED", "ALREADY_FOLLOWED", 2, 10))),
    (1, (("REJECTED", "PERSON_UNKNOWN", 1, 6),)),
    (
        2,
        (
            ("ACCEPTED", "ASSIGNED_INTENSIVE", 1, 8),
            ("ON_HOLD", "TRAINING_WAITLIST", 3, 15),
            ("IN_PROGRESS", "TRAINING", 20, 70),
        ),
    ),
    (
        1,
        (
            ("RECEIVED", "APPT_SCHEDULED", 0, 3),
            ("ACCEPTED", "ASSIGNED_AGENCY", 4, 15),
            ("ON_HOLD", "TEMPORARILY_UNAVAILABLE", 4, 20),
        ),
    ),
    (
        1,
        (
            ("RECEIVED", "APPT_SCHEDULED", 0, 3),
            ("ACCEPTED", "ASSIGNED_AGENCY", 4, 15),
            ("REFERRED_ONWARD", "OPERATOR", 5, 20),
            ("COMPLETED", "HANDED_BACK", 30, 90),
        ),
    ),
    (1, (("RECEIVED", "REGISTERED_AT_FOREM", 0, 3), ("COMPLETED", "EMPLOYED", 5, 25))),  # a step is missing: R401
    (1, (("CANCELLED", "WITHDRAWN_BY_CPAS", 1, 10),)),  # while the CPAS keeps it open
    (2, ()),
)
REASONS = ("EMPLOYED", "EMPLOYED", "SELF_EMPLOYED", "REQUESTED", "NO_RESPONSE", "MOVED_AWAY", "PENSION", "OTHER", "")
NOT_KEPT = ("ABSENT_JUSTIFIED", "RESCHEDULED", "CANCELLED_BY_FOREM")  # how an appointment ends that was not kept
CLOCK_BACK = "2026-10-25"  # at 02:30 the hour comes twice


def tell(story: Story) -> None:
    """Everything that Le Forem says of the person."""
    registered = _register(story)
    for number, one in enumerate(story.referrals):
        _course(story, one, number)
    besides.not_registered(story, registered)


def _register(story: Story) -> date | None:
    """Most register, most of these in time; some leave again. The number of Le Forem stays the same.

    The day of the registration, None of those who never register.
    """
    begin = max(story.granted or story.world.first, story.world.first - timedelta(days=20))
    if story.chance(0.2):
        return None
    day = story.later(begin, 0, 24) if story.chance(0.85) else story.later(begin, 25, 80)
    row = {
        "forem_person_id": f"F{story.rank:07d}",
        "movement": "1",
        "registration_date": day.isoformat(),
        "stat92_category": "05" if story.chance(0.9) else "03",
        "registration_channel": story.rng.choice(("ONLINE", "PHONE", "AGENCY", "CPAS")),
        "residence_nis": story.home.nis,
        "agency_code": story.rng.choice(courses.AGENCIES),
    }
    told = story.say("INSC", FOREM, "INSC", story.later(day, 0, 3), row, effective=day)
    if told is None:
        return None
    if story.chance(0.06):
        other = row | {"agency_code": "VISE-02", "movement": "3"}
        moved = story.later(told, 5, 60)
        story.say("INSC", FOREM, "INSC", moved, other, effective=moved)
    elif story.chance(0.08):
        gone = story.later(told, 5, 90)
        left = row | {"movement": "2", "deregistration_date": gone.isoformat(), "stat92_category": ""}
        left |= {"deregistration_reason": story.world.rng(story.rank, "reason").choice(REASONS)}
        told = story.say("INSC", FOREM, "INSC", gone, left, effective=gone)
        if told is not None and story.chance(0.2):
            story.say("INSC", FOREM, "INSC", story.later(told, 2, 10), left, effective=gone, status="9")
    return day


def _course(story: Story, one: Referral, number: int) -> None:
    """The statuses of one orientation, as long as the CPAS keeps it."""
    _, plan = story.rng.choices(COURSES, [weight for weight, _ in COURSES])[0]
    day = one.sent + timedelta(days=1)
    orphaned = story.rarely(0.004)
    before: Row = {}
    for core, business, least, most in plan:
        day = legal.open_from(story.later(day, least, most))
        if one.cancelled and day >= one.cancelled:
            break
        row = _status(story, day, core, business) | _came(story, one, before, day, business) | {"referral_id": one.key}
        before = row
        needs = "" if orphaned else f"ORIE:{one.key}"
        told = story.say("STAT", FOREM, one.key, day, row, effective=day, needs=needs)
        if told is None:
            break
        besides.go_with(story, one, number, told, business)
        if core == "REFERRED_ONWARD" and not orphaned:
            onward.tell(story, one, told)
    if one.cancelled and story.chance(0.85):
        _withdrawn(story, one)
    elif story.said.get(("STAT", FOREM, one.key)):
        _afterthought(story, one)
    if orphaned:
        _forget(story, one)


def _status(story: Story, day: date, core: str, business: str) -> Row:
    row = {
        name: value for name, value in courses.status(story.rng, day, core, business).items() if name != "status_date"
    }
    if business == "APPT_SCHEDULED":
        at = legal.open_from(story.later(day, 3, 20))
        row["appointment_at"] = days.stamp(at, 10, 30)
        if story.chance(0.05):  # the night in which the clock goes back: one time, twice
            row["appointment_at"] = f"{CLOCK_BACK}T02:30:00{story.rng.choice(('+01:00', '+02:00'))}"
    return row


def _came(story: Story, one: Referral, before: Row, day: date, business: str) -> Row:
    """Whether the person came to the appointment of the status before, if that is over by then."""
    at = before.get("appointment_at", "")
    if not at or "attendance" in before or at[:10] >= day.isoformat():
        return {}
    ways = (
        ("ABSENT_UNJUSTIFIED", "ABSENT_JUSTIFIED") if business == "APPT_MISSED_1" else ("PRESENT", "PRESENT", *NOT_KEPT)
    )
    told = {name: before[name] for name in ("appointment_at", "appointment_place", "appointment_kind")}
    return told | {"attendance": story.world.rng(story.rank, one.key, "came").choice(ways)}


def _withdrawn(story: Story, one: Referral) -> None:
    """Le Forem closes what the CPAS has withdrawn: most within five working days."""
    cancelled = one.cancelled or one.sent
    day = legal.open_from(story.later(cancelled, 1, 5) if story.chance(0.8) else story.later(cancelled, 9, 25))
    row = _status(story, day, "CANCELLED", "WITHDRAWN_BY_CPAS") | {"referral_id": one.key}
    story.say("STAT", FOREM, one.key, day, row, effective=day, needs=f"ORIE:{one.key}")


def _afterthought(story: Story, one: Referral) -> None:
    """Le Forem corrects its last status, takes it back, or had named another person in it."""
    key = ("STAT", FOREM, one.key)
    last = story.said[key][-1]
    day, effective = date.fromisoformat(last.day), date.fromisoformat(last.row["status_date"])
    chance = story.rng.random()
    kept = {name: value for name, value in last.row.items() if name not in {"status_date", "niss"}}
    if chance < 0.05:
        other = kept | {"advisor_unit": "LIEGE-02"}
        story.say(
            "STAT", FOREM, one.key, story.later(day, 1, 9), other, effective=effective, status="1", needs=last.needs
        )
    elif chance < 0.09:
        story.say(
            "STAT", FOREM, one.key, story.later(day, 1, 9), kept, effective=effective, status="9", needs=last.needs
        )
    elif story.rarely(0.015):
        _on_the_wrong_person(story, one, last.needs)


def _on_the_wrong_person(story: Story, one: Referral, needs: str) -> None:
    """The last status carries the NISS of somebody else; in two cases of three it is corrected."""
    versions = story.said["STAT", FOREM, one.key]
    last = versions[-1]
    other = (story.rank + 1) % story.world.people
    versions[-1] = replace(last, needs=f"{needs}|WRONG:{other}", fault="")
    if story.chance(0.66):
        day = story.later(date.fromisoformat(last.day), 2, 9)
        kept = {name: value for name, value in last.row.items() if name not in {"status_date", "niss"}}
        effective = date.fromisoformat(last.row["status_date"])
        story.say("STAT", FOREM, one.key, day, kept, effective=effective, status="1", needs=needs)


def _forget(story: Story, one: Referral) -> None:
    """The orientation never comes, or much later: Le Forem knows the person and answers all the same."""
    key = ("ORIE", one.commune.partner, one.key)
    versions = story.said.pop(key)
    later = story.world.sending_day(one.commune.partner, story.later(one.sent, 15, 40))
    if later is not None and story.chance(0.5):
        story.said[key] = [replace(versions[0], day=later.isoformat(), fault="")]
