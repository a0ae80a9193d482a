"""What lay in a partner's mailbox when we looked: files that nothing announces, and files taken that were not moved.

Names are keyed digests. It decides only whether a file is the one of before: by size and time, which a server says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.stores.database import Database
from hub.stores.tables import remote_file, sighting


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a listing gives it, `names` being its digest under each key, that of today first."""

    partner: str
    names: Sequence[str]
    size: int | None
    mtime: float | None


class Sightings:
    """The part of the ledger that remembers listings."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seen_unchanged(self, file: Seen, looks: int, at: datetime) -> bool:
        """Note that a file lies there; True once so many looks, at different instants, saw the same size and time."""
        with self._db.write() as tx:
            before = _last(tx, sighting, file, sighting.c.first_seen)
            if before is None or (before.size, before.mtime) != (file.size, file.mtime):
                values = {"size": file.size, "mtime": file.mtime, "first_seen": at, "looks": 1, "last_seen": at}
                key = {"partner": file.partner, "name_digest": file.names[0]}
                self._db.upsert(tx, sighting, [key | values])
                return looks <= 1
            count = before.looks
            if (before.last_seen or before.first_seen) < at:
                count += 1
                same = (sighting.c.partner == file.partner, sighting.c.name_digest == before.name_digest)
                tx.execute(sighting.update().where(*same).values(looks=count, last_seen=at))
            return bool(count >= looks)

    def sending(self, file: Seen) -> tuple[bool, str]:
        """Whether this very file was taken before, and the name of its sending: empty for the first of its name."""
        with self._db.read() as tx:
            before = _last(tx, remote_file, file, remote_file.c.at)
        if before is None:
            return False, ""
        same = (before.size, before.mtime) == (file.size, file.mtime)
        return same, before.sending if same else str(file.mtime)

    def note_taken(self, file: Seen, sending: str, at: datetime) -> None:
        """Remember that the file was taken where it lies."""
        row = {"partner": file.partner, "name_digest": file.names[0], "size": file.size, "mtime": file.mtime}
        with self._db.write() as tx:
            self._db.upsert(tx, remote_file, [row | {"sending": sending, "at": at}])


def _last(tx: sa.Connection, table: sa.Table, file: Seen, by: sa.Column[Any]) -> Any:
    key = (table.c.partner == file.partner, table.c.name_digest.in_(file.names))
    return tx.execute(sa.select(table).where(*key).order_by(by.desc())).first()
