"""The identity store: subject index, capsules and local references, and under which key each person is told.

Written before the ledger and idempotent: a subject or a capsule that nothing refers to is harmless. It
is the only store in which a keyed index of a NISS lies; it holds no NISS and no key. A person keeps the
subject and the tokens that it first had, whatever keys come after.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.errors import OperatorError
from hub.pseudonymise import Capsule
from hub.stores.database import Database
from hub.stores.forgetting import Forgetting
from hub.stores.key_checks import in_force
from hub.stores.reveals import Reveals
from hub.stores.tables import capsule, local_reference, subject_index, told_under, tombstone
from hub.stores.vault import Vault

CHUNK = 500  # keys in one IN list

# Made once: each file that is published counts all three.
_TOLD_UNDER = sa.select(told_under.c.sid, told_under.c.kid).where(
    told_under.c.sid.in_(sa.bindparam("sids", expanding=True))
)
_SEALED = {
    table: sa.select(table.c.event_id, table.c.sealed).where(
        table.c.recipient == sa.bindparam("to"), table.c.event_id.in_(sa.bindparam("ids", expanding=True))
    )
    for table in (capsule, local_reference)
}


class RingBehind(OperatorError):  # noqa: N818  named after what happened, as every error of the hub
    """A key was put in force that the caller had not read yet: read the key ring again."""


class IdentityStore:
    """Subjects and what is sealed about them; in its `vault` what cannot be sealed yet."""

    def __init__(self, database: Database, random: Callable[[int], bytes] = os.urandom) -> None:
        self._db = database
        self._random = random
        self.vault = Vault(database)

    @property
    def forgetting(self) -> Forgetting:
        """The part of it that forgets."""
        return Forgetting(self._db)

    @property
    def reveals(self) -> Reveals:
        """The part of it that knows who asked for whom."""
        return Reveals(self._db)

    def subjects(self, people: Mapping[str, Sequence[bytes]], at: datetime) -> list[str]:
        """The subject id of each of `people`, given by their indexes under every key that is still needed.

        A person is found under any of the keys and keeps its subject; one is drawn for a person never seen. All of
        them can be found under the key in force from then on: the one that the store names, which every worker
        agrees on, or the first given. Raises RingBehind when that is none of them. Safe to run twice, and at once.
        """
        with self._db.write() as tx:
            kid = in_force(tx, "index") or next(iter(people))
            if kid not in people:
                raise RingBehind(f"the index key {kid} is in force and not in this key ring")
            found = _find(tx, kid, sorted(set(people[kid])))
            older = [other for other in people if other != kid]
            moved = _under_others(tx, people, kid, {idx for idx in people[kid] if idx not in found}, older)
            new: list[dict[str, Any]] = [
                {"kid": kid, "idx": idx, "sid": moved.get(idx) or self._random(16).hex(), "at": at}
                for idx in sorted(set(people[kid]) - set(found))
            ]
            self._db.insert_new(tx, subject_index, new)
            found |= _find(tx, kid, [row["idx"] for row in new])
        return [found[idx] for idx in people[kid]]

    def told_under(self, sids: Collection[str], kid: str, at: datetime) -> dict[str, str]:
        """The id of the token key under which each subject is told; `kid` for one never told, unless another is in
        force. Never another afterwards, whoever asks.
        """
        found = self._told_under(sids)
        new = sorted(set(sids) - set(found))
        if new:
            with self._db.write() as tx:
                kid = in_force(tx, "token") or kid
                self._db.insert_new(tx, told_under, [{"sid": sid, "kid": kid, "at": at} for sid in new])
            found |= self._told_under(new)
        return found

    def hold_tokens(self, kid: str, at: datetime) -> None:
        """Everybody known who has no token key yet keeps `kid`, under which all were told before there was another."""
        with self._db.write() as tx:
            held = sa.select(told_under.c.sid)
            query = sa.select(subject_index.c.sid).where(subject_index.c.sid.not_in(held)).distinct()
            sids = sorted(tx.execute(query).scalars())
            self._db.insert_new(tx, told_under, [{"sid": sid, "kid": kid, "at": at} for sid in sids])

    def only_by(self, kid: str, others: Collection[str]) -> int:
        """How many people can be found under this index key and none of the others."""
        with self._db.read() as tx:
            return _only_by(tx, kid, others)

    def forget_index(self, kid: str, others: Collection[str]) -> int:
        """Remove the index under a key; how many people only it knows, in which case nothing is removed."""
        with self._db.write() as tx:
            if not (left := _only_by(tx, kid, others)):
                for table in (subject_index, tombstone):
                    tx.execute(table.delete().where(table.c.kid == kid))
            return left

    def told_by(self, kid: str) -> int:
        """How many people are told under this token key."""
        with self._db.read() as tx:
            counted = sa.select(sa.func.count()).select_from(told_under).where(told_under.c.kid == kid)
            return int(tx.execute(counted).scalar_one())

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

    def _told_under(self, sids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._db.read() as tx:
            for part in _chunks(sorted(set(sids))):
                found |= {row.sid: row.kid for row in tx.execute(_TOLD_UNDER, {"sids": part})}
        return found

    def _by_event(self, table: sa.Table, recipient: str, event_ids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._db.read() as tx:
            for part in _chunks(sorted(event_ids)):
                found |= {
                    row.event_id: row.sealed for row in tx.execute(_SEALED[table], {"to": recipient, "ids": part})
                }
        return found


def _find(tx: sa.Connection, kid: str, indexes: list[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for part in _chunks(indexes):
        query = sa.select(subject_index.c.idx, subject_index.c.sid).where(
            subject_index.c.kid == kid, subject_index.c.idx.in_(part)
        )
        found |= {row.idx: row.sid for row in tx.execute(query)}
    return found


def _under_others(
    tx: sa.Connection, people: Mapping[str, Sequence[bytes]], kid: str, missing: set[bytes], others: Iterable[str]
) -> dict[bytes, str]:
    """The subjects of people `missing` under the key `kid` and found under another, by their index under `kid`."""
    moved: dict[bytes, str] = {}
    for other in others:
        pairs = zip(people[other], people[kid], strict=True)
        asked = {old: idx for old, idx in pairs if idx in missing and idx not in moved}
        moved |= {asked[old]: sid for old, sid in _find(tx, other, sorted(asked)).items()}
    return moved


def _only_by(tx: sa.Connection, kid: str, others: Collection[str]) -> int:
    """A subject has one number, so one row under another key is the row of that number."""
    known = sa.select(subject_index.c.sid).where(subject_index.c.kid.in_(list(others)))
    alone = (subject_index.c.kid == kid, subject_index.c.sid.not_in(known))
    return int(tx.execute(sa.select(sa.func.count()).select_from(subject_index).where(*alone)).scalar_one())


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
