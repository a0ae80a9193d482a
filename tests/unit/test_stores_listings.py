"""What the ledger keeps of files that concern nobody, on both kinds of databases."""

import itertools
from datetime import date

import pytest
import sqlalchemy as sa

from hub.stores.database import Database
from hub.stores.listings import GONE, Listing, Listings, record
from hub.stores.tables import export, listed, told

DAY = date(2026, 3, 9)
NEVER = date.max


def listing(sequence: int, *entities: str, complete: bool = False, until: date = NEVER) -> Listing:
    """A file of offers that held these."""
    return Listing("900001", "OFFR", sequence, date(2026, 3, sequence), complete, dict.fromkeys(entities, until))


def keep(ledger: Database, *files: Listing) -> None:
    """Finish these files, each in a transaction of its own."""
    for one in files:
        with ledger.write() as tx:
            record(ledger, tx, one)


def kept(ledger: Database) -> list[tuple[object, ...]]:
    """Every row of the two tables."""
    with ledger.read() as tx:
        return [tuple(row) for table in (listed, export) for row in tx.execute(sa.select(table)).all()]


def test_the_order_in_which_files_are_finished_does_not_matter(ledger: Database) -> None:
    """Of each entity the highest sequence and the last day are kept, of complete files their place, in any order."""
    files = [
        listing(1, "a", "b", complete=True),
        listing(2, "a", until=DAY),
        listing(3, "b", "c", complete=True, until=DAY),
    ]
    found = []
    for order in itertools.permutations(files):
        keep(ledger, *order)
        found.append(sorted(map(str, kept(ledger))))
        with ledger.write() as tx:
            tx.execute(listed.delete())
            tx.execute(export.delete())
    assert all(one == found[0] for one in found)
    keep(ledger, *files, *files)
    assert sorted(map(str, kept(ledger))) == found[0]
    store = Listings(ledger)
    assert dict(store.listed(["a", "b", "c"]).select("entity_id", "sequence").iter_rows()) == {"a": 2, "b": 3, "c": 3}
    assert store.exports("OFFR").select("sequence", "day").rows() == [(1, date(2026, 3, 1)), (3, date(2026, 3, 3))]


@pytest.mark.parametrize(("held", "closed", "opened"), [((), 2, 2), (("b",), 1, 2), (("a", "b", "z"), 0, 2)])
def test_what_an_export_would_close_is_counted(
    ledger: Database, held: tuple[str, ...], closed: int, opened: int
) -> None:
    """Only what is still open before the export counts: not what an earlier one closed, nor what has run out."""
    keep(ledger, listing(1, "closed"), listing(2, "a", complete=True), listing(3, "b"), listing(4, "over", until=DAY))
    later = Listing("900001", "OFFR", 5, date(2026, 3, 10), complete=True, until=dict.fromkeys(held, NEVER))
    assert Listings(ledger).held_back(later) == (closed, opened)


def test_what_a_recipient_holds_is_what_was_not_taken_back(ledger: Database) -> None:
    """A row told last as gone is not among what a recipient holds."""
    row = {"recipient": "062063", "feed": "OFFR", "sequence": 1}
    rows = [row | {"row_key": key, "entity_id": key, "row_hash": digest} for key, digest in (("a", "x"), ("b", GONE))]
    with ledger.write() as tx:
        tx.execute(told.insert(), rows)
    assert Listings(ledger).shown("062063", "OFFR") == {"a": "x"}
    assert Listings(ledger).shown("062003", "OFFR") == {}
