"""The identity store: subject index, capsules and local references.

Written before the ledger and idempotent: a subject or a capsule that nothing refers to is harmless. It
is the only store in which a keyed index of a NISS lies; it holds no NISS and no key.
"""

import os
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.pseudonymise import Capsule
from hub.stores.database import Database
from hub.stores.tables import capsule, local_reference, subject_index

CHUNK = 500  # keys in one IN list


class IdentityStore:
    """Subjects and what is sealed about them."""

    def __init__(self, database: Database, random: Callable[[int], bytes] = os.urandom) -> None:
        self._db = database
        self._random = random

    def subjects(self, kid: str, indexes: Collection[bytes], at: datetime) -> dict[bytes, str]:
        """The subject id behind each index; one is drawn for a person never seen. Safe to run twice."""
        wanted = sorted(set(indexes))
        with self._db.write() as tx:
            known = _find(tx, kid, wanted)
            new: list[dict[str, Any]] = [
                {"kid": kid, "idx": idx, "sid": self._random(16).hex(), "at": at} for idx in wanted if idx not in known
            ]
            self._db.insert_new(tx, subject_index, new)
            return known | _find(tx, kid, [row["idx"] for row in new])

    def keep(self, capsules: Iterable[Capsule], at: datetime) -> None:
        """Keep what was sealed; what an event and recipient have already stays as it was first sealed."""
        ordered = sorted(capsules, key=lambda c: (c.event_id, c.recipient))
        with self._db.write() as tx:
            self._db.insert_new(tx, capsule, [_capsule_row(c, at) for c in ordered if not c.local])
            self._db.insert_new(tx, local_reference, [_reference_row(c, at) for c in ordered if c.local])

    def sealed(self, recipient: str, event_ids: Collection[str]) -> dict[str, str]:
        """The capsule that `recipient` may open, by event."""
        return self._by_event(capsule, recipient, event_ids)

    def local_references(self, recipient: str, event_ids: Collection[str]) -> dict[str, str]:
        """The sealed reference of the recipient's own, by event."""
        return self._by_event(local_reference, recipient, event_ids)

    def _by_event(self, table: sa.Table, recipient: str, event_ids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._db.read() as tx:
            for part in _chunks(sorted(event_ids)):
                query = sa.select(table.c.event_id, table.c.sealed).where(
                    table.c.recipient == recipient, table.c.event_id.in_(part)
                )
                found |= {row.event_id: row.sealed for row in tx.execute(query)}
        return found


def _find(tx: sa.Connection, kid: str, indexes: list[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for part in _chunks(indexes):
        query = sa.select(subject_index.c.idx, subject_index.c.sid).where(
            subject_index.c.kid == kid, subject_index.c.idx.in_(part)
        )
        found |= {row.idx: row.sid for row in tx.execute(query)}
    return found


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[i : i + CHUNK] for i in range(0, len(items), CHUNK))


def _capsule_row(c: Capsule, at: datetime) -> dict[str, Any]:
    return {
        "event_id": c.event_id,
        "recipient": c.recipient,
        "sid": c.sid,
        "kid": c.kid,
        "sealed": c.sealed,
        "at": at,
    }


def _reference_row(c: Capsule, at: datetime) -> dict[str, Any]:
    return _capsule_row(c, at) | {"entity_kind": "referral", "entity_id": c.entity_id}
