"""The laws of submissions in the ledger: registered once, leased to one, finished once, and rows conserved."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub import lease
from hub.errors import HubError, InvariantBroken, Transient
from hub.model import Event
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.publications import Made, Publications
from hub.stores.report import Report
from hub.stores.seen import Seen, Sightings
from hub.stores.submissions import Effects, Landed, Relation, Submissions

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
LANDED = Landed("m1", "062063", "FI.ORIE.062063.20260309.00001.T.1.1", "n1", "", "GO", "d1", "g1", 10, NOW)
EVENT = Event(
    event_id="e1",
    feed="ORIE",
    source="062063",
    entity_id="R62063-2026-000001",
    sid="5" * 32,
    version=1,
    notice_status=0,
    effective_date=date(2026, 3, 9),
    recorded_at=NOW,
    received_at=NOW,
    message_id="m1",
    line=2,
    content="c1",
    payload={"referral_id": "R62063-2026-000001"},
)
FINDING = {"line": 3, "column": "niss", "code": "R101", "severity": "ERROR", "count": 1, "shape": "11 digits"}
EFFECTS = Effects(
    "DONE",
    read=2,
    rejected=1,
    findings=[FINDING],
    events=[EVENT],
    relations={Relation("062063", EVENT.sid, EVENT.effective_date, "CONV2024")},
)
MADE = Made(
    publication_id="p1",
    recipient="062063",
    feed="ACRF",
    sequence=1,
    contract="acrf/1",
    name="FO.ACRF.062063.20260309.00001.T",
    sha256="a" * 64,
    manifest_sha256="b" * 64,
    digest="d" * 64,
    previous=None,
    published_at=NOW,
    rows={},
)
DATA = (tables.event, tables.finding, tables.relationship, tables.entity_state)


@pytest.fixture
def submissions(ledger: Database) -> Submissions:
    return Submissions(ledger)


def claimed(submissions: Submissions, landed: Landed = LANDED) -> str:
    """A worker that holds the lease on a submission."""
    owner = lease.new_owner()
    submissions.register(landed)
    assert submissions.claim(landed.message_id, owner, NOW)
    return owner


def counts(database: Database) -> dict[str, int]:
    with database.read() as tx:
        return {t.name: tx.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in DATA}


def row(database: Database, message_id: str = "m1") -> Any:
    with database.read() as tx:
        return tx.execute(sa.select(tables.submission).where(tables.submission.c.message_id == message_id)).one()


def journal(database: Database, subject: str = "m1") -> list[str]:
    moves = sa.select(tables.transition.c.after).where(tables.transition.c.subject_id == subject)
    with database.read() as tx:
        return list(tx.execute(moves.order_by(tables.transition.c.n)).scalars())


def together(*works: Callable[[], object]) -> list[object]:
    """Do all of it at the same time, each in a thread; results, or the error raised, in order."""
    results: list[object] = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        except (HubError, sa.exc.SQLAlchemyError) as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@contextmanager
def another(database: Database) -> Iterator[Submissions]:
    """The same ledger as another process has it: through connections of its own."""
    url = database.engine.url.render_as_string(hide_password=False)
    twin = Database(url, database.zone)
    yield Submissions(twin)
    twin.close()


@contextmanager
def broken_at(database: Database, statement: int) -> Iterator[None]:
    """The database fails just before its nth statement."""
    done = Counter[str]()

    def count(*_: object) -> None:
        done["statements"] += 1
        if done["statements"] == statement:
            raise ConnectionError

    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)


def test_registering_twice_is_registering_once(submissions: Submissions, ledger: Database) -> None:
    """The same file landed again, by a run after a kill, keeps its first message id and has one beginning."""
    assert submissions.register(LANDED) == "m1"
    assert submissions.register(replace(LANDED, message_id="m2", received_at=NOW + timedelta(hours=1))) == "m1"
    assert row(ledger).received_at == NOW
    assert journal(ledger) == ["RECEIVED"]


def test_a_new_content_under_a_known_name_supersedes_the_old(submissions: Submissions, ledger: Database) -> None:
    """The same name with other bytes is another submission, and the older one says which came after it."""
    submissions.register(LANDED)
    assert submissions.register(replace(LANDED, message_id="m2", digest="d2")) == "m2"
    assert row(ledger).superseded_by == "m2"
    assert row(ledger, "m2").superseded_by is None


def test_another_partner_may_use_the_same_name_and_content(submissions: Submissions, ledger: Database) -> None:
    """A name and a content belong to the mailbox that they came from."""
    submissions.register(LANDED)
    assert submissions.register(replace(LANDED, message_id="m2", partner="062096")) == "m2"
    assert row(ledger).superseded_by is None


def test_a_lease_is_refused_while_its_owner_lives(submissions: Submissions) -> None:
    """A second worker cannot take a file that a living one works on."""
    claimed(submissions)
    assert not submissions.claim("m1", lease.new_owner(), NOW)


def test_a_lease_of_a_dead_process_is_taken_over(submissions: Submissions, ledger: Database) -> None:
    """A killed worker does not hold a file back, not even while its parent has not read its exit."""
    submissions.register(LANDED)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, lease.new_owner().encode())
        os._exit(0)
    owner = os.read(reading, 200).decode()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert submissions.claim("m1", owner, NOW)
    assert submissions.claim("m1", lease.new_owner(), NOW)
    os.waitpid(child, 0)
    assert journal(ledger) == ["RECEIVED", "CLAIMED", "CLAIMED"]


def test_a_lease_that_ran_out_is_taken_over(submissions: Submissions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker on a machine that we cannot ask is waited for as long as its lease, no longer."""
    monkeypatch.setattr(lease, "LEASE", timedelta(0))
    claimed(submissions)
    assert submissions.claim("m1", lease.new_owner(), NOW)


def test_a_lease_of_another_machine_holds(submissions: Submissions) -> None:
    """Nothing is known of a process on another host: its lease counts until it runs out."""
    submissions.register(LANDED)
    assert submissions.claim("m1", "elsewhere:1:1:aaaaaaaa", NOW)
    assert not submissions.claim("m1", lease.new_owner(), NOW)


def test_a_lease_given_back_can_be_taken_at_once(submissions: Submissions) -> None:
    """A worker that failed gives its lease back, and can take it again; nobody gives another's back."""
    owner = claimed(submissions)
    submissions.release("m1", lease.new_owner())
    assert not submissions.claim("m1", lease.new_owner(), NOW)
    submissions.release("m1", owner)
    assert submissions.claim("m1", lease.new_owner(), NOW)


def test_a_worker_that_lost_its_lease_changes_nothing(
    submissions: Submissions, ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a slow worker found is thrown away once another has taken over."""
    monkeypatch.setattr(lease, "LEASE", timedelta(0))
    slow = claimed(submissions)
    quick = lease.new_owner()
    assert submissions.claim("m1", quick, NOW)
    with pytest.raises(Transient):
        submissions.finish("m1", slow, EFFECTS, NOW)
    assert set(counts(ledger).values()) == {0}
    submissions.finish("m1", quick, EFFECTS, NOW)
    assert counts(ledger)["event"] == 1


def test_a_finished_file_is_neither_claimed_nor_finished_again(submissions: Submissions, ledger: Database) -> None:
    """The final state of a file is final."""
    owner = claimed(submissions)
    submissions.finish("m1", owner, EFFECTS, NOW)
    assert not submissions.claim("m1", owner, NOW)
    with pytest.raises(Transient):
        submissions.finish("m1", owner, EFFECTS, NOW)
    assert journal(ledger) == ["RECEIVED", "CLAIMED", "DONE"]


def test_finishing_happens_whole_or_not_at_all(submissions: Submissions, ledger: Database) -> None:
    """Whatever statement fails, nothing of the file is recorded and it can be finished again."""
    owner = claimed(submissions)
    statement = 0
    while True:
        statement += 1
        try:
            with broken_at(ledger, statement):
                submissions.finish("m1", owner, EFFECTS, NOW)
            break
        except ConnectionError:
            assert set(counts(ledger).values()) == {0}
            assert row(ledger).state == "CLAIMED"
    assert statement > 8
    assert counts(ledger) == {"event": 1, "finding": 1, "relationship": 1, "entity_state": 1}
    assert row(ledger).state == "DONE"


def test_rows_that_are_not_conserved_stop_the_file(submissions: Submissions, ledger: Database) -> None:
    """When rows read are not accepted + rejected + duplicate + superseded, nothing is recorded."""
    owner = claimed(submissions)
    with pytest.raises(InvariantBroken):
        submissions.finish("m1", owner, replace(EFFECTS, read=3), NOW)
    assert set(counts(ledger).values()) == {0}
    assert row(ledger).state == "CLAIMED"


def test_duplicate_and_superseded_rows_are_counted(submissions: Submissions, ledger: Database) -> None:
    """A row known already is a duplicate, one below a known version is superseded, and the law holds."""
    newer = replace(EVENT, event_id="e2", version=2, content="c2")
    submissions.finish("m1", claimed(submissions), replace(EFFECTS, events=[newer]), NOW)
    again = [replace(e, message_id="m2") for e in (newer, EVENT, EVENT)]
    owner = claimed(submissions, replace(LANDED, message_id="m2", name_digest="n2", digest="d2"))
    told = submissions.finish("m2", owner, Effects("DONE", read=3, events=again), NOW)
    assert (told["read"], told["accepted"], told["duplicate"], told["superseded"]) == (3, 0, 2, 1)
    assert Report(ledger).conservation()["holds"] == 1


def test_a_referral_touched_again_is_reconciled_again(submissions: Submissions, ledger: Database) -> None:
    """Finishing a file marks the referrals of its new rows, and of no other."""
    submissions.finish("m1", claimed(submissions), EFFECTS, NOW)
    with ledger.write() as tx:
        tx.execute(tables.entity_state.update().values(stale=False))
    owner = claimed(submissions, replace(LANDED, message_id="m2", digest="d2"))
    submissions.finish("m2", owner, Effects("DONE", read=1, events=[replace(EVENT, message_id="m2")]), NOW)
    with ledger.read() as tx:
        assert tx.execute(sa.select(tables.entity_state.c.stale)).scalars().all() == [False]
    owner = claimed(submissions, replace(LANDED, message_id="m3", digest="d3"))
    newer = replace(EVENT, event_id="e3", version=2, message_id="m3")
    submissions.finish("m3", owner, Effects("DONE", read=1, events=[newer]), NOW)
    with ledger.read() as tx:
        assert tx.execute(sa.select(tables.entity_state.c.stale)).scalars().all() == [True]


def test_of_workers_that_claim_at_once_one_has_it(submissions: Submissions, ledger: Database) -> None:
    """Two processes that claim the same file at the same instant: one has the lease, the other hears no."""
    with another(ledger) as others:
        for n in range(20):
            submissions.register(replace(LANDED, message_id=f"m{n}", digest=f"d{n}"))
            told = together(
                lambda n=n: submissions.claim(f"m{n}", lease.new_owner(), NOW),
                lambda n=n: others.claim(f"m{n}", lease.new_owner(), NOW),
            )
            assert sorted(map(str, told)) == ["False", "True"]
            assert journal(ledger, f"m{n}") == ["RECEIVED", "CLAIMED"]


def test_of_workers_that_finish_at_once_one_counts(submissions: Submissions, ledger: Database) -> None:
    """Two that finish the same file at the same instant leave one effect; the other changed nothing."""
    with another(ledger) as others:
        for n in range(10):
            message, event = f"m{n}", replace(EVENT, event_id=f"e{n}", version=n + 1, message_id=f"m{n}")
            owner = claimed(submissions, replace(LANDED, message_id=message, digest=f"d{n}"))
            effects = replace(EFFECTS, events=[event])
            told = together(
                lambda m=message, o=owner, e=effects: submissions.finish(m, o, e, NOW),
                lambda m=message, o=owner, e=effects: others.finish(m, o, e, NOW),
            )
            assert sorted(type(one).__name__ for one in told) == ["Counter", "Transient"]
            assert journal(ledger, message) == ["RECEIVED", "CLAIMED", "DONE"]
    assert counts(ledger)["event"] == 10
    assert Report(ledger).conservation()["holds"] == 1


def test_the_same_rows_in_two_files_at_once_are_recorded_once(submissions: Submissions, ledger: Database) -> None:
    """Two files with the same rows, finished at the same instant: the rows of one of them are duplicates."""
    with another(ledger) as others:
        for n in range(10):
            events = [replace(EVENT, event_id=f"e{n}-{k}", version=n + 1, line=k) for k in range(20)]
            works = []
            for place, store in enumerate((submissions, others)):
                landed = replace(LANDED, message_id=f"m{n}-{place}", name_digest=f"n{n}-{place}")
                owner = claimed(store, landed)
                effects = Effects("DONE", read=20, events=events)
                works.append(lambda s=store, m=landed.message_id, o=owner, e=effects: s.finish(m, o, e, NOW))
            told = together(*works)
            assert sorted(one["duplicate"] for one in told) == [0, 20]
    assert Report(ledger).conservation()["holds"] == 1


@pytest.mark.parametrize("told", [(1985, 1990), (1990, 1985)])
def test_of_two_cohorts_the_earlier_is_kept(told: tuple[int, int], submissions: Submissions, ledger: Database) -> None:
    """Two files that tell another cohort of one person leave the earlier one, in whichever order they come."""
    for n, born in enumerate(told):
        landed = replace(LANDED, message_id=f"m{n}", name_digest=f"{n}", digest=f"{n}" * 64)
        submissions.finish(landed.message_id, claimed(submissions, landed), Effects("DONE", cohorts={"s": born}), NOW)
    with ledger.read() as tx:
        assert [tuple(row) for row in tx.execute(sa.select(tables.cohort))] == [("s", 1985)]


def test_a_look_is_remembered_until_the_file_changes(ledger: Database) -> None:
    """A file has not moved when an earlier look saw the same size and time; the first look says nothing."""
    later = NOW + timedelta(hours=6)
    huge = 5_000_000_000  # bytes: what a listing says is not bounded by what we would take
    seen, file = Sightings(ledger), Seen("062063", ["n1"], huge, 1.5)
    assert not seen.seen_unchanged(file, 2, NOW)
    assert not seen.seen_unchanged(file, 2, NOW)
    assert seen.seen_unchanged(file, 2, later)
    assert not seen.seen_unchanged(replace(file, size=huge + 1), 2, later)
    assert not seen.seen_unchanged(replace(file, partner="062096"), 2, later)
    other_key = replace(file, names=["n2", "n1"], size=huge + 1)
    assert seen.seen_unchanged(other_key, 2, later + timedelta(hours=1)), "another key"


def test_so_many_looks_as_agreed(ledger: Database) -> None:
    """With k looks agreed, k different instants must see the same; one instant twice is one; a change begins anew."""
    seen, file = Sightings(ledger), Seen("062063", ["n1"], 5, None)
    instants = [NOW + timedelta(hours=n) for n in range(6)]
    told = [seen.seen_unchanged(file, 3, at) for at in (instants[0], instants[1], instants[1], instants[2])]
    assert told == [False, False, False, True]
    assert [seen.seen_unchanged(replace(file, size=6), 3, at) for at in instants[3:]] == [False, False, True]
    assert seen.seen_unchanged(replace(file, names=["one look"]), 1, NOW)


def test_a_file_withdrawn_before_it_is_claimed_is_withdrawn(submissions: Submissions, ledger: Database) -> None:
    """A TD that comes after its file was taken counts until the processing begins, and not after."""
    submissions.register(LANDED)
    submissions.withdraw("062096", ["n1"])
    assert row(ledger).announced_by == "GO"
    submissions.withdraw("062063", ["n1"])
    assert row(ledger).announced_by == "TD"
    claimed(submissions, replace(LANDED, message_id="m2", name_digest="n2"))
    submissions.withdraw("062063", ["n2"])
    assert row(ledger, "m2").announced_by == "GO"


def test_what_is_not_told_yet_of_finished_files_is_unanswered(submissions: Submissions, ledger: Database) -> None:
    """A file waits for its receipt, and for its outcome where it has one; a file in work waits for nothing."""
    publications = Publications(ledger)

    def tell(feed: str, sequence: int, *messages: str) -> None:
        rows = {f"{message}|000000": (message, "told") for message in messages}
        named = {"publication_id": f"{feed.lower()}{sequence}", "feed": feed, "sequence": sequence, "rows": rows}
        publications.add(replace(MADE, **named), lambda: None)

    def waiting() -> list[str]:
        return [one["message_id"] for one in submissions.unanswered(["062063"])]

    for n, effects in enumerate((EFFECTS, Effects("REFUSED", "F04"), Effects("DONE")), 1):
        landed = replace(LANDED, message_id=f"m{n}", name_digest=f"n{n}", digest=f"d{n}")
        submissions.finish(f"m{n}", claimed(submissions, landed), effects, NOW)
    claimed(submissions, replace(LANDED, message_id="m4", name_digest="n4", digest="d4"))
    assert waiting() == ["m1", "m2", "m3"]
    tell("ACRF", 1, "m1", "m2")
    assert waiting() == ["m1", "m3"]
    tell("NOTI", 1, "m1")
    tell("ACRF", 2, "m3")
    assert waiting() == ["m3"]
    tell("NOTI", 2, "m3")
    assert waiting() == []
    assert submissions.unanswered(["062096"]) == []


def test_a_line_of_files_is_known_in_its_order(submissions: Submissions) -> None:
    """The finished files of a sender and feed come by their sequence, with what chains them."""
    for n in (2, 1):
        landed = replace(LANDED, message_id=f"m{n}", name_digest=f"n{n}", digest=f"d{n}")
        told = {"sender": "062063", "feed": "ORIE", "sequence": n, "chain": f"c{n}", "previous": f"c{n - 1}"}
        submissions.finish(landed.message_id, claimed(submissions, landed), Effects("DONE", **told), NOW)
    line = submissions.line("062063", "ORIE")
    assert [(one.sequence, one.digest, one.previous) for one in line] == [(1, "c1", "c0"), (2, "c2", "c1")]
    assert submissions.line("062063", "SITU") == []
