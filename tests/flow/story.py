"""One history of the machine that is told and not drawn: all that can be wrong becomes so, and is put right again.

It goes by the machine's own rules, under its laws, so that no class, code or legal step is left to chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scene import FOREM
from writers import (
    ANSWERED,
    ANSWERS,
    BREACHES,
    CHILDREN,
    CORES,
    ENROLMENTS,
    EVENTS,
    LIVED,
    LIVES,
    OFFERS,
    ORIENTATIONS,
    ORPHANS,
    REGISTRATIONS,
    SITUATIONS,
    STATUSES,
    SUCCESSIONS,
    TRAININGS,
    Thing,
    Written,
)

if TYPE_CHECKING:
    from test_machine import Hubs

SAID = 10  # rows that every history begins with
STEP = 150  # of the half-day in which the hub dies


class Story:
    """Half-day after half-day; 16 days pass after the second one, so that the clocks run out.

    Each life of a referral goes one step further in each.
    """

    def __init__(self, hubs: Hubs) -> None:
        self._hubs = hubs
        self._lives = [life.split() for life in LIVES]
        self._orientations: list[Written] = []  # by life

    def told(self) -> None:
        """From the first row to the last half-day."""
        hubs = self._hubs
        self._first()
        hubs.half_day(half="EVENING", together=True)
        self._second()
        hubs.half_day(half="EVENING", together=True)
        hubs.take(partner=FOREM)
        hubs.wait(days=16)
        self._third()
        hubs.half_day(half="EVENING", together=True)
        self._fourth()
        hubs.deadly_half_day(half="EVENING", together=True, step=STEP)
        self._fifth()
        hubs.verb(name="process", together=True)
        hubs.half_day(half="EVENING", together=True)
        self._sixth()
        hubs.teardown()

    def _go_on(self, step: int) -> None:
        for thing, life in zip(ANSWERED, self._lives, strict=True):
            if step < len(life) and life[step] in CORES:
                self._status(thing, life[step])

    def _status(self, thing: Thing, core: str) -> Written:
        return cast(Written, self._hubs.status(thing=thing, says=CORES.index(core), ago=0))

    def _first(self) -> None:
        """All is asked for; one side's rows cross, are contested, about another person, or name what is not there."""
        hubs = self._hubs
        self._begun = {one.thing: one for one in list(hubs.begin(says=(0,) * SAID, late=0))[:SAID]}
        self._orientations = [cast(Written, hubs.orient(thing=thing, says=3, ago=0)) for thing in LIVED]  # of no duty
        hubs.orient(thing=ORIENTATIONS[2], says=0, ago=3)  # overtaken by a later one, which is answered
        hubs.orient(thing=ORIENTATIONS[5], says=0, ago=0)
        self._renumbered = hubs.former_number(of=hubs.orient(thing=ORIENTATIONS[4], says=0, ago=0), says=0, late=0)
        self._status(STATUSES[4], "ACCEPTED")  # of the same person, as the registers will tell
        self._status(STATUSES[1], "ACCEPTED")  # its referral comes after some weeks
        self._struck = hubs.register(thing=REGISTRATIONS[3], says=0, late=0)  # of whom no CPAS has written
        hubs.register(thing=REGISTRATIONS[1], says=0, late=0)  # late, by a right that was changed two months ago
        for thing in SITUATIONS[1:]:
            long_ago = thing == SITUATIONS[-1]
            hubs.situate(thing=thing, says=int(long_ago), ago=60 * long_ago)
        hubs.enrol(thing=ENROLMENTS[1], says=1, late=0)  # started during the contract of article 60
        hubs.overtake(of=hubs.enrol(thing=ENROLMENTS[3], says=0, late=0), says=1, late=2)
        self._unknown = [hubs.meet(thing=thing, says=0) for thing in ANSWERS[1:]][-1]
        hubs.onward(thing=CHILDREN[0], says=CORES.index("ACCEPTED"))
        hubs.onward(thing=CHILDREN[2], says=CORES.index("ACCEPTED"))
        for thing in (*OFFERS, *TRAININGS):
            hubs.enlist(thing=thing, says=0)

    def _second(self) -> None:
        """Le Forem answers, the registers tell of a number, what is contested is settled."""
        hubs = self._hubs
        self._go_on(0)
        hubs.next_step(thing=STATUSES[5], nth=1)  # of a referral under the references of a CPAS that is no more
        hubs.succeed(thing=SUCCESSIONS[2], says=0, ago=0)
        hubs.situate(thing=SITUATIONS[0], says=0, ago=0)  # two CPAS now grant one right
        hubs.situate(thing=SITUATIONS[1], says=2, ago=0)  # the right ends, of which Le Forem knows
        hubs.cancel(of=self._orientations[-1], late=0)
        hubs.meet(thing=EVENTS[0], says=2)  # no place is left
        hubs.enlist(thing=OFFERS[0], says=3)
        hubs.contest(of=self._begun[STATUSES[0]])
        hubs.lag(of=hubs.register(thing=REGISTRATIONS[0], says=1, late=0), says=1)
        hubs.wrong_person(thing=ENROLMENTS[0], says=1, person=1)
        hubs.enrol(thing=ENROLMENTS[2], says=0, late=0)
        hubs.breach(thing=BREACHES[2], says=3)  # not registered, says Le Forem, who has registered the person
        hubs.again(of=self._renumbered, late=0)

    def _third(self) -> None:
        """All clocks have run out."""
        hubs = self._hubs
        self._go_on(1)
        hubs.next_step(thing=STATUSES[5], nth=2)
        hubs.former_number(of=self._renumbered, says=0, late=0)
        hubs.meet(thing=EVENTS[0], says=0)
        self._again = hubs.orient(thing=ORIENTATIONS[3], says=0, ago=0)
        hubs.next_version(of=self._again, says=0, ago=0, late=0)
        self._status(STATUSES[0], "RECEIVED")
        self._status(STATUSES[2], "RECEIVED")
        hubs.enlist(thing=TRAININGS[0], says=2)

    def _fourth(self) -> None:
        """What is wrong is put right, or is the other side's to put right."""
        hubs = self._hubs
        self._go_on(2)
        hubs.orient(thing=ORIENTATIONS[1], says=0, ago=0)
        self._status(STATUSES[1], "ON_HOLD")  # although the right has ended
        self._status(ANSWERED[5], "RECEIVED")  # after COMPLETED
        self._status(ANSWERED[-1], "COMPLETED")  # which was withdrawn
        hubs.wrong_person(thing=ANSWERED[1], says=CORES.index("CANCELLED"), person=1)
        hubs.cancel(of=self._orientations[3], late=0)
        hubs.cancel(of=self._unknown, late=0)
        hubs.register(thing=REGISTRATIONS[0], says=0, late=0)  # after rows that crossed
        hubs.situate(thing=SITUATIONS[2], says=2, ago=0)
        hubs.succeed(thing=SUCCESSIONS[2], says=2, ago=0)
        hubs.meet(thing=ANSWERS[0], says=3)
        hubs.meet(thing=EVENTS[0], says=3)  # it is for staff

    def _fifth(self) -> None:
        """More of it; the numbers are one person again."""
        hubs = self._hubs
        self._go_on(3)
        hubs.succeed(thing=SUCCESSIONS[2], says=1, ago=0)
        hubs.succeed(thing=SUCCESSIONS[3], says=3, ago=0)
        hubs.cancel(of=self._struck, late=0)
        hubs.cancel(of=self._begun[ORPHANS[0]], late=0)
        hubs.correct(of=hubs.enrol(thing=ENROLMENTS[0], says=1, late=0), says=1, late=0)
        for one in (self._begun[ORIENTATIONS[3]], self._again):  # nothing of it stands
            hubs.cancel(of=one, late=0)
        hubs.meet(thing=EVENTS[0], says=1)  # it is cancelled

    def _sixth(self) -> None:
        """The end of the longest life; there are places, but the time to answer was over."""
        self._go_on(4)
        self._hubs.meet(thing=EVENTS[0], says=4)
