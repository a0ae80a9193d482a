"""The whole story of a scenario, drawn from its seed: who is oriented when, what goes wrong, how it ends.

It makes three things: what each CPAS sends (its agenda), what Le Forem answers (its script), and the ground
truth. Writing them down is left to truth.py, playing them to cpas.py and forem.py.
"""

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from simulators import courses, defects, orientation, population
from simulators.communes import Commune
from simulators.courses import Course
from simulators.defects import Defect, Slot
from simulators.population import Person
from simulators.table import Row

REPEATED = 0.08  # share of referrals about a person already oriented once by the same CPAS


@dataclass(frozen=True, slots=True)
class Notice:
    """A row that counts: sent in the file of day `sent`, in effect for the hub from day `valid` on."""

    sent: int
    valid: int
    row: Row


@dataclass(slots=True)
class Referral:
    """One orientation in the making."""

    commune: Commune
    person: Person
    sent: int
    row: Row
    notices: list[Notice] = field(default_factory=list)
    course: Course = field(default_factory=Course)
    defect: str = ""
    cancelled: bool = False

    @property
    def key(self) -> str:
        """Its referral id."""
        return self.row["referral_id"]


@dataclass(slots=True)
class Scenario:
    """A story being drawn: everything that the writers of files and of the truth need."""

    seed: int
    calendar: list[date]
    communes: list[Commune]
    people: list[Person] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    placed: dict[Slot, Defect] = field(default_factory=dict)
    rows: dict[Slot, list[Row]] = field(default_factory=dict)
    singled: dict[Slot, Row] = field(default_factory=dict)  # the row which its slot's mistake is about
    numbers: dict[str, int] = field(default_factory=dict)
    orphans: list[dict[str, Any]] = field(default_factory=list)
    strangers: list[Person] = field(default_factory=list)

    def rng(self, purpose: str) -> random.Random:
        """A generator of its own for each purpose, so that a change in one leaves the others alone."""
        return random.Random(f"{self.seed}|{purpose}")

    def valid(self, slot: Slot) -> int:
        """The day from which the rows of that slot count."""
        return slot[1] + (slot in self.placed and self.placed[slot].delayed)

    def send(self, partner: str, sent: int, row: Row) -> Notice:
        """Put a row into the file of that day, and say from when it counts."""
        notice = self.numbered(partner, row)
        self.rows.setdefault((partner, sent), []).append(notice)
        return Notice(sent, self.valid((partner, sent)), notice)

    def numbered(self, partner: str, row: Row) -> Row:
        """The row with the sender's next notice id."""
        number = self.numbers[partner] = self.numbers.get(partner, 0) + 1
        return row | {"notice_id": f"{partner}-{number:06d}"}


def draw(seed: int, calendar: list[date], communes: list[Commune], count: int) -> Scenario:
    """The story of `count` referrals, at least one per CPAS and day."""
    story = Scenario(seed, calendar, communes)
    _draw_referrals(story, count)
    _place_defects(story)
    for referral in story.referrals:
        _send_first(story, referral)
    _amend(story)
    _answer(story)
    return story


def _draw_referrals(story: Scenario, count: int) -> None:
    """Who is oriented by whom on which day: one per slot, the rest by weight, the first CPAS the heaviest."""
    rng = story.rng("referrals")
    slots = [(commune, index) for index in range(len(story.calendar)) for commune in story.communes]
    early = len(story.calendar)  # more at the start, so that most courses can be followed for some days
    weights = [(early - index) * (4 if one is story.communes[0] else 1) for one, index in slots]
    slots += rng.choices(slots, weights, k=max(0, count - len(slots)))
    slots.sort(key=lambda slot: (slot[1], slot[0].partner))
    everyone = population.draw(story.rng("people"), len(slots) + 9, story.calendar[0])
    story.people, story.strangers = everyone[:-9], everyone[-9:]
    numbers: dict[str, int] = {}
    for person, (commune, index) in zip(story.people, slots, strict=True):
        number = numbers[commune.partner] = numbers.get(commune.partner, 0) + 1
        known = _known_person(story, rng, commune, index) or person
        row = orientation.first_row(rng, commune, known, number, story.calendar[index])
        story.referrals.append(Referral(commune, known, index, row))


def _known_person(story: Scenario, rng: random.Random, commune: Commune, index: int) -> Person | None:
    """Somebody whom this CPAS oriented on an earlier day, now and then."""
    earlier = [one.person for one in story.referrals if one.commune is commune and one.sent < index]
    return rng.choice(earlier) if earlier and rng.random() < REPEATED else None


def _place_defects(story: Scenario) -> None:
    """Choose the slots of the mistakes; some ask for rows of a certain kind."""
    first_rows: dict[Slot, list[Row]] = {}
    for referral in story.referrals:
        first_rows.setdefault((referral.commune.partner, referral.sent), []).append(referral.row)
    encodings = {commune.partner: commune.encoding for commune in story.communes}

    def fits(name: str, slot: Slot) -> bool:
        rows = first_rows[slot]
        if name == "wrong_encoding":
            return encodings[slot[0]] == "utf-8" and any(not row["first_name"].isascii() for row in rows)
        return any(defects.can_break(name, row) for row in rows)

    slots = [slot for slot in first_rows if slot[1] < len(story.calendar) - 1]
    story.placed = defects.assign(story.rng("defects"), slots, fits)


def _send_first(story: Scenario, referral: Referral) -> None:
    """The first version: as it is, or broken and the day after repaired."""
    slot = (referral.commune.partner, referral.sent)
    defect = story.placed.get(slot, defects.ACCEPTED)
    if defect in defects.ROW_DEFECTS and slot not in story.singled and defects.can_break(defect.name, referral.row):
        referral.defect = defect.name
        story.singled[slot] = story.send(*slot, defects.broken(defect.name, referral.row)).row
        slot = (slot[0], slot[1] + 1)
    referral.notices.append(story.send(*slot, referral.row))


def _amend(story: Scenario) -> None:
    """Corrections, new versions and cancellations, on days after the first version has come to count."""
    rng = story.rng("amendments")
    last = len(story.calendar) - 1
    for referral in story.referrals:
        slot = (referral.commune.partner, referral.sent)
        if story.placed.get(slot, defects.ACCEPTED).name == "same_name_new_content":
            _resend_corrected(story, rng, referral)
            continue
        first = referral.notices[0].valid + 1
        chance = rng.random()
        if first > last or chance > 0.36:
            continue
        _amend_one(story, rng, referral, rng.randrange(first, last + 1), chance)


def _amend_one(story: Scenario, rng: random.Random, referral: Referral, index: int, chance: float) -> None:
    """One later notice, or two: a new version that is then cancelled, which revives the one before."""
    partner, row, day = referral.commune.partner, referral.row, story.calendar[index]
    last = len(story.calendar) - 1
    if chance < 0.07 and story.valid((partner, index)) < last:
        referral.cancelled = True
        referral.notices.append(story.send(partner, index, orientation.cancelled(row, 2, day)))
    elif chance < 0.22:
        referral.notices.append(story.send(partner, index, orientation.corrected(rng, row, 2, day)))
    else:
        fresh = orientation.renewed(rng, row, 2, day)
        referral.notices.append(story.send(partner, index, fresh))
        following = story.valid((partner, index)) + 1
        if chance < 0.27 and following <= last:
            undone = orientation.cancelled(fresh, 3, story.calendar[following])
            referral.notices.append(story.send(partner, following, undone))


def _resend_corrected(story: Scenario, rng: random.Random, referral: Referral) -> None:
    """The first referral of a file that is sent again under its own name is corrected in it."""
    slot = (referral.commune.partner, referral.sent)
    if slot in story.singled:
        return
    row = orientation.corrected(rng, referral.row, 2, story.calendar[referral.sent + 1])
    story.singled[slot] = story.numbered(slot[0], row)
    referral.notices.append(Notice(referral.sent, referral.sent + 1, story.singled[slot]))


def _answer(story: Scenario) -> None:
    """Le Forem's courses, its own mistakes included."""
    rng = story.rng("courses")
    for referral in story.referrals:
        courses.draw(rng, referral.course, story.calendar, referral.notices[0].valid + 1)
        if referral.cancelled:
            at = referral.notices[-1].valid
            courses.withdraw(rng, referral.course, story.calendar[at], story.calendar[at + 1])
    for name, healed in (("wrong_person", False), ("wrong_person_healed", True)):
        _mistake_person(story, rng, name, healed=healed)
    _orphan(story, rng)


def _mistake_person(story: Scenario, rng: random.Random, name: str, *, healed: bool) -> None:
    """Le Forem's second status has the NISS of somebody of another CPAS; healed: corrected next day."""
    fit = [one for one in story.referrals if _plain(one)]
    place = -1 if healed else 0
    others = [one for one in fit if one.commune is not fit[place].commune]
    if not others or len(story.calendar) < 4:
        return
    victim, other = fit[place], rng.choice(others)
    victim.defect = name
    victim.course = Course()
    courses.straight(rng, victim.course, story.calendar, 1, 2)
    right = victim.course.steps.pop()
    victim.course.add(story.calendar[2], right.cells, "RECEIVED", niss_of=other.key)
    if healed:
        victim.course.add(story.calendar[3], right.cells | {"notice_status": "1"}, "ACCEPTED")


def _plain(one: Referral) -> bool:
    """Sent on the first day, well, once, and known to Le Forem the day after."""
    return len(one.notices) == 1 and not one.defect and one.notices[0].valid == 0


def _orphan(story: Scenario, rng: random.Random) -> None:
    """On the first day Le Forem sends a status for a referral that nobody sent."""
    commune, day = story.communes[-1], story.calendar[0]
    key = f"R{commune.nis}-{day.year}-999999"
    cells = courses.status(rng, day, "RECEIVED", "REGISTERED_AT_FOREM")
    row = cells | {"version": "1", "referral_id": key, "niss": story.strangers[0].niss}
    story.orphans.append({"day": day.isoformat(), "row": row})
