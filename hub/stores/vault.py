"""The vault in the identity store: what waits for its recipient's key, and the wrapped key of each person.

Two tables, so that the one of the keys can be kept from long-lived backups: without it the other says nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.keys import KeyRing
from hub.stores.database import Database
from hub.stores.tables import person_key, vault
from hub.vault import Unsealed, locked, new_person_key, rewrapped, unlocked, unwrapped

MANY = 1_000  # rows opened at once
_NAMES = ("event_id", "recipient", "entity_id", "sid", "local")


class Vault:
    """The part of the identity store that can be opened by the identity zone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, rows: Sequence[Unsealed], ring: KeyRing, at: datetime) -> None:
        """Keep what cannot be sealed yet; what is kept already stays. Raises OperatorError without a key `vault`."""
        if not rows:
            return
        ordered = sorted(rows, key=lambda one: (one.event_id, one.recipient, one.local))
        sids = sorted({one.sid for one in rows})
        active = ring.active("vault")
        with self._db.write() as tx:
            new = [{"sid": sid, "kid": active.kid, "wrapped": new_person_key(active), "at": at} for sid in sids]
            self._db.insert_new(tx, person_key, new)
            secrets = self._secrets(tx, sids, ring)
            kept = [
                {name: getattr(one, name) for name in _NAMES} | {"sealed": locked(one, secrets[one.sid]), "at": at}
                for one in ordered
            ]
            self._db.insert_new(tx, vault, kept)

    def waiting(self, recipients: Collection[str], ring: KeyRing) -> list[Unsealed]:
        """What is kept for these recipients, opened: the first of it, none when nothing waits.

        A row of a person whose key was shredded, come back with a backup, opens for nobody and is passed over.
        """
        v = vault.c
        opens = sa.select(person_key.c.sid).where(person_key.c.sid == v.sid).exists()
        query = sa.select(vault).where(self._db.among(v.recipient, recipients), opens)
        with self._db.read() as tx:
            rows = tx.execute(query.order_by(v.event_id, v.recipient, v.local).limit(MANY)).all()
            secrets = self._secrets(tx, sorted({row.sid for row in rows}), ring)
        return [_opened(row, secrets) for row in rows]

    def about(self, sids: Collection[str], ring: KeyRing) -> list[Unsealed]:
        """Who these subjects are, as it is kept for anybody, opened: the latest first, none when nothing waits.

        As for `waiting`, what is left of a person whose key was shredded is passed over.
        """
        v = vault.c
        query = sa.select(vault).where(self._db.among(v.sid, sids), v.local == sa.false())
        with self._db.read() as tx:
            rows = tx.execute(query.order_by(v.at.desc(), v.event_id, v.recipient)).all()
            secrets = self._secrets(tx, sids, ring)
        return [_opened(row, secrets) for row in rows if row.sid in secrets]

    def remove(self, rows: Sequence[Unsealed]) -> None:
        """Forget what has been sealed since; with the last of a person its key goes too."""
        v, sids = vault.c, sorted({one.sid for one in rows})
        events = sorted({(one.event_id, one.recipient) for one in rows})
        with self._db.write() as tx:
            place = (v.event_id == sa.bindparam("event"), v.recipient == sa.bindparam("whom"))
            tx.execute(vault.delete().where(*place), [{"event": e, "whom": r} for e, r in events])
            left = sa.select(v.sid).where(v.sid == person_key.c.sid).exists()
            tx.execute(person_key.delete().where(self._db.among(person_key.c.sid, sids), ~left))

    def shred(self, sids: Collection[str]) -> int:
        """Destroy the keys of these people and all that is kept under them; of how many there was a key."""
        with self._db.write() as tx:
            tx.execute(vault.delete().where(self._db.among(vault.c.sid, sids)))
            return tx.execute(person_key.delete().where(self._db.among(person_key.c.sid, sids))).rowcount

    def wrapped_by(self, kid: str) -> int:
        """How many people's keys are wrapped by this key of the hub."""
        with self._db.read() as tx:
            counted = sa.select(sa.func.count()).select_from(person_key).where(person_key.c.kid == kid)
            return int(tx.execute(counted).scalar_one())

    def rewrap(self, ring: KeyRing) -> None:
        """Wrap every person's key by the key in force; nothing that is kept is touched."""
        active, p = ring.active("vault"), person_key.c
        with self._db.write() as tx:
            rows = tx.execute(sa.select(person_key).where(p.kid != active.kid).order_by(p.sid).with_for_update()).all()
            anew = [
                {"whose": row.sid, "by": active.kid, "anew": rewrapped(row.wrapped, ring.key("vault", row.kid), active)}
                for row in rows
            ]
            if anew:
                place = person_key.update().where(p.sid == sa.bindparam("whose"))
                tx.execute(place.values(kid=sa.bindparam("by"), wrapped=sa.bindparam("anew")), anew)

    def _secrets(self, tx: sa.Connection, sids: Collection[str], ring: KeyRing) -> dict[str, bytes]:
        rows = tx.execute(sa.select(person_key).where(self._db.among(person_key.c.sid, sids))).all()
        return {row.sid: unwrapped(row.wrapped, ring.key("vault", row.kid)) for row in rows}


def _opened(row: sa.Row[Any], secrets: Mapping[str, bytes]) -> Unsealed:
    bare = Unsealed(row.event_id, row.recipient, row.entity_id, row.sid, row.local, {})
    return replace(bare, values=unlocked(bare, row.sealed, secrets[row.sid]))
