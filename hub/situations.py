"""Each situation that a CPAS states, beside what Le Forem does: is a right over on which it waits, a training odd?

The CPAS leads: what it states is the state. Le Forem is given some days to follow before there is a discrepancy.
"""

import polars as pl

from hub.known import dead_on, ended_on, ends_known, holds_known, running_60, started
from hub.lifecycle import NONE, CpasView, Status
from hub.model import EntityKind
from hub.reconcile import Rules
from hub.right import PERSON, situations
from hub.world import WORLD, World, codes, first_of, judged, next_day, seen, turns


def judge(world: World, rules: Rules) -> pl.DataFrame:
    """The state of each situation of which a CPAS has written."""
    told = situations(world)
    found = _sides(world, told).join(_answered(world), on=PERSON, how="left")
    for clock in (_over(told), _to_resume(world, told, rules), _to_check(world, rules)):
        found = found.join(clock, on=[*WORLD, "entity_id"], how="left")
    return judged(found.with_columns(*_judgement()), EntityKind.SITUATION)


def _sides(world: World, told: pl.DataFrame) -> pl.DataFrame:
    tops = told.unique([*WORLD, "entity_id"], keep="last", maintain_order=True)
    kept = ("situation_kind", "effective_date", "contract_start")
    end = pl.coalesce("actual_end", "planned_end").alias("contract_end")
    sides = seen(world.side("SITU")).rename({"person": "sid", "version": "cpas_version"})
    return sides.join(tops.select(*WORLD, "entity_id", *kept, end), on=[*WORLD, "entity_id"], how="left")


def _answered(world: World) -> pl.DataFrame:
    """Le Forem's view of the freshest open referral of each CPAS about each person."""
    return _open_referrals(world).unique(PERSON, keep="last", maintain_order=True).select(*PERSON, "forem_view")


def _open_referrals(world: World) -> pl.DataFrame:
    dates = world.referred.select(*WORLD, "entity_id", "effective_date")
    found = world.referrals.join(dates, on=[*WORLD, "entity_id"]).filter(pl.col("cpas_view") == CpasView.OPEN)
    return found.sort(*WORLD, "effective_date", "entity_id")


def _over(told: pl.DataFrame) -> pl.DataFrame:
    """The day from which on the right is over."""
    return ended_on(told).select(*WORLD, "entity_id", over_on="first")


def _to_resume(world: World, told: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The last day on which Le Forem may still keep a referral on hold although the right has ended."""
    starts = []
    for on, any_reason in ((ended_on, False), (dead_on, True)):
        over = on(told).filter(pl.col("first") <= pl.col("on"))
        both = over.join(holds_known(world, over, any_reason=any_reason), on=PERSON)
        known = both.join(ends_known(world, both, on), on=[*WORLD, "entity_id"])
        starts.append(known.select(*WORLD, "entity_id", start=pl.max_horizontal("known", "hold_known")))
    return _deadline(pl.concat(starts), "to_resume", rules)


def _to_check(world: World, rules: Rules) -> pl.DataFrame:
    """The last day on which a training beside a running full-time article 60 need not yet have been looked into."""
    running = running_60(world).drop_nulls("known")
    both = running.join(started(world, running), on=[*WORLD, "sid"], suffix="_training")
    start = pl.max_horizontal("known", "known_training").alias("start")
    return _deadline(both.select(*WORLD, "entity_id", start), "to_check", rules)


def _deadline(starts: pl.DataFrame, name: str, rules: Rules) -> pl.DataFrame:
    first = starts.group_by(*WORLD, "entity_id").agg(pl.col("start").min())
    due = rules.deadline(pl.col("start"), rules.withdrawal_days).alias(name)
    return first.select(*WORLD, "entity_id", due)


def _judgement() -> list[pl.Expr]:
    on, contested, stale = pl.col("on"), pl.col("contested"), pl.col("stale")
    to_resume, to_check = pl.col("to_resume"), pl.col("to_check")
    view = pl.coalesce("none_live", "situation_kind")
    quiet = pl.when(pl.col("live") == 0).then(pl.lit("TAKEN_BACK")).otherwise(pl.lit("STATED"))
    return [
        view.alias("cpas_view"),
        pl.col("forem_view").fill_null(NONE),
        pl.when(view == CpasView.ABSENT).then(pl.lit(str(Status.UNKNOWN))).otherwise(view).alias("state"),
        pl.col("effective_date").alias("status_date"),
        first_of(
            (contested, "CONTESTED_BY_CPAS"),
            (to_resume < on, "RIGHT_ENDED_ON_HOLD"),
            (to_check < on, "TRAINING_DURING_ART60"),
            (stale, "STALE_CPAS"),
            (to_resume >= on, "AWAITING_RESUMPTION"),
            (to_check >= on, "AWAITING_TRAINING_DATES"),
            otherwise=quiet,
        ),
        codes(
            (stale, "R402"), (contested, "R403"), (to_check.is_not_null(), "R504"), (to_resume.is_not_null(), "R505")
        ),
        pl.coalesce("to_resume", "to_check").alias("due"),
        turns(
            next_day(to_resume),
            next_day(to_check),
            pl.col("effective_date"),
            pl.col("over_on"),
            pl.col("contract_start"),
            next_day(pl.col("contract_end")),
        ),
    ]
