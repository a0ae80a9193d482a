"""What Le Forem says of a person beside the statuses: trainings and breaches."""

from datetime import date, timedelta

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import legal
from simulators.year.story import Referral, Story


def go_with(story: Story, one: Referral, number: int, day: date, business: str) -> None:
    """What goes with a status: a training, a breach."""
    if business == "TRAINING":
        _training(story, one, number, day)
    elif business in {"APPT_MISSED_1", "ABANDONED"} and story.chance(0.7):
        _breach(story, one, number, day, "APPOINTMENT_MISSED" if business == "APPT_MISSED_1" else "TRAINING_ABANDONED")


def _training(story: Story, one: Referral, number: int, day: date) -> None:
    """An enrolment from its proposal to its end; some are abandoned, some name no orientation."""
    rng = story.rng
    key = f"E{story.rank:06d}-{number}"
    kind = rng.choice(("RAN", "FLE", "DIGITAL", "BASE", "QUALIFYING"))
    row: Row = {
        "enrolment_id": key,
        "referral_id": one.key if story.chance(0.9) else "",
        "training_code": f"T-{rng.randrange(1, 41):03d}",
        "provider_kind": rng.choice(("FOREM", "IFAPME", "PROMSOC", "CENTRE_COMPETENCE")),
        "centre_nis": one.commune.nis,
        "kind": kind,
        "hours_planned": "120",
    }
    needs = f"ORIE:{one.key}"
    start = legal.open_from(story.later(day, 6, 20))
    plan = row | {"planned_start": start.isoformat(), "planned_end": (start + timedelta(days=60)).isoformat()}
    begun = plan | {"actual_start": start.isoformat()}
    end = story.later(start, 20, 60)
    done = begun | {"actual_end": end.isoformat(), "hours_done": "118", "result": "SUCCESS", "certification": "1"}
    steps = [(day, plan | {"status": "ENROLLED"}), (start, begun | {"status": "STARTED"})]
    if story.chance(0.7):
        steps.append((end, done | {"status": "COMPLETED"}))
    else:
        steps.append(
            (end, begun | {"status": "ABANDONED", "abandon_reason": rng.choice(("JOB_FOUND", "CHILDCARE", "OTHER"))})
        )
    for effective, cells in steps:
        if story.say("FORM", FOREM, key, story.later(effective, 0, 4), cells, effective=effective, needs=needs) is None:
            return


def _breach(story: Story, one: Referral, number: int, day: date, kind: str) -> None:
    """A breach of somebody whose orientation goes on."""
    key = f"M{story.rank:06d}-{number}"
    occurred = day - timedelta(days=1)
    row: Row = {
        "breach_id": key,
        "referral_id": one.key,
        "kind": kind,
        "occurred_on": occurred.isoformat(),
        "recorded_on": day.isoformat(),
        "attempt_no": "1" if kind == "APPOINTMENT_MISSED" else "",
        "explanation_heard": story.rng.choice("01"),
        "status": "OPEN",
    }
    _breach_and_end(story, row, day, f"ORIE:{one.key}")


def _breach_and_end(story: Story, row: Row, day: date, needs: str) -> None:
    """The breach on that day; its end in a third of the cases."""
    key = row["breach_id"]
    told = story.say("MANQ", FOREM, key, day, row, effective=day, needs=needs)
    if told is None or not story.chance(0.35):
        return
    later = story.later(told, 3, 20)
    ended = {"status": "WITHDRAWN", "withdrawn_on": later.isoformat()} if story.chance(0.6) else {"status": "CLOSED"}
    story.say("MANQ", FOREM, key, later, row | ended, effective=later, needs=needs)


def not_registered(story: Story, registered: date | None) -> None:
    """A breach about whoever was oriented and has not registered; now and then about one who had, which is a mistake.

    It names no orientation. Once the person has registered, or the mistake is seen, it is closed or withdrawn.
    """
    if not story.referrals or story.exempt or not story.chance(0.5 if registered is None else 0.02):
        return
    first = story.referrals[0]
    day = legal.open_from(story.later(max(first.sent, registered or first.sent), 12, 40))
    row: Row = {
        "breach_id": f"N{story.rank:06d}",
        "kind": "NOT_REGISTERED",
        "occurred_on": day.isoformat(),
        "recorded_on": day.isoformat(),
        "explanation_heard": "0",
        "status": "OPEN",
    }
    _breach_and_end(story, row, day, f"ORIE:{first.key}")
