"""What each side may be told of each thing, by the rulings: nothing is shown without an open relationship.

A CPAS is told of a person while it helps them: from its first statement until it has said that they moved or
died, unless an orientation of a later date goes on. Until Le Forem has answered one of its orientations about the
person, it is told its own side only. Le Forem is told of everybody who was oriented to it or of whom it spoke.

Who has taken back all that it said of a person has nothing to do with them from the next day on, unless it is left
with something to put right; and Le Forem no more than the CPAS, if it has said nothing itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from simulators.layout import FOREM
from simulators.year.referrals import Standing, standing
from simulators.year.said import Word, hear, of_cpas
from simulators.year.world import World

LEFT = ("TRANSFER_OUT", "DECEASED")
FEED_OF_KIND = {
    "REFERRAL": "ORIE",
    "SITUATION": "SITU",
    "REGISTRATION": "INSC",
    "ENROLMENT": "FORM",
    "ANSWER": "MOBI",
    "BREACH": "MANQ",
}
OWN_SIDE = ("REFERRAL", "SITUATION")


@dataclass(frozen=True, slots=True)
class Known:
    """What the relations of one person are on one day."""

    world: World
    words: Sequence[Word]
    found: Sequence[Standing]
    today: date

    def helps(self, cpas: str) -> bool:
        """Whether this CPAS has an open relationship with the person."""
        own = [one for one in self.words if one.source == cpas and one.feed != "MOBI"]  # an answer opens nothing
        top = hear([one for one in own if one.feed == "SITU" and one.entity == "RI"]).top
        if not own or min(one.effective for one in own) > self.today or self._let_go(cpas):
            return False
        if top is None or top.cells["situation_kind"] not in LEFT or top.effective >= self.today:
            return True
        later = [one for one in self.found if one.kind == "REFERRAL" and one.cpas == cpas and one.effective]
        return any((one.effective or top.effective) > top.effective for one in later)

    def concerns_forem(self) -> bool:
        """Whether Le Forem has to do with the person: oriented to it, or spoken of by itself."""
        theirs = [one.effective for one in self.words if one.feed == "ORIE" or one.source == FOREM]
        return bool(theirs) and min(theirs) <= self.today and not self._let_go(FOREM)

    def answered(self, cpas: str) -> bool:
        """Whether Le Forem has answered an orientation of this CPAS about the person."""
        return any(one.kind == "REFERRAL" and one.cpas == cpas and one.forem_view != "NONE" for one in self.found)

    def _let_go(self, side: str) -> bool:
        """Whether a day has passed since nothing was left that binds this side to the person."""
        if not any(one.cancels for one in self.words):
            return False
        free = None
        for day in sorted({one.day for one in self.words if one.feed != "MOBI"}, reverse=True):
            if self._bound(side, day):
                break
            free = day
        return free is not None and free < self.today

    def _bound(self, side: str, day: date) -> bool:
        """Whether by that day's end this side says something of the person, is asked something, or has to mend it."""
        things: dict[tuple[str, str], list[Word]] = defaultdict(list)
        for one in self.words:
            if one.day <= day and one.feed != "MOBI":
                sender = one.source if one.feed == "SITU" else ""
                things["ORIE" if one.feed == "STAT" else one.feed, sender + one.entity].append(one)
        return any(_binds(side, feed, words, day) for (feed, _), words in things.items())


def _binds(side: str, feed: str, words: list[Word], day: date) -> bool:
    """Whether one thing binds a side: an orientation, with its answers, or what one side alone tells."""
    if feed != "ORIE":
        theirs = hear(words)
        return words[0].source == side and (bool(theirs.live) or not theirs.rows)
    sent = hear(of_cpas(words))
    stands = sent.version is not None and (bool(sent.live) or not sent.rows)
    one = standing(words, words[0].person, day)
    if side == FOREM:
        return stands or one.owner == "FOREM" or one.forem_view != "NONE"
    return one.cpas == side and (stands or one.owner == "CPAS")


def told(known: Known, recipient: str) -> Iterable[Standing]:
    """What that recipient is to hold of the person, with nothing in it that is the other side's alone."""
    if recipient == FOREM:
        return list(known.found) if known.concerns_forem() else []
    plan = [one for one in known.found if known.world.agreed(recipient, FEED_OF_KIND[one.kind], known.today)]
    mine = [one for one in plan if _is_for(known, one, recipient)]
    crossed = {one.kind for one in mine if "R504" in one.codes}
    return [_as_seen_by_cpas(one, both=len(crossed) > 1) for one in mine]


def _is_for(known: Known, one: Standing, cpas: str) -> bool:
    if not known.helps(cpas):
        return False
    if one.kind in ("ENROLMENT", "BREACH"):
        own = any(each.ref == one.about and each.cpas == cpas for each in known.found) if one.about else True
        return own and known.answered(cpas)
    if one.cpas != cpas:
        return False
    return one.kind in OWN_SIDE or one.kind == "ANSWER" or known.answered(cpas)


def _as_seen_by_cpas(one: Standing, *, both: bool) -> Standing:
    """Nothing of Le Forem's rows on another person; a training beside a contract only where both are its own."""
    seen = replace(one, codes=set(one.codes))
    strange = "R503" in one.codes
    if one.kind == "REFERRAL":
        silent = one.forem_view == "NONE"
        seen.codes -= {"R503"} | ({"R406"} if strange or silent else set())
        seen.forem_version = None if silent else one.forem_version
    if strange and one.plain:
        seen.klass, seen.owner = one.plain
        seen.since = None
    if "R504" in one.codes and not both:
        seen.codes.discard("R504")
        if not seen.codes & {"R402", "R403", "R404", "R505"}:
            seen.klass, seen.owner, seen.since, seen.due = "AGREED", "", None, None
    return seen
