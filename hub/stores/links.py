"""How each partner's server was at the last visits, and what it can do: no file, no row of one, no person.

Waits are counted by two clocks, the hub's and the machine's, and are over by the first: a run that is tried again has
the same hub's clock, a replayed week the same hour of the machine.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hub.backoff import wait
from hub.stores.database import Database
from hub.stores.tables import capability, link


@dataclass(frozen=True, slots=True)
class LinkState:
    """The last visits to a partner: the last good one, and the failures in a row since."""

    partner: str
    ok_at: datetime | None = None
    failures: int = 0
    error: str | None = None
    failed_at: datetime | None = None
    failed_really_at: datetime | None = None
    mark: str | None = None

    def is_due(self, mark: str, now: datetime, really: datetime) -> bool:
        """Whether it may be called: nothing failed, its channel is another one, or the wait is over by either clock."""
        if self.error is None or self.failed_at is None or self.failed_really_at is None or mark != self.mark:
            return True
        delay = wait(self.error, self.failures, self.partner)
        return delay is not None and (now >= self.failed_at + delay or really >= self.failed_really_at + delay)


class Links:
    """The part of the ledger that knows the partners' servers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, partners: Collection[str]) -> dict[str, LinkState]:
        """How each of these partners' servers was."""
        with self._db.read() as tx:
            rows = tx.execute(sa.select(link).where(self._db.among(link.c.partner, partners))).mappings()
            known = {row["partner"]: LinkState(**row) for row in rows}
        return {partner: known.get(partner, LinkState(partner)) for partner in partners}

    def note(self, good: Collection[str], bad: Mapping[str, tuple[str, str]], at: datetime) -> None:
        """Note visits: partners reached, and by partner the name of the error and the mark of its channel."""
        before = self.of({*good, *bad})
        rows = [_row(LinkState(partner, ok_at=at)) for partner in good]
        for partner, (error, mark) in bad.items():
            failures = before[partner].failures + 1
            state = LinkState(partner, before[partner].ok_at, failures, error, at, datetime.now(UTC), mark)
            rows.append(_row(state))
        with self._db.write() as tx:
            self._db.upsert(tx, link, sorted(rows, key=lambda row: str(row["partner"])))

    def release(self, partner: str) -> None:
        """Forget the failures of a partner, so that it is called again."""
        with self._db.write() as tx:
            tx.execute(link.update().where(link.c.partner == partner).values(failures=0, error=None))

    def note_capability(self, partner: str, told: Mapping[str, Any], at: datetime) -> None:
        """Keep what the partner's server can do, in the place of what it could."""
        with self._db.write() as tx:
            self._db.upsert(tx, capability, [{"partner": partner, "told": dict(told), "at": at}])

    def capabilities(self, partners: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What each of these partners' servers could do when it was last probed."""
        query = sa.select(capability).where(self._db.among(capability.c.partner, partners))
        with self._db.read() as tx:
            return {row.partner: {**row.told, "probed_at": row.at.isoformat()} for row in tx.execute(query)}


def _row(state: LinkState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.__slots__}
