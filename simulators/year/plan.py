"""The whole year, drawn from its seed into the store: every life, and what concerns nobody."""

from collections import defaultdict
from collections.abc import Iterator

from simulators.year import cpas_side, forem_side, impersonal, people, story
from simulators.year.store import Statement, Store
from simulators.year.world import World


def draw(store: Store, world: World) -> None:
    """Note every statement that somebody means to make."""
    at_home: dict[str, list[int]] = defaultdict(list)
    store.plan(_lives(world, at_home))
    store.plan(impersonal.tell(world, at_home))


def _lives(world: World, at_home: dict[str, list[int]]) -> Iterator[Statement]:
    for rank in range(world.people):
        one = story.begin(world, rank)
        cpas_side.tell(one)
        forem_side.tell(one)
        story.unsettle(one)
        if ("SITU", one.home.partner, "RI") in one.said:
            at_home[one.home.partner].append(rank)
        yield from one.all()
        if one.former or people.is_cancelled(rank):
            yield story.succession(world, rank)
