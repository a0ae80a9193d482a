"""The stand-ins of the simulated year without a hub: what is drawn, what is written, what is taken."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.settings import PROJECT
from simulators import layout, naming, table
from simulators.layout import FOREM
from simulators.year import cli, offers, plan_changes, replies, send, versions
from simulators.year.columns import ADDED, COLUMNS, FROM_CPAS, RECO, received
from simulators.year.receipts import deliveries
from simulators.year.store import Store
from simulators.year.take import Taker
from simulators.year.world import World

FIRST = date(2026, 10, 19)
BERTOGNE = "R82005-2024-"


def draw(root: Path, *, seed: int = 5, days: int = 19, cpas: int = 12, people: int = 900) -> World:
    """A small year."""
    return cli.create(root, PROJECT / "partners", seed, FIRST, days, cpas, people)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, World]:
    """One that several tests read."""
    root = tmp_path_factory.mktemp("drawn")
    world = draw(root)
    return Store(root), world


def statements(store: Store) -> list[dict[str, Any]]:
    """Every statement with its row."""
    rows = store.all("SELECT * FROM statement ORDER BY id")
    return [dict(row) | {"row": json.loads(row["row"])} for row in rows]


def test_the_same_seed_draws_the_same_year(tmp_path: Path) -> None:
    """Two drawings of one seed are equal, one of another seed is not."""
    stores = []
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        draw(tmp_path / name, seed=seed, people=80)
        stores.append([tuple(row) for row in Store(tmp_path / name).all("SELECT * FROM statement ORDER BY id")])
    assert stores[0] == stores[1] != stores[2]


def test_a_life_more_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    """Each person's story comes from a generator of its own."""
    told = []
    for name, people in (("few", 60), ("more", 61)):
        draw(tmp_path / name, people=people)
        query = "SELECT day, feed, sender, entity, row FROM statement WHERE person BETWEEN 0 AND 58 AND feed<>'MOBI'"
        told.append([tuple(row) for row in Store(tmp_path / name).all(query) if "WRONG" not in row["row"]])
    assert told[0] == told[1]


def test_everything_that_goes_wrong_is_drawn(drawn: tuple[Store, World]) -> None:
    """Every feed, every disorder of versions, every mistake in a row, moves, merged communes: none is missing."""
    said = statements(drawn[0])
    assert set(Counter(one["feed"] for one in said)) == set(COLUMNS)
    found = Counter(_disorders(said))
    wanted = {"original after its correction", "two contents", "lower version written down last", "cancellation"}
    wanted |= {"another person", "moved", "merged commune", "unknown event", "clock at 02:30"}
    print(sorted(found.items()))
    assert not wanted - set(found) - {"clock at 02:30"}
    mistakes = {one["fault"] for one in said} - {""}
    assert {
        "niss_checksum",
        "niss_leading_zero_lost",
        "clock_a_day_ahead",
        "day_month_year",
        "excel_number",
    } <= mistakes


def _disorders(said: list[dict[str, Any]]) -> Any:
    by_thing: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in said:
        by_thing[one["feed"], one["sender"], one["entity"], one["person"]].append(one)
        row = one["row"]
        yield from (name for name, holds in (
            ("cancellation", row["notice_status"] == "9"),
            ("another person", "WRONG" in one["needs"]),
            ("moved", row.get("situation_kind") == "TRANSFER_OUT"),
            ("merged commune", one["entity"].startswith(BERTOGNE)),
            ("unknown event", one["feed"] == "MOBI" and one["entity"].endswith("X")),
            ("clock at 02:30", "T02:30" in row.get("appointment_at", "")),
        ) if holds)  # fmt: skip
    for rows in by_thing.values():
        order = sorted(rows, key=lambda one: int(one["row"]["version"]))
        days = [one["day"] for one in order]
        stamps = [one["row"]["recorded_at"] for one in order]
        if days != sorted(days):
            yield "original after its correction"
        if days != sorted(days) and stamps != sorted(stamps):
            yield "lower version written down last"
        if len({one["row"]["version"] for one in rows}) < len(rows):
            yield "two contents"


def test_a_half_day_that_was_killed_is_written_again_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that lay there already are the same bytes afterwards, and nothing is sent twice."""
    world = draw(tmp_path, people=200)
    store = Store(tmp_path)
    monkeypatch.setattr(send._Half, "_note", _killed(send._Half._note, after=3))
    with pytest.raises(KeyboardInterrupt):
        send.send(store, world, "CPAS", world.calendar[0])
    before = files(tmp_path)
    assert before
    monkeypatch.undo()
    again = Store(tmp_path)
    count = send.send(again, world, "CPAS", world.calendar[0])
    after = files(tmp_path)
    assert count > 3
    assert {name: after[name] for name in before} == before
    assert send.send(again, world, "CPAS", world.calendar[0]) == 0


def _killed(work: Callable[..., None], after: int) -> Callable[..., None]:
    calls = iter(range(after))

    def killed(*args: Any) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        work(*args)

    return killed


def files(root: Path) -> dict[str, bytes]:
    """What lies in every in/."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("*/mailbox/in/*.*") if path.is_file()}


def test_le_forem_answers_nothing_that_it_has_not_received(drawn: tuple[Store, World], tmp_path: Path) -> None:
    """Without an orientation in its book it sends no status, though it has planned some."""
    world = draw(tmp_path, people=200)
    store = Store(tmp_path)
    for day in world.calendar[:8]:
        send.send(store, world, "FOREM", day)
    sent = {row["feed"] for row in store.all("SELECT feed FROM statement WHERE sent IS NOT NULL")}
    assert "INSC" in sent
    waiting = store.all(
        "SELECT count(*) AS n FROM statement WHERE feed='STAT' AND sent IS NULL AND day<=?", "2026-10-28"
    )
    assert waiting[0]["n"] > 0
    answered = store.all("SELECT needs FROM statement WHERE feed='STAT' AND sent IS NOT NULL")
    assert {row["needs"] for row in answered} <= {""}


def delivered(root: Path, partner: str, rows: list[dict[str, str]], sequence: int = 1, **changed: Any) -> str:
    """A file of RECO in the partner's out/."""
    name = f"FO.RECO.{partner}.20261019.{sequence:05d}.T"
    data = table.write(RECO, rows).encode()
    go = naming.manifest(name, data, "reconciliation/1", [], None, len(rows)) | changed
    for one, content in ((name, data), (naming.go_of(name), naming.render(go))):
        layout.write_whole(layout.mailbox(root, partner) / "out" / one, content)
    return name


def test_a_delivery_that_is_not_as_announced_is_left_and_told(tmp_path: Path) -> None:
    """Its GO has another digest: it raises an alarm and stays in out/."""
    world = draw(tmp_path, people=60, cpas=2)
    store = Store(tmp_path)
    name = delivered(tmp_path, FOREM, [], sha256="0" * 64)
    assert Taker(store, world).take("2026-10-19", "NOON") == 0
    kinds = {kind for kind, *_ in deliveries(store)}
    assert kinds == {"alarm not_as_announced", "left_in_out"}
    assert (layout.mailbox(tmp_path, FOREM) / "out" / name).exists()


def test_partners_turn_to_a_later_version_on_days_of_their_own(drawn: tuple[Store, World]) -> None:
    """Each reads version 2 from its day on; the days differ, some come early, some never; no sender begins with 2."""
    world = drawn[1]
    first, last = world.calendar[0], world.last
    agreed = {(partner, feed): since for partner, feed, since in versions.agreed(world)}
    for feed in ADDED:
        readers = [FOREM] if feed in FROM_CPAS else list(world.place)
        senders = list(world.place) if feed in FROM_CPAS else [FOREM]
        for partner in readers:
            read = [versions.read(world, partner, feed, day) for day in world.calendar]
            since = agreed.get((partner, feed))
            assert read == [2 if since and day >= since else 1 for day in world.calendar]
        assert {versions.written(world, partner, feed, first) for partner in senders} == {1}
        assert 2 in {versions.written(world, partner, feed, last) for partner in senders}
    of_cpas = {partner: since for (partner, _), since in agreed.items() if partner != FOREM}
    assert min(of_cpas.values()) <= world.calendar[6]
    assert len(set(of_cpas.values())) > 2
    assert len(of_cpas) < len(world.place)


def test_a_row_of_version_1_is_noted_without_what_it_cannot_say(tmp_path: Path) -> None:
    """What is sent under version 1 has no cell of version 2, in the file and in the truth; under version 2 it has."""
    world = draw(tmp_path, people=300)
    store = Store(tmp_path)
    turn = next(day for day in world.calendar if versions.written(world, FOREM, "INSC", day) == 2)
    told: dict[bool, int] = {True: 0, False: 0}
    for day in world.calendar:
        send.send(store, world, "FOREM", day)
        for one in statements(store):
            if one["feed"] == "INSC" and one["sent"] == day.isoformat() and "deregistration_reason" in one["row"]:
                told[day >= turn] += 1
    assert told[False] == 0
    assert told[True] > 0
    headers = {
        data.decode("utf-8-sig").split("\n")[0].strip() for name, data in files(tmp_path).items() if "/FI.INSC" in name
    }
    assert {header.endswith(";deregistration_reason") for header in headers} == {True, False}


@pytest.mark.parametrize("version", [1, 2])
def test_a_delivery_in_a_version_that_was_not_agreed_is_left_and_told(version: int, tmp_path: Path) -> None:
    """A reader takes the version of the day in the file's name, and no other."""
    world = draw(tmp_path, people=60)
    store = Store(tmp_path)
    partner, _, since = next(one for one in versions.agreed(world) if one[1] == "INSC")
    contract, header = received("INSC", version)
    name = f"FO.INSC.{partner}.{since:%Y%m%d}.00001.T"
    data = table.write(header, []).encode()
    go = naming.manifest(name, data, contract, [], None, 0)
    for one, content in ((name, data), (naming.go_of(name), naming.render(go))):
        layout.write_whole(layout.mailbox(tmp_path, partner) / "out" / one, content)
    assert Taker(store, world).take(since.isoformat(), "EVENING") == (version == 2)
    kinds = {kind for kind, *_ in deliveries(store)}
    assert kinds == (set() if version == 2 else {"alarm not_as_announced", "left_in_out"})


def test_a_file_that_was_taken_and_comes_again_is_told(tmp_path: Path) -> None:
    """The book is not changed a second time, and the alarm says so."""
    world = draw(tmp_path, people=60, cpas=2)
    store = Store(tmp_path)
    taker = Taker(store, world)
    delivered(tmp_path, FOREM, [])
    assert taker.take("2026-10-19", "NOON") == 1
    delivered(tmp_path, FOREM, [])
    taker.take("2026-10-19", "EVENING")
    assert [kind for kind, *_ in deliveries(store)] == ["alarm delivered_twice"]


def test_a_file_that_never_came_is_told(tmp_path: Path) -> None:
    """The second file of a line without the first is a gap."""
    world = draw(tmp_path, people=60, cpas=2)
    store = Store(tmp_path)
    delivered(tmp_path, FOREM, [], sequence=2, previous="1" * 64)
    Taker(store, world).take("2026-10-19", "NOON")
    assert [kind for kind, *_ in deliveries(store)] == ["delivery_gap"]


def test_a_row_about_somebody_elses_person_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPAS that never spoke of the person raises an alarm."""
    world = draw(tmp_path, people=60, cpas=2)
    store = Store(tmp_path)
    taker = Taker(store, world)
    niss = next(iter(taker.rank_of))
    monkeypatch.setattr(taker, "_open", lambda *_: {"niss": niss})
    row = {"record": "STATE", "subject_token": "w1.abcd." + "a" * 43, "entity_kind": "REFERRAL", "entity_ref": "R1"}
    partner = world.communes[0].partner
    delivered(tmp_path, partner, [row])
    taker.take("2026-10-19", "NOON")
    assert "alarm foreign_person" in {kind for kind, *_ in deliveries(store)}


def test_only_whole_half_days_are_kept(tmp_path: Path) -> None:
    """What a killed half-day had noted is gone when the store is opened again."""
    store = Store(tmp_path)
    twice = "INSERT INTO done VALUES ('2026-10-19', 'CPAS'), ('2026-10-19', 'NOON'), ('2026-10-19', 'CPAS')"
    with pytest.raises(sqlite3.IntegrityError), store:
        store.db.execute(twice)
    assert not Store(tmp_path).is_done("2026-10-19", "NOON")


def test_what_is_sent_outside_the_plan_is_refused_and_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its day on the file is expected to be refused with F36; its rows are no part of the truth."""
    world = draw(tmp_path, people=600)
    store, day = Store(tmp_path), world.calendar[8]
    partner = store.all("SELECT sender FROM statement WHERE feed='MOBI' AND day=?", day.isoformat())[0]["sender"]
    monkeypatch.setattr(World, "agreed", lambda _, one, feed, on: (one, feed) != (partner, "MOBI") or on < day)
    monkeypatch.setattr(send._Half, "_is_ready", lambda *_: True)
    for one in world.calendar[:12]:
        send.send(store, world, "CPAS", one)
    files = store.all("SELECT day, verdict, codes FROM file WHERE sender=? AND feed='MOBI' ORDER BY day", partner)
    assert {(row["verdict"], row["codes"]) for row in files if row["day"] >= day.isoformat()} == {("REFUSED", "F36")}
    assert "F36" not in {row["codes"] for row in files if row["day"] < day.isoformat()}
    later = (
        "SELECT DISTINCT sent, day FROM statement WHERE sender=? AND feed='MOBI' AND day>=? AND day NOT BETWEEN ? AND ?"
    )
    left = store.all(later, partner, day.isoformat(), world.calendar[12].isoformat(), world.last.isoformat())
    assert [(row["sent"], row["day"]) for row in left] == [(None, date.max.isoformat())]


def test_plans_change_on_days_of_their_own(tmp_path: Path) -> None:
    """Some CPAS of 252 change theirs in the middle of the year, to all axes or to two; each once."""
    world = cli.create(tmp_path, PROJECT / "partners", 5, date(2026, 1, 5), 250, 252, 300)
    found = list(plan_changes.changes(world))
    assert 15 < len(found) < 50
    assert len({partner for partner, _, _ in found}) == len(found)
    assert {axes for _, _, axes in found} == {plan_changes.ALL, plan_changes.TWO}
    assert len({since for _, since, _ in found}) > 10
    assert all(world.calendar[60] < since < world.calendar[190] for _, since, _ in found)


def test_an_export_has_all_that_are_open_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twelfth file of offers says that it is complete; without what is closed or let go without a word."""
    monkeypatch.setattr(offers, "DROPPED", 0.5)
    world = draw(tmp_path, people=60)
    store = Store(tmp_path)
    for day in world.calendar[:12]:
        send.send(store, world, "FOREM", day)
    names = sorted(name for name in files(tmp_path) if "/GO.OFFR" in name)
    complete = [json.loads(files(tmp_path)[name]).get("complete", False) for name in names]
    assert complete == [False] * (len(names) - 1) + [True]
    data = files(tmp_path)[names[-1].replace("GO.", "FI.") + ".1"]
    kept = {row["offer_number"] for row in table.read(data.decode())[1]}
    rows = [one["row"] for one in statements(store) if one["feed"] == "OFFR" and one["sent"]]
    said = {row["offer_number"] for row in rows}
    closed = {row["offer_number"] for row in rows if "closed_at" in row and row["closed_at"] < str(world.calendar[11])}
    gone = {row["offer_number"] for row in rows if offers._is_gone(world, row["offer_number"], row, world.calendar[11])}
    assert closed
    assert gone
    assert kept == said - closed - gone


def test_a_reply_that_the_hub_has_not_noted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the software of a CPAS says of a file it took is compared with what the hub noted, on the day after."""
    world = draw(tmp_path, people=60, cpas=2)
    store, partner = Store(tmp_path), world.communes[0].partner
    monkeypatch.setattr(replies, "answers", lambda _, one: one == partner)
    name = delivered(tmp_path, partner, [])
    Taker(store, world).take("2026-10-19", "NOON")
    (path,) = (layout.mailbox(tmp_path, partner) / "in").glob("AK.*")
    said = json.loads(path.read_bytes())
    assert (path.name, said["file"]) == (f"AK{naming.go_of(name)[2:]}", name)
    noted, kind = tmp_path / "replies.jsonl", replies._kind(world, partner, name)
    for kinds, wrong in (((kind,), 0), (("TAKEN",), 1), ((), 1)):
        lines = [json.dumps({"recipient": partner, "name": name, "kind": one}) for one in kinds]
        noted.write_text("\n".join(lines))
        assert len(list(replies.compare(store, world, noted, date(2026, 10, 20)))) == wrong
    assert not list(replies.compare(store, world, noted, date(2026, 10, 19)))
