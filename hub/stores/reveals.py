"""Requests to learn who a subject is, in the identity store: their free text, signatures, and what came of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.errors import OperatorError
from hub.reveal import Request
from hub.stores.access import Rows, in_identity
from hub.stores.database import Database
from hub.stores.tables import reveal


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the signed notes over it, and whether it was opened."""

    request: Request
    note: str
    approval: str | None
    approved_by: str | None
    opened_at: datetime | None


class Reveals:
    """The part of the identity store that knows who asked for whom."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, request: Request, note: str) -> None:
        """Keep a request."""
        values = {name: getattr(request, name) for name in request.__slots__}
        with self._db.write() as tx:
            tx.execute(reveal.insert().values(**values, note=note))

    def get(self, reveal_id: str) -> Asked:
        """A request. OperatorError where there is none of this id, or its person was erased."""
        with self._db.read() as tx:
            row = tx.execute(sa.select(reveal).where(reveal.c.reveal_id == reveal_id)).first()
        if row is None or not row.sid:
            raise OperatorError("there is no such request, or its person was erased")
        request = Request(**{name: getattr(row, name) for name in Request.__slots__})
        return Asked(request, row.note, row.approval, row.approved_by, row.opened_at)

    def approve(self, reveal_id: str, officer: str, note: str, at: datetime) -> bool:
        """Keep the approval; False where there was one."""
        waiting = (reveal.c.reveal_id == reveal_id, reveal.c.approval.is_(None))
        values = {"approval": note, "approved_by": officer, "approved_at": at}
        with self._db.write() as tx:
            return bool(tx.execute(reveal.update().where(*waiting).values(**values)).rowcount)

    def open(self, reveal_id: str, at: datetime) -> bool:
        """Note that it is opened; False where it was."""
        waiting = (reveal.c.reveal_id == reveal_id, reveal.c.opened_at.is_(None))
        with self._db.write() as tx:
            return bool(tx.execute(reveal.update().where(*waiting).values(opened_at=at)).rowcount)

    def about(self, sids: Collection[str], controller: str) -> Rows:
        """What this store holds about these subjects (`hub.stores.access`)."""
        return in_identity(self._db, sids, controller)

    def count(self, before: datetime | None = None) -> int:
        """How many requests there are, or were made before that instant."""
        counted = sa.select(sa.func.count()).select_from(reveal)
        with self._db.read() as tx:
            return int(tx.execute(counted.where(reveal.c.asked_at < before) if before else counted).scalar_one())

    def clear(self, before: datetime) -> int:
        """Remove the requests made before that instant; how many."""
        with self._db.write() as tx:
            return tx.execute(reveal.delete().where(reveal.c.asked_at < before)).rowcount
