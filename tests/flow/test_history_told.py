"""`passerelle history` on a ledger that was filled day by day: what held, and what was known, on each of its days."""

import json
from datetime import date

import pytest
from play import Exchange
from scene import ANNA, CPAS, OTHER, OURS, Scene, row

from hub.cli import main
from hub.stores import tables

MONDAY, TUESDAY, THURSDAY = (date(2026, 3, n) for n in (9, 10, 12))
GRANTED, ENDED = "2026-03-02", "2026-03-06"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A right that is ended on Tuesday, the end taken back on Thursday, beside an orientation and its answer."""
    prepared = Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()
    scene = Scene(tmp_path_factory.mktemp("history"), prepared)
    end = {"effective_date": ENDED, "decision_date": ENDED, "situation_kind": "RI_WITHDRAWAL", "end_reason": "WORK"}
    gone = {"piis_code": "", "ri_fraction": "", "piis_signed_on": "", "piis_review_on": "", "end_date": ""}
    scene.send(MONDAY, "ORIE", row("ORIE"))
    scene.on(MONDAY, "SITU", row("SITU"))
    scene.send(TUESDAY, "STAT", row("STAT"))
    scene.on(TUESDAY, "SITU", row("SITU", version="2", **end, **gone))
    scene.on(THURSDAY, "SITU", row("SITU", version="3", notice_status="9", **end, **gone))
    return scene


@pytest.fixture(autouse=True)
def home(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(scene.exchange.root / "hub"))


def entity(scene: Scene, kind: str) -> str:
    found = {one["entity_id"] for one in scene.exchange.rows(tables.entity_state) if one["kind"] == kind}
    return str(found.pop())


def state(capsys: pytest.CaptureFixture[str], name: str, *words: str) -> str | None:
    """The one state that the command tells, None if there is none."""
    assert main(["history", name, *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["states"]
    return told[0]["state"] if told else None


def test_a_right_as_of_a_day_as_known_on_another(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """On Monday the hub knew of a grant, on Tuesday that it had ended on Friday before, on Thursday that it had not."""
    right = entity(scene, "SITUATION")
    days = [
        ("2026-03-08", None),
        ("2026-03-09", "RI_GRANT"),
        ("2026-03-10", "RI_WITHDRAWAL"),
        ("2026-03-12", "RI_GRANT"),
    ]
    for known, held in days:
        assert state(capsys, right, "--known", known) == held, known
    assert state(capsys, right, "--known", "2026-03-10", "--on", "2026-03-05") == "RI_GRANT"
    assert state(capsys, right, "--known", "2026-03-10", "--on", ENDED) == "RI_WITHDRAWAL"


def test_a_referral_and_what_was_known_of_it(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Before Le Forem's answer was received the referral was asked for, whatever day the answer bears."""
    assert state(capsys, OURS, "--known", "2026-03-09") == "REQUESTED"
    assert state(capsys, OURS, "--known", "2026-03-10") == row("STAT")["core_status"]
    assert state(capsys, OURS, "--known", "2026-03-10", "--on", "2026-03-04") == "REQUESTED"


def test_today_it_is_what_the_ledger_holds(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a day asked for, each entity's state is the one that reconciliation left, and all its rows are there."""
    for held in scene.exchange.rows(tables.entity_state):
        assert state(capsys, held["entity_id"], "--known", "2026-03-12") == held["state"]
    assert main(["history", entity(scene, "SITUATION")]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line.split("from ")[1].split("  ")[0] for line in lines[:3]]
    assert told == [f"{GRANTED}: PREVAILS", f"{ENDED}: REPLACED", f"{ENDED}: CANCELS"]
    assert lines[3].startswith("SITUATION SITU|")


def test_nobody_is_shown(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows are told by entity, version and days: no identifier, and no word of what a row says but its state."""
    for held in scene.exchange.rows(tables.entity_state):
        for words in ([], ["--json"]):
            assert main(["history", held["entity_id"], *words]) == 0
            told = capsys.readouterr().out
            assert not [cell for cell in (*ANNA.values(), row("ORIE")["cpas_dossier_ref"]) if cell in told]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["R99999-2026-000001"], "nothing in the ledger has this id"),
        ([OURS, "--on", "soon"], "--on and --known take a day"),
    ],
)
def test_what_cannot_be_answered_is_told(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An id that is nowhere, or a day that is none, gives exit code 11 and one sentence."""
    assert main(["history", *words]) == 11
    assert says in capsys.readouterr().err


def test_a_day_before_the_first_row_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """Of something that was not known yet the answer is that there was nothing."""
    assert main(["history", OURS, "--known", "2026-03-01"]) == 0
    assert capsys.readouterr().out == "no row of it was there by then\n"
