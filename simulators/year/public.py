"""Job days, offers and the catalogue in the books of the CPAS: word for word what Le Forem said last, or not there.

Which offers and trainings are chosen for which CPAS is not judged here. A job day to come is with every CPAS that it
names and whose plan has the feed.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from simulators.table import Row
from simulators.year import offers
from simulators.year.columns import IMPERSONAL, coded
from simulators.year.said import Word, hear, word
from simulators.year.store import Store
from simulators.year.world import World

Difference = tuple[str, str, str, str]
Told = dict[str, dict[str, Row]]  # by feed and name


def compare(store: Store, world: World, today: date) -> Iterator[Difference]:
    """Every row that a CPAS holds, and every job day that one must hold."""
    said = _said(store, today)
    held: dict[tuple[str, str, str], Row] = {}
    for one in store.all("SELECT partner, feed, key, row FROM held WHERE feed IN (?,?,?)", *IMPERSONAL):
        held[one["partner"], one["feed"], one["key"].rstrip("|")] = json.loads(one["row"])
    for (partner, feed, name), row in held.items():
        if not world.agreed(partner, feed, today):  # nothing is told of what is no longer agreed on
            continue
        wrong = [column for column in coded(feed) if row.get(column, "") != said[feed].get(name, {}).get(column, "")]
        if wrong:
            yield f"passed_content {feed}", partner, name, f"differ: {', '.join(wrong)}"
    yield from offers.compare(store, world, today)
    for name, event in said["JOBD"].items():
        for nis in event["target_nis"].split("|") if event["starts_at"][:10] > today.isoformat() else ():
            partner = f"0{nis}"
            agreed = partner in world.place and world.agreed(partner, "JOBD", today)
            if agreed and (partner, "JOBD", name) not in held:
                yield "passed_missing JOBD", partner, name, "named in it, not held"


def _said(store: Store, today: date) -> Told:
    """What Le Forem said last of each thing."""
    words: dict[tuple[str, str], list[Word]] = defaultdict(list)
    marks = ",".join(f"'{feed}'" for feed in IMPERSONAL)
    query = f"SELECT * FROM statement WHERE feed IN ({marks}) AND counts IS NOT NULL AND counts<=?"  # noqa: S608  constants
    for row in store.all(query, today.isoformat()):
        cells = json.loads(row["row"])
        words[row["feed"], row["entity"]].append(
            word(row["counts"], row["feed"], row["sender"], row["entity"], -1, cells)
        )
    found: Told = {feed: {} for feed in IMPERSONAL}
    for (feed, name), rows in words.items():
        top = hear(rows).top
        if top:
            found[feed][name] = top.cells
    return found
