"""A referral that Le Forem has sent onward to an operator (adressage): the child is read as part of its parent.

No CPAS sends the child: Le Forem opens it, and names its parent in each status. It belongs to the CPAS of the parent
if that one is known and of the same person. Of another person, it is a mistake of Le Forem's of which no CPAS is told;
while no parent is known it stays what pass 1 makes of it, a status without a referral. A child has no children.
"""

import polars as pl

from hub.lifecycle import NONE
from hub.reasons import classed
from hub.verdict import CONTESTED, ILLEGAL, OTHER_PERSON, STALE, UNKNOWN_REFERRAL
from hub.world import WORLD, first_of, read, standing

_ENTITY = (*WORLD, "entity_id")


def adopted(referrals: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The states of pass 1, the children with the CPAS, the status and the class that their parents give them.

    Both frames are placed in worlds; `events` are all rows on these referrals.
    """
    answers = events.filter(pl.col("feed") == "STAT")
    naming = answers.filter(pl.col("about").is_not_null()).select(_ENTITY).unique()
    if naming.is_empty():  # few are sent onward
        return referrals
    children = _children(referrals, answers.join(naming, on=_ENTITY, how="semi"))
    found = referrals.join(children, on=_ENTITY, suffix="_child")
    rest = referrals.join(children, on=_ENTITY, how="anti")
    own = pl.col("own")
    given = found.with_columns(
        pl.when(own).then("parent_cpas").alias("cpas"),
        pl.when(own).then("forem_view").otherwise("state").alias("state"),
        pl.when(own).then("business_status_child").alias("business_status"),
        pl.when(own).then("effective_date").alias("status_date"),
        pl.lit(None, pl.Date).alias("due"),
        _codes(),
        _reason(),
    )
    return pl.concat([rest, classed(given).select(referrals.columns)])


def _children(referrals: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The referrals that no CPAS has sent and whose parent is known: Le Forem's live notice, the parent's CPAS, and
    whether both are of one person (`own`)."""
    orphans = referrals.filter(pl.col("cpas").is_null(), pl.col("forem_view") != NONE)
    tops = standing(answers).unique(_ENTITY, keep="last", maintain_order=True).join(orphans, on=_ENTITY, how="semi")
    parents = referrals.select(*WORLD, about="entity_id", parent_cpas="cpas", parent_sid="sid").drop_nulls()
    found = read(tops, ("business_status",)).join(parents, on=[*WORLD, "about"])
    own = (pl.col("sid") == pl.col("parent_sid")).alias("own")
    return found.select(*_ENTITY, "business_status", "effective_date", "parent_cpas", own)


def _codes() -> pl.Expr:
    """The parent is found, so the status is no orphan; it may be on somebody else."""
    known = pl.col("codes").list.set_difference([UNKNOWN_REFERRAL])
    return pl.when("own").then(known).otherwise(known.list.set_union([OTHER_PERSON])).list.sort().alias("codes")


def _reason() -> pl.Expr:
    def found(code: str) -> pl.Expr:
        return pl.col("codes").list.contains(code)

    return first_of(
        (~pl.col("own"), "OTHER_PERSON"),
        (found(CONTESTED), "CONTESTED_BY_FOREM"),
        (found(ILLEGAL), "ILLEGAL_STEP"),
        (found(STALE), "STALE_FOREM"),
        otherwise="SENT_ONWARD",
    )
