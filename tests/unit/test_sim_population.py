"""Invented people and the stories drawn about them."""

import ast
import random
from datetime import date
from pathlib import Path

import pytest

import simulators
from simulators import communes, courses, days, defects, init, plan, population, table, truth

DAY = date(2026, 3, 9)
PACKAGE = Path(simulators.__file__).parent
TOWNS = {"62063": "4000", "62096": "4100", "62051": "4040", "62003": "4430", "62108": "4600", "62120": "4400"}
HEADER = (
    "partner_id;nis;name_fr;name_de;arrondissement_nis;arrondissement;province;service;language_facilities;"
    "convention_signed_on;legal_basis;plan_axes;encoding;valid_from;valid_until\n"
)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """Six communes served by Le Forem, one of the ADG, one without a convention, one that has ended."""
    line = "0{0};{0};Ville {0};;62000;Liège;Liège;{1};;{2};CONV2024;1;utf-8;1977-01-01;{3}\n"
    rows = [line.format(nis, "FOREM", "2024-06-01", "") for nis in TOWNS]
    rows += [line.format("63023", "ADG", "", ""), line.format("62009", "FOREM", "", "")]
    rows += [line.format("82005", "FOREM", "2024-06-01", "2024-12-31")]
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "cpas.csv").write_text(HEADER + "".join(rows), "utf-8")
    codes = "".join(f"{code};{nis}\n" for nis, code in {**TOWNS, "63023": "4700", "62009": "4920"}.items())
    (folder / "postal_codes.csv").write_text("postal_code;nis\n" + codes, "utf-8")
    return folder


def story(registry: Path, seed: int = 5) -> plan.Scenario:
    """A scenario of five days with the communes of the registry."""
    chosen = communes.choose(communes.read(registry, DAY), "6")
    return plan.draw(seed, days.working_days(DAY, 5), chosen, 72)


def test_stand_ins_import_nothing_of_ours() -> None:
    """No module of the stand-ins imports contracts, connectors, hub, dags or tests."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"contracts", "connectors", "hub", "dags", "tests"}


def test_nobody_can_have_the_invented_niss() -> None:
    """Every NISS has order number 999 (man) or 000 (woman), a right check number and an age of 18 to 64."""
    people = population.draw(random.Random(1), 800, DAY)
    assert len({person.niss for person in people}) == len({person.last_name for person in people}) == 800
    assert {person.niss[6:9] for person in people} == {"000", "999"}
    for person in people:
        century = "2" if person.birth_date >= "2000" else ""
        assert (int(century + person.niss[:9]) + int(person.niss[9:])) % 97 == 0
        assert person.niss[:6] == person.birth_date[2:].replace("-", "")
        assert (person.niss[6:9] == "999") == (person.sex == "1")
        birth = date.fromisoformat(person.birth_date)
        assert 18 <= DAY.year - birth.year - ((DAY.month, DAY.day) < (birth.month, birth.day)) <= 64


def test_check_number_of_both_centuries() -> None:
    """People born before and since 2000 have different check numbers for the same nine digits."""
    assert population.niss(date(1985, 7, 30), man=True) == f"850730999{97 - 850730999 % 97:02d}"
    assert population.niss(date(2005, 6, 15), man=False) == f"050615000{97 - 2050615000 % 97:02d}"


def test_names_have_accents_and_fit_cp1252() -> None:
    """Some names have accents, and each can be written in cp1252, as older software does."""
    people = population.draw(random.Random(2), 200, DAY)
    assert any(not person.last_name.isascii() for person in people)
    assert all((person.last_name + person.first_name).encode("cp1252") for person in people)


def test_same_seed_same_files(registry: Path, tmp_path: Path) -> None:
    """Two scenarios of one seed have the same agendas, script, truth and canaries; another seed has others."""
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        truth.write(tmp_path / name, story(registry, seed))

    def contents(name: str) -> dict[str, bytes]:
        root = tmp_path / name
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    assert contents("a") == contents("b") != contents("c")


def test_only_cpas_that_may_exchange(registry: Path) -> None:
    """A CPAS of the ADG, one without a convention and one that has ended take no part."""
    found = {commune.nis for commune in communes.read(registry, DAY)}
    assert found == set(TOWNS)
    assert communes.choose(communes.read(registry, DAY), "2")[0].partner == "062063"
    with pytest.raises(ValueError, match="063023"):
        communes.choose(communes.read(registry, DAY), "062063,063023")


def test_every_mistake_is_planned_once(registry: Path) -> None:
    """Each named mistake has a place in the story, none on the last day, and its row is repaired."""
    drawn = story(registry)
    planned = {defect.name for defect in drawn.placed.values()}
    assert planned == {defect.name for defect in defects.ROW_DEFECTS + defects.FILE_DEFECTS}
    assert max(index for _, index in drawn.placed) < 4
    repaired = [one for one in drawn.referrals if one.defect in {defect.name for defect in defects.ROW_DEFECTS}]
    assert repaired
    assert all(one.notices[0].valid > one.sent and one.notices[0].row["version"] == "1" for one in repaired)
    assert {one.defect for one in drawn.referrals} >= {"wrong_person", "wrong_person_healed"}


LEGAL = {
    "": {"RECEIVED", "CANCELLED"},
    "RECEIVED": {"ACCEPTED", "REJECTED", "CANCELLED"},
    "ACCEPTED": {"IN_PROGRESS", "ON_HOLD", "COMPLETED", "FAILED", "CANCELLED", "REFERRED_ONWARD"},
    "IN_PROGRESS": {"ON_HOLD", "COMPLETED", "FAILED", "CANCELLED", "REFERRED_ONWARD"},
    "ON_HOLD": {"IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"},
}


@pytest.mark.parametrize("seed", range(8))
def test_courses_are_legal(registry: Path, seed: int) -> None:
    """Le Forem only makes legal steps, one a day at most, and numbers its versions without gaps."""
    for one in story(registry, seed).referrals:
        steps = one.course.steps
        assert [step.version for step in steps] == list(range(1, len(steps) + 1))
        assert [step.day for step in steps] == sorted({step.day for step in steps})
        before = ""
        for step in steps:
            if step.cells["notice_status"] == "0" and not step.niss_of:
                assert step.cells["core_status"] in LEGAL[before]
            before = step.after
        assert all(step.cells["status_date"] <= step.day for step in steps)


def test_operator_number_has_the_check_of_an_enterprise() -> None:
    """The invented operator's number passes the modulo 97 check."""
    assert int(courses.OPERATOR[8:]) == 97 - int(courses.OPERATOR[:8]) % 97


def test_short_rows_and_quotes() -> None:
    """The CSV doubles quotes, and a row made ragged has one cell less."""
    text = table.write(["a", "b"], [{"a": 'x"y', "b": "1;2"}, {"a": "3", "b": "4"}], ragged=[1])
    assert text == 'a;b\n"x""y";"1;2"\n3\n'
    with pytest.raises(ValueError, match="shorter"):
        table.read(text)


def test_summer_time() -> None:
    """Timestamps carry the offset of Brussels: one hour in winter, two in summer."""
    assert days.stamp(DAY, 8, 5) == "2026-03-09T08:05:00+01:00"
    assert days.stamp(date(2026, 4, 10), 8, 5).endswith("+02:00")
    assert [day.isoformat() for day in days.working_days(date(2026, 3, 13), 2)] == ["2026-03-13", "2026-03-16"]


def test_a_second_scenario_is_refused(registry: Path, tmp_path: Path) -> None:
    """A folder keeps its scenario: its books would not fit another one."""

    def make(seed: int) -> None:
        init.create(tmp_path / "root", seed=seed, first=DAY, count=5, cpas="2", registry=registry)

    make(1)
    with pytest.raises(FileExistsError):
        make(2)
