"""What the identity store knows of the hub's keys: check values as first used, and which key is in force.

Key files can be lost, mixed up or restored from another year; what is recorded here tells. No secret is.
The row of the key in force is what workers whose key rings differ for a moment agree on: who writes under
a key holds that row, and a rotation waits for all of them.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from hub.keys import Key
from hub.stores.database import Database
from hub.stores.tables import key_check, key_in_force, person_key, subject_index, told_under

USES = {"index": subject_index, "token": told_under, "vault": person_key}


class KeyChecks:
    """The keys that this installation has used."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def recorded(self) -> dict[tuple[str, str], str]:
        """The check value of every key ever used, by purpose and id."""
        with self._db.read() as tx:
            rows = tx.execute(sa.select(key_check)).all()
        return {(row.purpose, row.kid): row.check_value for row in rows}

    def in_force(self) -> dict[str, str]:
        """The id of the key in force, by purpose."""
        with self._db.read() as tx:
            return {row.purpose: row.kid for row in tx.execute(sa.select(key_in_force))}

    def record(self, key: Key, at: datetime) -> None:
        """Remember what this key shows; a key that was recorded is not recorded anew."""
        with self._db.write() as tx:
            self._db.insert_new(tx, key_check, [_row(key, at)])

    def record_first(self, keys: Iterable[Key], at: datetime) -> None:
        """Put keys in force where no other of their purpose is. Of two workers with unlike keys one comes first."""
        with self._db.write() as tx:
            for key in sorted(keys, key=lambda k: k.purpose):
                if self._db.insert_new(tx, key_in_force, [{"purpose": key.purpose, "kid": key.kid}]):
                    self._db.insert_new(tx, key_check, [_row(key, at)])

    def put_in_force(self, key: Key) -> None:
        """From now on everybody writes under this key. Waits for those who write under the one before."""
        with self._db.write() as tx:
            tx.execute(_held(key.purpose).with_for_update())
            self._db.upsert(tx, key_in_force, [{"purpose": key.purpose, "kid": key.kid}])

    def used(self, purpose: str) -> set[str]:
        """The ids of the keys of `purpose` under which the identity store holds something."""
        table = USES[purpose]
        with self._db.read() as tx:
            return set(tx.execute(sa.select(table.c.kid).distinct()).scalars())

    def is_used(self, purpose: str, kid: str) -> bool:
        """Whether the identity store holds something under this key."""
        table = USES[purpose]
        with self._db.read() as tx:
            return tx.execute(sa.select(table.c.kid).where(table.c.kid == kid).limit(1)).first() is not None


def in_force(tx: sa.Connection, purpose: str) -> str | None:
    """The id of the key in force, which stays in force until this transaction ends; None before the first."""
    return tx.execute(_held(purpose).with_for_update(read=True)).scalar()


def _held(purpose: str) -> sa.Select[str]:
    return sa.select(key_in_force.c.kid).where(key_in_force.c.purpose == purpose)


def _row(key: Key, at: datetime) -> dict[str, object]:
    return {"purpose": key.purpose, "kid": key.kid, "check_value": key.check_value, "at": at}
