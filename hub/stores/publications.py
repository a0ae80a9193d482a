"""Publications in the ledger: what was made for whom, how far its delivery got, who has taken it.

Allowed moves: READY → DATA_SENDING → DATA_SENT → GO_SENDING → DELIVERED. The two SENDING states are
written down before a rename, so that after a crash the hub knows that the rename may have happened; one
that did not happen is a step back.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from hub import audit
from hub.errors import InvariantBroken
from hub.stores import journal
from hub.stores.audit import append
from hub.stores.database import Database
from hub.stores.tables import acknowledgement, publication, publication_row, to_tell, told

MOVES = {
    "READY": {"DATA_SENDING"},
    "DATA_SENDING": {"DATA_SENT", "READY"},
    "DATA_SENT": {"GO_SENDING"},
    "GO_SENDING": {"DELIVERED", "DATA_SENT"},
}

LAST_TOLD = ("recipient", "row_key", "entity_id", "row_hash")
IMPERSONAL = ("ACRF", "NOTI", "NOND", "CATA", "OFFR", "JOBD")  # receipts, and what concerns nobody in particular


# Made once: each file counts several of them.
_P = publication.c
_LAST = (
    sa.select(_P.sequence, _P.sha256)
    .where(_P.recipient == sa.bindparam("to"), _P.feed == sa.bindparam("of"))
    .order_by(_P.sequence.desc())
    .limit(1)
)
_ADDED = publication.insert()
_ONE = sa.select(publication).where(_P.publication_id == sa.bindparam("id")).with_for_update()
_MOVED = publication.update().where(_P.publication_id == sa.bindparam("id"))

# What shows that the recipient has a publication: it moved the file, or answered, whatever its answer.
TAKEN = ("TAKEN", "ACCEPTED", "REFUSED", "ALTERED")


@dataclass(frozen=True, slots=True)
class Made:
    """A publication as made, before it is in the ledger: its place in the sequence and the hashes of its rows.

    `digest` names its bytes under the digest key, for the audit log, which knows no plain hash (rulings 9).
    `rows` are those that tell something new. A snapshot holds the others too: `count` is how many rows its file
    has, None where it has these alone.
    """

    publication_id: str
    recipient: str
    feed: str
    sequence: int
    contract: str
    name: str
    sha256: str
    manifest_sha256: str
    digest: str
    previous: str | None
    published_at: datetime
    rows: Mapping[str, tuple[str, str]]  # row key → (entity id, hash)
    kind: str = "DELTA"  # or SNAPSHOT
    count: int | None = None


class Publications:
    """The part of the ledger that knows what leaves the hub."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def last(self, recipient: str, feed: str) -> tuple[int, str | None]:
        """The last sequence for a recipient and feed and the SHA-256 of its file; (0, None) at the start."""
        with self._db.read() as tx:
            row = tx.execute(_LAST, {"to": recipient, "of": feed}).first()
        return (row.sequence, row.sha256) if row else (0, None)

    def last_snapshot(self, recipient: str) -> datetime | None:
        """When this recipient was last made a file of everything; None if never."""
        return self._latest(publication.c.recipient == recipient, publication.c.kind == "SNAPSHOT")

    def last_day(self, recipient: str) -> datetime | None:
        """When this recipient was last made a file about persons; None if never."""
        return self._latest(publication.c.recipient == recipient, publication.c.feed.not_in(IMPERSONAL))

    def told(self, recipient: str, feed: str, entity_ids: Collection[str] | None = None) -> dict[str, str]:
        """The hash of each row as this recipient was last told it, by row key; of these entities, or of all."""
        t = told.c
        query = sa.select(t.row_key, t.row_hash).where(t.recipient == recipient, t.feed == feed)
        if entity_ids is not None:
            query = query.where(self._db.among(t.entity_id, entity_ids))
        with self._db.read() as tx:
            return {row.row_key: row.row_hash for row in tx.execute(query.order_by(t.row_key))}

    def last_told(self, feed: str, entity_ids: Collection[str]) -> pl.DataFrame:
        """The rows of a feed about these entities, as each recipient was last told them: the columns LAST_TOLD."""
        return self._last_told(told.c.feed == feed, self._db.among(told.c.entity_id, entity_ids))

    def all_told(self, feed: str, recipients: Collection[str]) -> pl.DataFrame:
        """The rows of a feed, as each of these recipients was last told them: the columns LAST_TOLD."""
        return self._last_told(told.c.feed == feed, self._db.among(told.c.recipient, recipients))

    def _last_told(self, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
        columns = [told.c[name] for name in LAST_TOLD]
        query = sa.select(*columns).where(*conditions).order_by(told.c.recipient, told.c.row_key)
        with self._db.read() as tx:
            return pl.DataFrame(tx.execute(query).all(), dict.fromkeys(LAST_TOLD, pl.String()), orient="row")

    def told_at(self, recipient: str, feed: str, row_keys: Collection[str]) -> dict[str, str]:
        """The name of the file in which this recipient was last told each of these rows."""
        t, p = told.c, publication.c
        same = (p.recipient == t.recipient) & (p.feed == t.feed) & (p.sequence == t.sequence)
        query = sa.select(t.row_key, p.name).join_from(told, publication, same)
        query = query.where(t.recipient == recipient, t.feed == feed, self._db.among(t.row_key, row_keys))
        with self._db.read() as tx:
            return {row.row_key: row.name for row in tx.execute(query)}

    def settle(self, recipient: str, settled: Mapping[str, str]) -> None:
        """Note that this recipient has been told of these entities all that was to be told at that revision.

        What was asked for meanwhile has another revision, and waits.
        """
        place = [to_tell.c[name] == sa.bindparam(f"at_{name}") for name in ("recipient", "entity_id", "revision")]
        rows = [
            {"at_recipient": recipient, "at_entity_id": entity, "at_revision": revision}
            for entity, revision in sorted(settled.items())
        ]
        if rows:
            with self._db.write() as tx:
                tx.execute(to_tell.delete().where(*place), rows)

    def add(self, made: Made, keep: Callable[[], object]) -> None:
        """Record a publication and what its rows tell in one transaction, in which `keep` makes its file durable.

        Raises InvariantBroken when the sequence was taken meanwhile: nothing is recorded then, and nothing
        kept, so the file of the one who took the place stays as it is.
        """
        values = {name: getattr(made, name) for name in made.__slots__ if name not in {"rows", "count", "digest"}}
        count = len(made.rows) if made.count is None else made.count
        place = {"recipient": made.recipient, "feed": made.feed, "sequence": made.sequence}
        rows = [
            {**place, "row_key": key, "entity_id": entity, "row_hash": digest}
            for key, (entity, digest) in sorted(made.rows.items())
        ]
        with self._db.write() as tx:
            try:
                tx.execute(_ADDED, values | {"rows": count, "state": "READY"})
            except sa.exc.IntegrityError:
                raise InvariantBroken("two publications were made for one place in a sequence") from None
            of_it = [{"publication_id": made.publication_id, **row} for row in rows]
            self._db.insert_new(tx, publication_row, of_it)
            self._db.upsert(tx, told, rows)
            journal.append(tx, "publication", made.publication_id, None, "READY", made.published_at)
            keep()
            append(self._db, tx, audit.PUBLICATION, made.published_at, rows=count, **_audited(made))

    def undelivered(self, recipient: str) -> list[dict[str, Any]]:
        """What this recipient has not been given yet, the oldest first."""
        return self._select(publication.c.recipient == recipient, publication.c.state != "DELIVERED")

    def unacknowledged(self, recipient: str) -> list[dict[str, Any]]:
        """What was delivered to this recipient, and is not known to be taken nor acknowledged, the oldest first."""
        mine = (publication.c.recipient == recipient, publication.c.state == "DELIVERED")
        return self._select(*mine, ~_noted(*TAKEN))

    def delivered(self, recipient: str, name: str) -> dict[str, Any] | None:
        """The publication of this name, if it was delivered to this recipient."""
        mine = (publication.c.recipient == recipient, publication.c.state == "DELIVERED")
        return next(iter(self._select(*mine, publication.c.name == name)), None)

    def overdue(self) -> list[dict[str, Any]]:
        """What was noted as overdue and is still not known to be taken, the oldest first."""
        return self._select(_noted("OVERDUE"), ~_noted(*TAKEN))

    def not_accepted(self) -> list[dict[str, Any]]:
        """What its recipient refused, or took in another form than it was published, and has not accepted since."""
        return self._select(_noted("REFUSED", "ALTERED"), ~_noted("ACCEPTED"))

    def late_rows(self, feed: str) -> list[dict[str, Any]]:
        """The rows in every publication of a feed that was ever noted as overdue.

        Each with its `entity_id`, the publication's `name`, `recipient` and `delivered_at`, and `taken_at`, None while
        it is not taken.
        """
        p, a, late = publication.c, acknowledgement.c, acknowledgement.alias()
        taken = sa.select(sa.func.min(a.at)).where(a.publication_id == p.publication_id, a.kind.in_(TAKEN))
        taken_at = taken.scalar_subquery().label("taken_at")
        query = (
            sa.select(p.name, p.recipient, p.delivered_at, publication_row.c.entity_id, taken_at)
            .join(late, (late.c.publication_id == p.publication_id) & (late.c.kind == "OVERDUE"))
            .join(publication_row, publication_row.c.publication_id == p.publication_id)
            .where(p.feed == feed)
            .distinct()
        )
        with self._db.read() as tx:
            return [dict(row) for row in tx.execute(query.order_by(p.name, publication_row.c.entity_id)).mappings()]

    def advance(self, publication_id: str, after: str, at: datetime) -> None:
        """Move a publication to its next state. Raises InvariantBroken when that move is not allowed."""
        with self._db.write() as tx:
            row = tx.execute(_ONE, {"id": publication_id}).one()
            before = row.state
            if after not in MOVES.get(before, ()):
                raise InvariantBroken(f"a publication cannot go from {before} to {after}")
            delivered = {"delivered_at": at} if after == "DELIVERED" else {}
            tx.execute(_MOVED, {"id": publication_id, "state": after, **delivered})
            journal.append(tx, "publication", publication_id, before, after, at)
            if delivered:
                place = {name: row._mapping[name] for name in ("recipient", "feed", "sequence")}
                append(self._db, tx, audit.DELIVERY, at, publication_id=publication_id, **place)

    def acknowledge(self, publication_id: str, kind: str, at: datetime, code: str | None = None) -> bool:
        """Note what its recipient did with a publication or said of it, that it vanished, or is overdue; once.

        Whether this was not noted before.
        """
        with self._db.write() as tx:
            row = {"publication_id": publication_id, "kind": kind, "at": at, "code": code}
            fresh = bool(self._db.insert_new(tx, acknowledgement, [row]))
            if fresh and kind in TAKEN:
                append(self._db, tx, audit.ACKNOWLEDGEMENT, at, publication_id=publication_id, verdict=kind)
            return fresh

    def _latest(self, *conditions: sa.ColumnElement[bool]) -> datetime | None:
        query = sa.select(publication.c.published_at).where(*conditions)
        with self._db.read() as tx:
            return tx.execute(query.order_by(publication.c.published_at.desc()).limit(1)).scalar()

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        order = (publication.c.published_at, publication.c.feed, publication.c.sequence)
        with self._db.read() as tx:
            return [
                dict(row) for row in tx.execute(sa.select(publication).where(*conditions).order_by(*order)).mappings()
            ]


def _audited(made: Made) -> dict[str, str | int | None]:
    """What the audit log says of a publication, but for its rows."""
    named = ("publication_id", "recipient", "feed", "sequence", "contract", "digest")
    return {name: getattr(made, name) for name in named}


def _noted(*kinds: str) -> sa.ColumnElement[bool]:
    """Whether one of these was noted of the publication of the query around it."""
    a = acknowledgement.c
    return sa.exists().where(a.publication_id == publication.c.publication_id, a.kind.in_(kinds))
