"""What stands open between the two sides, as an operator lists it: how many, whose move it is, for how long."""

import json
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, OTHER, OURS, Scene, row

from hub.cli import main

MONDAY, LATER, END = date(2026, 3, 9), date(2026, 3, 24), date(2026, 4, 22)
ORPHAN = "R62063-2026-777777"


@pytest.fixture
def scene(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Two CPAS orient on Monday and are not answered; Le Forem answers an orientation that nobody sent."""
    scene = Scene(tmp_path, Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare())
    scene.send(MONDAY, "ORIE", row("ORIE"))
    scene.send(MONDAY, "ORIE", row("ORIE", OTHER), sender=OTHER)
    scene.on(MONDAY, "STAT", row("STAT", referral_id=ORPHAN, appointment_at=""))
    monkeypatch.setenv("PASSERELLE_HOME", str(scene.exchange.settings.home))
    return scene


def asked(day: date, capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, str, int, int, int, str]]:
    """Class, owner and counts that the command tells on a day."""
    assert main(["discrepancies", "--at", f"{day}T19:00+01:00", "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    return [(one["class"], one["owner"], one["open"], one["week"], one["month"], one["since"]) for one in found]


def test_what_is_open_is_counted_by_owner_and_age(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is open while time runs; then each is counted, grows older, and goes when it is settled."""
    assert asked(MONDAY, capsys) == []
    scene.run(LATER)
    orphan, unanswered = ("ORPHAN_ACK", "FOREM", 1), ("MISSING_FOREM", "FOREM", 2)
    assert [one[:4] for one in asked(LATER, capsys)] == [(*unanswered, 0), (*orphan, 1)]
    since = {one[0]: one[5] for one in asked(LATER, capsys)}
    assert since == {"MISSING_FOREM": "2026-03-24", "ORPHAN_ACK": "2026-03-13"}
    assert asked(END, capsys) == [(*unanswered, 2, 2, since["MISSING_FOREM"]), (*orphan, 1, 1, since["ORPHAN_ACK"])]
    scene.on(END, "STAT", row("STAT", referral_id=OURS, appointment_at=""))
    assert [one[:3] for one in asked(END, capsys, "--owner", "FOREM")] == [("MISSING_FOREM", "FOREM", 1), orphan]
    assert [one[:3] for one in asked(END, capsys, "--owner", "CPAS")] == [("MISSING_FOREM", "CPAS", 2)]  # registration


def test_one_cpas_or_one_side_can_be_chosen(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """An orphan is of no CPAS; the text names nobody and no orientation."""
    scene.run(LATER)
    assert [one[:3] for one in asked(LATER, capsys, "--cpas", OTHER)] == [("MISSING_FOREM", "FOREM", 1)]
    assert asked(LATER, capsys, "--owner", "CPAS") == []
    assert main(["discrepancies", "--at", f"{LATER}T19:00+01:00"]) == 0
    text = capsys.readouterr().out
    assert "REFERRAL  MISSING_FOREM  NO_ANSWER: FOREM must move; 2 open, 0 for a week" in text
    assert OURS not in text
    assert main(["discrepancies", "--at", f"{MONDAY}T19:00+01:00", "--cpas", "062120"]) == 0
    assert capsys.readouterr().out == "the two sides disagree on nothing\n"
