"""Two people join two numbers by hand, or part them: an event as the registers' own, and an entry for each step."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import CPAS, FOREM, OTHER, Scene, row
from test_succession import NEW, OLD, muta, shown

from hub.cli import main
from hub.errors import OperatorError
from hub.flow import byhand
from hub.model import HUB
from hub.stores import tables

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, n) for n in (9, 10, 11, 12))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, prepared: Exchange) -> Scene:
    """A right under one number, a registration under another."""
    scene = Scene(tmp_path_factory.mktemp("two"), prepared)
    scene.send(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(MONDAY, "INSC", row("INSC", niss=NEW))
    return scene


def decided(scene: Scene, day: date, change: str, since: date) -> None:
    """Asked by one and approved by another, who types the numbers the other way round."""
    with scene.exchange.hub(day) as hub:
        made = byhand.ask(hub, change, [OLD, NEW], since, "same_person", "anne")
        byhand.approve(hub, made, [NEW, OLD], "bert")
    scene.run(day)


def persons(scene: Scene) -> int:
    return len({line["subject_token"] for line in scene.view(FOREM).values()})


def test_by_hand_is_read_as_the_registers_are(tmp_path: Path, two: Scene) -> None:
    """Joined by two operators or merged by the registers: the same views; parted again, what there was before."""
    scenes = [two.copy(tmp_path / name) for name in ("hand", "registers")]
    apart = shown(scenes[0])
    assert persons(scenes[0]) == 2
    decided(scenes[0], TUESDAY, "join", MONDAY)
    scenes[1].on(TUESDAY, "MUTA", muta(kind="MERGED", effective_date=str(MONDAY)))
    assert persons(scenes[0]) == 1
    assert shown(scenes[0]) == shown(scenes[1]) != apart
    for scene in scenes:  # whoever has joined them, two operators can part them
        decided(scene, WEDNESDAY, "part", TUESDAY)
        assert shown(scene) == apart
        assert scene.exchange.status()["conservation"]["holds"] == 1
    scenes[0].on(THURSDAY, "MUTA", muta(effective_date=str(WEDNESDAY)))
    assert persons(scenes[0]) == 1


def test_on_one_date_what_was_decided_by_hand_prevails(tmp_path: Path, two: Scene) -> None:
    """Who parts two numbers from the day on which the registers merged them knows of it; a later merger is newer."""
    scene = two.copy(tmp_path)
    scene.on(TUESDAY, "MUTA", muta(kind="MERGED", effective_date=str(MONDAY)))
    decided(scene, TUESDAY, "part", MONDAY)
    assert persons(scene) == 2
    scene.on(WEDNESDAY, "MUTA", muta(version="2", effective_date=str(TUESDAY)))
    assert persons(scene) == 1


def test_one_person_alone_changes_nothing(tmp_path: Path, two: Scene) -> None:
    """Who asked can neither approve nor refuse; nothing follows from a request until another has decided, once."""
    scene = two.copy(tmp_path)
    with scene.exchange.hub(TUESDAY) as hub:
        made = byhand.ask(hub, "join", [OLD, NEW], MONDAY, "register_late", "anne")
        for attempt in (
            lambda: byhand.approve(hub, made, [OLD, NEW], "anne"),
            lambda: byhand.refuse(hub, made, "anne"),
        ):
            with pytest.raises(OperatorError, match="second person"):
                attempt()
    scene.run(TUESDAY)
    assert persons(scene) == 2
    with scene.exchange.hub(WEDNESDAY) as hub:
        byhand.refuse(hub, made, "bert")
        with pytest.raises(OperatorError, match="no request"):
            byhand.approve(hub, made, [OLD, NEW], "bert")
    assert not [one for one in scene.exchange.rows(tables.event) if one["source"] == HUB]


@pytest.mark.parametrize(
    "numbers", [[OLD, "85273100074"], [OLD, OLD], [OLD, "12345678901"], [OLD, ""], [NEW, "85073100031 x"]]
)
def test_wrong_numbers_are_refused(tmp_path: Path, two: Scene, numbers: list[str]) -> None:
    """The second person must type the same two numbers; whatever was typed is not in the error."""
    scene = two.copy(tmp_path)
    with scene.exchange.hub(TUESDAY) as hub:
        made = byhand.ask(hub, "join", [OLD, NEW], MONDAY, "same_person", "anne")
        with pytest.raises(OperatorError) as caught:
            byhand.approve(hub, made, numbers, "bert")
        assert not [one for one in numbers if one and one in str(caught.value)]
        with pytest.raises(OperatorError, match="future"):
            byhand.ask(hub, "join", [OLD, NEW], WEDNESDAY, "same_person", "anne")


def test_the_command_shows_no_number_and_writes_down_who_did_what(
    tmp_path: Path, two: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`numbers join`, `list`, `approve` under two accounts: numbers come by standard input and go nowhere."""
    scene = two.copy(tmp_path)
    monkeypatch.setenv("PASSERELLE_HOME", str(scene.exchange.settings.home))

    def run(by: str, *words: str) -> int:
        monkeypatch.setenv("SUDO_USER", by)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{OLD}\n{NEW}\n"))
        return main(["numbers", *words])

    assert run("anne", "join", "--reason", "same_person", "--since", "2026-03-02", "--json") == 0
    made = json.loads(capsys.readouterr().out)["request"]
    assert run("anne", "approve", made) == 11
    assert run("bert", "approve", made) == 0
    assert run("bert", "list") == 0
    assert run("bert", "join", "--reason", "I like it") == 11
    assert run("Ann E", "join", "--reason", "same_person") == 11
    printed = "".join(capsys.readouterr())
    assert "MERGED from 2026-03-02, same_person, asked by anne" in printed
    entries = [json.loads(one["entry"]) for one in scene.exchange.rows(tables.audit_leaf)]
    steps = [(one["action"], one["account"], one["request_id"]) for one in entries if one["kind"] == "succession"]
    assert steps == [("ask", "anne", made), ("approve", "bert", made)]
    sids = {one["sid"] for one in scene.exchange.rows(tables.event)}
    for text in (printed, json.dumps([one for one in entries if one["kind"] == "succession"])):
        assert not [one for one in (OLD, NEW, *sids) if one in text]
