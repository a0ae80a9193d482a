"""The CPAS that agree on another plan d'actions during the year: from a day on with all axes, or with two of them only.

Drawn from the seed. The hub is told by its registry, as an operator tells it; the CPAS may go on for some days as if
nothing had changed, and what it then sends outside its plan is refused (F36).
"""

from collections.abc import Iterator
from datetime import date

from simulators import plans
from simulators.year.world import World

SHARE = 0.12
ALL, TWO = "1|2|3|4", "1|4"  # the axes of a plan: guidance, qualification, opportunities, information


def changes(world: World) -> Iterator[tuple[str, date, str]]:
    """Which CPAS changes its plan, from which day on, and the axes that it has then."""
    count = len(world.calendar)
    for partner in world.place:
        rng = world.rng(partner, "plan")
        if rng.random() < SHARE:
            since = world.calendar[rng.randrange(count * 3 // 10, count * 7 // 10)]
            whole = {"FORM", "MOBI"} <= plans.feeds(world.plans, partner, world.first)
            yield partner, since, TWO if whole else ALL
