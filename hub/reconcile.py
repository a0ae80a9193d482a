"""Two sides' rows about referrals → one state of each, its anomalies, who must move, and what each may be told.

A pure function of the set of events, frames in and frames out: arrival order, repetition and batches change
nothing, and no row is rejected. What one side says is found by `hub.said`, what follows from it by `hub.verdict`;
the person's other affairs are left to `hub.persons`, loading, storing and publishing to others.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from hub.frames import STATES
from hub.lifecycle import JOINS, NONE, TERMINAL, Clock, Status
from hub.model import Class, EntityKind, Side
from hub.reasons import classed
from hub.said import field, said
from hub.since import Stood, carried
from hub.verdict import GAP, OTHER_PERSON, QUIET, WIDTH, case, verdicts
from hub.views import CPAS_VIEWS, FOREM_VIEWS, Views, core, told_on, views, withdrawn_at

BRUSSELS = "Europe/Brussels"
FEEDS = ("ORIE", "STAT")
_DAY = timedelta(days=1)
_READ = (
    *("side", "source", "cpas", "own", "sid", "version", "notice_status", "effective_date", "recorded_at"),
    *("received_at", "received_on", "message_id", "line", "content", "payload"),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The deadlines, in working days, and the days on which offices are closed besides weekends.

    Those of the duty to register are in calendar days, from the grant or from `decree_since`, the decree's first day.
    """

    answer_days: int
    withdrawal_days: int
    orphan_days: int
    gap_days: int
    holidays: tuple[date, ...]
    registration_days: int
    registration_stock_days: int
    decree_since: date

    def deadline(self, start: pl.Expr, days: int) -> pl.Expr:
        """The last day of a delay begun on `start`, which itself does not count."""
        return start.dt.add_business_days(days, holidays=self.holidays, roll="backward")


def reconcile(events: pl.DataFrame, rules: Rules, today: date, stood: Stood | None = None) -> pl.DataFrame:
    """Return the state of each referral of which there is an event, by referral id.

    `events` are all events of these referrals, in any order; of other feeds none is read. The columns of the
    lead are left null. `stood`, what `hub.since.stood` gave, saves reading the past again and changes nothing.
    """
    rows, entities = _keyed(events)
    seen, read = _judged(rows, pl.repeat(today, entities.len(), dtype=pl.Date, eager=True), rules)
    states = _described(seen, read, today, rules)
    named = states.with_columns(entities.gather(states["key"]).alias("entity_id"))
    open_ones = named.filter(pl.col("class") != Class.AGREED)
    goes_on = open_ones.clear().select("entity_id", pl.lit(None, pl.Date).alias("since"))
    if stood is not None:
        goes_on = carried(open_ones, stood, today)
    others = open_ones.join(goes_on, on="entity_id", how="anti").select("key", "class", "owner")
    found = named.join(goes_on, on="entity_id", how="left")
    found = found.join(_since(rows, others, rules, today), on="key", how="left", suffix="_read")
    found = found.with_columns(pl.coalesce("since", "since_read").alias("since"))
    return found.select(pl.col(name).cast(dtype) for name, dtype in STATES.items()).sort("entity_id")


def as_on(events: pl.DataFrame, days: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return each referral as it was read at the end of some days: `on`, and the columns of a state but for `since`.

    `days` has `entity_id` and `on`; a referral of which nothing had been received by then has no row.
    """
    rows, entities = _keyed(events)
    keys = pl.DataFrame({"entity_id": entities, "key": pl.int_range(entities.len(), dtype=pl.UInt32, eager=True)})
    arrived = rows.group_by("key").agg(first=pl.col("received_on").min())
    pairs = days.join(keys, on="entity_id").join(arrived, on="key").filter(pl.col("first") <= pl.col("on"))
    pairs = pairs.with_columns(pair=pl.int_range(pl.len(), dtype=pl.UInt32))
    known = rows.join(pairs.select("key", "pair", "on"), on="key").filter(pl.col("received_on") <= pl.col("on"))
    seen, read = _judged(known.with_columns(key="pair"), pairs["on"], rules)
    states = _described(seen, read, date.max, rules).with_columns(since=pl.lit(None, pl.Date))
    named = states.join(pairs.select("entity_id", "on", key="pair"), on="key")
    return named.select("on", *(pl.col(name).cast(dtype) for name, dtype in STATES.items()))


def notices(events: pl.DataFrame, side: Side) -> pl.DataFrame:
    """Return what one side says of referrals today, to be passed on: for each effective date the row that prevails.

    Both sides' events come in. By referral, in order of effective date. A cancelled notice is there as its
    cancellation, so that the other side can be told of it; contested versions and Le Forem's rows on another
    person are not.
    """
    ours = events.filter(pl.col("feed").is_in(FEEDS))
    cpas = said(ours.filter(pl.col("side") == Side.CPAS))
    if side is Side.CPAS:
        return cpas.notices
    person = cpas.sides.select("entity_id", "person", known=pl.lit(value=True))
    answers = ours.filter(pl.col("side") == Side.FOREM).join(person, on="entity_id", how="left")
    right = pl.col("known").is_null() | (pl.col("sid") == pl.col("person"))
    return said(answers.filter(right).drop("person", "known")).notices


def discrepancy() -> pl.Expr:
    """Whether the two sides disagree beyond the time they have to agree."""
    return ~pl.col("class").is_in(QUIET)


def visible_to_cpas(states: pl.DataFrame) -> pl.DataFrame:
    """Return what the CPAS may be told: no orphan, nothing of Le Forem's rows on another person.

    Until Le Forem has answered, the CPAS is told its own view only: not even that a version of Le Forem's is
    missing. Where a row on another person moved the class, the day since which it stands is not told.
    """
    mistaken = pl.col("codes").list.contains(OTHER_PERSON)
    silent = pl.col("forem_view") == NONE
    hidden = pl.when(mistaken | silent).then(pl.lit([GAP, OTHER_PERSON])).otherwise(pl.lit([OTHER_PERSON]))
    told = states.filter(pl.col("cpas").is_not_null())
    joined = classed(told)
    return told.with_columns(
        *(pl.when(mistaken).then(joined[name]).otherwise(name).alias(name) for name in ("class", "owner")),
        pl.when(~mistaken).then("since").alias("since"),
        pl.when(~silent).then("forem_version").alias("forem_version"),
        pl.col("codes").list.set_difference(hidden).list.sort().alias("codes"),
    )


def visible_to_forem(states: pl.DataFrame) -> pl.DataFrame:
    """Return what Le Forem may be told: all but the next appointment, which is repeated to the CPAS only."""
    return states.with_columns(next_appointment_at=pl.lit(None, pl.String))


# --- each referral on one day --------------------------------------------------------------------------


def _keyed(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return the rows of referrals, each referral a number, and the referrals by number."""
    ours = events.filter(pl.col("feed").is_in(FEEDS))
    entities = ours["entity_id"].cast(pl.Categorical(pl.Categories.random()))
    status = pl.when(pl.col("side") == Side.FOREM).then(core(field("core_status")))
    rows = ours.select(*_READ, status.alias("status"), entities.to_physical().alias("key"))
    known = entities.unique()
    return rows, known.cast(pl.String).gather(known.to_physical().arg_sort())


def _judged(rows: pl.DataFrame, todays: pl.Series, rules: Rules) -> tuple[Views, pl.DataFrame]:
    """Return both views on each key, and `found` of them with `due`, `late` and the columns of the verdict.

    Key n is read as on day n of `todays`.
    """
    seen = views(rows, todays.len())
    starts = seen.found.join(told_on(seen), on="key", how="left", maintain_order="left").select(_clock(), _start())
    found = seen.found.with_columns(_deadlines(starts, rules), todays.alias("today"))
    found = found.with_columns(late=(pl.col("today") > pl.col("due")).fill_null(value=False)).with_columns(case())
    return seen, found.join(verdicts(found["case"].unique()), on="case", how="left", maintain_order="left")


def _clock() -> pl.Expr:
    """Which deadline runs for a pair of views."""
    clocks = {
        CPAS_VIEWS.index(line.cpas) * WIDTH + FOREM_VIEWS.index(view): line.clock
        for line in JOINS
        if line.clock
        for view in line.forem
    }
    pair = pl.col("cpas_view") * WIDTH + pl.col("forem_view")
    return pair.replace_strict(clocks, default=None, return_dtype=pl.String).alias("clock")


def _start() -> pl.Expr:
    """The day on which the deadline began."""
    cpas, forem, clock = pl.col("cpas_held_since"), pl.col("forem_held_since"), _clock()
    return (
        pl.when(clock == Clock.ANSWER)
        .then(cpas)
        .when(clock == Clock.WITHDRAWAL)
        .then(pl.max_horizontal(cpas, forem))
        .when(clock == Clock.CONFIRMATION)
        .then(pl.max_horizontal(cpas, pl.col("told_on")))
        .when(clock == Clock.ORPHAN)
        .then(forem)
        .alias("start")
    )


def _deadlines(starts: pl.DataFrame, rules: Rules) -> pl.Series:
    """The last day on which each mismatch is or was merely pending."""
    days = {Clock.ANSWER: rules.answer_days, Clock.ORPHAN: rules.orphan_days}
    days |= dict.fromkeys((Clock.WITHDRAWAL, Clock.CONFIRMATION), rules.withdrawal_days)
    due = [pl.when(pl.col("clock") == clock).then(rules.deadline(pl.col("start"), n)) for clock, n in days.items()]
    each = starts.unique().with_columns(due=pl.coalesce(due))
    return starts.join(each, on=["clock", "start"], how="left", nulls_equal=True, maintain_order="left")["due"]


# --- described -----------------------------------------------------------------------------------------


def _described(seen: Views, read: pl.DataFrame, today: date, rules: Rules) -> pl.DataFrame:
    """Add what is told of the state: its business status and date, the next appointment, when to read it again."""
    forem_view = pl.col("forem_view").replace_strict(dict(enumerate(FOREM_VIEWS)), return_dtype=pl.String)
    cpas_view = pl.col("cpas_view").replace_strict(dict(enumerate(CPAS_VIEWS)), return_dtype=pl.String)
    named = read.with_columns(forem_view, cpas_view).with_columns(state=pl.coalesce("agreed", "forem_view"))
    forems = (pl.col("state") == pl.col("forem_view")).alias("forems")
    named = named.with_columns(forems).with_columns(held_until=rules.deadline(pl.col("gap"), rules.gap_days))
    for part in (_business(seen, named), _appointments(seen, named, today), _cpas_dates(seen), withdrawn_at(seen)):
        named = named.join(part, on="key", how="left", maintain_order="left")
    nothing = dict.fromkeys(("lead", "next_service", "lead_rule"), pl.lit(None, pl.String))
    return named.with_columns(
        *_dated(), _wake(today), kind=pl.lit(EntityKind.REFERRAL.value), cpas="cpas_cpas", sid="person", **nothing
    )


def _business(seen: Views, named: pl.DataFrame) -> pl.DataFrame:
    """The business status of Le Forem's live notice where the state is its status."""
    at = named.filter("forems")["forem_at"]
    return seen.forem.events.select("key", "payload")[at].select("key", field("business_status"))


def _appointments(seen: Views, named: pl.DataFrame, today: date) -> pl.DataFrame:
    """The appointment of Le Forem's live notice while it is to come and the referral goes on."""
    at = named.filter(pl.col("forems") & ~pl.col("state").is_in(sorted(TERMINAL)))["forem_at"]
    tops = seen.forem.events.select("key", "payload")[at].filter(
        pl.col("payload").str.contains('"appointment_at":\\s*"')
    )
    told = tops.select("key", field("appointment_at"), field("attendance"))
    on = (
        pl.col("appointment_at")
        .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        .dt.convert_time_zone(BRUSSELS)
        .dt.date()
    )
    stands = pl.col("attendance").ne_missing("CANCELLED_BY_FOREM")
    return (
        told.with_columns(on.alias("appointment_on"))
        .filter(stands & (pl.col("appointment_on") >= today))
        .select("key", "appointment_on", next_appointment_at="appointment_at")
    )


def _cpas_dates(seen: Views) -> pl.DataFrame:
    return seen.cpas.events.select("key", cpas_date="effective_date")[seen.cpas.top_at]


def _dated() -> list[pl.Expr]:
    """The business status and the date of the agreed state."""
    withdrawn = ~pl.col("forems") & (pl.col("state") == Status.CANCELLED)
    on = (
        pl.when("forems")
        .then("forem_date")
        .when(pl.col("state") == Status.REQUESTED)
        .then("cpas_date")
        .when(pl.col("state") == Status.EXPIRED)
        .then(pl.col("due") + _DAY)
        .when(withdrawn)
        .then(pl.col("withdrawn_at").dt.convert_time_zone(BRUSSELS).dt.date())
    )
    status = pl.when(withdrawn).then(pl.lit("WITHDRAWN_BY_CPAS")).otherwise("business_status")
    return [on.alias("status_date"), status.alias("business_status")]


def _wake(today: date) -> pl.Expr:
    """The first day after today on which time alone changes the row or lets it out."""
    ends = (
        pl.when(pl.col(name) >= today).then(pl.col(name) + _DAY) for name in ("due", "appointment_on", "held_until")
    )
    return pl.min_horizontal(*ends).alias("wake")


# --- since when ----------------------------------------------------------------------------------------


def _since(rows: pl.DataFrame, open_ones: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Return the first day of the unbroken run on which class and owner were the present ones.

    Read again as on each day on which something was received or a deadline passed.
    """
    if open_ones.is_empty():
        return open_ones.select("key", since=pl.lit(None, pl.Date))
    arrived = pl.min_horizontal("received_on", pl.lit(today)).alias("arrived")
    rows = rows.join(open_ones, on="key", how="semi").with_columns(arrived)
    days = rows.select("key", day="arrived").unique()
    past = _as_on(rows, days, rules)
    overdue = past.filter(pl.col("due") < today).select("key", day=pl.col("due") + _DAY).unique()
    past = pl.concat([past, _as_on(rows, overdue.join(days, on=["key", "day"], how="anti"), rules)])
    now = past.join(open_ones.select("key", "class", "owner"), on="key", suffix="_now")
    same = (pl.col("class") == pl.col("class_now")) & (pl.col("owner") == pl.col("owner_now")).fill_null(value=False)
    broken = now.filter(~same).group_by("key").agg(broken=pl.col("day").max())
    run = (
        now.filter(same).join(broken, on="key", how="left").filter(pl.col("day") > pl.col("broken").fill_null(date.min))
    )
    since = run.group_by("key").agg(since=pl.col("day").min())
    return open_ones.select("key").join(since, on="key", how="left").with_columns(pl.col("since").fill_null(today))


def _as_on(rows: pl.DataFrame, days: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return class, owner and `due` of each key on each of these days, from what had arrived by then."""
    if days.is_empty():
        return pl.DataFrame(schema={**days.schema, "class": pl.String(), "owner": pl.String(), "due": pl.Date()})
    pairs = days.with_columns(pair=pl.int_range(pl.len(), dtype=pl.UInt32))
    known = rows.join(pairs, on="key").filter(pl.col("arrived") <= pl.col("day"))
    _, read = _judged(known.with_columns(key="pair"), pairs["day"], rules)
    return pairs.select("key", "day").with_columns(read["class"], read["owner"], read["due"])
