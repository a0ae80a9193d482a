"""What the stand-ins keep on disk: one database of what everybody means to say and said, and of what each holds.

Only the stand-ins' own process opens it. A half-day is one transaction, so a killed run goes on where it was.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.table import Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS statement (
  id INTEGER PRIMARY KEY, day TEXT NOT NULL, feed TEXT NOT NULL, sender TEXT NOT NULL, entity TEXT NOT NULL,
  person INTEGER NOT NULL, needs TEXT NOT NULL, fault TEXT NOT NULL, row TEXT NOT NULL,
  sent TEXT, counts TEXT);
CREATE INDEX IF NOT EXISTS due ON statement (sent, day, sender);
CREATE INDEX IF NOT EXISTS of_person ON statement (person);
CREATE INDEX IF NOT EXISTS of_entity ON statement (entity);
CREATE TABLE IF NOT EXISTS file (
  name TEXT NOT NULL, sender TEXT NOT NULL, feed TEXT NOT NULL, day TEXT NOT NULL, half TEXT NOT NULL,
  sha256 TEXT NOT NULL, fault TEXT NOT NULL, verdict TEXT NOT NULL, codes TEXT NOT NULL, rows INTEGER NOT NULL,
  rejected INTEGER NOT NULL, duplicate INTEGER NOT NULL, findings TEXT NOT NULL, contract TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS old_number (file TEXT NOT NULL, person INTEGER NOT NULL, rows INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS old_numbers ON old_number (file);
CREATE TABLE IF NOT EXISTS erased (person INTEGER PRIMARY KEY, day TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS later (id INTEGER PRIMARY KEY, day TEXT NOT NULL, sender TEXT NOT NULL, what TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sequence (
  sender TEXT NOT NULL, feed TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT, PRIMARY KEY (sender, feed));
CREATE TABLE IF NOT EXISTS held (
  partner TEXT NOT NULL, feed TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, person INTEGER NOT NULL,
  row TEXT NOT NULL, PRIMARY KEY (partner, feed, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_of ON held (person);
CREATE TABLE IF NOT EXISTS taken (
  partner TEXT NOT NULL, name TEXT NOT NULL, feed TEXT NOT NULL, sequence INTEGER NOT NULL, sha256 TEXT NOT NULL,
  previous TEXT, kind TEXT, rows INTEGER NOT NULL, day TEXT NOT NULL, contract TEXT NOT NULL,
  PRIMARY KEY (partner, name));
CREATE TABLE IF NOT EXISTS receipt (
  partner TEXT NOT NULL, feed TEXT NOT NULL, file TEXT NOT NULL, record TEXT NOT NULL, row TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS receipts ON receipt (partner, file);
CREATE TABLE IF NOT EXISTS alarm (partner TEXT NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS done (day TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (day, part));
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One row that a partner means to send on `day`.

    `entity` names what it is about within its feed; `person` is a rank, -1 for none. `needs` says what must be
    in the sender's book first. `fault` is a mistake in the row's first sending, which is then sent again.
    """

    day: str
    feed: str
    sender: str
    entity: str
    person: int
    row: Row
    needs: str = ""
    fault: str = ""


class Store:
    """The stand-ins' database below their root folder."""

    def __init__(self, root: Path) -> None:
        (root / "books").mkdir(parents=True, exist_ok=True)
        self.root = root
        self.db = sqlite3.connect(root / "books" / "books.db", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)

    def __enter__(self) -> "Store":
        """Begin a transaction."""
        self.db.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Keep all of it, or nothing."""
        self.db.execute("ROLLBACK" if kind else "COMMIT")

    def plan(self, statements: Iterable[Statement]) -> None:
        """Note what is meant to be said."""
        self.db.executemany(
            "INSERT INTO statement (day, feed, sender, entity, person, needs, fault, row) VALUES (?,?,?,?,?,?,?,?)",
            (
                (one.day, one.feed, one.sender, one.entity, one.person, one.needs, one.fault, lean(one.row))
                for one in statements
            ),
        )

    def all(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        return self.db.execute(query, values).fetchall()

    def is_done(self, day: str, part: str) -> bool:
        """Whether that part of that day was played to its end."""
        return bool(self.all("SELECT 1 FROM done WHERE day=? AND part=?", day, part))


def lean(row: dict[str, Any]) -> str:
    """The cells that hold something, as JSON."""
    return json.dumps({name: value for name, value in row.items() if value not in ("", None)}, ensure_ascii=False)
