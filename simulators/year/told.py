"""What each side may be told of each thing, by the rulings: nothing is shown without an open relationship.

A CPAS is told of a person while it helps them: from its first statement until it has said that they moved or
died, unless an orientation of a later date goes on. Until Le Forem has answered one of its orientations about the
person, and once it has taken back all that it had said, it is told its own side only. Le Forem is told of everybody of
whom it spoke, or who is oriented to it; of an orientation that both have taken back, that alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from simulators.layout import FOREM
from simulators.year.referrals import Standing
from simulators.year.said import Word, hear
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
UNDONE = ("NONE", "REJECTED", "CANCELLED")


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
        if not own or min(one.effective for one in own) > self.today:
            return False
        if top is None or top.cells["situation_kind"] not in LEFT or top.effective >= self.today:
            return True
        later = [one for one in self.found if one.kind == "REFERRAL" and one.cpas == cpas and one.effective]
        return any((one.effective or top.effective) > top.effective for one in later)

    def concerns_forem(self) -> bool:
        """Whether Le Forem has to do with the person: oriented to it, or spoken of by itself."""
        theirs = [one.effective for one in self.words if one.feed == "ORIE" or one.source == FOREM]
        return bool(theirs) and min(theirs) <= self.today

    def answered(self, cpas: str) -> bool:
        """Whether Le Forem has answered an orientation of this CPAS, which has not taken back all it said."""
        stands = any(one.cpas == cpas and one.kind in OWN_SIDE and one.cpas_view != "WITHDRAWN" for one in self.found)
        return stands and any(
            one.kind == "REFERRAL" and one.cpas == cpas and one.forem_view != "NONE" for one in self.found
        )

    def busies_forem(self) -> bool:
        """Whether Le Forem still has to do with the person, and not only with an orientation that is over."""
        open_one = any(
            one.kind == "REFERRAL" and (one.cpas_view != "WITHDRAWN" or one.forem_view not in UNDONE)
            for one in self.found
        )
        return open_one or any(one.source == FOREM and one.feed != "STAT" for one in self.words)


def told(known: Known, recipient: str) -> Iterable[Standing]:
    """What that recipient is to hold of the person, with nothing in it that is the other side's alone."""
    if recipient == FOREM:
        whole = known.busies_forem()
        return [one for one in known.found if whole or one.kind == "REFERRAL"] if known.concerns_forem() else []
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
