"""Which version of a contract each partner writes and reads on a day: all begin with 1, most turn to 2, some never.

The days are drawn from the seed, the first of them early, so that a few weeks hold some of each. A reader may turn
before or after the sender. The hub is told of readers by its registry, of senders by their manifests.
"""

from collections.abc import Iterator
from datetime import date

from simulators.layout import FOREM
from simulators.year.columns import ADDED, FROM_CPAS
from simulators.year.world import World

NEVER = date.max
WRITES_AFTER = (3, 4, 5, 7, 30, 80, None)  # working days from the first one; None: not in this year
READS_AFTER = (2, 4, 6, 9, 12, 40, 100, None)
OF_FOREM = (3, 4, 5)  # Le Forem is one partner only, and what it writes reaches all CPAS


def written(world: World, sender: str, feed: str, day: date) -> int:
    """The version under which that partner writes a feed on that day."""
    return _version(world, "writes", sender, feed, day)


def read(world: World, recipient: str, feed: str, day: date) -> int:
    """The version in which that partner is to be told of a feed on that day."""
    return _version(world, "reads", recipient, feed, day)


def agreed(world: World) -> Iterator[tuple[str, str, date]]:
    """From which day on each partner reads version 2 of a feed, where it ever does."""
    for feed in ADDED:
        for recipient in [FOREM] if feed in FROM_CPAS else world.place:
            if (since := _since(world, "reads", recipient, feed)) != NEVER:
                yield recipient, feed, since


def _version(world: World, what: str, partner: str, feed: str, day: date) -> int:
    return 2 if feed in ADDED and day >= _since(world, what, partner, feed) else 1


def _since(world: World, what: str, partner: str, feed: str) -> date:
    later = OF_FOREM if partner == FOREM else WRITES_AFTER if what == "writes" else READS_AFTER
    after = world.rng("version", what, partner, feed).choice(later)
    return NEVER if after is None or after >= len(world.calendar) else world.calendar[after]
