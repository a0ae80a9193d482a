"""The rows of the feed INSC: whom Le Forem registers as a job seeker, on the day of its first answer about them."""

from datetime import date
from typing import Any

from simulators import days
from simulators.plan import Scenario
from simulators.table import Row, words

COLUMNS = words(
    "notice_id version notice_status effective_date recorded_at niss forem_person_id movement registration_date "
    "deregistration_date stat92_category registration_channel residence_nis agency_code"
)
CODED = words(
    "notice_id version notice_status effective_date recorded_at movement registration_date deregistration_date "
    "stat92_category registration_channel agency_code"
)
CONTRACT = "registrations/1"


def of_story(story: Scenario) -> list[dict[str, str]]:
    """Whom Le Forem registers when: each person once, by the first of their referrals that it answers."""
    found: dict[str, dict[str, str]] = {}
    for one in sorted(story.referrals, key=lambda one: (one.course.steps[0].day if one.course.steps else "", one.key)):
        if one.course.steps and not one.defect and one.course.steps[0].when == "live":
            planned = {"day": one.course.steps[0].day, "referral": one.key, "nis": one.commune.nis}
            found.setdefault(one.person.niss, planned)
    return list(found.values())


def row(planned: dict[str, str], niss: str, day: str, rank: int) -> Row:
    """A new registration, as a person supported by nobody: the hub knows better who supports whom."""
    return {
        "notice_id": f"I{day.replace('-', '')}-{rank:05d}",
        "version": "1",
        "notice_status": "0",
        "effective_date": day,
        "recorded_at": days.stamp(date.fromisoformat(day), 9, rank % 60),
        "niss": niss,
        "forem_person_id": f"F{planned['referral'][-6:]}{planned['nis']}",
        "movement": "1",
        "registration_date": day,
        "stat92_category": "03",
        "registration_channel": "CPAS",
        "residence_nis": planned["nis"],
        "agency_code": "LIEGE-GUILL",
    }


def held(rows: dict[str, Any], niss: str) -> bool:
    """Whether a view of RECO holds that person as registered."""
    return any(
        one["entity_kind"] == "REGISTRATION" and one["forem_view"] == "REGISTERED" and _niss(one) == niss
        for one in rows.values()
    )


def _niss(one: dict[str, Any]) -> str:
    """Whom a row of a view is about, in either side's book."""
    return str(one["identity"]["niss"] if "identity" in one else one.get("niss", ""))
