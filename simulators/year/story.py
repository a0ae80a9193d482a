"""One person's story in the making: what is said of them, by whom, on which day, in which version."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from simulators import days
from simulators.communes import Commune
from simulators.layout import FOREM, REGISTERS
from simulators.population import Person
from simulators.table import Row
from simulators.year import people
from simulators.year.columns import DATED
from simulators.year.store import Statement
from simulators.year.world import World

NEVER = date.max  # a row lost for good: its version stays missing


@dataclass(slots=True)
class Referral:
    """An orientation: whose, first sent when, withdrawn when."""

    key: str
    commune: Commune
    sent: date
    row: Row
    cancelled: date | None = None


@dataclass(slots=True)
class Story:
    """The person, where they live, and the statements so far, by entity in the order of their versions."""

    world: World
    rank: int
    rng: random.Random
    person: Person
    home: Commune
    said: dict[tuple[str, str, str], list[Statement]] = field(default_factory=dict)
    referrals: list[Referral] = field(default_factory=list)
    exempt: bool = False
    granted: date | None = None

    def chance(self, share: float) -> bool:
        """Whether something of that frequency happens."""
        return self.rng.random() < share

    def rarely(self, share: float) -> bool:
        """The same for what is so rare that a short year would not show it: oftener there."""
        return self.chance(share * min(4.0, 1 / self.world.pace))

    def later(self, day: date, least: int, most: int) -> date:
        """A day so many days after; long delays are shortened in a short year."""
        pace = self.world.pace if least >= 0 else 1.0
        return day + timedelta(days=self.rng.randint(round(least * pace), max(1, round(most * pace))))

    def say(
        self, feed: str, sender: str, entity: str, on: date, row: Row, *, effective: date, status: str = "0",
        needs: str = "", recorded: date | None = None,
    ) -> date | None:  # fmt: skip
        """The next version about a thing, sent on the first sending day from `on`: that day, or None after the end."""
        day = self.world.sending_day(sender, max(on, effective))
        if day is None:
            return None
        known = self.said.setdefault((feed, sender, entity), [])
        version = len(known) + 1
        technical = {
            "notice_id": f"{feed}-{self.rank:06d}-{sum(map(len, self.said.values())) + 1}",
            "version": str(version),
            "notice_status": status,
            DATED.get(feed, "effective_date"): effective.isoformat(),
            "recorded_at": self.stamp(sender, recorded or day, version),
            "niss": self.number(sender, day),
        }
        known.append(
            Statement(day.isoformat(), feed, sender, entity, self.rank, row | technical, needs, self.fault(row))
        )
        return day

    @property
    def former(self) -> str:
        """The number under which the person was known before, if there was one."""
        return people.former(self.world.seed, self.rank, self.world.people)

    def number(self, sender: str, day: date) -> str:
        """The person's number as the sender has it on that day."""
        return number(self.world, self.rank, sender, day)

    def stamp(self, sender: str, day: date, version: int) -> str:
        """When it was written down, by the sender's clock, which may be wrong by up to an hour and a half."""
        skew = self.world.rng(sender, "clock").choice((0, 0, 0, 0, -90, -7, 4, 85))
        minutes = (12 * 60 if sender == FOREM else 6 * 60) + skew + version + self.rng.randrange(30)
        return days.stamp(day, minutes // 60, minutes % 60)

    def fault(self, row: Row) -> str:
        """The mistake in the row's first sending, seldom one."""
        if not self.chance(0.012):
            return ""
        names = ["niss_checksum", "niss_dotted", "clock_a_day_ahead", "day_month_year"]
        alone = not self.former  # of two numbers, one may have no zero to lose
        names += ["niss_leading_zero_lost"] * 3 if alone and self.person.niss[0] == "0" != self.person.niss[1] else []
        names += ["excel_number", "german_speaking_commune", "commune_of_before"] if "cpas_nis" in row else []
        return self.rng.choice(names)

    def all(self) -> list[Statement]:
        """Every statement."""
        return [one for versions in self.said.values() for one in versions]


def number(world: World, rank: int, sender: str, day: date) -> str:
    """A person's number as the sender has it on that day: it learns of a new one weeks after the registers."""
    now, before = people.person(world.seed, rank).niss, people.former(world.seed, rank, world.people)
    if not before:
        return now
    lag = timedelta(days=world.rng(sender, rank, "learns").randrange(40))
    return before if day < replaced_on(world, rank) + lag else now


def replaced_on(world: World, rank: int) -> date:
    """The day on which the registers put this person's number in the place of the former one."""
    days = world.calendar
    return days[world.rng(rank, "succession").randrange(len(days) * 3 // 4)]


def succession(world: World, rank: int) -> Statement:
    """What the registers say of the person's numbers."""
    day, number = replaced_on(world, rank), people.person(world.seed, rank).niss
    cancelled = people.is_cancelled(rank)
    row = {
        "notice_id": f"MUTA-{rank:06d}-1",
        "version": "1",
        "notice_status": "0",
        "effective_date": day.isoformat(),
        "recorded_at": days.stamp(day, 5, 0),
        "niss": number if cancelled else people.former(world.seed, rank, world.people),
        "kind": "CANCELLED" if cancelled else "REPLACED" if rank % 24 == 5 else "MERGED",
        "replaced_by": "" if cancelled else number,
    }
    return Statement(day.isoformat(), "MUTA", REGISTERS, f"MUTA-{rank}", -1, row, "", "")


def begin(world: World, rank: int) -> Story:
    """The story of the person of that rank, with nothing said yet."""
    rng = world.rng(rank, "life")
    home = rng.choices(world.communes, world.weights)[0]
    return Story(world, rank, rng, people.person(world.seed, rank), home, exempt=rng.random() < 0.05)


def unsettle(story: Story) -> None:
    """What goes wrong with versions: late originals, lost rows, two contents, a lower version written down last."""
    for key, versions in story.said.items():
        feed, sender, _ = key
        if feed in {"MOBI", "JOBD"} or not story.rarely(0.03):
            continue
        kind = story.rng.choice(("late_original", "lost", "conflict", "regression"))
        if kind == "conflict":
            _contest(story, versions)
        elif len(versions) > 1:
            _delay(story, sender, versions, kind)


def _delay(story: Story, sender: str, versions: list[Statement], kind: str) -> None:
    """An earlier version comes after a later one; `lost` much later, `regression` also written down later."""
    at = story.rng.randrange(len(versions) - 1)
    after = max(date.fromisoformat(one.day) for one in versions[at : at + 2])  # nor before what it tells of
    day = story.world.sending_day(sender, story.later(after, *((4, 12) if kind == "lost" else (1, 3))))
    if day is None:
        return
    if kind == "lost" and story.chance(0.5):
        day = NEVER
    one = versions[at]
    row = one.row
    if kind == "regression":
        row = row | {"recorded_at": story.stamp(sender, day, 1)}
    versions[at] = replace(one, day=day.isoformat(), row=row, fault="")


def _contest(story: Story, versions: list[Statement]) -> None:
    """The last version is said again with another content; sometimes a next version settles it."""
    last = versions[-1]
    other = dict(_otherwise(last))
    if not other:
        return
    day = story.world.sending_day(last.sender, story.later(date.fromisoformat(last.day), 1, 5))
    if day is None:
        return
    versions.append(replace(last, day=day.isoformat(), row=last.row | other | {"notice_id": _more(last)}, fault=""))
    after = story.world.sending_day(last.sender, story.later(day, 2, 10))
    if after is None or story.chance(0.4):
        return
    number = str(int(last.row["version"]) + 1)
    settled = {"version": number, "notice_status": "1", "recorded_at": story.stamp(last.sender, after, 1)}
    row = last.row | settled | {"notice_id": _more(last, 2)}
    if last.row["notice_status"] != "9":
        versions.append(replace(last, day=after.isoformat(), row=row, fault=""))


def _more(one: Statement, number: int = 1) -> str:
    """Another number for a row about the same thing."""
    return f"{one.row['notice_id']}-{number}"


def _otherwise(one: Statement) -> Row:
    """Another content of that row, as lawful as it is; empty where none is at hand."""
    changes: dict[str, Row] = {
        "ORIE": {"priority": "URGENT" if one.row.get("priority") == "NORMAL" else "NORMAL"},
        "STAT": {"advisor_unit": "LIEGE-02"},
        "SITU": {"nace": "84300"} if one.row.get("contract_id") else {"ri_fraction": "0.5"},
        "FORM": {"domain": "SERVICES"},
        "INSC": {"agency_code": "LIEGE-02"},
        "MANQ": {"explanation_heard": "1" if one.row.get("explanation_heard") == "0" else "0"},
    }
    return changes.get(one.feed, {})
