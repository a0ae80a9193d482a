"""A CPAS orients somebody under the NISS of a stranger: what each side is told once that is taken back."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, OURS, THEIRS, Scene, row

from hub.stores import tables

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, n) for n in (9, 10, 11, 12, 13))
STRANGER = {"niss": "88021400084", "last_name": "Martin", "first_name": "Luc", "birth_date": "1988-02-14"}
INSC = {"effective_date": "2026-03-12", "registration_date": "2026-03-12"}


@pytest.fixture
def scene(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """On Monday our CPAS orients a stranger, on Tuesday Le Forem has received it, on Wednesday the CPAS cancels it."""
    scene = Scene(tmp_path, Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare())
    scene.on(MONDAY, "ORIE", mistaken())
    scene.on(TUESDAY, "STAT", of_stranger("STAT"))
    scene.on(WEDNESDAY, "ORIE", mistaken(version="2", notice_status="9"))
    return scene


def mistaken(**changed: str) -> dict[str, str]:
    return of_stranger("ORIE", **changed)


def of_stranger(feed: str, **changed: str) -> dict[str, str]:
    made = row(feed, **changed)
    return made | {name: value for name, value in STRANGER.items() if name in made}


def until(scene: Scene) -> dict[tuple[str, str], date | None]:
    rows = scene.exchange.rows(tables.relationship)
    return {(one["organisation"], one["quality"]): one["until"] for one in rows}


def about_stranger(scene: Scene, recipient: str, feed: str) -> int:
    """How many rows of a feed a recipient was told of the stranger."""
    return sum(one["identity_niss"] == STRANGER["niss"] for one in scene.told(recipient, feed))


def test_the_cpas_hears_nothing_more_of_a_stranger(scene: Scene) -> None:
    """What Le Forem says of the stranger afterwards stays with it, the CPAS's rows are gone, Le Forem knows why."""
    assert until(scene)[CPAS, "REFERRAL"] == WEDNESDAY
    assert "REFERRAL" in scene.kinds(CPAS)
    scene.on(THURSDAY, "INSC", of_stranger("INSC", **INSC))
    assert scene.view(CPAS) == {}
    assert scene.raw(CPAS, "INSC") == []
    scene.on(FRIDAY, "FORM", of_stranger("FORM", referral_id="", effective_date="2026-03-13"))
    assert [about_stranger(scene, CPAS, feed) for feed in ("INSC", "FORM", "MANQ")] == [0, 0, 0]
    assert scene.view(CPAS) == {}
    told = [(one["referral_id"], one["notice_status"]) for one in scene.told(FOREM, "ORIE")]
    assert told == [(OURS, "0"), (OURS, "9")]
    assert {"REFERRAL", "REGISTRATION", "ENROLMENT"} <= scene.kinds(FOREM)


def test_once_both_have_taken_it_back_le_forem_holds_nothing_either(scene: Scene) -> None:
    """Le Forem cancels its answer: the day after, neither view has a row of the stranger."""
    scene.on(THURSDAY, "STAT", of_stranger("STAT", version="2", notice_status="9"))
    assert until(scene)[FOREM, "REFERRAL"] == THURSDAY
    assert [one["notice_status"] for one in scene.told(CPAS, "STAT")] == ["0", "9"]
    scene.run(FRIDAY)
    assert scene.view(CPAS) == scene.view(FOREM) == {}


def test_a_referral_that_was_meant_revives_what_was_ended(scene: Scene) -> None:
    """The cancellation was the mistake: the same orientation sent anew opens both sides' view again."""
    scene.run(THURSDAY)
    assert scene.view(CPAS) == {}
    scene.on(FRIDAY, "ORIE", mistaken(version="3"))
    assert until(scene)[CPAS, "REFERRAL"] is None
    assert scene.kinds(CPAS) == {"REFERRAL", "REGISTRATION"}
    assert [one["notice_status"] for one in scene.told(FOREM, "ORIE")] == ["0", "9", "0"]


def test_a_correction_leaves_the_right_person_alone_with_the_cpas(scene: Scene) -> None:
    """Corrected to the person who was meant: of the stranger nothing is left, of the other all that there is."""
    scene.on(THURSDAY, "ORIE", row("ORIE", version="3", notice_status="1"))
    assert len([kind for kind, _, _ in scene.view(CPAS) if kind == "REFERRAL"]) == 1
    scene.on(FRIDAY, "INSC", of_stranger("INSC", **INSC))
    assert scene.raw(CPAS, "INSC") == []


def test_a_cancellation_that_is_published_late_is_not_lost(scene: Scene) -> None:
    """A version that is missing holds it back until the relationship is over: Le Forem gets it all the same."""
    scene.on(THURSDAY, "ORIE", row("ORIE", OTHER), sender=OTHER)
    scene.on(FRIDAY, "ORIE", row("ORIE", OTHER, version="3", notice_status="9"), sender=OTHER)

    def told() -> list[str | None]:
        return [one["notice_status"] for one in scene.told(FOREM, "ORIE") if one["referral_id"] == THEIRS]

    assert told() == ["0"]
    scene.run(MONDAY + timedelta(days=14))
    assert told() == ["0", "9"]
    assert THEIRS not in {reference for _, _, reference in (*scene.view(FOREM), *scene.view(OTHER))}
