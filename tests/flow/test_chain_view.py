"""A recipient that has lost its books puts its whole view together from the RECO files that it has kept."""

import json
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, OURS, Scene, row

from hub.cli import main
from hub.errors import OperatorError

MONDAY, TUESDAY, NEXT_MONDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 16)
STOPPED = OperatorError("").exit_code


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the hub sent in two weeks, by recipient: snapshot, delta, snapshot, delta."""
    prepared = Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()
    scene = Scene(tmp_path_factory.mktemp("scene"), prepared)
    scene.on(MONDAY, "ORIE", row("ORIE"))
    scene.on(TUESDAY, "STAT", row("STAT", appointment_at=""))
    scene.on(NEXT_MONDAY, "SITU", row("SITU"))
    told = row("STAT", version="2", status_date="2026-03-16", appointment_at="", core_status="ACCEPTED")
    scene.on(date(2026, 3, 17), "STAT", told | {"business_status": "ASSIGNED_AGENCY"})
    return {one: scene.exchange.mailbox(one) / "out" for one in (CPAS, FOREM)}


def kept(out: Path, folder: Path, *lost: int) -> Path:
    """The RECO files of a recipient in a folder of its own, without those of these places."""
    names = sorted(path.name for path in out.glob("FO.RECO.*"))
    folder.mkdir(exist_ok=True)
    for place, name in enumerate(names, 1):
        for one in (name, f"GO{name[2:]}.1") if place not in lost else ():
            (folder / one).write_bytes((out / one).read_bytes())
    return folder


def viewed(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Agreed state and class of each thing in the view that is written."""
    assert main(["chain", "view", str(folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    return {one["entity_ref"] or one["entity_kind"]: (one["agreed_state"], one["class"]) for one in rows}


def test_the_view_is_the_last_snapshot_and_what_came_after_it(
    out: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was lost before the snapshot is not missed; the situation and the referral stand as they do today."""
    for recipient, folder in out.items():
        whole = viewed(kept(folder, tmp_path / recipient), capsys)
        assert whole[OURS] == ("ACCEPTED", "AGREED")
        assert whole["RI"] == ("RI_GRANT", "AGREED")
        assert viewed(kept(folder, tmp_path / f"{recipient}-late", 1, 2), capsys) == whole


def test_it_is_a_file_that_can_be_opened(
    out: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The columns of RECO, with what is sealed as it came; its own key opens them."""
    assert main(["chain", "view", str(out[CPAS])]) == 0
    text = capsys.readouterr().out
    header, *rows = text.splitlines()
    last = sorted(out[CPAS].glob("FO.RECO.*"))[-1].read_text("utf-8").splitlines()
    assert header == last[0]
    assert last[1] in rows
    (tmp_path / "vue.csv").write_text(text, encoding="utf-8")
    keys = [word for key in (out[CPAS].parents[1] / "keys").glob("*.key") for word in ("--key", str(key))]
    assert main(["open", str(tmp_path / "vue.csv"), *keys, "--json"]) == 0
    assert {one["identity_niss"] for one in json.loads(capsys.readouterr().out)} == {row("ORIE")["niss"]}


def test_a_view_that_would_be_wrong_is_not_written(
    out: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a snapshot, with a file changed after it, or with those of two recipients it stops and says why."""
    without = kept(out[CPAS], tmp_path / "without", 1, 3)
    changed = kept(out[CPAS], tmp_path / "changed")
    last = sorted(changed.glob("FO.RECO.*"))[-1]
    last.write_bytes(last.read_bytes() + b"\n")
    both = kept(out[FOREM], kept(out[CPAS], tmp_path / "both"))
    for folder, why in (
        (without, "no RECO file that is a snapshot"),
        (changed, "ALTERED"),
        (both, "several recipients"),
    ):
        assert main(["chain", "view", str(folder)]) == STOPPED
        told = capsys.readouterr()
        assert why in told.err
        assert told.out == ""
