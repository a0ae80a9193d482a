"""What one operator asks and another decides: to join two numbers, or to part them. Subjects, and no number."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub import audit
from hub.errors import OperatorError
from hub.model import Event
from hub.stores.audit import append
from hub.stores.database import Database
from hub.stores.recording import record
from hub.stores.tables import event, succession_request


@dataclass(frozen=True, slots=True)
class Request:
    """That two subjects are one person (MERGED), or are not after all (UNMERGED), from a day on, and why."""

    request_id: str
    change: str
    sid: str
    about: str
    effective_date: date
    reason: str
    asked_by: str
    asked_at: datetime


class Requests:
    """The part of the ledger in which a request waits for a second person."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ask(self, request: Request) -> None:
        """Note a request; nothing follows from it yet."""
        with self._db.write() as tx:
            tx.execute(succession_request.insert(), asdict(request))
            self._note(tx, "ask", request, request.asked_by, request.asked_at)

    def all(self) -> list[dict[str, Any]]:
        """Every request, the oldest first, without its subjects."""
        columns = [c for c in succession_request.c if c.name not in {"sid", "about"}]
        with self._db.read() as tx:
            query = sa.select(*columns).order_by(succession_request.c.asked_at, succession_request.c.request_id)
            return [dict(row) for row in tx.execute(query).mappings()]

    def get(self, request_id: str) -> Request:
        """A request that waits. Raises OperatorError when there is none, or it was decided."""
        with self._db.read() as tx:
            return _waiting(tx, request_id, locked=False)

    def next_version(self, entity_id: str) -> int:
        """The version of the next statement about an entity."""
        with self._db.read() as tx:
            query = sa.select(sa.func.max(event.c.version)).where(event.c.entity_id == entity_id)
            return int(tx.execute(query).scalar() or 0) + 1

    def decide(self, request_id: str, by: str, at: datetime, approved: Event | None) -> None:
        """Refuse a request, or do what is `approved`: the event is recorded with the decision, or neither is.

        Raises OperatorError when the one who asked decides, or somebody has decided meanwhile; nothing is changed.
        """
        decision = "APPROVED" if approved else "REFUSED"
        with self._db.write() as tx:
            request = _waiting(tx, request_id, locked=True)
            if request.asked_by == by:
                raise OperatorError("who asked cannot decide: a second person must, under an account of their own")
            if approved:
                record(self._db, tx, request_id, [approved], [])
            place = succession_request.c.request_id == request_id
            values = {"decision": decision, "decided_by": by, "decided_at": at}
            tx.execute(succession_request.update().where(place).values(values))
            self._note(tx, "approve" if approved else "refuse", request, by, at)

    def _note(self, tx: sa.Connection, action: str, request: Request, by: str, at: datetime) -> None:
        told = {"request_id": request.request_id, "change": request.change, "ground": request.reason}
        append(self._db, tx, audit.SUCCESSION, at, action=action, account=by, **told)


def _waiting(tx: sa.Connection, request_id: str, *, locked: bool) -> Request:
    s = succession_request.c
    query = sa.select(succession_request).where(s.request_id == request_id)
    row = tx.execute(query.with_for_update() if locked else query).mappings().first()
    if row is None or row["decision"] is not None:
        raise OperatorError("no request of this id waits: `passerelle numbers list`")
    return Request(**{name: row[name] for name in Request.__slots__})
