"""What is over its time is removed, and only that: whoever has something open stays, and is answered as before."""

import json
import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, OURS, Row, Scene, row

from hub import flow
from hub.cli import main
from hub.crossing import may_cross
from hub.flow.retain import Line, purge, report, terms
from hub.retention import CATEGORIES
from hub.stores import tables
from hub.wiring import open_databases

MONDAY = date(2026, 3, 9)
LATER = MONDAY + timedelta(days=800)
BORIS: Row = {"niss": "90021100077", "last_name": "Lambert", "first_name": "Boris", "birth_date": "1990-02-11"}
HIS = "R62063-2026-000002"
ENDED = {"core_status": "COMPLETED", "business_status": "HANDED_BACK", "status_reason_code": ""}


@pytest.fixture
def scene(tmp_path: Path, new_stores: Callable[[], dict[str, str]]) -> Scene:
    """Anna's file is over on both sides; Boris's referral is with Le Forem; both were heard of years ago."""
    made = Exchange(tmp_path / "made", cpas=f"{CPAS},{OTHER}", environ=new_stores()).prepare()
    scene = Scene(tmp_path / "scene", made)
    boris = BORIS | {"niss": f"900211000{97 - 900211000 % 97:02}"}
    scene.send(MONDAY, "ORIE", row("ORIE", **ANNA), row("ORIE", **boris, referral_id=HIS))
    scene.send(MONDAY, "STAT", *(_accepted(one, referral) for one, referral in ((ANNA, OURS), (boris, HIS))))
    scene.run(MONDAY)
    scene.on(MONDAY + timedelta(days=1), "STAT", _accepted(ANNA, OURS) | _ended("2026-03-10"))
    for path in scene.exchange.settings.files.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 3600,) * 2)
    return scene


def _accepted(person: Row, referral: str) -> Row:
    said = {"core_status": "ACCEPTED", "business_status": "ASSIGNED_AGENCY", "status_reason_code": ""}
    said |= {"niss": person["niss"], "referral_id": referral, "outcome": "", "outcome_date": ""}
    return row("STAT", **said)


def _ended(day: str) -> Row:
    outcome = {"outcome": "HANDED_BACK", "outcome_date": day}
    return ENDED | outcome | {"version": "2", "status_date": day, "recorded_at": f"{day}T06:00:00+01:00"}


def held(scene: Scene, day: date) -> dict[str, Line]:
    with scene.exchange.hub(day) as hub:
        return {line.category: line for line in report(hub)}


def subjects(scene: Scene) -> set[str]:
    return {line["sid"] for line in scene.exchange.rows(tables.event)}


def reconciled(scene: Scene, day: date) -> None:
    scene.exchange.require(scene.exchange.half_day(day, "EVENING"))


def test_nothing_goes_before_its_time(scene: Scene) -> None:
    """On the last day of the term of a person nothing of it goes; files have a shorter one."""
    with scene.exchange.hub(MONDAY) as hub:
        days = terms(hub)["persons"].days
    last = MONDAY + timedelta(days=1 + days)
    reconciled(scene, last)
    assert held(scene, last)["persons"].over == 0
    assert held(scene, last + timedelta(days=1))["persons"].over == 1


def test_received_files_go_after_a_month_and_nobody_with_them(scene: Scene) -> None:
    """Each file and its GO, once it was answered; one that waits for its receipt stays."""
    day = MONDAY + timedelta(days=40)
    scene.send(MONDAY + timedelta(days=2), "STAT", _accepted(ANNA, OURS) | _ended("2026-03-11") | {"version": "3"})
    with scene.exchange.hub(MONDAY + timedelta(days=2)) as hub:
        flow.collect(hub, [FOREM])
    landing = scene.exchange.settings.files / "landing"
    for path in landing.iterdir():
        os.utime(path, (time.time() - 3600,) * 2)
    with scene.exchange.hub(day) as hub:
        gone = purge(hub)
        assert may_cross(gone), "Airflow keeps it"
    assert {name: count for name, count in gone.items() if count} == {"landing": 6}
    assert len(list(landing.iterdir())) == 2
    assert len(subjects(scene)) == 2
    scene.run(day)
    assert scene.exchange.status()["conservation"]["holds"] == 1


def test_who_has_something_open_stays_and_is_answered_as_before(scene: Scene) -> None:
    """Anna goes, from every store; Boris's rows, states and view are to the byte what they were."""
    reconciled(scene, LATER)
    before, views = _rows_of(scene, HIS), {one: scene.view(one)["REFERRAL", "", HIS] for one in (CPAS, FOREM)}
    assert held(scene, LATER)["persons"] == Line("persons", 730, 2, 1)
    with scene.exchange.hub(LATER) as hub:
        gone = purge(hub)
    assert gone["persons"] == 1
    assert gone["outbox"] >= 2
    assert {name: line.over for name, line in held(scene, LATER).items()} == dict.fromkeys(CATEGORIES, 0)
    assert len(subjects(scene)) == 1
    assert _rows_of(scene, HIS) == before
    assert _rows_of(scene, OURS) == {"event": [], "entity_state": [], "told": []}
    reconciled(scene, LATER + timedelta(days=1))
    assert {one: scene.view(one)["REFERRAL", "", HIS] for one in (CPAS, FOREM)} == views
    assert ("REFERRAL", "", OURS) not in scene.view(FOREM) | scene.view(CPAS)
    assert scene.exchange.status()["conservation"]["holds"] == 1


def _rows_of(scene: Scene, entity: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with open_databases(scene.exchange.settings) as (ledger, _), ledger.read() as tx:
        for table in (tables.event, tables.entity_state, tables.told):
            query = sa.select(table).where(table.c.entity_id == entity)
            found[table.name] = sorted(str(tuple(line)) for line in tx.execute(query))
    return found


def test_a_second_purge_finds_nothing_and_the_log_has_both(scene: Scene) -> None:
    """Counts by category in the audit log, no identifier; running it twice removes nothing more."""
    reconciled(scene, LATER)
    with scene.exchange.hub(LATER) as hub:
        purge(hub)
    with scene.exchange.hub(LATER) as hub:
        assert set(purge(hub).values()) == {0}
    leaves = sorted(scene.exchange.rows(tables.audit_leaf), key=lambda line: line["n"])
    entries = [json.loads(line["entry"]) for line in leaves]
    kinds = [one["kind"] for one in entries if one["kind"] in ("erasure", "purge")]
    assert kinds == ["erasure", "erasure", "purge", "purge"]
    assert [one for one in subjects(scene) if one in str(entries)] == []


def test_what_a_snapshot_needs_stays_in_the_outbox(scene: Scene) -> None:
    """A file of the view that tells a row which still holds is kept, whatever its age."""
    with scene.exchange.hub(LATER) as hub:
        purge(hub)
    rows = scene.exchange.rows(tables.told)
    needed = {(r["recipient"], r["sequence"]) for r in rows if r["feed"] == "RECO" and r["row_hash"] != "GONE"}
    names = {p["name"] for p in scene.exchange.rows(tables.publication) if (p["recipient"], p["sequence"]) in needed
             and p["feed"] == "RECO"}  # fmt: skip
    assert names
    assert names <= {path.name for path in (scene.exchange.settings.files / "outbox").iterdir()}


def test_the_command_counts_and_a_dry_run_changes_nothing(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`retention report` and `purge --dry-run` say what is over; `purge` removes as much."""
    monkeypatch.setenv("PASSERELLE_HOME", str(scene.exchange.root / "hub"))
    for name, value in scene.exchange.environ.items():
        monkeypatch.setenv(name, value)
    reconciled(scene, LATER)
    before = subjects(scene)

    def run(*words: str) -> Any:
        assert main(["retention", *words, "--at", f"{LATER}T21:00+02:00", "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    counted = {one["category"]: one["over"] for one in run("report")["categories"]}
    assert run("purge", "--dry-run") == run("report")
    assert subjects(scene) == before
    gone = run("purge")["gone"]
    assert gone["persons"] == counted["persons"] == 1
    assert gone["outbox"] >= counted["outbox"] > 0
