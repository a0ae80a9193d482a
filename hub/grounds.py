"""On what ground an organisation is told of a person, and when it lost the last one: a person named by mistake.

A CPAS has one while it refers or describes the person, Le Forem while a CPAS refers the person to it or it speaks of
the person itself. What still waits for an organisation to move is a ground too, so that it is told what to mend. Days
are those of receipt: what was told before was told rightly.
"""

import polars as pl

from hub.lifecycle import NONE
from hub.model import FOREM, Side
from hub.reconcile import FEEDS, Rules, as_on
from hub.said import CANCELLATION
from hub.world import WORLD, World, prevailing

_OF_CPAS, _OF_FOREM = ("ORIE", "SITU"), ("ORIE", "STAT", "INSC", "FORM", "MANQ")  # what gives each its grounds
_PAIR = ("organisation", "sid")
_IS_FOREM = pl.col("organisation") == FOREM


def lost(world: World, rules: Rules) -> pl.DataFrame:
    """Return `organisation`, `sid` and `lost`: the day since which it has no ground, null while it has one.

    Of every organisation and person that rows of today's world bring together. Where something was said that was
    neither cancelled nor ever about somebody else, there is a ground; only the other pairs are looked at closely.
    """
    pairs = _brought_together(world.events)
    doubtful = _doubtful(world.events, pairs)
    sure = pairs.join(doubtful, on="entity_id", how="anti").select(_PAIR).unique()
    unsure = pairs.join(sure, on=_PAIR, how="anti")
    standing = sure.with_columns(lost=pl.lit(None, pl.Date))
    return standing if unsure.is_empty() else pl.concat([standing, _closely(world.events, unsure, rules)])


def _brought_together(events: pl.DataFrame) -> pl.DataFrame:
    """Each organisation with each person that an entity gives it or gave it a ground to know."""
    forem = pl.lit(FOREM).alias("organisation")
    of_cpas = events.filter(pl.col("feed").is_in(_OF_CPAS)).select("sid", "entity_id", organisation="cpas")
    of_forem = events.filter(pl.col("feed").is_in(_OF_FOREM)).select("sid", "entity_id", forem)
    return pl.concat([of_cpas, of_forem]).drop_nulls().unique()


def _doubtful(events: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The entities of which something was cancelled, or that were said of several persons."""
    cancelled = events.filter(pl.col("notice_status") == CANCELLATION).select("entity_id")
    persons = pairs.select("entity_id", "sid").unique()
    return pl.concat([cancelled, persons.filter(pl.col("entity_id").is_duplicated()).select("entity_id")]).unique()


def _closely(events: pl.DataFrame, unsure: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The same of these pairs: read as on each day on which something of their entities came."""
    pairs = unsure.select(_PAIR).unique().with_row_index("cluster")
    members = unsure.join(pairs, on=_PAIR).select("cluster", "entity_id")
    rows = events.drop(WORLD).join(members, on="entity_id")
    days = rows.select("cluster", on="received_on").unique()
    referrals = (
        rows.filter(pl.col("feed").is_in(FEEDS)).select("cluster", "entity_id").unique().join(days, on="cluster")
    )
    wanted = referrals.select("entity_id", "on").unique()
    states = as_on(events.join(wanted, on="entity_id", how="semi"), wanted, rules)
    read = referrals.join(states, on=["entity_id", "on"])
    grounds = pl.concat([_said(rows, days, pairs), _of_referrals(read, pairs)])
    last = grounds.group_by("cluster").agg(last=pl.col("on").max())
    after = days.join(last, on="cluster", how="left").filter((pl.col("on") > pl.col("last")).fill_null(value=True))
    found = pairs.join(after.group_by("cluster").agg(lost=pl.col("on").min()), on="cluster", how="left")
    return found.select(*_PAIR, "lost")


def _said(rows: pl.DataFrame, days: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """When (`cluster`, `on`) a pair had a live notice about the person, or contradictory ones only."""
    said = rows.filter(pl.col("feed") != "STAT").join(days, on="cluster").filter(pl.col("received_on") <= pl.col("on"))
    found = prevailing(said)
    live = found.filter(pl.col("notice_status") != CANCELLATION)
    unread = said.join(found, on=[*WORLD, "entity_id"], how="anti")
    grounds = pl.concat([one.select(*WORLD, "cpas", "sid") for one in (live, unread)]).join(
        pairs, on=["cluster", "sid"]
    )
    return grounds.filter(_IS_FOREM | (pl.col("cpas") == pl.col("organisation"))).select(WORLD).unique()


def _of_referrals(read: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """When Le Forem had answered a referral of the person, or one was left to the organisation to mend.

    By the states of the referrals as they were `read`: a status on another person than its referral's is no answer.
    """
    forems = (pl.col("forem_view") != NONE) | (pl.col("owner") == Side.FOREM).fill_null(value=False)
    mine = (pl.col("cpas") == pl.col("organisation")) & (pl.col("owner") == Side.CPAS)
    found = read.join(pairs, on=["cluster", "sid"])
    return found.filter(pl.when(_IS_FOREM).then(forems).otherwise(mine)).select(WORLD).unique()
