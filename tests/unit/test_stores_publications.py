"""The laws of publications in the ledger: one per place in a sequence, and moved along the allowed moves only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from test_stores_submissions import broken_at, journal, together

from hub.errors import InvariantBroken
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.publications import MOVES, Made, Publications

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
MADE = Made(
    publication_id="p1",
    recipient="062063",
    feed="RECO",
    sequence=1,
    contract="reconciliation/1",
    name="FO.RECO.062063.20260309.00001.T",
    sha256="a" * 64,
    manifest_sha256="b" * 64,
    digest="d" * 64,
    previous=None,
    published_at=NOW,
    rows={"R62063-2026-000001": ("R62063-2026-000001", "h1"), "R62063-2026-000002": ("R62063-2026-000002", "h1")},
)
STATES = ["READY", "DATA_SENDING", "DATA_SENT", "GO_SENDING", "DELIVERED"]


@pytest.fixture
def publications(ledger: Database) -> Publications:
    return Publications(ledger)


@contextmanager
def another(database: Database) -> Iterator[Publications]:
    """The same ledger as another process has it."""
    twin = Database(database.engine.url.render_as_string(hide_password=False), database.zone)
    yield Publications(twin)
    twin.close()


def nothing() -> None:
    """Keep no file."""


def count(database: Database, table: sa.Table) -> int:
    with database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def state(database: Database) -> str:
    with database.read() as tx:
        return str(tx.execute(sa.select(tables.publication.c.state)).scalar_one())


def test_a_place_in_a_sequence_is_taken_once(publications: Publications, ledger: Database) -> None:
    """A second publication for the same recipient, feed and sequence is refused whole."""
    publications.add(MADE, nothing)
    with pytest.raises(InvariantBroken):
        publications.add(replace(MADE, publication_id="p2", sha256="c" * 64), nothing)
    assert publications.last("062063", "RECO") == (1, "a" * 64)
    assert (count(ledger, tables.publication), count(ledger, tables.publication_row)) == (1, 2)
    publications.add(replace(MADE, publication_id="p3", feed="STAT"), nothing)
    publications.add(replace(MADE, publication_id="p4", recipient="900001"), nothing)


def test_of_two_that_publish_at_once_one_has_the_place(publications: Publications, ledger: Database) -> None:
    """Two processes that publish to one recipient at the same instant: one is recorded, the other is stopped."""
    kept: list[int] = []
    with another(ledger) as others:
        for n in range(1, 11):
            told = together(
                lambda n=n: publications.add(replace(MADE, publication_id=f"p{n}", sequence=n), lambda: kept.append(n)),
                lambda n=n: others.add(replace(MADE, publication_id=f"q{n}", sequence=n), lambda: kept.append(n)),
            )
            assert sorted(type(one).__name__ for one in told) == ["InvariantBroken", "NoneType"]
    assert kept == [*range(1, 11)]  # the other one's file was never written over
    assert (count(ledger, tables.publication), count(ledger, tables.publication_row)) == (10, 20)


def test_a_publication_is_recorded_whole_or_not_at_all(publications: Publications, ledger: Database) -> None:
    """Whatever statement fails, neither the publication nor any of its rows is there, and it can be added again."""
    statement = 0
    while True:
        statement += 1
        try:
            with broken_at(ledger, statement):
                publications.add(MADE, nothing)
            break
        except ConnectionError:
            assert (count(ledger, tables.publication), count(ledger, tables.publication_row)) == (0, 0)
    assert statement > 4
    assert (count(ledger, tables.publication), count(ledger, tables.publication_row)) == (1, 2)


def test_a_publication_whose_file_cannot_be_kept_is_not_recorded(publications: Publications, ledger: Database) -> None:
    """When the file cannot be made durable there is no publication, and its place is still free."""

    def full() -> None:
        raise OSError

    with pytest.raises(OSError):
        publications.add(MADE, full)
    assert publications.last("062063", "RECO") == (0, None)
    assert count(ledger, tables.publication_row) == 0


def test_the_last_thing_told_is_what_counts(publications: Publications) -> None:
    """A row told again with other content is known by its latest content, the others by theirs."""
    publications.add(MADE, nothing)
    key = "R62063-2026-000001"
    publications.add(replace(MADE, publication_id="p2", sequence=2, rows={key: (key, "h2")}), nothing)
    assert publications.told("062063", "RECO") == {key: "h2", "R62063-2026-000002": "h1"}
    assert publications.told("900001", "RECO") == {}
    assert publications.told("062063", "RECO", [key]) == {key: "h2"}
    assert publications.told("062063", "RECO", []) == {}
    names = {key: "second", "R62063-2026-000002": MADE.name}
    publications.add(replace(MADE, publication_id="p3", sequence=3, name="second", rows={key: (key, "h3")}), nothing)
    assert publications.told_at("062063", "RECO", [*names, "unknown"]) == names


def test_a_snapshot_has_more_rows_than_it_tells(publications: Publications, ledger: Database) -> None:
    """The last snapshot and the last word about persons are known; receipts and job offers are neither."""
    assert (publications.last_snapshot("062063"), publications.last_day("062063")) == (None, None)
    later, last = NOW + timedelta(days=1), NOW + timedelta(days=2)
    publications.add(replace(MADE, kind="SNAPSHOT", count=500), nothing)
    publications.add(replace(MADE, publication_id="p2", sequence=2, published_at=later), nothing)
    for n, feed in enumerate(("ACRF", "NOTI", "OFFR", "JOBD", "CATA")):
        publications.add(replace(MADE, publication_id=f"q{n}", feed=feed, published_at=last), nothing)
    assert (publications.last_snapshot("062063"), publications.last_day("062063")) == (NOW, later)
    assert publications.last_snapshot("900001") is None
    with ledger.read() as tx:
        p = tables.publication.c
        query = sa.select(p.rows, p.kind).where(p.feed == "RECO").order_by(p.sequence)
        assert [tuple(row) for row in tx.execute(query)] == [(500, "SNAPSHOT"), (2, "DELTA")]
    assert count(ledger, tables.publication_row) == 2 * 7


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_publication_moves_along_the_allowed_moves_only(
    publications: Publications, ledger: Database, before: str, after: str
) -> None:
    """From each state to each other: allowed and written down in the journal, or refused and nothing changed."""
    publications.add(MADE, nothing)
    for step in STATES[1 : STATES.index(before) + 1]:
        publications.advance("p1", step, NOW)
    known = journal(ledger, "p1")
    if after in MOVES.get(before, ()):
        publications.advance("p1", after, NOW)
        assert (state(ledger), journal(ledger, "p1")) == (after, [*known, after])
    else:
        with pytest.raises(InvariantBroken):
            publications.advance("p1", after, NOW)
        assert (state(ledger), journal(ledger, "p1")) == (before, known)


def test_of_two_that_deliver_at_once_one_advances(publications: Publications, ledger: Database) -> None:
    """Two processes that advance one publication at the same instant: one does, the other is stopped."""
    with another(ledger) as others:
        publications.add(MADE, nothing)
        for after in STATES[1:]:
            told = together(
                lambda a=after: publications.advance("p1", a, NOW),
                lambda a=after: others.advance("p1", a, NOW),
            )
            assert sorted(type(one).__name__ for one in told) == ["InvariantBroken", "NoneType"]
    assert journal(ledger, "p1") == STATES


def test_undelivered_and_unacknowledged_are_told_apart(publications: Publications) -> None:
    """A publication waits for its delivery, then for its acknowledgement, which is noted once."""
    publications.add(MADE, nothing)
    assert [row["publication_id"] for row in publications.undelivered("062063")] == ["p1"]
    assert publications.unacknowledged("062063") == []
    for after in STATES[1:]:
        publications.advance("p1", after, NOW)
    assert publications.undelivered("062063") == []
    assert [row["publication_id"] for row in publications.unacknowledged("062063")] == ["p1"]
    publications.acknowledge("p1", "TAKEN", NOW)
    publications.acknowledge("p1", "TAKEN", NOW)
    assert publications.unacknowledged("062063") == []
