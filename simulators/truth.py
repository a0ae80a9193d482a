"""The ground truth: how every referral stands at the end of each day, and what must become of every file.

It is written once, under ROOT/truth, when the scenario is made; only `check` and tests read it. The scripts
that the stand-ins play from are written beside their books and say nothing about what the hub should answer.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simulators import defects, layout, parcels
from simulators.layout import FOREM
from simulators.plan import Referral, Scenario
from simulators.population import Person
from simulators.table import Row

TERMINAL = ("REJECTED", "CANCELLED", "COMPLETED", "FAILED")  # Le Forem has ended a referral


def write(root: Path, story: Scenario, people: Sequence[dict[str, str]] = ()) -> None:
    """Scripts for the stand-ins, the truth and the list of values that must never leak."""
    expected: list[dict[str, Any]] = []
    for commune in story.communes:
        pairs = list(parcels.of_cpas(story, commune))
        expected += [wanted for _, wanted in pairs if wanted]
        script = {
            "nis": commune.nis,
            "encoding": commune.encoding,
            "parcels": [parcel for parcel, _ in pairs],
        }
        layout.write_json(root / commune.partner / "script.json", script)
    steps = {one.key: [step.as_json() for step in one.course.steps] for one in story.referrals}
    of_forem: dict[str, Any] = {"steps": steps, "orphans": story.orphans, "registrations": list(people)}
    layout.write_json(root / FOREM / "script.json", of_forem)
    layout.write_json(root / "truth" / "truth.json", _truth(story, expected))
    lines = sorted({f"{kind}\t{value}\n" for kind, value in _canaries(story)})
    layout.write_whole(root / "truth" / "canaries.txt", "".join(lines).encode())


def _truth(story: Scenario, expected: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that `check` compares with."""
    return {
        "seed": story.seed,
        "days": [day.isoformat() for day in story.calendar],
        "cpas": [commune.partner for commune in story.communes],
        "referrals": [_referral(story, one) for one in story.referrals],
        "files": expected,
        "orphans": [orphan["row"]["referral_id"] for orphan in story.orphans],
        "defects": sorted(_defects(story), key=str),
    }


def _defects(story: Scenario) -> Iterator[dict[str, Any]]:
    """Where each mistake is, and what is expected of the hub."""
    for (partner, index), defect in story.placed.items():
        yield {
            "defect": defect.name,
            "partner": partner,
            "day": story.calendar[index].isoformat(),
            "referral": story.singled.get((partner, index), {}).get("referral_id", ""),
            "codes": list(defect.findings or defect.codes),
            "verdicts": list(defect.verdicts),
            "effect": defect.effect,
        }
    for one in story.referrals:
        if one.defect in defects.FOREM_DEFECTS:
            day = next(step.day for step in one.course.steps if step.niss_of)
            yield _forem_defect(one.defect, day, one.key, "R503")
    for orphan in story.orphans:
        yield _forem_defect("orphan_status", orphan["day"], orphan["row"]["referral_id"], "R404")


def _forem_defect(name: str, day: str, referral: str, code: str) -> dict[str, Any]:
    """A mistake in what Le Forem sends."""
    place = {"defect": name, "partner": FOREM, "day": day, "referral": referral}
    return place | {"codes": [code], "verdicts": ["ACCEPTED"], "effect": defects.FOREM_DEFECTS[name]}


def _referral(story: Scenario, one: Referral) -> dict[str, Any]:
    """One referral: whose it is, and how it stands at the end of each day on which something changed."""
    return {
        "referral_id": one.key,
        "cpas": one.commune.partner,
        "person": {
            "niss": one.person.niss,
            "last_name": one.person.last_name,
            "first_name": one.person.first_name,
            "birth_date": one.person.birth_date,
        },
        "dossier": one.row["cpas_dossier_ref"],
        "sent": story.calendar[one.sent].isoformat(),
        "defect": one.defect,
        "course": [[step.day, step.version, step.cells["core_status"], step.after] for step in one.course.steps],
        "standing": list(_standing(story, one)),
    }


def _standing(story: Scenario, one: Referral) -> Iterator[dict[str, Any]]:
    """The expected state at the end of each day from the first that counts, without repetitions."""
    before: dict[str, Any] = {}
    others = [other for other in story.referrals if (other.commune, other.person) == (one.commune, one.person)]
    for index, day in enumerate(story.calendar):
        if index >= one.notices[0].valid:
            now = _state(one, index, day.isoformat())
            if now["class"] == "PENDING":
                now["class"] = _overtaken(one, others, index, day.isoformat()) or "PENDING"
            if now != before:
                yield now | {"from": day.isoformat()}
            before = now


def _state(one: Referral, index: int, day: str) -> dict[str, Any]:
    """What each side must hold at the end of that day.

    Until Le Forem has answered, the CPAS sees its own view only: REQUESTED, or CANCELLED when it withdrew.
    """
    counted = [notice for notice in one.notices if notice.valid <= index]
    steps = [step for step in one.course.steps if step.day <= day]
    live = _live([notice.row for notice in counted])
    forem = steps[-1].after if steps else ""
    conflict = bool(steps) and bool(steps[-1].niss_of)
    return {
        "core": (forem or "REQUESTED") if live else "CANCELLED",
        "class": _class(live, forem, conflict=conflict),
        "forem_core": forem,
        "cpas_version": counted[-1].row["version"],
        "forem_version": str(steps[-1].version) if steps and not conflict else "",
        "row": live,
        "conflict": conflict,
    }


def _overtaken(one: Referral, others: list[Referral], index: int, day: str) -> str:
    """The class of an unanswered referral that another of the same CPAS and person overtakes or repeats, else empty."""
    dates = {}
    for other in others:
        if other.notices[0].valid <= index:
            now = _state(other, index, day)
            if now["row"] and now["forem_core"] not in TERMINAL:
                dates[other.key] = (now["row"]["effective_date"], bool(now["forem_core"]))
    date = dates[one.key][0]
    if max(dates.values())[0] > date:
        return "SUPERSEDED"
    first = min(key for key, (when, answered) in dates.items() if when == date and not answered)
    return "" if first == one.key else "DUPLICATE"


def _live(rows: list[Row]) -> Row | None:
    """The row in force, from rows in the order of their versions: the latest effective date not cancelled."""
    by_date = {row["effective_date"]: row for row in rows}
    dates = [date for date, row in by_date.items() if row["notice_status"] != "9"]
    return by_date[max(dates)] if dates else None


def _class(live: Row | None, forem: str, *, conflict: bool) -> str:
    """The class of the comparison; empty where the exchange rules do not fix it."""
    if conflict or (live is None) != (forem == "CANCELLED"):
        return ""
    return "AGREED" if forem else "PENDING"


def _canaries(story: Scenario) -> Iterator[tuple[str, str]]:
    """Every value that identifies somebody, with its kind."""
    for person in story.people + story.strangers:
        yield from _person_canaries(person)
    for rows in story.rows.values():
        for row in rows:
            yield "niss", row["niss"]
            yield "dossier", row["cpas_dossier_ref"]


def _person_canaries(person: Person) -> Iterator[tuple[str, str]]:
    """The identifying values of one person."""
    yield "niss", person.niss
    yield "last_name", person.last_name
    yield "first_name", person.first_name
    yield "birth_date", person.birth_date
    yield "phone", person.phone
    yield "email", person.email


def read(root: Path) -> dict[str, Any]:
    """The truth that `write` wrote."""
    truth: dict[str, Any] = layout.read_json(root / "truth" / "truth.json")
    return truth
