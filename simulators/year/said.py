"""What one side says of one thing, by the partner page: versions, corrections, cancellations, contradictions.

Inside one effective date the highest version prevails; with status 9 it never existed. What is in force is the
live notice of the latest date. Two contents at one version are both left out. Written from rulings and pages.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import legal
from simulators.year.columns import DATED, DIRECT, UNSAID


@dataclass(frozen=True, slots=True)
class Word:
    """One row that reached the hub, on the day on which it did."""

    day: date
    feed: str
    source: str
    entity: str
    person: int
    version: int
    status: str
    effective: date
    recorded: datetime
    content: str
    cells: Row

    @property
    def cancels(self) -> bool:
        """Whether the notice of its date is taken back."""
        return self.status == "9"


def word(day: str, feed: str, source: str, entity: str, person: int, cells: Row) -> Word:
    """A row as it was sent; what is sealed, its number and its time of writing are no part of its content."""
    stated = {name: value for name, value in sorted(cells.items()) if name not in DIRECT | UNSAID and value}
    return Word(
        date.fromisoformat(day),
        feed,
        source,
        entity,
        person,
        int(cells["version"]),
        cells["notice_status"],
        date.fromisoformat(cells[DATED.get(feed, "effective_date")]),
        datetime.fromisoformat(cells["recorded_at"]),
        json.dumps(stated),
        cells,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one side: its uncontested rows by version, the prevailing one of each date, the live ones."""

    rows: Sequence[Word]
    notices: Sequence[Word]
    live: Sequence[Word]
    contested: bool
    version: int | None
    persons: frozenset[int]
    held: date | None

    @property
    def top(self) -> Word | None:
        """What is in force."""
        return self.live[-1] if self.live else None

    @property
    def person(self) -> int | None:
        """Whom it is about; None where two contradict each other and nothing else was said."""
        if self.rows:
            return (self.top or self.rows[-1]).person
        return next(iter(self.persons)) if len(self.persons) == 1 else None

    @property
    def stale(self) -> bool:
        """Whether a lower version was written down after the highest."""
        return any(row.recorded > self.rows[-1].recorded for row in self.rows)


def hear(words: Iterable[Word]) -> Said:
    """One side's rows about one thing, in whatever order they came."""
    contents: dict[int, dict[tuple[str, int], Word]] = defaultdict(dict)
    for one in sorted(words, key=lambda one: one.day):
        contents[one.version].setdefault((one.content, one.person), one)
    versions = sorted(contents)
    rows = [next(iter(contents[number].values())) for number in versions if len(contents[number]) == 1]
    disputed = [one for number in versions if len(contents[number]) > 1 for one in contents[number].values()]
    by_date = {row.effective: row for row in rows}
    notices = [by_date[day] for day in sorted(by_date)]
    return Said(
        rows=rows,
        notices=notices,
        live=[one for one in notices if not one.cancels],
        contested=any(not _settled(one, notices) for one in disputed),
        version=versions[-1] if versions else None,
        persons=frozenset(one.person for one in disputed),
        held=_held_since(rows),
    )


def _settled(disputed: Word, notices: Iterable[Word]) -> bool:
    """A higher version of that date, or of a later one that is live, has settled it."""
    return any(
        one.version > disputed.version
        and (one.effective == disputed.effective or (one.effective > disputed.effective and not one.cancels))
        for one in notices
    )


def _held_since(rows: Sequence[Word]) -> date | None:
    """Since when the side has something in force, or has nothing: the earliest receipt from the last change on."""
    live: set[date] = set()
    turn, before = 0, False
    for place, row in enumerate(rows):
        (live.discard if row.cancels else live.add)(row.effective)
        if bool(live) != before:
            turn, before = place, bool(live)
    return min((row.day for row in rows[turn:]), default=None)


def known_since(words: Sequence[Word], so: Callable[[Word, date], bool], today: date) -> date | None:
    """Since when what is in force is so without a break, day by day as it was known then; None: it is not.

    A row that is sent again tells nothing new; what was not so for a day is known anew from its return on.
    """
    since, top = None, None
    came = {one.day for one in words}
    first = min(came, default=today)
    for day in (first + timedelta(days=n) for n in range((today - first).days + 1)):
        if day in came:
            top = hear([one for one in words if one.day <= day]).top
        since = (since or day) if top is not None and so(top, day) else None
    return since


def gap_since(words: Iterable[Word]) -> date | None:
    """The first day on which the lowest missing version could be seen to be missing, for one sender."""
    arrived: dict[int, date] = {}
    for one in words:
        arrived[one.version] = min(one.day, arrived.get(one.version, one.day))
    missing = [number for number in range(1, max(arrived, default=0)) if number not in arrived]
    return min((day for number, day in arrived.items() if number > missing[0]), default=None) if missing else None


def gap(words: Iterable[Word]) -> date | None:
    """The last day on which a thing with a missing version is held back; None where no version is missing."""
    by_sender: dict[str, list[Word]] = defaultdict(list)
    for one in words:
        by_sender[one.source].append(one)
    days = [since for each in by_sender.values() if (since := gap_since(each))]
    return max(legal.plus(day, legal.GAP) for day in days) if days else None


def of_cpas(words: Iterable[Word]) -> list[Word]:
    """What CPAS said."""
    return [one for one in words if one.source != FOREM]


def of_forem(words: Iterable[Word]) -> list[Word]:
    """What Le Forem said."""
    return [one for one in words if one.source == FOREM]
