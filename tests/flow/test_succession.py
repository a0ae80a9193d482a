"""The registers tell that two numbers are one person, or are not after all: the rows find each other, or part."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, OURS, REGISTERS, Row, Scene, row

from hub.stores.tables import entity_state
from hub.wiring import open_databases

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, n) for n in (9, 10, 11, 12, 13))
OLD, NEW = "85473100020", ANNA["niss"]  # a number of the Crossroads Bank, and that of the National Register
OLDER = "85273100074"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


def muta(niss: str = OLD, replaced_by: str = NEW, kind: str = "REPLACED", **changed: str) -> Row:
    """A right row of the registers."""
    return row("MUTA", niss=niss, replaced_by=replaced_by, kind=kind, effective_date="2026-03-02") | changed


def shown(scene: Scene) -> dict[str, set[tuple[str, ...]]]:
    """What each side's view says, without tokens."""
    names = ("entity_kind", "cpas", "entity_ref", "cpas_view", "forem_view", "agreed_state", "class", "codes")
    return {
        one: {tuple(str(line[n] or "") for n in names) for line in scene.view(one).values()} for one in (CPAS, FOREM)
    }


ROWS = {
    "the orientation": ("ORIE", lambda: row("ORIE", niss=OLD)),
    "the situation": ("SITU", lambda: row("SITU", niss=OLD)),
    "the answer": ("STAT", lambda: row("STAT", niss=NEW)),
    "the registration": ("INSC", lambda: row("INSC", niss=NEW)),
    "the succession": ("MUTA", muta),
}


def test_a_status_under_the_new_number_heals(tmp_path: Path, prepared: Exchange) -> None:
    """The orientation bears the old number, the answer the new one: another person (R503) until the registers speak."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(TUESDAY, "STAT", row("STAT", niss=NEW))
    before = scene.view(FOREM)["REFERRAL", "", OURS]
    assert (before["class"], before["codes"]) == ("CONFLICT", "R503")
    assert scene.view(CPAS)["REFERRAL", "", OURS]["forem_view"] == "NONE"
    scene.on(WEDNESDAY, "MUTA", muta())
    for side in (CPAS, FOREM):
        after = scene.view(side)["REFERRAL", "", OURS]
        assert (after["class"], after["codes"] or "") == ("AGREED", "")
        assert after["forem_view"] == after["agreed_state"] != "NONE"
    assert scene.raw(REGISTERS, "RECO") == []


@pytest.mark.parametrize("last", list(ROWS))
def test_whatever_comes_last_the_views_are_the_same(tmp_path: Path, prepared: Exchange, last: str) -> None:
    """Late rows under an old number find their person, and so does a succession that comes before all others."""
    found = []
    for n, order in enumerate(([*ROWS], [*(one for one in ROWS if one != last), last])):
        scene = Scene(tmp_path / str(n), prepared)
        for day, name in zip((MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY), order, strict=True):
            feed, made = ROWS[name]
            scene.on(day, feed, made())
        found.append(shown(scene))
    assert found[0] == found[1]
    kinds = {entity[0] for entity in found[0][FOREM]}
    assert {"REFERRAL", "SITUATION", "REGISTRATION"} <= kinds
    assert len([one for one in found[0][FOREM] if one[0] == "REGISTRATION"]) == 1


def test_a_view_names_the_person_once(tmp_path: Path, prepared: Exchange) -> None:
    """Rows told under the old token are taken back and told under the one of the number in its place."""
    scene = Scene(tmp_path, prepared)
    scene.send(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(MONDAY, "INSC", row("INSC", niss=NEW))
    assert len({line["subject_token"] for line in scene.view(FOREM).values()}) == 2
    scene.on(TUESDAY, "MUTA", muta())
    assert len({line["subject_token"] for line in scene.view(FOREM).values()}) == 1
    assert len({line["subject_token"] for line in scene.view(CPAS).values()}) == 1


def test_a_merger_that_is_taken_back_parts_them_again(tmp_path: Path, prepared: Exchange) -> None:
    """Whether the registers cancel it or part the numbers, either way round: each has what it had, and no more."""
    scene = Scene(tmp_path / "a", prepared)
    scene.send(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(MONDAY, "INSC", row("INSC", niss=NEW))
    apart = shown(scene)
    scene.on(TUESDAY, "MUTA", muta(kind="MERGED"))
    assert shown(scene) != apart
    ways = (
        muta(kind="MERGED", version="2", notice_status="9"),
        muta(kind="UNMERGED", version="2", effective_date="2026-03-10"),
        muta(NEW, OLD, kind="UNMERGED", effective_date="2026-03-10"),
    )
    for n, way in enumerate(ways):
        other = scene.copy(tmp_path / str(n))
        other.on(WEDNESDAY, "MUTA", way)
        assert shown(other) == apart, n


def test_a_chain_of_numbers_is_one_person(tmp_path: Path, prepared: Exchange) -> None:
    """A number replaced by one that is replaced in turn, the second step told first."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "MUTA", muta())
    scene.on(TUESDAY, "ORIE", row("ORIE", niss=OLDER))
    scene.on(WEDNESDAY, "STAT", row("STAT", niss=NEW))
    assert scene.view(FOREM)["REFERRAL", "", OURS]["codes"] == "R503"
    scene.on(THURSDAY, "MUTA", muta(OLDER, OLD))
    assert not scene.view(FOREM)["REFERRAL", "", OURS]["codes"]
    assert scene.view(CPAS)["REFERRAL", "", OURS]["class"] == "AGREED"


def test_nobody_else_may_tell_of_numbers(tmp_path: Path, prepared: Exchange) -> None:
    """A file of MUTA in the mailbox of a CPAS or of Le Forem is refused (F17), and moves nothing."""
    scene = Scene(tmp_path, prepared)
    for sender in (CPAS, FOREM):
        scene.send(MONDAY, "MUTA", muta(), sender=sender)
    scene.exchange.half_day(MONDAY, "EVENING")
    for sender in (CPAS, FOREM):
        assert [(line["verdict"], line["code"]) for line in scene.raw(sender, "ACRF")] == [("REFUSED", "F17")]


def test_a_cancelled_number_joins_nobody(tmp_path: Path, prepared: Exchange) -> None:
    """The registers say that a number is no more, and name none in its place: what was said of it stays as it is."""
    scene = Scene(tmp_path, prepared)
    scene.send(MONDAY, "ORIE", row("ORIE", niss=OLD))
    scene.on(MONDAY, "INSC", row("INSC", niss=NEW))
    before = shown(scene)
    scene.on(TUESDAY, "MUTA", muta(kind="CANCELLED", replaced_by=""))
    assert shown(scene) == before


@pytest.mark.parametrize("first", ["the answer", "the succession"])
def test_an_answer_under_an_old_number_holds_up_no_other(tmp_path: Path, prepared: Exchange, first: str) -> None:
    """Who answered a job day under a number that was replaced later: what others answer to it then is judged too."""
    scene = Scene(tmp_path, prepared)
    scene.on(MONDAY, "JOBD", row("JOBD", target_nis=CPAS[1:]))
    scene.send(TUESDAY, "ORIE", row("ORIE", niss=OLD))
    for feed, made in [("MOBI", row("MOBI", niss=OLD)), ("MUTA", muta())][:: 1 if first == "the answer" else -1]:
        scene.on(TUESDAY if feed == "MOBI" else WEDNESDAY, feed, made)
    scene.on(THURSDAY, "MOBI", row("MOBI", niss=OLDER))
    with open_databases(scene.exchange.settings) as (ledger, _), ledger.read() as tx:
        answers = tx.execute(sa.select(entity_state.c.stale).where(entity_state.c.kind == "ANSWER")).scalars().all()
    assert answers == [False, False]
