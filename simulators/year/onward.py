"""A referral sent onward to an operator (adressage): what Le Forem says of the child, and how it then stands.

Le Forem opens the child itself and names the parent in each status. It is the parent's CPAS that is told of it.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from simulators import courses
from simulators.layout import FOREM
from simulators.year import legal
from simulators.year.referrals import Standing
from simulators.year.said import Word, hear, of_forem
from simulators.year.story import Referral, Story

# core and business status, days after the one before: at least and at most
COURSE = (("ACCEPTED", "ASSIGNED_AGENCY", 0, 6), ("IN_PROGRESS", "OPERATOR", 4, 15), ("COMPLETED", "EMPLOYED", 15, 60))
OF_THE_CHILD = 7  # the last figure of its number, in the eight that each person has
SENT_ON = 0.7  # in the other cases the operator's work is told on the parent alone
GRAVER = (("R403", "CONFLICT"), ("R401", "OUT_OF_ORDER"), ("R402", "OUT_OF_ORDER"))


def tell(story: Story, parent: Referral, day: date) -> None:
    """The statuses of a child that Le Forem opens on that day; a person has one at most."""
    key = f"R{parent.commune.nis}-{day.year}-{story.rank * 8 + OF_THE_CHILD:06d}"
    rng = story.world.rng(story.rank, "onward")
    if ("STAT", FOREM, key) in story.said or rng.random() > SENT_ON:
        return
    for core, business, least, most in COURSE:
        day = legal.open_from(story.later(day, least, most))
        row = courses.status(rng, day, core, business)
        row |= {"referral_id": key, "parent_referral_id": parent.key, "operator_bce": courses.OPERATOR}
        del row["status_date"]
        if story.say("STAT", FOREM, key, day, row, effective=day, needs=f"ORIE:{parent.key}") is None:
            return


def adopt(found: Sequence[Standing], groups: Mapping[tuple[str, ...], list[Word]]) -> None:
    """Give each child whose parent is known the parent's CPAS, and the status that Le Forem tells."""
    parents = {one.ref: one.cpas for one in found if one.cpas}
    for one in found:
        top = hear(of_forem(groups["REFERRAL", "", one.ref])).top
        parent = top.cells.get("parent_referral_id", "") if top and not one.cpas else ""
        if parent in parents:
            one.cpas, one.state, one.due = parents[parent], one.forem_view, None
            one.codes.discard("R404")
            one.klass = next((klass for code, klass in GRAVER if code in one.codes), "AGREED")
            one.owner = "" if one.klass == "AGREED" else "FOREM"
            one.plain = one.klass, one.owner
