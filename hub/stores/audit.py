"""The audit log in the ledger: entries numbered from 1 without a gap, each a leaf of one Merkle tree.

An entry is appended in the transaction that does what it tells, as its last statement: both happen or neither does,
and nobody waits long. The head, one row, says how many there are and keeps the edge of the tree, so an append costs
O(log n); on PostgreSQL it is also the lock that puts writers in line. Nothing outside is ever asked.

An entry that is over its term loses its text and keeps its hash, so that the tree, and every proof in it, stay.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub import merkle
from hub.audit import KEYS, PURGE, Kind, Value, entry
from hub.checkpoint import Checkpoint
from hub.errors import OperatorError
from hub.stores.database import Database
from hub.stores.tables import audit_head, audit_leaf

HEAD = "audit"  # the only row of the table of heads
MANY = 10_000  # rows read at once
_LOCKED = sa.select(audit_head.c.size, audit_head.c.edge).with_for_update()  # made once: three for each file count
_ADDED = audit_leaf.insert()
_GROWN = audit_head.update()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry as the ledger has it; in a log that was tampered with anything may be in it."""

    n: int
    entry: str
    hash: bytes
    at: datetime


def append(db: Database, tx: sa.Connection, kind: Kind, at: datetime, **fields: Value) -> int:
    """Write one entry down, in the caller's transaction, and return its number. Nothing may be locked after it."""
    text = entry(kind, at, **fields)
    size, edge = _locked(db, tx)
    leaf = merkle.leaf_hash(text.encode())
    edge = merkle.grown(size, edge, leaf)
    n = size + 1
    tx.execute(_ADDED, {"n": n, "entry": text, "hash": leaf, "at": at})
    tx.execute(_GROWN, {"size": n, "edge": b"".join(edge)})
    return n


class Audit:
    """The part of the ledger that nobody may rewrite unseen."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def append(self, kind: Kind, at: datetime, **fields: Value) -> int:
        """Write one entry down in a transaction of its own, for what changes no other part of the ledger."""
        with self._db.write() as tx:
            return append(self._db, tx, kind, at, **fields)

    def checkpoint(self) -> Checkpoint:
        """How many entries are committed and the root of their tree; from the head, without reading them."""
        with self._db.read() as tx:
            return _checkpoint(tx)

    @contextmanager
    def still(self) -> Iterator[tuple[Checkpoint, Iterator[Leaf]]]:
        """The head and every entry in order, as they are at one moment, whatever is appended meanwhile."""
        with self._db.read() as tx:
            yield _checkpoint(tx), _leaves(tx)

    def keys(self) -> set[tuple[str, str]]:
        """The keys that an entry names, by purpose and id; of those that have no id, the empty one."""
        named = audit_leaf.c.entry.like(f'%"kind":"{KEYS.name}"%')
        with self._db.read() as tx:
            entries = [json.loads(text) for text in tx.execute(sa.select(audit_leaf.c.entry).where(named)).scalars()]
        return {(one["purpose"], one.get("kid", "")) for one in entries}

    def over(self, before: datetime) -> int:
        """How many entries, of the first without a gap, are of before that instant and still have their text."""
        with self._db.read() as tx:
            return _emptying(tx, before)[1]

    def empty(self, before: datetime, at: datetime) -> int:
        """Take the text out of these, and write down up to which; how many. Running it twice does nothing more.

        On PostgreSQL the owner of the ledger alone may: whoever works in it adds entries and changes none. Raises
        OperatorError for any other.
        """
        with self._db.write() as tx:
            last, count = _emptying(tx, before)
            if count and not _may_change(self._db, tx):
                raise OperatorError("run it as the owner of the ledger, as `passerelle migrate`: docs/security.md")
            if count:
                tx.execute(audit_leaf.update().where(audit_leaf.c.n <= last).values(entry=""))
                append(self._db, tx, PURGE, at, audit=last)
        self._db.rewrite()  # where there is nothing to empty too: the run before may have been kept from the file
        return count

    def hashes(self, size: int) -> list[bytes]:
        """The leaf hashes of the first `size` entries."""
        query = sa.select(audit_leaf.c.hash).where(audit_leaf.c.n <= size).order_by(audit_leaf.c.n)
        with self._db.read() as tx:
            return list(tx.execute(query).scalars())


def _checkpoint(tx: sa.Connection) -> Checkpoint:
    head = tx.execute(sa.select(audit_head)).first()
    return Checkpoint(head.size, merkle.root_of_edge(_edge(head.edge))) if head else Checkpoint(0, merkle.EMPTY)


def _leaves(tx: sa.Connection) -> Iterator[Leaf]:
    query = sa.select(audit_leaf.c.n, audit_leaf.c.entry, audit_leaf.c.hash, audit_leaf.c.at)
    for row in tx.execute(query.order_by(audit_leaf.c.n), execution_options={"yield_per": MANY}):
        yield Leaf(*row)


def _emptying(tx: sa.Connection, before: datetime) -> tuple[int, int]:
    """Up to which entry all are of before that instant, and how many of those have their text."""
    n, written = audit_leaf.c.n, audit_leaf.c.entry != ""
    kept = tx.execute(sa.select(sa.func.min(n)).where(audit_leaf.c.at >= before)).scalar()
    last = kept - 1 if kept else tx.execute(sa.select(sa.func.coalesce(sa.func.max(n), 0))).scalar_one()
    count = sa.select(sa.func.count()).select_from(audit_leaf).where(n <= last, written)
    return last, int(tx.execute(count).scalar_one())


def _may_change(db: Database, tx: sa.Connection) -> bool:
    if db.engine.dialect.name != "postgresql":
        return True
    return bool(tx.execute(sa.select(sa.func.has_table_privilege("audit_leaf", "UPDATE"))).scalar_one())


def _locked(db: Database, tx: sa.Connection) -> tuple[int, merkle.Edge]:
    """The head, which no other writer can change until this transaction ends."""
    head = tx.execute(_LOCKED).first()
    if head is None:
        db.insert_new(tx, audit_head, [{"log": HEAD, "size": 0, "edge": b""}])
        head = tx.execute(_LOCKED).one()
    return head.size, _edge(head.edge)


def _edge(joined: bytes) -> merkle.Edge:
    return tuple(joined[at : at + merkle.HASH_BYTES] for at in range(0, len(joined), merkle.HASH_BYTES))
