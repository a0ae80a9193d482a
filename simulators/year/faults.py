"""What goes wrong with rows and files on their way, and what the sender must be told of it.

A row with a mistake is rejected; its sender repairs it and sends it again with its next file, under the same
version. A file that is refused is sent again likewise. Everything is drawn from seed, sender, feed and day.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from simulators import days
from simulators.layout import FOREM
from simulators.table import Row
from simulators.year.columns import DATED
from simulators.year.world import World

# the mistake in a row, and the codes one of which the sender must be told
OF_ROWS = {
    "niss_leading_zero_lost": ("R102",),
    "niss_checksum": ("R101",),
    "niss_dotted": ("R306", "R101"),
    "clock_a_day_ahead": ("R304",),
    "day_month_year": ("R311", "R306"),
    "excel_number": ("R306", "R307", "R308", "R309", "R310", "R206", "R313", "R312"),
    "german_speaking_commune": ("R203",),
    "commune_of_before": ("R202", "R205"),
}


@dataclass(frozen=True, slots=True)
class FileFault:
    """A mistake about a whole file: the verdict and code of its receipt; whether its rows must be sent again."""

    name: str
    verdict: str = "ACCEPTED"
    code: str = ""
    again: bool = False


SOUND = FileFault("")
OUTSIDE_PLAN = FileFault("outside_plan", "REFUSED", "F36")  # sent though no longer agreed on; not sent again
OF_FILES = (
    FileFault("count_mismatch", "REFUSED", "F04", again=True),
    FileFault("truncated", "REFUSED", "F03", again=True),
    FileFault("wrong_environment", "REFUSED", "F11", again=True),
    FileFault("cp1252_undeclared", "REFUSED", "F08", again=True),
    FileFault("byte_order_mark", code="F19"),
    FileFault("carriage_returns"),
    FileFault("sequence_gap", code="F06"),
    FileFault("sent_twice"),  # the same bytes again under the next sequence
    FileFault("late_go"),  # the data today, the GO with the next file
    FileFault("go_first"),  # the GO today, the data with the next file
)

IN_TWO_PARTS = ("late_go", "go_first")


def of_file(world: World, sender: str, feed: str, day: date) -> FileFault:
    """The mistake of that file; none in the last days, so that every repair can arrive."""
    rng = world.rng("file", sender, feed, day)
    if rng.random() > 0.035 or day in world.calendar[-6:]:
        return SOUND
    return rng.choice(OF_FILES)


def is_down(world: World, partner: str, day: date) -> bool:
    """Whether the partner's server is out of reach that day: nothing is sent, taken or delivered."""
    if day in world.calendar[-6:]:
        return False
    return world.rng("down", partner, day).random() < (0.01 if partner == FOREM else 0.004)


def changes_key(world: World, partner: str, day: date) -> bool:
    """Whether the partner draws a new key pair on that day; it keeps the old private key."""
    return world.rng("key", partner, day).random() < 0.002


def broken(fault: str, feed: str, row: Row, day: date) -> Row:
    """The row with its mistake in it, in a file that can be read on that day."""
    niss, dated = row.get("niss", ""), DATED.get(feed, "effective_date")
    changes = {
        "niss_leading_zero_lost": {"niss": niss.removeprefix("0")},
        "niss_checksum": {"niss": f"{niss[:9]}{int(niss[9:] or 0) % 97 + 1:02d}"},
        "niss_dotted": {"niss": f"{niss[:2]}.{niss[2:4]}.{niss[4:6]}-{niss[6:9]}.{niss[9:]}"},
        "clock_a_day_ahead": {"recorded_at": days.stamp(day + timedelta(days=1), 6, 0)},
        "day_month_year": {dated: date.fromisoformat(row[dated]).strftime("%d/%m/%Y")},
        "excel_number": {"cpas_nis": f"{row.get('cpas_nis', '')}.0"},
        "german_speaking_commune": {"cpas_nis": "63023"},
        "commune_of_before": {"cpas_nis": "52063" if row.get("cpas_nis") == "82039" else "82005"},  # never its own
    }
    return row | changes[fault]
