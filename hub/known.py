"""Facts that do not go together with what the other side says, each with the day since which the hub knows it.

A delay begins when both sides' facts are known. A row that is sent again tells nothing new, and what was taken back is
known anew only from its return on: so the entity is read as on each day on which a row of it came, by the rules of
today, and the fact is known since the first day of the unbroken run of days on which it held. What follows from two
such facts is left to `hub.situations` and `hub.naming`.
"""

from collections.abc import Callable, Collection

import polars as pl

from hub.lifecycle import CpasView, Status
from hub.right import PERSON, contents, contracts, situations
from hub.world import WORLD, World, next_day, read, standing

FULL_TIME_60 = "116"  # measure: article 60 § 7, full-time
_ENTITY = (*WORLD, "entity_id")
_ENDED = ("RI_WITHDRAWAL", "RI_REFUSAL", "DECEASED")  # a transfer hands the person on, it does not end the help
_DEAD = ("DECEASED",)
_OF_ARTICLE_60 = "ART60_RUNNING"  # why Le Forem waits: for the very contract that ended the right

Stated = Callable[[pl.DataFrame], pl.DataFrame]  # standing notices → WORLD, entity_id, sid, first, last


def known_since(facts: pl.DataFrame, events: pl.DataFrame, stated: Stated) -> pl.DataFrame:
    """Return WORLD, `entity_id` and `known`: since when each fact is known without interruption.

    `facts` are the entities of which it holds, with the person (`sid`); `events` are the rows of one feed. `stated`
    finds it in standing notices, with the `first` and the `last` day on which it holds; null is unbounded.
    """
    if facts.is_empty():  # as on most days
        return facts.select(*_ENTITY, known=pl.lit(None, pl.Date))
    asked = facts.select(*_ENTITY, "sid").unique().with_row_index("nth")
    rows = events.join(asked.select("nth", *_ENTITY), on=_ENTITY)
    days = rows.select("nth", day="received_on").unique()
    past = rows.join(days, on="nth").filter(pl.col("received_on") <= pl.col("day"))
    found = stated(standing(past.with_columns(cluster="nth", on="day"))).rename({"cluster": "nth", "on": "day"})
    held = days.sort("nth", "day").join(found.drop("entity_id"), on=["nth", "day"], how="left", maintain_order="left")
    told = held.with_columns(until=pl.col("day").shift(-1).over("nth").dt.offset_by("-1d"))
    spans = told.with_columns(begins=pl.max_horizontal("day", "first"), ends=pl.min_horizontal("until", "last"))
    spans = spans.join(asked, on=["nth", "sid"]).filter((pl.col("begins") <= pl.col("ends")).fill_null(value=True))
    afresh = (pl.col("begins") > next_day(pl.col("ends").shift(1).over("nth"))).fill_null(value=True)
    runs = spans.sort("nth", "day").filter(afresh).group_by(_ENTITY).agg(known=pl.col("begins").max())
    return runs.select(*_ENTITY, "known")


def ended_on(told: pl.DataFrame) -> pl.DataFrame:
    """Since when, by the situations told, a right has been over: `first`, and no day on which that ends."""
    return _last_of(told, _ENDED)


def dead_on(told: pl.DataFrame) -> pl.DataFrame:
    """The day of a death, by the situations told: `first`."""
    return _last_of(told, _DEAD)


def ends_known(world: World, over: pl.DataFrame, on: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """Since when the ends of these rights are `known` and in effect; `on` is `ended_on` or `dead_on`."""
    return known_since(over, world.of("SITU"), lambda live: on(contents(live)))


def holds_known(world: World, persons: pl.DataFrame, *, any_reason: bool) -> pl.DataFrame:
    """Since when it is known that Le Forem keeps a referral, open at this CPAS, of these persons (PERSON) on hold.

    But for holds that wait for an article 60, unless `any_reason` will do.
    """
    open_ones = world.referrals.filter(pl.col("cpas_view") == CpasView.OPEN).join(persons, on=PERSON, how="semi")
    held = open_ones.filter(_waits("forem_view", any_reason=any_reason))
    rows = world.of("STAT").join(held.select(*_ENTITY, "sid"), on=[*_ENTITY, "sid"])
    known = known_since(held, rows, lambda live: _on_hold(live, any_reason=any_reason))
    opened = known_since(held, world.of("ORIE"), lambda live: _unbounded(_tops(live)))
    found = held.select(*_ENTITY, "cpas", "sid").join(known, on=_ENTITY).join(opened, on=_ENTITY, suffix="_open")
    return found.group_by(PERSON).agg(hold_known=pl.max_horizontal("known", "known_open").min())


def running_60(world: World) -> pl.DataFrame:
    """The full-time contracts under article 60, with `start` and `end` (included); `known` where one runs today."""
    return world.once(_running_60)


def _running_60(world: World) -> pl.DataFrame:
    found = _of_60(situations(world))
    runs = (pl.col("first") <= pl.col("on")) & (pl.col("on") <= pl.col("last"))
    known = known_since(found.filter(runs), world.of("SITU"), lambda live: _of_60(contents(live)))
    return found.join(known, on=_ENTITY, how="left").rename({"first": "start", "last": "end"})


def started(world: World, persons: pl.DataFrame) -> pl.DataFrame:
    """The trainings that these persons (WORLD, `sid`) have started, and since when that is `known`."""
    found = _with_status(world.live("FORM"), ("STARTED",)).join(persons, on=[*WORLD, "sid"], how="semi")
    return found.join(enrolments_known(world, found, ("STARTED",)), on=_ENTITY).drop("first", "last")


def enrolments_known(world: World, enrolments: pl.DataFrame, statuses: Collection[str]) -> pl.DataFrame:
    """Since when it is `known` that these enrolments have one of these statuses, whichever of them."""
    return known_since(enrolments, world.of("FORM"), lambda live: _with_status(live, statuses))


def _last_of(told: pl.DataFrame, kinds: tuple[str, ...]) -> pl.DataFrame:
    """The last situations in a row that are of these kinds: the first day of the first of them."""
    other = ~pl.col("situation_kind").is_in(kinds)
    after = other.cast(pl.Int32).cum_sum(reverse=True).over(_ENTITY)
    run = told.filter(after == 0).group_by(*_ENTITY, "cpas", "sid").agg(first=pl.col("effective_date").min())
    return run.with_columns(last=pl.lit(None, pl.Date))


def _on_hold(live: pl.DataFrame, *, any_reason: bool) -> pl.DataFrame:
    tops = read(_tops(live), ("core_status", "business_status"))
    return _unbounded(tops.filter(_waits("core_status", any_reason=any_reason)))


def _waits(status: str, *, any_reason: bool) -> pl.Expr:
    other = (pl.col("business_status") != _OF_ARTICLE_60).fill_null(value=True)
    return (pl.col(status) == Status.ON_HOLD) & (other | any_reason)


def _of_60(told: pl.DataFrame) -> pl.DataFrame:
    tops = contracts(told)
    of_60 = (pl.col("situation_kind") == "ART60") & (pl.col("measure_code") == FULL_TIME_60)
    found = tops.filter(of_60).select(*_ENTITY, "sid", "cpas", first="start", last="end")
    return found.drop_nulls(["first", "last"])


def _with_status(live: pl.DataFrame, statuses: Collection[str]) -> pl.DataFrame:
    return _unbounded(read(_tops(live), ("status",)).filter(pl.col("status").is_in(list(statuses))))


def _tops(live: pl.DataFrame) -> pl.DataFrame:
    return live.unique(_ENTITY, keep="last", maintain_order=True)


def _unbounded(tops: pl.DataFrame) -> pl.DataFrame:
    never = pl.lit(None, pl.Date)
    return tops.select(*_ENTITY, "sid", first=never, last=never)
