"""What both sides say of persons → one state of each situation, registration, enrolment, answer and breach.

The second pass of reconciliation. It also sets a referral beside its siblings, says who leads, which relationships
are open and where two CPAS grant one right. A pure function of the set of events, frames in and frames out; the rules
of each kind are in modules of their own, loading, storing and publishing are left to others.
"""

from collections.abc import Callable
from datetime import date

import polars as pl

from hub import answers, duty, naming, siblings, situations
from hub.frames import STATES
from hub.lead import leads
from hub.model import Class, EntityKind, Side
from hub.onward import adopted
from hub.reasons import classed
from hub.reconcile import Rules, as_on, notices
from hub.right import PERSON, orientations, periods, statements
from hub.right import situations as described
from hub.said import CANCELLATION, gaps
from hub.since import Stood, carried, since
from hub.world import JUDGED, WORLD, World, named, next_day, placed, turns, world

GAP = "R406"
_HANDED_ON = ("TRANSFER_OUT", "DECEASED")  # after these a CPAS is told no more of the person
_REFERRALS = ("ORIE", "STAT")


def present(events: pl.DataFrame, referrals: pl.DataFrame, today: date) -> World:
    """Return what is said of persons today; `referrals` are the states of pass 1.

    `events` are all events of the persons concerned, of every feed that names a person, with the referrals that they
    name and the events that they answer.
    """
    return _world(placed(_arrived(named(events), today), today), placed(referrals, today))


def persons(now: World, rules: Rules, today: date, stood: Stood | None = None) -> pl.DataFrame:
    """Return the states of every kind, by entity; those of referrals are completed.

    `stood`, what `hub.since.stood` gave, saves reading the past again and changes nothing.
    """
    known = now.events.drop(WORLD)
    rows = _judged(now, rules)
    of_referral = pl.col("kind") == EntityKind.REFERRAL
    others, overtaken = rows.filter(~of_referral), rows.filter(of_referral)
    completed = _completed(now.referrals.drop(WORLD), overtaken, _led(now, known, today), today)
    states = pl.concat([_states(others, known, rules, today), completed])
    open_ones = states.filter(pl.col("class") != Class.AGREED)
    mine = open_ones.filter((pl.col("kind") != EntityKind.REFERRAL) | pl.col("sid").is_in(_with_siblings(known)))
    goes_on = mine.clear().select("entity_id", "since") if stood is None else carried(mine, stood, today)
    others = mine.join(goes_on, on="entity_id", how="anti")
    read = since(others, known, lambda then: _judged(_past(then, known, rules), rules), today)
    found = pl.concat([goes_on, read])
    dated = states.join(found, on="entity_id", how="left", suffix="_found")
    first = pl.when(pl.col("class") != Class.AGREED).then(pl.coalesce("since_found", "since"))
    return dated.with_columns(first.alias("since")).select(_columns()).sort("entity_id")


def relationships(now: World) -> pl.DataFrame:
    """Return `organisation`, `sid` and `until`, the last day of each relationship of a CPAS with a person, or null.

    It is opened by a referral or a situation. It ends on the day on which the person is handed on to another CPAS or
    dies, unless an open referral takes effect later.
    """
    told = described(now).filter(pl.col("situation_group") == "RI")
    last = told.unique(PERSON, keep="last", maintain_order=True)
    gone = last.filter(pl.col("situation_kind").is_in(_HANDED_ON)).select(
        *PERSON, pl.col("effective_date").alias("until")
    )
    referred = orientations(now).group_by(PERSON).agg(pl.col("effective_date").max().alias("referred"))
    ended = gone.join(referred, on=PERSON, how="left")
    ended = ended.filter((pl.col("referred") <= pl.col("until")).fill_null(value=True))
    pairs = _pairs(now).join(ended.select("cpas", "sid", "until"), on=["cpas", "sid"], how="left")
    return pairs.select(pl.col("cpas").alias("organisation"), "sid", "until").sort("organisation", "sid")


def double_grants(now: World) -> pl.DataFrame:
    """Return `sid`, `cpas_a`, `cpas_b` and `since`: two CPAS that state a right of one person over the same day.

    `since` is the first such day, today or before. For the data-protection officer only.
    """
    told = described(now)
    several = told.group_by("sid").agg(pl.col("cpas").n_unique()).filter(pl.col("cpas") > 1)
    if several.is_empty():
        return pl.DataFrame(schema=_TWICE)
    spoken = statements(told.join(several, on="sid", how="semi"), orientations(now).clear())
    held = periods(spoken).filter("gives")
    end = pl.min_horizontal("lapsed", "following")
    given = held.select("sid", "cpas", pl.col("effective_date").alias("first"), end.alias("end"))
    both = given.join(given, on="sid", suffix="_b").filter(pl.col("cpas") < pl.col("cpas_b"))
    first = pl.max_horizontal("first", "first_b")
    last = pl.min_horizontal("end", "end_b")
    over = both.filter((first < last).fill_null(value=True))
    found = over.group_by("sid", pl.col("cpas").alias("cpas_a"), "cpas_b").agg(first.min().alias("since"))
    return found.sort("sid", "cpas_a", "cpas_b")


_TWICE = {"sid": pl.String(), "cpas_a": pl.String(), "cpas_b": pl.String(), "since": pl.Date()}


def _columns() -> list[pl.Expr]:
    return [pl.col(name).cast(dtype) for name, dtype in STATES.items()]


def _arrived(events: pl.DataFrame, today: date) -> pl.DataFrame:
    """The events, none of them received after today."""
    return events.with_columns(pl.min_horizontal("received_on", pl.lit(today)).alias("received_on"))


def _judged(of: World, rules: Rules) -> pl.DataFrame:
    """Every kind's rows in each world; of referrals the pass 1 states, with the reason of a sibling where one holds."""
    feeds = {None, *of.sides["feed"].unique()}
    return pl.concat([*(judge(of, rules) for feed, judge in _KINDS if feed in feeds), _beside_siblings(of)])


# Each kind is judged where there is a row of its feed; the duty to register, wherever a CPAS writes of a person.
_KINDS: tuple[tuple[str | None, Callable[[World, Rules], pl.DataFrame]], ...] = (
    ("SITU", situations.judge),
    (None, duty.registrations),
    ("FORM", naming.enrolments),
    ("MANQ", naming.breaches),
    ("MOBI", answers.judge),
)


def _beside_siblings(of: World) -> pl.DataFrame:
    """The referrals with class and owner; `reason` is kept for those only that a sibling repeats or overtakes."""
    base = of.referrals.with_columns(turns(next_day(pl.col("due"))))
    marked = classed(siblings.judge(of)).rename({"class": "klass", "owner": "mover"})
    found = base.drop("reason").join(marked, on=[*WORLD, "entity_id"], how="left")
    moved = pl.col("reason").is_not_null()
    return found.select(
        *WORLD,
        *(pl.col(name).cast(dtype) for name, dtype in JUDGED.items()),
        pl.coalesce("klass", "class").alias("class"),
        pl.when(moved).then("mover").otherwise("owner").alias("owner"),
    )


def _past(then: pl.DataFrame, known: pl.DataFrame, rules: Rules) -> World:
    """Worlds of the past: the events received by then, and pass 1 as it was."""
    wanted = then.filter(pl.col("feed").is_in(_REFERRALS)).select(*WORLD, "entity_id").unique()
    days = wanted.select("entity_id", "on").unique()
    of_referrals = known.filter(pl.col("feed").is_in(_REFERRALS)).join(
        days.select("entity_id").unique(), on="entity_id"
    )
    return _world(then, wanted.join(as_on(of_referrals, days, rules), on=["entity_id", "on"]))


def _world(events: pl.DataFrame, referrals: pl.DataFrame) -> World:
    """The worlds, each referral that Le Forem has sent onward as part of its parent."""
    return world(events, adopted(referrals, events))


def _states(rows: pl.DataFrame, known: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Today's rows as states, with the versions that are missing and the day on which to look again; no `since` yet."""
    held = _held(known, rules)
    missing = pl.when(pl.col("held_until").is_not_null()).then(pl.lit([GAP])).otherwise(pl.lit([], pl.List(pl.String)))
    ahead = pl.concat_list("turns", next_day(pl.col("held_until")))
    counted = held.rename({"entity_id": "counted"})
    found = rows.with_columns(_counted()).join(counted, on="counted", how="left")
    return (
        found.select(
            pl.exclude(*WORLD, "turns", "codes", "counted"),
            pl.concat_list("codes", missing).list.sort().alias("codes"),
            _first_after(ahead, today).alias("wake"),
        )
        .with_columns(pl.lit(None).alias(name) for name in _NOT_OF_PERSONS)
        .select(_columns())
    )


def _counted() -> pl.Expr:
    """The entity whose versions count for a row: for a registration, that of Le Forem's rows on the person."""
    of_registration = pl.col("kind") == EntityKind.REGISTRATION
    insc = pl.concat_str(pl.lit("INSC|900001|"), "sid")
    return pl.when(of_registration).then(insc).otherwise("entity_id").alias("counted")


_NOT_OF_PERSONS = ("business_status", "next_appointment_at", "lead", "next_service", "lead_rule", "since")


def _held(known: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    missing = gaps(known.filter(~pl.col("feed").is_in(_REFERRALS)))
    return missing.select("entity_id", rules.deadline(pl.col("gap"), rules.gap_days).alias("held_until"))


def _first_after(days: pl.Expr, today: date) -> pl.Expr:
    return days.list.eval(pl.element().filter(pl.element() > today)).list.min()


def _led(now: World, known: pl.DataFrame, today: date) -> pl.DataFrame:
    """Who leads each referral of today; Le Forem's live notices tell of employability."""
    live = notices(known, Side.FOREM).filter(pl.col("notice_status") != CANCELLATION)
    tops = live.unique("entity_id", keep="last", maintain_order=True)
    return leads(now, placed(tops, today)).drop(WORLD)


def _completed(referrals: pl.DataFrame, rows: pl.DataFrame, led: pl.DataFrame, today: date) -> pl.DataFrame:
    """The referrals of pass 1 with the reason of a sibling, if one holds, and with their lead."""
    moved = rows.select("entity_id", "class", "owner", "reason")
    found = referrals.drop("lead", "next_service", "lead_rule").join(led, on="entity_id", how="left")
    found = found.join(moved, on="entity_id", how="left", suffix="_moved")
    reason = pl.coalesce("reason_moved", "reason")
    wake = pl.min_horizontal("wake", _first_after(pl.col("lead_turns"), today))
    return found.with_columns(
        reason.alias("reason"),
        pl.col("class_moved").alias("class"),
        pl.col("owner_moved").alias("owner"),
        wake.alias("wake"),
    ).select(_columns())


def _with_siblings(known: pl.DataFrame) -> pl.Series:
    """The persons of whom there is more than one referral, or one that was sent onward."""
    counted = known.filter(pl.col("feed") == "ORIE").group_by("sid").agg(pl.col("entity_id").n_unique())
    several = counted.filter(pl.col("entity_id") > 1)["sid"]
    onward = known.filter(pl.col("feed") == "STAT", pl.col("about").is_not_null())["sid"]
    return pl.concat([several, onward]).unique().implode()


def _pairs(now: World) -> pl.DataFrame:
    """Each CPAS with each person whom it has referred or described; both persons where it contradicts itself."""
    told = now.side("SITU").select("cpas", pl.col("person").alias("sid"))
    sure = now.referred.select("cpas", "sid")
    unsure = now.referred.filter(pl.col("sid").is_null()).select("entity_id")
    either = now.of("ORIE").join(unsure, on="entity_id").select("cpas", "sid")
    return pl.concat([told, sure, either]).drop_nulls().unique()
