"""What was delivered and not taken in time, and what a CPAS agreed to send and has not.

Part of `acknowledge`: it notes each late publication once, and makes the notices of non-delivery (NOND) for those whose
rows lie in it. A publication that is taken later is no longer overdue, and those who were warned are told so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub import events
from hub.acknowledge import Late, late_row
from hub.calendar import brussels_date
from hub.flow.hub import Hub
from hub.model import FOREM
from hub.plans import CALENDAR
from hub.publish import Row

LateRows = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Expected:
    """A feed that a CPAS agreed to send so often, and whose next file is late; `last` is None before the first."""

    partner: str
    feed: str
    often: str
    last: date | None
    due: date


def due_of(hub: Hub, delivered_at: datetime) -> date:
    """The last day on which a file delivered then is taken in time; weekends and public holidays do not count."""
    return hub.calendar.add_working_days(brussels_date(delivered_at), hub.clocks.acknowledgement_working_days)


def note_overdue(hub: Hub, partner: str) -> None:
    """Note what was delivered to this partner and is not taken by the end of its last day."""
    for row in hub.ledger.publications.unacknowledged(partner):
        late = hub.today > due_of(hub, row["delivered_at"])
        if late and hub.ledger.publications.acknowledge(row["publication_id"], "OVERDUE", hub.now):
            told = {name: row[name] for name in ("publication_id", "recipient", "feed", "sequence")}
            events.log(events.OVERDUE, **told)


def late_rows(hub: Hub) -> LateRows:
    """The rows of every orientation and status in a file that was ever not taken in time, by feed."""
    return {feed: hub.ledger.publications.late_rows(feed) for feed in ("ORIE", "STAT")}


def late_rows_of(hub: Hub, partner: str, late: LateRows) -> list[Row]:
    """A row for each referral of this partner's rows in a file that the other side has not taken in time.

    A CPAS is told of its orientations to Le Forem, its predecessors' among them; Le Forem of its statuses to any CPAS.
    """
    if not hub.registry.may_exchange(partner, hub.today):
        return []
    codes = [""] if partner == FOREM else sorted(hub.registry.entitled_nis(partner, hub.today))
    feed, own = ("STAT" if partner == FOREM else "ORIE"), tuple(f"R{nis}" for nis in codes)
    return [late_row(_late(hub, feed, row)) for row in late[feed] if row["entity_id"].startswith(own)]


def _late(hub: Hub, feed: str, row: dict[str, Any]) -> Late:
    return Late(
        file=row["name"],
        feed=feed,
        recipient=row["recipient"],
        referral_id=row["entity_id"],
        delivered_on=brussels_date(row["delivered_at"]),
        due=due_of(hub, row["delivered_at"]),
        taken_on=brussels_date(row["taken_at"]) if row["taken_at"] else None,
    )


def expected(hub: Hub) -> Iterator[Expected]:
    """The feeds of today's plans whose next file is late, by partner: since the last one, or since the plan began."""
    last = hub.ledger.submissions.last_accepted()
    for partner in hub.registry.cpas():
        plan = hub.registry.plan(partner.partner_id, hub.today)
        for feed, often in plan.calendar.items():
            at = last.get((partner.partner_id, feed))
            received = brussels_date(at) if at else None
            since = max(day for day in (received, plan.since) if day)
            due = hub.calendar.add_working_days(since, CALENDAR[often])
            if hub.today > due:
                yield Expected(partner.partner_id, feed, often, received, due)
