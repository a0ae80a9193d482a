"""Who goes on using a number that the registers have replaced or cancelled is told so, and nobody else is."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, REGISTERS, Row, Scene, row
from test_succession import NEW, OLD, muta

from hub.stores import tables

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, n) for n in (9, 10, 11, 12, 13))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, prepared: Exchange) -> Scene:
    """Our CPAS has oriented a person under the old number, and Le Forem has answered under the same."""
    scene = Scene(tmp_path_factory.mktemp("answered"), prepared)
    scene.on(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(TUESDAY, "STAT", row("STAT", niss=OLD))
    return scene


def told(scene: Scene, partner: str) -> list[tuple[str, str, str, str]]:
    """The findings of a partner's rows: line, column, code, severity."""
    found = [line for line in scene.raw(partner, "NOTI") if line["record"] == "FINDING"]
    return [(line["line"], line["column"], line["code"], line["severity"]) for line in found]


def totals(scene: Scene, partner: str) -> tuple[str, ...]:
    """Read, accepted, warned and rejected of the partner's last file."""
    last = [line for line in scene.raw(partner, "NOTI") if line["record"] == "TOTAL"][-1]
    return tuple(last[name] for name in ("read", "accepted", "warned", "rejected"))


def numbers(lines: Iterable[Row]) -> list[str]:
    """The cells in which one of the two numbers is written."""
    return [cell for line in lines for cell in line.values() if cell and (OLD in cell or NEW in cell)]


def test_both_sides_are_told_that_a_number_was_replaced(tmp_path: Path, answered: Scene) -> None:
    """R103 on the line, the row accepted and warned of, in the person's view; the new number is told to nobody."""
    scene = answered.copy(tmp_path)
    scene.send(WEDNESDAY, "MUTA", muta())
    scene.run(WEDNESDAY)
    assert told(scene, CPAS) == told(scene, FOREM) == []
    scene.send(THURSDAY, "SITU", row("SITU", niss=OLD))
    scene.send(THURSDAY, "INSC", row("INSC", niss=OLD), row("INSC", niss=NEW, version="2"))
    scene.run(THURSDAY)
    assert told(scene, CPAS) == told(scene, FOREM) == [("2", "niss", "R103", "WARNING")]
    assert (totals(scene, CPAS), totals(scene, FOREM)) == (("1", "1", "1", "0"), ("2", "2", "1", "0"))
    assert {"REFERRAL", "SITUATION", "REGISTRATION"} <= scene.kinds(CPAS)
    assert len({line["subject_token"] for line in scene.view(CPAS).values()}) == 1
    for partner in (CPAS, FOREM, REGISTERS):
        assert numbers([*scene.raw(partner, "NOTI"), *scene.raw(partner, "ACRF")]) == []


def test_a_cancelled_number_is_told_as_such(tmp_path: Path, answered: Scene) -> None:
    """R104; nobody is joined, and the row finds the person of that number."""
    scene = answered.copy(tmp_path)
    scene.on(WEDNESDAY, "MUTA", muta(kind="CANCELLED", replaced_by=""))
    scene.on(THURSDAY, "SITU", row("SITU", niss=OLD))
    assert told(scene, CPAS) == [("2", "niss", "R104", "WARNING")]
    assert scene.kinds(CPAS) == {"REFERRAL", "REGISTRATION", "SITUATION"}


@pytest.mark.parametrize(
    "undone",
    [
        muta(version="2", notice_status="9"),
        muta(kind="UNMERGED", version="2", effective_date="2026-03-11"),
        muta(NEW, OLD, kind="UNMERGED", effective_date="2026-03-11"),
    ],
    ids=["cancelled", "parted", "parted the other way round"],
)
def test_what_the_registers_take_back_is_told_no_more(tmp_path: Path, answered: Scene, undone: Row) -> None:
    """A number that was replaced by mistake is as good as any."""
    scene = answered.copy(tmp_path)
    scene.on(TUESDAY, "MUTA", muta())
    scene.on(WEDNESDAY, "MUTA", undone)
    scene.on(THURSDAY, "SITU", row("SITU", niss=OLD))
    assert told(scene, CPAS) == []


def test_nobody_learns_of_a_number_by_trying_it(tmp_path: Path, answered: Scene, prepared: Exchange) -> None:
    """Another CPAS, with a situation and a referral of its own that nobody has answered, is told nothing, ever.

    Nor is Le Forem of a person whom nobody has referred to it: that the registers speak of them tells who has them.
    """
    scene = answered.copy(tmp_path)
    scene.on(WEDNESDAY, "MUTA", muta())
    for day, version in ((THURSDAY, "1"), (FRIDAY, "2")):
        scene.send(day, "SITU", row("SITU", OTHER, niss=OLD, version=version), sender=OTHER)
        scene.send(day, "ORIE", row("ORIE", OTHER, niss=OLD, version=version), sender=OTHER)
        scene.run(day)
    assert told(scene, OTHER) == []
    other = Scene(tmp_path / "unreferred", prepared)
    other.on(MONDAY, "MUTA", muta())
    for day, version in ((TUESDAY, "1"), (WEDNESDAY, "2")):
        other.on(day, "INSC", row("INSC", niss=OLD, version=version))
    assert told(other, FOREM) == []


def test_a_withdrawn_referral_opens_nothing(tmp_path: Path, answered: Scene) -> None:
    """Once the CPAS has taken its orientation back, neither side is told of the number any more."""
    scene = answered.copy(tmp_path)
    scene.on(WEDNESDAY, "ORIE", row("ORIE", niss=OLD, version="2", notice_status="9"))
    scene.on(WEDNESDAY, "MUTA", muta())
    scene.send(THURSDAY, "SITU", row("SITU", niss=OLD))
    scene.on(THURSDAY, "INSC", row("INSC", niss=OLD))
    assert told(scene, CPAS) == told(scene, FOREM) == []


def test_a_row_is_warned_of_once_and_counted_in_full(tmp_path: Path, answered: Scene) -> None:
    """Of 101 rows with the old number 100 are named and all counted; one that has another warning counts once."""
    scene = answered.copy(tmp_path)
    scene.on(WEDNESDAY, "MUTA", muta())
    scene.on(THURSDAY, "SITU", *(row("SITU", niss=OLD, version=str(n)) for n in range(1, 102)))
    found = [line for line in scene.raw(CPAS, "NOTI") if line["code"] == "R103"]
    assert [line["count"] for line in found] == ["1"] * 100 + ["101"]
    assert totals(scene, CPAS)[0::2] == ("101", "101")
    scene.on(FRIDAY, "INSC", row("INSC", niss=OLD, residence_nis="82005"))
    assert [code for _, _, code, _ in told(scene, FOREM)] == ["R103", "R202"]
    assert totals(scene, FOREM) == ("1", "1", "1", "0")


def test_nothing_of_the_succession_is_in_the_findings(tmp_path: Path, answered: Scene) -> None:
    """The ledger keeps line, column and code of it, and no shape."""
    scene = answered.copy(tmp_path)
    scene.on(WEDNESDAY, "MUTA", muta())
    scene.on(THURSDAY, "SITU", row("SITU", niss=OLD))
    (kept,) = [one for one in scene.exchange.rows(tables.finding) if one["code"] == "R103"]
    assert (kept["line"], kept["column"], kept["shape"], kept["count"]) == (2, "niss", None, 1)
    assert ANNA["niss"] not in str(kept)
