"""The report that a controller hands to a person: what is held, from whom, told to whom, on what ground, until when."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, OURS, THEIRS, Row, Scene, row

from hub.access import COLUMNS, as_csv
from hub.cli import main
from hub.flow.erase import erase, found
from hub.model import HUB
from hub.stores import tables

MONDAY = date(2026, 3, 9)
Report = Callable[[str], list[Row]]


@pytest.fixture
def keyless() -> tuple[str, ...]:
    """The partners of which the hub has no key."""
    return ()


@pytest.fixture
def scene(
    tmp_path: Path,
    new_stores: Callable[[], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    keyless: tuple[str, ...],
) -> Scene:
    """Two CPAS have orientated one person, and Le Forem has answered the first."""
    made = Exchange(tmp_path / "made", cpas=f"{CPAS},{OTHER}", environ=new_stores()).prepare()
    scene = Scene(tmp_path / "scene", made)
    scene.send(MONDAY, "ORIE", row("ORIE", **ANNA))
    scene.send(MONDAY, "ORIE", row("ORIE", OTHER, **ANNA), sender=OTHER)
    scene.send(MONDAY, "STAT", row("STAT"))
    for partner in keyless:
        (scene.exchange.settings.partner_keys / f"{partner}.pub").unlink()
    told = scene.exchange.half_day(MONDAY, "EVENING")
    assert {one.partner for one in told if one.error} == set(keyless)
    for name, value in {**made.environ, "PASSERELLE_HOME": str(scene.exchange.root / "hub")}.items():
        monkeypatch.setenv(name, value)
    return scene


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Report:
    def ask(controller: str) -> list[Row]:
        monkeypatch.setattr("sys.stdin", io.StringIO(ANNA["niss"] + "\n"))
        out = tmp_path / f"{controller}.csv"
        out.unlink(missing_ok=True)
        code = main(["person", "report", "--for", controller, "--out", str(out), "--at", "2026-03-10T09:00+01:00"])
        printed = "".join(capsys.readouterr())
        assert code == 0, printed
        assert [w for w in (ANNA["niss"], OURS, "Dubois") if w in printed] == []
        assert out.stat().st_mode & 0o077 == 0
        return list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))

    return ask


def test_all_that_is_held_is_in_the_whole_report(scene: Scene, report: Report) -> None:
    """For the hub's officer: a line for each row, state, relationship, number, sealed identity, and row told."""
    lines = report(HUB)
    assert tuple(lines[0]) == COLUMNS
    counted = Counter(line["rubrique"] for line in lines)
    events, states = scene.exchange.rows(tables.event), scene.exchange.rows(tables.entity_state)
    assert counted["Ligne reçue"] == len(events) == 3
    assert counted["État calculé"] == len(states)
    assert counted["Relation"] == len(scene.exchange.rows(tables.relationship))
    assert counted["Numéro"] == 1
    published = {p["name"] for p in scene.exchange.rows(tables.publication) if p["feed"] not in ("ACRF", "NOTI")}
    assert {line["quoi"].rpartition(" ")[2] for line in lines if line["rubrique"] == "Communiqué"} == published
    assert {line["a_qui"] for line in lines if line["rubrique"] == "Identité"} == {CPAS, OTHER, FOREM}
    assert all(line["jusqu_au"] for line in lines)
    grounds = {line["fondement"] for line in lines if line["rubrique"] in ("Ligne reçue", "Relation", "Communiqué")}
    assert grounds
    assert "" not in grounds


def test_a_cpas_hands_over_nothing_that_another_wrote(scene: Scene, report: Report) -> None:
    """It has its own rows, what it was told, and who was told of its rows; not that the other CPAS exists."""
    lines = report(CPAS)
    text = json.dumps(lines)
    assert OTHER not in text
    assert OTHER[1:] not in text
    assert THEIRS not in text
    assert {line["de_qui"] for line in lines if line["rubrique"] == "Ligne reçue"} == {CPAS}
    told = {line["a_qui"] for line in lines if line["rubrique"] == "Communiqué"}
    assert told == {CPAS, FOREM}
    assert {line["a_qui"] for line in lines if line["rubrique"] == "Identité"} == {CPAS}
    assert {line["rubrique"] for line in lines} == {"Ligne reçue", "Relation", "Communiqué", "Identité"}


@pytest.mark.parametrize("keyless", [(CPAS, FOREM)])
def test_what_waits_for_a_key_is_told_to_whom_it_waits_for(scene: Scene, report: Report) -> None:
    """The hub's officer sees for whom an identity waits, since when and of which columns; a CPAS its own alone."""
    waiting = [line for line in report(HUB) if "en attente" in line["quoi"]]
    assert {(line["rubrique"], line["a_qui"], line["le"]) for line in waiting} == {
        ("Identité", CPAS, "2026-03-09"),
        ("Identité", FOREM, "2026-03-09"),
    }
    assert all("niss, last_name" in line["quoi"] and "PERSON_RIGHTS" in line["detail"] for line in waiting)
    assert {line["a_qui"] for line in waiting if "referent_email" in line["quoi"]} == {FOREM}
    assert {line["a_qui"]: line["quoi"].split(",")[1] for line in waiting} == {CPAS: " 1 fois", FOREM: " 3 fois"}
    assert [line["a_qui"] for line in report(CPAS) if "en attente" in line["quoi"]] == [CPAS]
    assert [line for line in report(OTHER) if "en attente" in line["quoi"]] == []
    with scene.exchange.hub(MONDAY) as hub:
        erase(hub, found(hub, niss=ANNA["niss"]).sids, "OBJECTION")
    assert report(HUB) == []


def test_after_an_erasure_the_report_is_empty(scene: Scene, report: Report) -> None:
    """Nothing is held, so nothing is told; that it was asked is in the audit log, for whom and not about whom."""
    with scene.exchange.hub(MONDAY) as hub:
        erase(hub, found(hub, niss=ANNA["niss"]).sids, "OBJECTION")
    assert report(HUB) == []
    entries = [json.loads(line["entry"]) for line in scene.exchange.rows(tables.audit_leaf)]
    assert [e["partner"] for e in entries if e["kind"] == "access"] == [HUB]


def test_no_cell_is_a_formula() -> None:
    """A spreadsheet does not compute what a partner wrote."""
    line = dict.fromkeys(COLUMNS, "") | {"detail": "=HYPERLINK()", "quoi": "@x", "de_qui": "-1"}
    cells = next(csv.DictReader(io.StringIO(as_csv([line]).decode("utf-8-sig")), delimiter=";"))
    assert (cells["detail"], cells["quoi"], cells["de_qui"]) == ("'=HYPERLINK()", "'@x", "'-1")
