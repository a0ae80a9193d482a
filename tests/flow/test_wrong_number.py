"""Somebody is named under the NISS of a stranger: what each side is told of the stranger, and no more of it after."""

from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, OURS, Scene, row

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, n) for n in (9, 10, 11, 12, 13))
STRANGER = {"niss": "88021400084", "last_name": "Martin", "first_name": "Luc", "birth_date": "1988-02-14"}
INSC = {"effective_date": "2026-03-12", "registration_date": "2026-03-12"}
FORM = {"referral_id": "", "effective_date": "2026-03-13"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, prepared: Exchange) -> Scene:
    """On Monday our CPAS orients a stranger, on Tuesday Le Forem has received it, on Wednesday the CPAS cancels it."""
    scene = Scene(tmp_path_factory.mktemp("before"), prepared)
    scene.on(MONDAY, "ORIE", of_stranger("ORIE"))
    scene.on(TUESDAY, "STAT", of_stranger("STAT"))
    assert scene.kinds(CPAS) == {"REFERRAL", "REGISTRATION"}
    scene.on(WEDNESDAY, "ORIE", of_stranger("ORIE", version="2", notice_status="9"))
    return scene


@pytest.fixture
def scene(tmp_path: Path, before: Scene) -> Scene:
    return before.copy(tmp_path)


def of_stranger(feed: str, sender: str = CPAS, **changed: str) -> dict[str, str]:
    made = row(feed, sender, **changed)
    return made | {name: value for name, value in STRANGER.items() if name in made}


def about_stranger(scene: Scene, recipient: str, feed: str) -> int:
    """How many rows of a feed a recipient was told of the stranger."""
    return sum(one["identity_niss"] == STRANGER["niss"] for one in scene.told(recipient, feed))


def test_a_cpas_hears_no_more_of_a_stranger(scene: Scene) -> None:
    """It keeps its own orientation, on which Le Forem is still to act, and nothing else; Le Forem knows why."""
    assert scene.kinds(CPAS) == {"REFERRAL"}
    scene.on(THURSDAY, "INSC", of_stranger("INSC", **INSC))
    scene.on(FRIDAY, "FORM", of_stranger("FORM", **FORM))
    assert [about_stranger(scene, CPAS, feed) for feed in ("INSC", "FORM", "MANQ")] == [0, 0, 0]
    assert scene.kinds(CPAS) == {"REFERRAL"}
    assert [one["notice_status"] for one in scene.told(FOREM, "ORIE")] == ["0", "9"]
    assert {"REFERRAL", "REGISTRATION", "ENROLMENT"} <= scene.kinds(FOREM)


def test_once_both_have_taken_it_back_le_forem_holds_the_orientation_alone(scene: Scene) -> None:
    """What another CPAS then says of the stranger is none of its business."""
    scene.on(THURSDAY, "STAT", of_stranger("STAT", version="2", notice_status="9"))
    assert [one["notice_status"] for one in scene.told(CPAS, "STAT")] == ["0", "9"]
    assert scene.kinds(FOREM) == {"REFERRAL"}
    scene.on(FRIDAY, "SITU", of_stranger("SITU", OTHER), sender=OTHER)
    assert scene.kinds(FOREM) == {"REFERRAL"}
    assert scene.raw(FOREM, "SITU") == []


def test_an_orientation_that_was_meant_opens_it_again(scene: Scene) -> None:
    """The cancellation was the mistake: what was taken back is told again, and what came meanwhile."""
    scene.on(THURSDAY, "INSC", of_stranger("INSC", **INSC))
    scene.on(FRIDAY, "ORIE", of_stranger("ORIE", version="3"))
    assert scene.kinds(CPAS) == {"REFERRAL", "REGISTRATION"}
    assert about_stranger(scene, CPAS, "INSC") == 1
    assert [one["notice_status"] for one in scene.told(FOREM, "ORIE")] == ["0", "9", "0"]


def test_a_correction_leaves_the_person_who_was_meant(scene: Scene) -> None:
    """Corrected to somebody else: of the stranger the CPAS hears nothing, nor does it hold anything."""
    scene.on(THURSDAY, "ORIE", row("ORIE", version="3", notice_status="1"))
    scene.on(FRIDAY, "INSC", of_stranger("INSC", **INSC))
    assert about_stranger(scene, CPAS, "INSC") == 0
    assert [reference for kind, _, reference in scene.view(CPAS) if kind == "REFERRAL"] == [OURS]


def test_who_is_helped_too_goes_on_being_told_of(scene: Scene) -> None:
    """A CPAS that takes back an orientation of somebody whom it helps hears of the registration all the same."""
    scene.on(THURSDAY, "SITU", of_stranger("SITU"))
    scene.on(FRIDAY, "INSC", of_stranger("INSC", **INSC))
    assert about_stranger(scene, CPAS, "INSC") == 1
    assert scene.kinds(CPAS) == {"REFERRAL", "REGISTRATION", "SITUATION"}


def test_a_status_under_a_wrong_number_opens_no_file_to_le_forem(tmp_path: Path, prepared: Exchange) -> None:
    """Le Forem puts a stranger's number on a status of somebody else's orientation: it is told nothing of them."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "SITU", of_stranger("SITU", OTHER), sender=OTHER)
    scene.on(TUESDAY, "ORIE", row("ORIE"))
    scene.on(WEDNESDAY, "STAT", of_stranger("STAT"))
    assert scene.kinds(FOREM) == {"REFERRAL", "REGISTRATION"}
    assert {cpas for _, cpas, _ in scene.view(FOREM)} <= {"", CPAS}
    assert scene.raw(FOREM, "SITU") == []
    scene.on(THURSDAY, "ORIE", of_stranger("ORIE", OTHER), sender=OTHER)
    assert "SITUATION" in scene.kinds(FOREM)
    assert about_stranger(scene, FOREM, "SITU") == 1


def test_what_was_told_before_is_called_back_by_who_said_it(tmp_path: Path, prepared: Exchange) -> None:
    """A cancellation reaches whom its row was told, though nothing else of the stranger does."""
    scene = Scene(tmp_path, prepared)
    scene.send(MONDAY, "ORIE", of_stranger("ORIE"))
    scene.on(MONDAY, "SITU", of_stranger("SITU"))
    other = scene.copy(tmp_path / "other")
    scene.send(TUESDAY, "ORIE", of_stranger("ORIE", version="2", notice_status="9"))
    scene.on(TUESDAY, "SITU", of_stranger("SITU", version="2", notice_status="9"))
    assert [one["notice_status"] for one in scene.told(FOREM, "SITU")] == ["0", "9"]
    assert scene.kinds(FOREM) == {"REFERRAL"}

    other.send(TUESDAY, "STAT", of_stranger("STAT"))
    other.on(TUESDAY, "INSC", of_stranger("INSC"))
    other.send(WEDNESDAY, "ORIE", of_stranger("ORIE", version="2", notice_status="9"))
    other.on(WEDNESDAY, "SITU", of_stranger("SITU", version="2", notice_status="9"))
    other.on(THURSDAY, "INSC", of_stranger("INSC", version="2", notice_status="9"))
    assert [one["notice_status"] for one in other.told(CPAS, "INSC")] == ["0", "9"]
