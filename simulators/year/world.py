"""The world in which the lives are drawn: days, CPAS with their weight and rhythm, and how far the year is scaled.

A CPAS of a large commune writes its files each working day, others on two days of the week or on one. Le Forem
writes each working day. Nobody writes on a public holiday.
"""

import random
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from simulators import communes, plans, table
from simulators.communes import Commune
from simulators.layout import FOREM, REGISTERS
from simulators.plans import Plans
from simulators.year import legal

PERSONS = 75_000  # of all 252 CPAS in a year
DAYS_OF_YEAR = 250
LARGE, SMALL = 30_000, 12_000  # inhabitants from which a CPAS writes daily, and below which once a week
ALWAYS = ("082039",)  # it succeeds two communes, and so has old codes to write
OF_THE_DECREE = {"INSC", "MANQ"}


@dataclass(frozen=True)
class World:
    """Everything that the drawing of lives may know. `people` is the number of persons."""

    seed: int
    first: date
    days: int
    people: int
    communes: tuple[Commune, ...]
    weights: tuple[int, ...]
    plans: Plans
    _cache: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def calendar(self) -> list[date]:
        """The days on which something is sent."""
        return legal.working_days(self.first, self.days)

    @cached_property
    def place(self) -> dict[str, Commune]:
        """Communes by partner."""
        return {one.partner: one for one in self.communes}

    @property
    def pace(self) -> float:
        """How much shorter than in life the delays are, so that a few weeks hold a whole course."""
        return min(1.0, max(0.2, self.days / 120))

    @property
    def last(self) -> date:
        """The last day."""
        return self.calendar[-1]

    def rng(self, *purpose: object) -> random.Random:
        """A generator for each purpose, so that a change in one leaves all others as they are."""
        return random.Random("|".join(map(str, (self.seed, *purpose))))

    def agreed(self, partner: str, feed: str, day: date) -> bool:
        """Whether the plan of this CPAS has the feed on that day, in either direction."""
        agreed = plans.feeds(self.plans, partner, day)
        return bool(agreed) and feed in agreed | (OF_THE_DECREE if day >= legal.DECREE else set())

    def sending_day(self, partner: str, day: date) -> date | None:
        """The first day from `day` on, on which the partner writes its files; None after the last one."""
        days = self._sending_days(partner)
        later = (one for one in days if one >= day)
        return next(later, None) if day > self.first else days[0]

    def _sending_days(self, partner: str) -> list[date]:
        if partner not in self._cache:
            rhythm = self._rhythm(partner)
            self._cache[partner] = [day for day in self.calendar if day.weekday() in rhythm] or self.calendar
        found: list[date] = self._cache[partner]
        return found

    def _rhythm(self, partner: str) -> set[int]:
        inhabitants = LARGE if partner in (FOREM, REGISTERS) else self.weights[self.communes.index(self.place[partner])]
        if inhabitants >= LARGE:
            return set(range(5))
        begin = self.rng(partner, "rhythm").randrange(5)
        return {begin} if inhabitants < SMALL else {begin % 3, begin % 3 + 2}


def make(seed: int, first: date, days: int, cpas: int, registry: Path, people: int = 0) -> World:
    """The world of so many CPAS: the largest and smallest in turn, so that any number has both; all when 252."""
    known = communes.read(registry, first)
    _, rows = table.read((Path(__file__).parent / "inhabitants.csv").read_text("utf-8"))
    count = {row["nis"]: int(row["inhabitants"]) for row in rows}
    chosen = sorted(_choose(known, count, cpas), key=lambda one: one.partner)
    weights = tuple(count[one.nis] for one in chosen)
    share = sum(weights) / sum(count.values()) * days / DAYS_OF_YEAR
    return World(
        seed=seed,
        first=first,
        days=days,
        people=people or max(60, round(PERSONS * share)),
        communes=tuple(chosen),
        weights=weights,
        plans=plans.read(registry),
    )


def _choose(known: list[Commune], count: dict[str, int], wanted: int) -> list[Commune]:
    by_size = sorted(known, key=lambda one: (one.partner not in ALWAYS, -count[one.nis], one.nis))
    if wanted >= len(by_size):
        return by_size
    half = (wanted + 1) // 2
    return by_size[:half] + by_size[len(by_size) - (wanted - half) :]
