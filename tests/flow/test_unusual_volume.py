"""A CPAS that names many more people than it can have is told to the operator and to nobody else, and not stopped."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, Row, Scene, row

from hub.cli import main
from hub.stores import tables
from simulators.year.people import person

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, n) for n in (9, 10, 11))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


def people(first: int, count: int, cpas: str = CPAS, **changed: str) -> Iterator[Row]:
    """The grant of so many invented people."""
    for rank in range(first, first + count):
        yield row("SITU", cpas, niss=person(1, rank).niss, **changed)


def kept(scene: Scene) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (one["partner"], str(one["day"])): (one["newcomers"], one["strangers"], one["elsewhere"], one["reasons"])
        for one in scene.exchange.rows(tables.volume)
    }


def test_a_day_of_many_new_people_is_flagged_and_served(
    tmp_path: Path, prepared: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    """Sixty people of whom nobody had heard, after a day of three: every row accepted; one warning, in counts alone."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "SITU", *people(0, 3))
    caplog.clear()
    with caplog.at_level(logging.WARNING, "passerelle"):
        scene.on(TUESDAY, "SITU", *people(0, 63))
        scene.run(TUESDAY)
    assert kept(scene) == {
        (CPAS, "2026-03-09"): (3, 3, 0, []),
        (CPAS, "2026-03-10"): (60, 60, 0, ["KNOWN_TO_NOBODY", "MORE_THAN_ITS_SIZE", "MORE_THAN_USUAL"]),
    }
    (line,) = [one.getMessage() for one in caplog.records if "unusual_volume" in one.getMessage()]
    assert "partner=062063 reasons=MORE_THAN_USUAL" in line
    assert "newcomers=60" in line
    served = [line["subject_token"] for line in scene.raw(CPAS, "RECO") if line["entity_kind"] == "SITUATION"]
    assert len(set(served)) == 63
    assert [one["verdict"] for one in scene.raw(CPAS, "ACRF")] == ["ACCEPTED"] * 2
    assert not [one for one in scene.raw(CPAS, "NOTI") if one["record"] == "FINDING"]


def test_people_of_another_cpas_are_flagged(tmp_path: Path, prepared: Exchange) -> None:
    """Twelve people, all of them with a neighbour: fewer than would stand out by their number."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "SITU", *people(0, 12))
    scene.on(TUESDAY, "SITU", *people(0, 12, OTHER), sender=OTHER)
    assert kept(scene)[OTHER, "2026-03-10"] == (12, 0, 12, ["KNOWN_ELSEWHERE"])
    assert kept(scene)[CPAS, "2026-03-09"] == (12, 12, 0, [])


def test_le_forem_is_not_counted(tmp_path: Path, prepared: Exchange) -> None:
    """It holds the whole population; and a person that it named is no stranger to a CPAS, nor with another."""
    scene = Scene(tmp_path, prepared)
    inscribed = [row("INSC", niss=person(1, rank).niss) for rank in range(60)]
    scene.on(MONDAY, "INSC", *inscribed)
    assert kept(scene) == {}
    scene.on(TUESDAY, "SITU", *people(0, 5))
    assert kept(scene)[CPAS, "2026-03-10"] == (5, 0, 0, [])


def test_a_file_sent_again_counts_nobody_twice(tmp_path: Path, prepared: Exchange) -> None:
    """The same people in a later version are known to their CPAS."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "SITU", *people(0, 5))
    scene.on(MONDAY, "SITU", *people(0, 5, version="2"))
    assert kept(scene) == {(CPAS, "2026-03-09"): (5, 5, 0, [])}


def test_the_officer_sees_it_for_four_weeks(
    tmp_path: Path, prepared: Exchange, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`passerelle dpo` tells the CPAS, the day, the counts and why; after four weeks no more. No number, no subject."""
    scene = Scene(tmp_path, prepared)
    today = datetime.now(UTC).date()
    recent = today - timedelta(days=20)
    scene.on(recent, "SITU", *people(0, 60))
    monkeypatch.setenv("PASSERELLE_HOME", str(scene.exchange.settings.home))
    assert main(["dpo", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["class"], told["partner"], told["day"], told["newcomers"]) == (
        "UNUSUAL_VOLUME", CPAS, str(recent), 60,
    )  # fmt: skip
    assert main(["dpo"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0].startswith(f"{recent}  UNUSUAL_VOLUME  CPAS {CPAS}  60 new people")
    assert not [one for one in scene.exchange.rows(tables.event) if one["sid"] in text]
    other = Scene(tmp_path / "older", prepared)
    other.on(today - timedelta(days=40), "SITU", *people(0, 60))
    monkeypatch.setenv("PASSERELLE_HOME", str(other.exchange.settings.home))
    main(["dpo", "--json"])
    assert json.loads(capsys.readouterr().out) == []


def test_the_basis_of_each_relationship_is_recorded(tmp_path: Path, prepared: Exchange) -> None:
    """Who knows whom, in which quality, since when, until when, on which legal basis: convention or decree."""
    scene = Scene(tmp_path, prepared)
    scene.send(MONDAY, "SITU", row("SITU"))
    scene.send(MONDAY, "INSC", row("INSC"))
    scene.on(MONDAY, "ORIE", row("ORIE", legal_basis="CONV2024"))
    scene.on(TUESDAY, "SITU", row("SITU", situation_kind="TRANSFER_OUT", version="2", effective_date="2026-03-10"))
    rows = scene.exchange.rows(tables.relationship)
    found = {(one["organisation"], one["quality"], one["basis"], str(one["since"]), one["until"]) for one in rows}
    own = scene.exchange  # the registry's own word on the partner
    with own.hub(TUESDAY) as hub:
        basis = hub.registry.basis(CPAS, TUESDAY)
    assert basis in {"CONV2024", "DECR2025"}
    end = date(2026, 3, 10)
    assert found == {
        (CPAS, "REFERRAL", "CONV2024", "2026-03-02", end),
        (CPAS, "STATED", basis, "2026-03-02", end),
        (CPAS, "STATED", basis, "2026-03-10", end),
        (FOREM, "REFERRAL", "CONV2024", "2026-03-02", None),
        (FOREM, "STATED", "DECR2025", "2026-03-05", None),
    }
