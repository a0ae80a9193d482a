"""Rows are written as they are given, however many there are and whatever is in them, on SQLite and on PostgreSQL."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.errors import Transient
from hub.stores import database as stores_database
from hub.stores.database import Database
from hub.stores.tables import Utc

NOW = datetime(2026, 3, 9, 7, 30, 1, 123456, tzinfo=UTC)
MANY = 7_000  # of ten columns: PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766
TABLE = sa.Table(
    "every_kind",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kid", sa.LargeBinary(16), primary_key=True),
    sa.Column("small", sa.Integer),
    sa.Column("large", sa.BigInteger),
    sa.Column("share", sa.Float),
    sa.Column("flag", sa.Boolean),
    sa.Column("day", sa.Date),
    sa.Column("at", Utc),
    sa.Column("told", sa.JSON),
    sa.Column("note", sa.Text),
)
NOTES = ["", " ", "NULL", "{}", '{"a",b}', "'", '"', "\\", "\\N", "é€\u00a0\U0001f600", "a\nb\tc", None, "%s :n $1"]


def _row(n: int, note: str | None = None, **given: Any) -> dict[str, Any]:
    row = {"name": f"n{n:06}", "kid": bytes([n % 256, 0, 255]), "small": n - 3, "large": n << 40, "share": n / 8}
    row |= {"flag": n % 2 == 0, "day": date(2026, 1, 1) + timedelta(n), "at": NOW + timedelta(n)}
    return row | {"told": [f"R{n}", {"é": None}], "note": note} | given


@pytest.fixture
def database(ledger: Database) -> Iterator[Database]:
    """A ledger with one more table, of a column of every kind that we use."""
    with ledger.write() as tx:
        TABLE.create(tx)
    return ledger


def _written(database: Database) -> list[dict[str, Any]]:
    with database.read() as tx:
        return [dict(row) for row in tx.execute(sa.select(TABLE).order_by(TABLE.c.name)).mappings()]


def test_rows_come_back_as_they_were_given(database: Database) -> None:
    """Every kind of column, texts that mean something to one of the databases, and columns of nothing."""
    rows = [_row(n, note) for n, note in enumerate(NOTES)]
    empty = dict.fromkeys(("small", "large", "share", "flag", "day", "at", "note"))
    with database.write() as tx:
        assert database.insert_new(tx, TABLE, rows) == {row["name"] for row in rows}
        nothing = [_row(n, told=[], **empty) for n in (90, 91)]
        assert database.insert_new(tx, TABLE, nothing) == {"n000090", "n000091"}
        assert database.insert_new(tx, TABLE, []) == set()
    assert _written(database) == [*rows, *nothing]


def test_an_instant_is_the_same_from_any_zone(database: Database) -> None:
    """Written down in the zone of Kolkata, read in UTC."""
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.write() as tx:
        database.upsert(tx, TABLE, [_row(1, at=there)])
    (row,) = _written(database)
    assert (row["at"], row["at"].utcoffset()) == (NOW, timedelta(0))


def test_only_what_is_new_is_inserted_and_told(database: Database) -> None:
    """What is there stays as it is; a key given twice is inserted once, as it was given first."""
    with database.write() as tx:
        database.insert_new(tx, TABLE, [_row(2, "first")])
        given = [_row(1), _row(2, "second"), _row(3, "one"), _row(3, "two")]
        assert database.insert_new(tx, TABLE, given) == {"n000001", "n000003"}
    assert [row["note"] for row in _written(database)] == [None, "first", "one"]


def test_upsert_replaces_keeps_the_lowest_and_adds(database: Database) -> None:
    """Where the key is there the named columns are replaced, the lowest kept, a sum added to; else it is inserted."""
    with database.write() as tx:
        database.insert_new(tx, TABLE, [_row(5, "old", small=7), _row(6, "old", small=7)])
        later = [_row(5, "new", day=date(2025, 1, 1), small=1), _row(6, "new", day=date(2099, 1, 1)), _row(7, "new")]
        database.upsert(tx, TABLE, later, replaced=("note",), lowest="day")
        database.upsert(tx, TABLE, [_row(6, "never", small=5)], replaced=(), summed="small")
    found = [(row["note"], row["small"], row["day"]) for row in _written(database)]
    assert found == [("new", 7, date(2025, 1, 1)), ("new", 12, _row(6)["day"]), ("new", 4, _row(7)["day"])]


def test_a_statement_holds_any_number_of_rows(database: Database) -> None:
    """More rows than either database takes parameters, inserted, replaced and looked up."""
    rows = [_row(n) for n in range(MANY)]
    with database.write() as tx:
        assert len(database.insert_new(tx, TABLE, rows)) == MANY
        database.upsert(tx, TABLE, [row | {"note": "again"} for row in rows], replaced=("note",))
        among = database.among(TABLE.c.name, [row["name"] for row in rows])
        count = sa.select(sa.func.count()).select_from(TABLE).where(among, TABLE.c.note == "again")
        assert tx.execute(count).scalar_one() == MANY


def test_a_writer_waits_for_another_and_not_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a thread writes, another waits on SQLite until its patience ends, and can write later; the lock is free
    again however a writer ended."""
    monkeypatch.setattr(stores_database, "PATIENCE", 0.05)

    def write() -> None:
        with database.write() as tx:
            tx.execute(sa.select(sa.func.count()).select_from(TABLE))

    with ThreadPoolExecutor(1) as pool:
        with database.write():
            told = pool.submit(write).exception(10)
        assert isinstance(told, Transient) == (database.engine.dialect.name == "sqlite")
        with pytest.raises(ValueError, match="ours"), database.write():
            raise ValueError("ours")
        assert pool.submit(write).exception(10) is None


def test_a_database_written_anew_holds_no_scrap_of_what_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite leaves scraps of rows in pages from which it has moved them, which only writing the file anew removes; it
    is Transient while another reads or writes."""
    monkeypatch.setattr(stores_database, "PATIENCE", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'scraps.db'}", "ledger")
    order = random.Random(1).sample(range(1000, 3000), 2000)
    with database.write() as tx:
        TABLE.metadata.create_all(tx)
        for n in order:
            tx.execute(sa.insert(TABLE), [_row(n, note=f"scrap{n}" * 3, name=f"scrap{n}")])
    gone = order[:1800]
    for some in (gone[:1200], gone[1200:]):
        with database.write() as tx:
            tx.execute(sa.delete(TABLE).where(TABLE.c.name.in_([f"scrap{n}" for n in some])))

    def left() -> list[int]:
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        return [n for n in gone if f"scrap{n}".encode() in held]

    database.give_back()
    assert left()
    with database.read() as tx:
        tx.execute(sa.select(TABLE.c.name)).first()
        with pytest.raises(Transient, match="is being read"):
            database.rewrite()
    with database.write(), pytest.raises(Transient, match="by another task"):
        database.rewrite()
    other = Database(f"sqlite:///{tmp_path / 'scraps.db'}", "ledger")
    with other.write(), pytest.raises(Transient, match="was busy"):
        database.rewrite()
    database.rewrite()
    assert left() == []
    with database.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(TABLE)).scalar_one() == 200
