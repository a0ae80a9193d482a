"""A referral beside the other referrals of its CPAS about its person: sent twice, or overtaken by a later one.

Only what Le Forem has not answered is judged, and only against a referral that is still open on both sides: a later
one that Le Forem has refused overtakes nothing.
"""

import polars as pl

from hub.lifecycle import NONE, TERMINAL, CpasView
from hub.model import Class
from hub.right import PERSON
from hub.world import WORLD, World, first_of

_JUDGED = (Class.AGREED, Class.PENDING, Class.MISSING_FOREM)


def judge(world: World) -> pl.DataFrame:
    """The world, the entity and the reason of each referral that another one overtakes or repeats."""
    dates = world.referred.select(*WORLD, "entity_id", "effective_date").drop_nulls("effective_date")
    open_ones = world.referrals.filter(
        pl.col("cpas_view") == CpasView.OPEN, ~pl.col("forem_view").is_in(sorted(TERMINAL)), pl.col("sid").is_not_null()
    ).join(dates, on=[*WORLD, "entity_id"])
    unanswered = pl.col("forem_view") == NONE
    later = pl.col("effective_date").max().over(PERSON) > pl.col("effective_date")
    of_day = pl.when(unanswered).then("entity_id").min().over(*PERSON, "effective_date")
    again = pl.col("entity_id") > of_day
    marked = open_ones.with_columns(
        first_of((later, "LATER_REFERRAL"), (again, "SAME_DAY_TWICE"), otherwise=pl.lit(None))
    )
    judged = pl.col("class").is_in(_JUDGED)  # a graver class stays, and is a sibling all the same
    return marked.filter(unanswered, judged, pl.col("reason").is_not_null()).select(*WORLD, "entity_id", "reason")
