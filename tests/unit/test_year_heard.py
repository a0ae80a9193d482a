"""Of whom the truth hears what: orphans go to the person named last, and an erasure is the end of what came before."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.settings import PROJECT
from simulators.layout import FOREM
from simulators.year import cli, erasures, people
from simulators.year.check import check
from simulators.year.heard import Heard
from simulators.year.store import Statement, Store
from simulators.year.world import World

LIEGE, REF = "062063", "R62063-2026-000001"
TODAY = date(2026, 3, 20)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with nothing in it."""
    return Store(tmp_path)


def came(store: Store, day: str, feed: str, sender: str, entity: str, rank: int, version: int, needs: str = "") -> None:
    """A row that was sent, and read, on that day of March."""
    dated = "status_date" if feed == "STAT" else "effective_date"
    at = f"2026-03-{day}"
    row = {"version": str(version), "notice_status": "0", dated: at, "recorded_at": f"{at}T06:00:00+01:00"}
    store.plan([Statement(at, feed, sender, entity, rank, row, needs)])
    store.db.execute("UPDATE statement SET sent=day, counts=day WHERE sent IS NULL")


def heard_of(store: Store) -> dict[int, list[tuple[str, int]]]:
    """Feed and version of all that is heard of each."""
    return {rank: [(one.feed, one.version) for one in words] for rank, words in Heard(store, TODAY).people() if words}


def test_an_orientation_that_no_cpas_sent_is_of_the_person_named_last(store: Store) -> None:
    """Le Forem named 7, then 8: all of it is about 8, until it names 7 again."""
    came(store, "02", "STAT", FOREM, REF, 7, 1)
    came(store, "04", "STAT", FOREM, REF, 7, 2, "|WRONG:8")
    assert heard_of(store) == {8: [("STAT", 1), ("STAT", 2)]}
    came(store, "09", "STAT", FOREM, REF, 7, 3)
    assert heard_of(store) == {7: [("STAT", 1), ("STAT", 2), ("STAT", 3)]}


def test_an_orientation_that_a_cpas_sent_stays_with_its_person(store: Store) -> None:
    """What Le Forem writes about another does not move it."""
    came(store, "02", "ORIE", LIEGE, REF, 7, 1)
    came(store, "04", "STAT", FOREM, REF, 7, 1, "|WRONG:8")
    assert heard_of(store) == {7: [("ORIE", 1), ("STAT", 1)]}


def test_what_came_before_an_erasure_is_forgotten(store: Store) -> None:
    """Of the erased only later rows are heard; what a file of before was to be told follows from what came before."""
    came(store, "02", "SITU", LIEGE, "RI", 7, 1)
    came(store, "10", "SITU", LIEGE, "RI", 7, 2)
    store.db.execute("INSERT INTO erased VALUES (7, '2026-03-06')")
    heard = Heard(store, TODAY)
    assert [one.version for one in heard.of(7)] == [2]
    assert [one.version for one in heard.of(7, date(2026, 3, 6))] == [1]
    assert list(heard.people()) == [(7, heard.of(7))]


def test_those_who_are_erased_are_chosen_once_and_wisely(tmp_path: Path) -> None:
    """Asked again the same are named, on other days nobody; and nobody of whom a row of before will still come."""
    world = cli.create(tmp_path, PROJECT / "partners", 5, date(2026, 10, 19), 19, 12, 900)
    store, day = Store(tmp_path), world.calendar[erasures.FROM]
    store.db.execute("UPDATE statement SET sent=day, counts=day WHERE day<=? AND fault=''", (day.isoformat(),))
    first = erasures.erase(store, world, day)
    assert len(first) == erasures.AT_ONCE
    assert erasures.erase(store, world, day) == first
    assert erasures.erase(store, world, day + timedelta(days=1) if day.weekday() < 4 else world.calendar[0]) == []
    for rank, of in erasures.erased(store).items():
        assert of == day
        assert people.person(world.seed, rank).niss in first
        rows = store.all("SELECT row, feed, needs FROM statement WHERE person=? AND sent IS NULL", rank)
        assert all(json.loads(row["row"])["recorded_at"] > f"{day}T{erasures.HOUR}" for row in rows)
        assert not people.former(world.seed, rank, world.people)
        assert not people.is_cancelled(rank)


def test_a_book_that_still_holds_somebody_erased_is_named(store: Store) -> None:
    """A row in force is a difference, one that was taken back is none."""
    held = (FOREM, "ORIE", REF, "f", 7, json.dumps({"notice_status": "0"}))
    store.db.execute("INSERT INTO held VALUES (?,?,?,?,?,?)", held)
    world, today = World(1, date(2026, 3, 2), 19, 9, (), (), {}), date(2026, 3, 20)
    assert [one[0] for one in erasures.compare(store, world, 7, today)] == ["erased_held ORIE"]
    store.db.execute("UPDATE held SET row=json_set(row, '$.notice_status', '9')")
    assert list(erasures.compare(store, world, 7, today)) == []


def test_somebody_erased_in_the_evening_is_told_of_on_the_next_day(store: Store) -> None:
    """The books hold the person until the files of the next day: no difference yet, one from then on."""
    world = World(1, date(2026, 3, 2), 19, 9, (), (), {})
    came(store, "02", "ORIE", LIEGE, REF, 7, 1)
    held = (FOREM, "ORIE", REF, "f", 7, json.dumps({"notice_status": "0"}))
    store.db.execute("INSERT INTO held VALUES (?,?,?,?,?,?)", held)
    store.db.execute("INSERT INTO erased VALUES (7, '2026-03-19')")
    named = []
    for day in ("2026-03-19", "2026-03-20"):
        store.db.execute("INSERT INTO done VALUES (?, 'FOREM')", (day,))
        named.append(list(check(store, world, None)["differences"]))
    assert named == [[], ["erased_held ORIE"]]
