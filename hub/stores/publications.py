"""Publications in the ledger: what was made for whom, how far its delivery got, who has taken it.

Allowed moves: READY → DATA_SENDING → DATA_SENT → GO_SENDING → DELIVERED. The two SENDING states are
written down before a rename, so that after a crash the hub knows that the rename may have happened; one
that did not happen is a step back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.errors import InvariantBroken
from hub.stores import journal
from hub.stores.database import Database
from hub.stores.tables import acknowledgement, publication, publication_row

MOVES = {
    "READY": {"DATA_SENDING"},
    "DATA_SENDING": {"DATA_SENT", "READY"},
    "DATA_SENT": {"GO_SENDING"},
    "GO_SENDING": {"DELIVERED", "DATA_SENT"},
}


@dataclass(frozen=True, slots=True)
class Made:
    """A publication as made, before it is in the ledger: its place in the sequence and its rows' hashes."""

    publication_id: str
    recipient: str
    feed: str
    sequence: int
    contract: str
    name: str
    sha256: str
    manifest_sha256: str
    previous: str | None
    published_at: datetime
    rows: Mapping[str, tuple[str, str]]  # row key → (entity id, hash)


class Publications:
    """The part of the ledger that knows what leaves the hub."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def last(self, recipient: str, feed: str) -> tuple[int, str | None]:
        """The last sequence for a recipient and feed and the SHA-256 of its file; (0, None) at the start."""
        p = publication.c
        query = sa.select(p.sequence, p.sha256).where(p.recipient == recipient, p.feed == feed)
        with self._db.read() as tx:
            row = tx.execute(query.order_by(p.sequence.desc()).limit(1)).first()
        return (row.sequence, row.sha256) if row else (0, None)

    def told(self, recipient: str, feed: str) -> dict[str, str]:
        """The hash of each row as this recipient was last told it, by row key."""
        r = publication_row.c
        query = sa.select(r.row_key, r.row_hash).where(r.recipient == recipient, r.feed == feed)
        with self._db.read() as tx:
            rows = tx.execute(query.order_by(r.sequence)).all()
        return {row.row_key: row.row_hash for row in rows}

    def add(self, made: Made, keep: Callable[[], object]) -> None:
        """Record a publication and its rows in one transaction, in which `keep` makes its file durable.

        Raises InvariantBroken when the sequence was taken meanwhile: nothing is recorded then, and nothing
        kept, so the file of the one who took the place stays as it is.
        """
        values = {name: getattr(made, name) for name in made.__slots__ if name != "rows"}
        rows = [
            {
                "publication_id": made.publication_id,
                "row_key": key,
                "recipient": made.recipient,
                "feed": made.feed,
                "sequence": made.sequence,
                "entity_id": entity,
                "row_hash": digest,
            }
            for key, (entity, digest) in sorted(made.rows.items())
        ]
        with self._db.write() as tx:
            try:
                tx.execute(publication.insert().values(**values, rows=len(rows), state="READY"))
            except sa.exc.IntegrityError:
                raise InvariantBroken("two publications were made for one place in a sequence") from None
            self._db.insert_new(tx, publication_row, rows)
            journal.append(tx, "publication", made.publication_id, None, "READY", made.published_at)
            keep()

    def undelivered(self, recipient: str) -> list[dict[str, Any]]:
        """What this recipient has not been given yet, the oldest first."""
        return self._select(publication.c.recipient == recipient, publication.c.state != "DELIVERED")

    def unacknowledged(self, recipient: str) -> list[dict[str, Any]]:
        """What was delivered to this recipient and is not known to be taken or vanished."""
        known = sa.select(acknowledgement.c.publication_id)
        return self._select(
            publication.c.recipient == recipient,
            publication.c.state == "DELIVERED",
            publication.c.publication_id.not_in(known),
        )

    def advance(self, publication_id: str, after: str, at: datetime) -> None:
        """Move a publication to its next state. Raises InvariantBroken when that move is not allowed."""
        me = publication.c.publication_id == publication_id
        with self._db.write() as tx:
            before = tx.execute(sa.select(publication.c.state).where(me).with_for_update()).scalar_one()
            if after not in MOVES.get(before, ()):
                raise InvariantBroken(f"a publication cannot go from {before} to {after}")
            delivered = {"delivered_at": at} if after == "DELIVERED" else {}
            tx.execute(publication.update().where(me).values(state=after, **delivered))
            journal.append(tx, "publication", publication_id, before, after, at)

    def acknowledge(self, publication_id: str, kind: str, at: datetime) -> None:
        """Note that the recipient has taken a publication, or that it vanished untaken; once."""
        with self._db.write() as tx:
            row = {"publication_id": publication_id, "kind": kind, "at": at}
            self._db.insert_new(tx, acknowledgement, [row])

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        order = (publication.c.published_at, publication.c.feed, publication.c.sequence)
        with self._db.read() as tx:
            return [
                dict(row) for row in tx.execute(sa.select(publication).where(*conditions).order_by(*order)).mappings()
            ]
