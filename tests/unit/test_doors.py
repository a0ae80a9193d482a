"""A partner with a mailbox and an API is one mailbox to the verbs."""

import stat
from datetime import date
from pathlib import Path

import pytest

from connectors.errors import Missing
from connectors.folder import FolderMailbox
from hub.api_channel import read_api
from hub.api_key import initialise_api
from hub.doors import TwoDoors
from hub.errors import OperatorError
from hub.partners import load_registry
from hub.settings import load_settings
from hub.wiring import Channels
from hub.zones import NEEDS, Needs, Zone

IN, RECO, STAT = (
    "FI.INSC.900001.20260309.00001.T.1.1",
    "FO.RECO.900001.20260309.00001.T",
    "FO.STAT.900001.20260309.00001.T",
)


@pytest.fixture
def doors(tmp_path: Path) -> TwoDoors:
    """Two local folders in their places."""
    for door in ("box", "api"):
        for folder in ("in/done", "out/taken"):
            (tmp_path / door / folder).mkdir(parents=True)
    return TwoDoors(FolderMailbox(tmp_path / "box"), FolderMailbox(tmp_path / "api"), ["RECO"])


def test_what_waits_is_taken_from_both(doors: TwoDoors, tmp_path: Path) -> None:
    """A listing holds what both have; each file is read and put away behind its own door."""
    (tmp_path / "box/in/FI.STAT").write_bytes(b"box")
    (tmp_path / "api/in" / IN).write_bytes(b"api")
    with doors:
        assert [entry.name for entry in doors.list("in")] == [IN, "FI.STAT"]
        assert (doors.read("in", IN), b"".join(doors.chunks("in", "FI.STAT"))) == (b"api", b"box")
        for name in (IN, "FI.STAT"):
            doors.rename("in", name, "in/done", name)
    assert (tmp_path / "box/in/done/FI.STAT").exists()
    assert (tmp_path / "api/in/done" / IN).exists()


def test_of_one_name_at_both_the_apis_comes_first(doors: TwoDoors, tmp_path: Path) -> None:
    """The other is taken the next time, and none is lost."""
    for door in ("box", "api"):
        (tmp_path / door / "in" / IN).write_text(door)
    with doors:
        for content in (b"api", b"box"):
            (entry,) = doors.list("in")
            assert doors.read("in", entry.name) == content
            doors.rename("in", entry.name, "in/done", f"{entry.name}.{content.decode()}")
        assert list(doors.list("in")) == []


def test_a_feed_has_one_door_on_its_way_out(doors: TwoDoors, tmp_path: Path) -> None:
    """What the channel names goes through the API, temporary name and GO included; all else into the mailbox."""
    with doors:
        for name in (RECO, STAT, f"GO{RECO[2:]}.1"):
            doors.write("out", f".{name}.part", b"x")
            assert doors.exists("out", f".{name}.part")
            doors.rename("out", f".{name}.part", "out", name)
            assert doors.read("out", name) == b"x"
        doors.remove("out", f".{STAT}.part")
        doors.ensure("in/done")
    assert {path.name for path in (tmp_path / "api/out").glob("*.*")} == {RECO, f"GO{RECO[2:]}.1"}
    assert {path.name for path in (tmp_path / "box/out").glob("*.*")} == {STAT}


def test_a_folder_that_one_door_lacks_is_the_others(doors: TwoDoors, tmp_path: Path) -> None:
    """Only what neither has is Missing."""
    (tmp_path / "box/out/taken").rmdir()
    (tmp_path / "api/out/taken" / RECO).touch()
    with doors:
        assert [entry.name for entry in doors.list("out/taken")] == [RECO]
        with pytest.raises(Missing):
            doors.list("nowhere")


def test_a_verb_without_the_key_for_apis_is_refused(tmp_path: Path) -> None:
    """The key lies there, and a verb that was not given it by its zone is told so."""
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path)})
    initialise_api(settings.api_key)
    settings.channels.write_text('[channel.062063.api]\nurl = "https://a"\ntoken = "https://a"\nclient = "p"\n')
    day, registry = date(2026, 3, 9), load_registry(settings.partners)
    Channels(settings, NEEDS["collect"], day, registry).open("062063")
    with pytest.raises(OperatorError, match="no key api"):
        Channels(settings, Needs("verb", Zone.MAILBOX, frozenset({"ssh"})), day, registry).open("062063")


def test_the_key_for_apis_is_made_once_and_is_private(tmp_path: Path) -> None:
    """A second time changes nothing; only its owner may read it; its public half and certificate lie beside it."""
    key = tmp_path / "hub" / "api_key"
    assert initialise_api(key)
    before = {path.name: path.read_bytes() for path in key.parent.iterdir()}
    assert not initialise_api(key)
    assert {path.name: path.read_bytes() for path in key.parent.iterdir()} == before
    assert set(before) == {"api_key", "api_key.pub", "api_key.crt"}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "wrong", [{"feeds": "RECO"}, {"feeds": [3]}, {"feeds": ["reconciliation"]}, {"token": 3}, {"adress": "https://a"}]
)
def test_the_words_of_an_api_are_those_that_we_know(tmp_path: Path, wrong: dict[str, object]) -> None:
    """A name that nobody knows, or a word of another kind, is a channel that is not right."""
    table: dict[str, object] = {"url": "https://a", "token": "https://a", "client": "p"}
    assert read_api(table | {"feeds": ["RECO"]}, tmp_path).feeds == ("RECO",)
    assert read_api(table, tmp_path).feeds == ()
    with pytest.raises((TypeError, ValueError)):
        read_api(table | wrong, tmp_path)
