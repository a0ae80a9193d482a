"""Job offers of Le Forem: told as they come and close; each twelfth file is an export of all that are open.

Some offers are let go without a word. That they are over can be known from the next complete export alone, which
does not have them.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from simulators.layout import FOREM
from simulators.table import Row
from simulators.year.store import Store
from simulators.year.world import World

EXPORTS = 12
DROPPED = 0.1  # so few that no export is taken for one that was cut short (F39)
Difference = tuple[str, str, str, str]


def tell(world: World, day: date, number: int) -> Iterator[tuple[str, date, int, Row]]:
    """What is said of the offers of one day, by number, day and version: what they are, and when they close."""
    rng = world.rng("offers", number)
    for which in range(max(2, len(world.communes) // 40)):
        key = f"{4_000_000 + number * 100 + which}"
        place = rng.choice(world.communes)
        row = {
            "offer_number": key,
            "title": "Magasinier (H/F/X)",
            "rome": rng.choice(("N1103", "K1304", "G1602")),
            "contract_type": rng.choice(("CDI", "CDD", "INTERIM")),
            "regime": rng.choice(("FT", "PT")),
            "positions": "1",
            "work_nis": place.nis,
            "work_postal_codes": place.postal_codes[0],
            "first_seen": day.isoformat(),
            "last_seen": day.isoformat(),
            "published_from": day.isoformat(),
            "source": "FOREM",
            "url": f"https://offres.example.org/{key}",
            "attribution": "Le Forem, CC BY-SA 4.0",
        }
        yield key, day, 1, row
        end, dropped = _end(world, key, day)
        if end is not None and not dropped:
            yield key, end, 2, row | {"last_seen": end.isoformat(), "closed_at": end.isoformat()}


def is_export(world: World, day: date) -> bool:
    """Whether Le Forem's file of offers of that day has all that are open."""
    return day in world.calendar[EXPORTS - 1 :: EXPORTS]


def still_open(store: Store, world: World, day: date) -> list[Row]:
    """The last row of each offer that was sent before, and that Le Forem still has on that day."""
    rows: dict[str, Row] = {}
    for one in store.all(
        "SELECT entity, row FROM statement WHERE feed='OFFR' AND sent<? ORDER BY day", day.isoformat()
    ):
        rows[one["entity"]] = json.loads(one["row"])
    return [row for key, row in rows.items() if "closed_at" not in row and not _is_gone(world, key, row, day)]


def compare(store: Store, world: World, today: date) -> Iterator[Difference]:
    """No CPAS holds an offer that the last complete export did not have any more."""
    days = store.all("SELECT DISTINCT day FROM file WHERE feed='OFFR' AND sender=? AND verdict='ACCEPTED'", FOREM)
    exports = [day for day in (date.fromisoformat(row["day"]) for row in days) if is_export(world, day)]
    for one in store.all("SELECT partner, key, row FROM held WHERE feed='OFFR'") if exports else ():
        agreed = world.agreed(one["partner"], "OFFR", today)
        if agreed and _is_gone(world, one["key"].rstrip("|"), json.loads(one["row"]), max(exports)):
            yield "passed_shown OFFR", one["partner"], one["key"], "held, though an export had it no more"


def _end(world: World, key: str, first_seen: date) -> tuple[date | None, bool]:
    """The day on which an offer is over, None after the last day; and whether it goes without a word."""
    rng = world.rng("offer", key)
    days = round(rng.randrange(8, 40) * max(0.3, world.pace))  # fewer in a short year
    return world.sending_day(FOREM, first_seen + timedelta(days=days)), rng.random() < DROPPED


def _is_gone(world: World, key: str, row: Row, day: date) -> bool:
    end, dropped = _end(world, key, date.fromisoformat(row["first_seen"]))
    return dropped and end is not None and end <= day
