"""Each situation that a CPAS states, beside what Le Forem does: is a right over on which it waits, a training odd?

The CPAS leads: what it states is the state. Le Forem is given some days to follow before there is a discrepancy.
"""

import polars as pl

from hub.lifecycle import NONE, CpasView, Status
from hub.model import EntityKind
from hub.reconcile import Rules
from hub.right import PERSON, contracts, situations
from hub.world import WORLD, World, codes, first_of, judged, next_day, read, seen, turns

FULL_TIME_60 = "116"  # measure: article 60 § 7, full-time
_ENDED = ("RI_WITHDRAWAL", "RI_REFUSAL", "DECEASED")  # a transfer hands the person on, it does not end the help


def judge(world: World, rules: Rules) -> pl.DataFrame:
    """The state of each situation of which a CPAS has written."""
    told = situations(world)
    found = (
        _sides(world, told).join(_answered(world), on=PERSON, how="left").join(_on_hold(world), on=PERSON, how="left")
    )
    found = found.join(_trainings(world), on=[*WORLD, "sid"], how="left").with_columns(_clocks(rules))
    return judged(found.with_columns(*_judgement()), EntityKind.SITUATION)


def full_time_60(world: World) -> pl.DataFrame:
    """The full-time contracts under article 60, with their `start` and `end`."""
    found = contracts(situations(world)).filter(pl.col("measure_code") == FULL_TIME_60)
    return found.filter(pl.col("situation_kind") == "ART60")


def _sides(world: World, told: pl.DataFrame) -> pl.DataFrame:
    tops = told.unique([*WORLD, "entity_id"], keep="last", maintain_order=True)
    kept = ("situation_kind", "effective_date", "received_on", "measure_code", "contract_start")
    end = pl.coalesce("actual_end", "planned_end").alias("contract_end")
    sides = seen(world.side("SITU")).rename({"person": "sid", "version": "cpas_version"})
    return sides.join(tops.select(*WORLD, "entity_id", *kept, end), on=[*WORLD, "entity_id"], how="left")


def _answered(world: World) -> pl.DataFrame:
    """Le Forem's view of the freshest open referral of each CPAS about each person."""
    return _open_referrals(world).unique(PERSON, keep="last", maintain_order=True).select(*PERSON, "forem_view")


def _on_hold(world: World) -> pl.DataFrame:
    """Whether Le Forem keeps a referral of the person on hold; `waits`, for another reason than an article 60."""
    held = _open_referrals(world).filter(pl.col("forem_view") == Status.ON_HOLD)
    waits = (pl.col("business_status") != "ART60_RUNNING").fill_null(value=True)
    return held.group_by(PERSON).agg(waits.any().alias("waits"), pl.lit(value=True).alias("held"))


def _open_referrals(world: World) -> pl.DataFrame:
    dates = world.referred.select(*WORLD, "entity_id", "effective_date")
    found = world.referrals.join(dates, on=[*WORLD, "entity_id"]).filter(pl.col("cpas_view") == CpasView.OPEN)
    return found.sort(*WORLD, "effective_date", "entity_id")


def _trainings(world: World) -> pl.DataFrame:
    """Since when the hub knows of a training that the person has started."""
    running = read(world.tops("FORM"), ("status",)).filter(pl.col("status") == "STARTED")
    return running.group_by(*WORLD, "sid").agg(pl.col("received_on").min().alias("training_known"))


def _clocks(rules: Rules) -> list[pl.Expr]:
    """The last days on which Le Forem need not yet have followed: the end of a right, a training beside a contract."""
    on, kind = pl.col("on"), pl.col("situation_kind")
    ended = kind.is_in(_ENDED) & (pl.col("effective_date") <= on)
    keeps = pl.col("waits") | (pl.col("held") & (kind == "DECEASED"))
    runs = (kind == "ART60") & (pl.col("measure_code") == FULL_TIME_60)
    runs &= (pl.col("contract_start") <= on) & (on <= pl.col("contract_end"))
    known = pl.max_horizontal("received_on", "training_known", "contract_start")
    both = pl.max_horizontal("received_on", "effective_date")
    return [
        pl.when(ended & keeps).then(rules.deadline(both, rules.withdrawal_days)).alias("to_resume"),
        pl.when(runs & pl.col("training_known").is_not_null())
        .then(rules.deadline(known, rules.withdrawal_days))
        .alias("to_check"),
    ]


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
            pl.col("contract_start"),
            next_day(pl.col("contract_end")),
        ),
    ]
