"""Two versions of one contract at once: what each sender says in its own, each reader is told in its own."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from play import PROJECT, Exchange
from post import Post, go_of, name_of
from scene import CPAS, FOREM, OTHER, THEIRS, Row, Scene, row

from hub import flow
from hub.stores import tables

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(9, 14))
BERT = {"niss": "92021199935", "last_name": "Lambert", "first_name": "Luc", "birth_date": "1992-02-11"}
OF_BERT = "R62063-2026-000002"
REASON = "deregistration_reason"
LEFT = {
    "version": "2",
    "movement": "2",
    "effective_date": "2026-03-10",
    "deregistration_date": "2026-03-10",
    "stat92_category": "",
    REASON: "NO_RESPONSE",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and mailboxes, and a registry in which our CPAS reads version 2 of INSC from Thursday on; made once."""
    registry = tmp_path_factory.mktemp("registry")
    shutil.copytree(PROJECT / "partners", registry, dirs_exist_ok=True)
    with (registry / "versions.csv").open("a", encoding="utf-8") as versions:
        versions.write(f"{CPAS};INSC;2;{THURSDAY}\n{FOREM};ORIE;2;{THURSDAY}\n")
    environ = {"PASSERELLE_PARTNERS": str(registry)}
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}", environ=environ).prepare()


@pytest.fixture(scope="module")
def begun(prepared: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Two CPAS have oriented Anna, ours Bert too, and Le Forem has answered them. Played once."""
    scene = Scene(tmp_path_factory.mktemp("begun"), prepared)
    scene.send(MONDAY, "ORIE", row("ORIE"), row("ORIE", referral_id=OF_BERT, **BERT))
    scene.send(MONDAY, "ORIE", row("ORIE", OTHER), sender=OTHER)
    scene.run(MONDAY)
    answers = [row("STAT"), row("STAT", referral_id=THEIRS), row("STAT", referral_id=OF_BERT, niss=BERT["niss"])]
    scene.on(MONDAY, "STAT", *answers)
    return scene


@pytest.fixture
def scene(begun: Scene, tmp_path: Path) -> Scene:
    """That Monday, to go on from."""
    return begun.copy(tmp_path)


def contracts_of(scene: Scene, recipient: str) -> list[str]:
    """The contract that the manifest of each INSC in a mailbox names."""
    return [go["contract"] for go, _ in scene.files(recipient, "INSC")]


def reasons(lines: list[Row]) -> list[str | None]:
    """The new column of each row, None where the file has no such column."""
    return [line.get(REASON) for line in lines]


def test_each_reader_is_told_in_its_own_version(scene: Scene) -> None:
    """Before its day a reader gets version 1, without the new column; from the day on version 2; others stay."""
    scene.on(TUESDAY, "INSC", row("INSC"), row("INSC", niss=BERT["niss"]), version=1)
    scene.on(WEDNESDAY, "INSC", row("INSC") | LEFT, version=2)
    assert contracts_of(scene, CPAS) == contracts_of(scene, OTHER) == ["registrations_out/1"] * 2
    assert set(reasons(scene.raw(CPAS, "INSC"))) == {None}
    scene.run(THURSDAY)
    (again,) = scene.raw(CPAS, "INSC")[3:]
    assert (again["movement"], again[REASON]) == ("2", "NO_RESPONSE")
    assert contracts_of(scene, CPAS)[2:] == ["registrations_out/2"]
    assert contracts_of(scene, OTHER) == ["registrations_out/1"] * 2, "nothing is told again to who did not move"
    scene.on(FRIDAY, "INSC", row("INSC", niss=BERT["niss"]) | LEFT | {REASON: "EMPLOYED"}, version=2)
    assert reasons(scene.raw(CPAS, "INSC"))[4:] == ["EMPLOYED"]
    assert contracts_of(scene, CPAS)[2:] == ["registrations_out/2"] * 2
    assert contracts_of(scene, OTHER) == ["registrations_out/1"] * 2
    opened = [line["identity_niss"] for line in scene.told(CPAS, "INSC")]
    assert opened[3:] == ["85073100031", BERT["niss"]]


def test_a_reader_may_go_back(scene: Scene, tmp_path: Path) -> None:
    """From the day of a later row on it is told in version 1 again: what it held otherwise once more, the rest not."""
    registry = tmp_path / "registry"
    shutil.copytree(scene.exchange.environ["PASSERELLE_PARTNERS"], registry)
    with (registry / "versions.csv").open("a", encoding="utf-8") as versions:
        versions.write(f"{CPAS};INSC;1;{FRIDAY}\n")
    scene.exchange.environ = {"PASSERELLE_PARTNERS": str(registry)}
    scene.on(TUESDAY, "INSC", row("INSC"), row("INSC", niss=BERT["niss"]), version=1)
    scene.on(THURSDAY, "INSC", row("INSC") | LEFT, version=2)
    scene.run(FRIDAY)
    assert contracts_of(scene, CPAS) == [f"registrations_out/{version}" for version in (1, 2, 1)]
    assert reasons(scene.raw(CPAS, "INSC")) == [None, None, "NO_RESPONSE", None]
    assert scene.raw(CPAS, "INSC")[3]["movement"] == "2"


def test_senders_turn_each_on_its_own_day(scene: Scene) -> None:
    """Of two CPAS one writes orientations/2 before Le Forem reads it: it is told then, and again with the new cell."""
    ours = row("ORIE", version="2", effective_date="2026-03-10") | {"interpreter_need": "1"}
    scene.send(TUESDAY, "ORIE", ours, version=2)
    scene.send(TUESDAY, "ORIE", row("ORIE", OTHER, version="2", effective_date="2026-03-10"), sender=OTHER)
    scene.run(TUESDAY)
    before = len(scene.raw(FOREM, "ORIE"))
    scene.run(THURSDAY)
    assert [go["contract"] for go, _ in scene.files(FOREM, "ORIE")][-2:] == ["orientations_out/1", "orientations_out/2"]
    (again,) = scene.told(FOREM, "ORIE")[before:]
    assert (again["sender"], again["interpreter_need"], again["version"]) == (CPAS, "1", "2")
    assert again["identity_niss"] == "85073100031"


def test_nothing_is_told_again_on_the_day_but_what_is_told_otherwise(scene: Scene) -> None:
    """Rows without a value in the new column are the same in both versions: the change of version repeats none."""
    scene.on(TUESDAY, "INSC", row("INSC"), row("INSC", niss=BERT["niss"]), version=2)
    held = {feed: len(scene.raw(CPAS, feed)) for feed in ("INSC", "STAT", "RECO")}
    scene.run(THURSDAY)
    assert {feed: len(scene.raw(CPAS, feed)) for feed in ("INSC", "STAT", "RECO")} == held
    scene.run(FRIDAY)
    assert {feed: len(scene.raw(CPAS, feed)) for feed in ("INSC", "STAT", "RECO")} == held


def test_all_that_is_told_anew_is_in_the_readers_version(scene: Scene) -> None:
    """A reader that has lost its mailbox gets everything again, in the version of the day."""
    scene.on(TUESDAY, "INSC", row("INSC"), row("INSC", niss=BERT["niss"]), version=1)
    with scene.exchange.hub(FRIDAY, "EVENING") as hub:
        scene.exchange.require(flow.publish(hub, [CPAS, OTHER], anew=True))
        scene.exchange.require(flow.deliver(hub, [CPAS, OTHER]))
    assert contracts_of(scene, CPAS) == ["registrations_out/1", "registrations_out/2"]
    assert reasons(scene.raw(CPAS, "INSC"))[2:] == ["", ""]
    assert contracts_of(scene, OTHER) == ["registrations_out/1"] * 2


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_the_same_row_under_both_versions_is_one_statement(first: int, second: int, scene: Scene) -> None:
    """Said again in the other version with the new column empty: a duplicate, no conflict, nothing told twice."""
    scene.on(TUESDAY, "INSC", row("INSC"), version=first)
    scene.on(WEDNESDAY, "INSC", row("INSC"), version=second)
    events = [one for one in scene.exchange.rows(tables.event) if one["feed"] == "INSC"]
    assert len(events) == 1
    assert len(scene.raw(CPAS, "INSC")) == 1
    assert scene.view(CPAS)["REGISTRATION", CPAS, ""]["class"] == "AGREED"


def test_the_new_column_needs_a_new_version_of_the_row(scene: Scene) -> None:
    """A reason added under the row's own version is another content at one version: a conflict told to both sides."""
    left = row("INSC") | LEFT
    scene.on(TUESDAY, "INSC", row("INSC"))
    scene.on(WEDNESDAY, "INSC", left | {REASON: ""}, version=1)
    scene.on(THURSDAY, "INSC", left, version=2)
    assert "R403" in scene.view(FOREM)["REGISTRATION", CPAS, ""]["codes"]
    scene.on(FRIDAY, "INSC", left | {"version": "3", "notice_status": "1"}, version=2)
    assert "R403" not in (scene.view(FOREM)["REGISTRATION", CPAS, ""]["codes"] or "")
    assert reasons(scene.raw(CPAS, "INSC"))[-1] == "NO_RESPONSE"


@pytest.mark.parametrize("label", ["registrations/3", "registrations/20", "statuses/2"])
def test_a_version_that_nobody_released_is_refused(label: str, prepared: Exchange, tmp_path: Path) -> None:
    """The manifest names a version that is none of ours: F07, and nothing of the file is read."""
    post = Post(tmp_path, prepared, FOREM)
    data, name = b"a;b\n1;2\n", name_of(feed="INSC", sender=FOREM)
    post.put(name, data, go_of(name, data, contract=label, rows=1))
    post.run("FOREM")
    assert post.receipts() == [(name, "REFUSED", "F07")]


def test_a_file_is_not_read_under_another_version_than_its_manifest_says(prepared: Exchange, tmp_path: Path) -> None:
    """A header of version 2 announced as version 1 is refused whole: no column is guessed or dropped."""
    post = Post(tmp_path, prepared, FOREM)
    data = f"{';'.join(row('INSC'))};{REASON}\n{';'.join((row('INSC') | {REASON: ''}).values())}\n".encode()
    name = name_of(feed="INSC", sender=FOREM)
    post.put(name, data, go_of(name, data, contract="registrations/1", rows=1))
    post.run("FOREM")
    ((_, verdict, code),) = post.receipts()
    assert verdict == "REFUSED"
    assert code.startswith("F")
