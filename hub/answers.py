"""Each answer of a CPAS to an event of Le Forem, beside the event: is it known, open to persons, in time, within quota?

The CPAS leads, and a cancelled event makes its answers void. The places of a CPAS go to its confirmed answers in the
order in which people answered.
"""

import polars as pl

from hub.lifecycle import NONE, CpasView, Status
from hub.model import EntityKind
from hub.reconcile import Rules
from hub.world import WORLD, World, codes, first_of, judged, next_day, read, seen, turns

VOID = "VOID"
_FOR_STAFF = "STAFF_SESSION"  # kind of event at which Le Forem trains the staff of a CPAS


def judge(world: World, rules: Rules) -> pl.DataFrame:
    """The state of each answer of which a CPAS has written."""
    found = _sides(world).join(_events(world), on=[*WORLD, "about"], how="left").with_columns(_facts(rules))
    return judged(found.with_columns(_over_quota()).with_columns(*_judgement()), EntityKind.ANSWER)


def _sides(world: World) -> pl.DataFrame:
    keys = [*WORLD, "entity_id"]
    tops = read(world.tops("MOBI"), ("answer", "answered_at")).select(*keys, "effective_date", "answer", "answered_at")
    about = world.notices.filter(pl.col("feed") == "MOBI").group_by(keys).agg(pl.col("about").last())
    sides = seen(world.side("MOBI")).rename({"person": "sid", "version": "cpas_version"})
    moment = pl.col("answered_at").str.to_datetime(time_zone="UTC", strict=False)
    return sides.join(about, on=keys, how="left").join(tops.with_columns(moment), on=keys, how="left")


def _events(world: World) -> pl.DataFrame:
    """Each event that can be read: its status (CANCELLED when its notices are), its deadline and its quota."""
    tops = read(world.tops("JOBD"), ("status", "kind", "quota_per_cpas"), ("answer_deadline",)).select(
        *WORLD,
        "entity_id",
        "status",
        "answer_deadline",
        pl.col("kind").alias("event_kind"),
        pl.col("quota_per_cpas").cast(pl.Int64, strict=False).alias("quota"),
    )
    sides = world.side("JOBD").filter(pl.col("rows") > 0)
    found = sides.select(*WORLD, "entity_id", pl.col("version").alias("forem_version"))
    cancelled = pl.col("status").fill_null(str(Status.CANCELLED))
    events = found.join(tops, on=[*WORLD, "entity_id"], how="left").with_columns(cancelled)
    return events.rename({"entity_id": "about", "status": "event_status"})


def _facts(rules: Rules) -> list[pl.Expr]:
    unknown = (pl.col("live") > 0) & pl.col("event_status").is_null()
    given = pl.col("answered_at").dt.convert_time_zone("Europe/Brussels").dt.date()
    stands = (pl.col("live") > 0) & (pl.col("event_status") != Status.CANCELLED).fill_null(value=True)
    return [
        stands.alias("stands"),
        (stands & (pl.col("event_kind") == _FOR_STAFF)).fill_null(value=False).alias("for_staff"),
        pl.when(unknown).then(rules.deadline(pl.col("held_since"), rules.orphan_days)).alias("to_find"),
        (stands & (given > pl.col("answer_deadline"))).fill_null(value=False).alias("late"),
    ]


def _over_quota() -> pl.Expr:
    """Whether the answer is confirmed beyond the places of its CPAS; first come, first served."""
    takes = pl.col("stands") & (pl.col("answer") == "CONFIRMED").fill_null(value=False) & ~pl.col("for_staff")
    order = pl.struct(pl.col("answered_at"), "sid")
    rank = pl.when(takes).then(order).rank("ordinal").over(*WORLD, "cpas", "about")
    return (takes & (rank > pl.col("quota"))).fill_null(value=False).alias("beyond")


def _judgement() -> list[pl.Expr]:
    on, contested, stale, to_find = pl.col("on"), pl.col("contested"), pl.col("stale"), pl.col("to_find")
    cancelled = (pl.col("live") > 0) & (pl.col("event_status") == Status.CANCELLED)
    view = pl.coalesce("none_live", "answer")
    unread, void = view == CpasView.ABSENT, (view == CpasView.WITHDRAWN) | cancelled
    over = pl.col("beyond") & (pl.col("event_status") != "DONE")
    quiet = pl.when(pl.col("live") == 0).then(pl.lit("TAKEN_BACK")).otherwise(pl.lit("STATED"))
    return [
        view.alias("cpas_view"),
        pl.col("event_status").fill_null(NONE).alias("forem_view"),
        pl.when(unread).then(pl.lit(str(Status.UNKNOWN))).when(void).then(pl.lit(VOID)).otherwise(view).alias("state"),
        pl.col("effective_date").alias("status_date"),
        first_of(
            (contested, "CONTESTED_BY_CPAS"),
            (to_find < on, "NO_EVENT"),
            (pl.col("for_staff"), "NOT_FOR_PERSONS"),
            (over, "OVER_QUOTA"),
            (stale, "STALE_CPAS"),
            (to_find >= on, "AWAITING_EVENT"),
            (cancelled, "EVENT_CANCELLED"),
            (pl.col("late"), "ANSWERED_LATE"),
            otherwise=quiet,
        ),
        codes(
            (stale, "R402"),
            (contested, "R403"),
            (pl.col("late"), "R507"),
            (pl.col("beyond"), "R508"),
            (cancelled | to_find.is_not_null() | pl.col("for_staff"), "R509"),
        ),
        to_find.alias("due"),
        turns(next_day(to_find)),
    ]
