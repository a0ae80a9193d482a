"""What one side says of one referral: which of its rows prevail, and which version is contested.

A notice is one effective date. Inside it the highest version prevails, a cancellation makes it absent. Two
contents at one version are left out: the side keeps its last uncontested state. It knows neither the other
side nor the meaning of a status; `hub.reconcile` does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.model import Event

CORRECTION, CANCELLATION = 1, 9  # notice_status; 0 is a new full state

_BRUSSELS = ZoneInfo("Europe/Brussels")  # legal dates are those of Brussels

Order = Callable[[Event], tuple[bool, int]]  # the sender's own order of its rows


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says: its uncontested rows in order, and the one that prevails for each date.

    `live` are the notices that are not cancelled, by effective date.
    `contested` is true while a version with two contents could still change what the side says; `version`
    is the highest one read, contested or not, and `source` its sender; `persons` are those of the contested
    rows; `held_since` is the day since which the side has, or has no, live notice.
    """

    rows: tuple[Event, ...]
    notices: tuple[Event, ...]
    live: tuple[Event, ...]
    contested: bool
    version: int | None
    source: str | None
    persons: frozenset[str]
    held_since: date | None

    @property
    def top(self) -> Event | None:
        """The live notice with the latest effective date: the state of the side."""
        return self.live[-1] if self.live else None

    @property
    def stale(self) -> bool:
        """Whether the row recorded last is not the one with the highest version."""
        return any(row.recorded_at > self.rows[-1].recorded_at for row in self.rows)


def said(events: Iterable[Event], order: Order) -> Said:
    """Return what one side says in distinct events of its own about one referral."""
    versions: defaultdict[tuple[bool, int], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.source, event.event_id)):
        versions[order(event)].append(event)
    ranked = [versions[key] for key in sorted(versions)]
    rows = tuple(same[0] for same in ranked if len(same) == 1)
    contested = [event for same in ranked if len(same) > 1 for event in same]
    prevailing = {row.effective_date: row for row in rows}
    notices = tuple(prevailing[day] for day in sorted(prevailing))
    return Said(
        rows=rows,
        notices=notices,
        live=tuple(notice for notice in notices if notice.notice_status != CANCELLATION),
        contested=any(not _settled(event, notices, order) for event in contested),
        version=ranked[-1][0].version if ranked else None,
        source=ranked[-1][0].source if ranked else None,
        persons=frozenset(event.sid for event in contested),
        held_since=_held_since(rows),
    )


def distinct(events: Iterable[Event]) -> list[Event]:
    """Return each statement once, as first received; one content about two persons is two statements.

    By what is said and not by event id, which holds the subject id of before two of them became one.
    """
    first: dict[tuple[str, int, str, str], Event] = {}
    for event in sorted(events, key=lambda event: (event.received_at, event.message_id, event.line)):
        first.setdefault((event.source, event.version, event.content, event.sid), event)
    return list(first.values())


def received(event: Event) -> date:
    """Return the day in Brussels on which the hub received the row."""
    return brussels(event.received_at)


def brussels(moment: datetime) -> date:
    """Return the day in Brussels of a moment."""
    return moment.astimezone(_BRUSSELS).date()


def _settled(contested: Event, notices: Iterable[Event], order: Order) -> bool:
    """Whether the sender has spoken again, with a higher version: of that date, or of a later, live one."""
    return any(
        order(row) > order(contested)
        and (
            row.effective_date == contested.effective_date
            or (row.effective_date > contested.effective_date and row.notice_status != CANCELLATION)
        )
        for row in notices
    )


def _held_since(rows: tuple[Event, ...]) -> date | None:
    """Return since when a side has some live notice, or has none; an update does not restart it."""
    live: set[date] = set()
    turn = 0
    for n, row in enumerate(rows):
        before = bool(live)
        if row.notice_status == CANCELLATION:
            live.discard(row.effective_date)
        else:
            live.add(row.effective_date)
        turn = n if bool(live) != before else turn
    return min((received(row) for row in rows[turn:]), default=None)
