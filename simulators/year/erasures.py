"""Who is erased on which day, at the word of a controller, and what the hub and the books must forget of them.

What had come of the person by then is no part of the truth any more; what comes later is about a person never seen.
Chosen are persons with one number of whom everything that was sent has been read, nothing is to be sent again, and
whose answers to job days take no place from others.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from simulators import days
from simulators.layout import FOREM
from simulators.year import people
from simulators.year.store import Store
from simulators.year.world import World

FROM, EVERY, AT_ONCE = 9, 7, 3  # on the tenth day of the year for the first time, then each seventh: three persons
HOUR = 20
CANDIDATES = """
SELECT DISTINCT person FROM statement WHERE counts<=:day AND person>=0 AND person NOT IN (
  SELECT person FROM statement WHERE feed='MOBI' OR needs LIKE '%WRONG:%' OR (sent IS NULL AND fault<>'')
    OR (sent IS NOT NULL AND (counts IS NULL OR counts>:day))
  UNION SELECT CAST(substr(needs, instr(needs, 'WRONG:') + 6) AS INTEGER) FROM statement WHERE needs LIKE '%WRONG:%'
  UNION SELECT person FROM erased)"""
Difference = tuple[str, str, str, str]


def erase(store: Store, world: World, day: date) -> list[str]:
    """The numbers of those who are erased in the evening of that day; noted, so that the same are named again."""
    place = world.calendar.index(day) - FROM
    if place < 0 or place % EVERY:
        return []
    with store:
        if not store.all("SELECT 1 FROM erased WHERE day=?", day.isoformat()):
            chosen = _chosen(store, world, day)
            store.db.executemany("INSERT INTO erased VALUES (?,?)", [(rank, day.isoformat()) for rank in chosen])
    ranks = [
        row["person"] for row in store.all("SELECT person FROM erased WHERE day=? ORDER BY person", day.isoformat())
    ]
    return [people.person(world.seed, rank).niss for rank in ranks]


def _chosen(store: Store, world: World, day: date) -> list[int]:
    found = [row["person"] for row in store.db.execute(CANDIDATES, {"day": day.isoformat()})]
    plain = (rank for rank in sorted(found) if not people.former(world.seed, rank, world.people))
    known = [rank for rank in plain if not people.is_cancelled(rank)]
    world.rng("erased", day).shuffle(known)
    instant = datetime.fromisoformat(days.stamp(day, HOUR, 0))
    fitting = (rank for rank in known if all(at > instant for at in _still_to_come(store, rank)))
    return [rank for rank, _ in zip(fitting, range(AT_ONCE), strict=False)]


def _still_to_come(store: Store, rank: int) -> list[datetime]:
    """When the rows about the person that are not sent yet were, or will be, written down."""
    rows = store.all(
        "SELECT json_extract(row,'$.recorded_at') AS at FROM statement WHERE person=? AND sent IS NULL", rank
    )
    return [datetime.fromisoformat(row["at"]) for row in rows]


def erased(store: Store) -> Mapping[int, date]:
    """The day in whose evening each of them was erased."""
    return {row["person"]: date.fromisoformat(row["day"]) for row in store.all("SELECT * FROM erased")}


def compare(store: Store, world: World, rank: int, today: date) -> Iterator[Difference]:
    """No book holds a row about somebody who was erased, and of whom nothing has come since, but as taken back.

    Of a feed that is no longer in the plan of a CPAS nothing can be told, so its book keeps what it holds.
    """
    for one in store.all(
        "SELECT partner, feed, key FROM held WHERE person=? AND feed<>'RECO' "
        "AND json_extract(row,'$.notice_status') IS NOT '9'",
        rank,
    ):
        if one["partner"] == FOREM or world.agreed(one["partner"], one["feed"], today):
            yield (
                f"erased_held {one['feed']}",
                one["partner"],
                f"{one['key']}|{rank}",
                "held, though the person was erased",
            )
