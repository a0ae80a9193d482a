"""The view of a recipient in files: when everything is told again, and how the view is put together from its files.

Pure. A recipient that has lost its books, or joins late, takes the last snapshot of RECO and every delta after it; the
result is the same from any snapshot on. What a row holds is decided in `hub.told`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.calendar import Calendar
from hub.filenames import FileKind

NAME = ("entity_kind", "subject_token", "cpas", "entity_ref")  # what tells one row of the view from another

Cells = Mapping[str, str | None]
Name = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ViewFile:
    """A file of RECO as its recipient reads it: the kind that its manifest says, and its rows."""

    kind: FileKind
    rows: Sequence[Cells]


def due(today: date, last: date | None, calendar: Calendar) -> bool:
    """Whether everything is to be told: none was since the first working day of this ISO week, which is here.

    A week in which the hub stood still on that day has its snapshot on the next one.
    """
    monday = today - timedelta(days=today.weekday())
    first = next((day for n in range(7) if calendar.is_working_day(day := monday + timedelta(days=n))), None)
    return first is not None and first <= today and (last is None or last < first)


def view(files: Iterable[ViewFile]) -> dict[Name, Cells]:
    """The rows that hold after these files, in the order of their sequence, by their names."""
    held: dict[Name, Cells] = {}
    for file in files:
        if file.kind == "SNAPSHOT":
            held = {}
        for row in file.rows:
            name = tuple(row[column] for column in NAME)
            held.pop(name, None)
            if row["record"] != "GONE":
                held[name] = row
    return held
