"""Polars: the states of referrals, as somebody would write it who knows the rules and has no other code.

One table of both sides, sorted once; what can be had from the rows beside each other or from one grouping is, and what
holds for few referrals is looked for among those few. A statement that came in two files is not looked for: the files
of the benchmark hold none.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from hub.lifecycle import JOINS, REASONS, TRANSITIONS
from hub.reconcile import Rules

DAY = timedelta(days=1)
K = pl.col("k")
NEW = K.ne_missing(K.shift(1))
TERMINAL = ["REJECTED", "CANCELLED", "COMPLETED", "FAILED"]


def run(events: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Returns the states by referral."""
    ids = events["entity_id"].cast(pl.Categorical(pl.Categories.random()))
    forem = pl.col("side") == "FOREM"
    ev = events.select(
        "sid", "cpas", "payload", "own",
        k=ids.to_physical(), f=forem, v="version", ns="notice_status", d="effective_date", rec="recorded_at",
        got="received_on", st=pl.when(forem).then(pl.col("payload").str.extract(r'"core_status": *"([^"]*)"')),
    )  # fmt: skip
    names = ids.unique()
    days = pl.DataFrame({"k": names.to_physical(), "entity_id": names.cast(pl.String), "today": today})
    judged, tops = judge(ev, days, rules)
    open_ones = judged.filter(pl.col("class") != "AGREED").select("k", "class", "owner")
    since = began(ev, open_ones, rules, today)
    return told(judged.join(since, on="k", how="left"), tops, gaps(ev), rules, today)


def side(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Returns one row for each k, the uncontested rows, and what is left standing, by date."""
    order = ["k", "own", "v"]
    rows = rows.sort(order)
    again = (K.eq(K.shift(1))) & (pl.col("own") == pl.col("own").shift(1)) & (pl.col("v") == pl.col("v").shift(1))
    again = again.fill_null(value=False)
    rows = rows.with_columns(twice=again | again.shift(-1, fill_value=False))
    sure = rows.filter(~pl.col("twice"))
    sent = rows.group_by("k").agg(pl.col("v", "cpas").last(), one=pl.col("sid").first(), other=pl.col("sid").last())
    said = sure.group_by("k").agg(
        n=pl.len(),
        stale=pl.col("rec").max() > pl.col("rec").last(),
        held=pl.col("got").min(),
        last_sid=pl.col("sid").last(),
        last_rec=pl.col("rec").last(),
        odd=(pl.col("ns") != 0).any(),
    )
    odd = said.filter("odd")["k"].implode()
    few = sure.filter(K.is_in(odd))
    cut = pl.col("ns").is_in([1, 9]).cast(pl.Int32)
    few_by_date = few.sort("k", "d", "own", "v").filter(
        ((cut.cum_sum(reverse=True) - cut).over("k", "d") == 0) & (pl.col("ns") != 9)
    )
    standing = pl.concat([sure.filter(~K.is_in(odd)), few_by_date]).sort("k", "d", "own", "v")
    top = standing.filter(K.ne_missing(K.shift(-1))).select("k", "d", "st", "sid", "payload")
    disputed = rows.filter("twice")
    notices = sure.join(disputed, on="k", how="semi").unique(["k", "d"], keep="last", maintain_order=True)
    pairs = disputed.with_row_index("at").join(notices, on="k", suffix="_n")
    higher = (pl.col("own_n") > pl.col("own")) | ((pl.col("own_n") == pl.col("own")) & (pl.col("v_n") > pl.col("v")))
    over = (pl.col("d_n") == pl.col("d")) | ((pl.col("d_n") > pl.col("d")) & (pl.col("ns_n") != 9))
    settled = pairs.filter(higher & over)["at"].implode()
    contested = disputed.with_row_index("at").filter(~pl.col("at").is_in(settled)).select("k").unique()
    sides = (
        sent.join(said, on="k", how="left")
        .join(top, on="k", how="left")
        .join(turns(few), on="k", how="left")
        .with_columns(
            contested=K.is_in(contested["k"].implode()),
            held=pl.coalesce("turn", "held"),
            live=pl.col("d").is_not_null(),
            sid=pl.coalesce("sid", "last_sid", pl.when(pl.col("one") == pl.col("other")).then("one")),
        )
    )
    return sides, sure, standing


def turns(few: pl.DataFrame) -> pl.DataFrame:
    """Since when a side has some live notice or none, where it has cancelled or corrected any."""
    live = pl.col("ns") != 9
    moved = few.with_columns(m=live.cast(pl.Int8) - live.shift(1, fill_value=False).over("k", "d").cast(pl.Int8))
    held = moved.with_columns(h=pl.col("m").cum_sum().over("k") > 0)
    turned = held.with_columns(t=pl.col("h") != pl.col("h").shift(1, fill_value=False).over("k"))
    after = (pl.col("t").cum_sum().over("k") == pl.col("t").sum().over("k")) | (pl.col("t").sum().over("k") == 0)
    return turned.filter(after).group_by("k").agg(turn=pl.col("got").min())


def gaps(ev: pl.DataFrame) -> pl.DataFrame:
    """The first day on which the lowest missing version could be seen to be missing."""
    counted = ev.group_by("k", "f").agg(top=pl.col("v").max(), n=pl.len(), own=pl.col("own").all())
    some = counted.filter((pl.col("top") > pl.col("n")) | (pl.col("top") < pl.col("n")) | ~pl.col("own"))
    rows = ev.select("k", "f", "v", "got").join(some, on=["k", "f"], how="semi")
    above = rows.filter(pl.col("v") > pl.col("v").rank("dense").over("k", "f"))
    return above.group_by("k").agg(gap=pl.col("got").min())


def judge(ev: pl.DataFrame, days: pl.DataFrame, rules: Rules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the state of each k as on its day, and Le Forem's live notices."""
    sent, _, _ = side(ev.filter(~pl.col("f")))
    answers = ev.filter("f").join(sent.select("k", person="sid", known=True), on="k", how="left")
    right = pl.col("known").is_null() | (pl.col("sid") == pl.col("person"))
    strange = answers.filter(~right.fill_null(value=False) & pl.col("person").is_not_null()).select("k").unique()
    forem, sure, standing = side(answers.filter(right))
    found = (
        days.join(sent.select("k", *(pl.col(n).alias(f"c_{n}") for n in SIDE)), on="k", how="left")
        .join(forem.select("k", *(pl.col(n).alias(f"f_{n}") for n in SIDE)), on="k", how="left")
        .join(kept_since(sent, forem, sure), on="k", how="left")
        .with_columns(
            cpas_view=pl.when("c_live").then(pl.lit("OPEN")).when(pl.col("c_n") > 0).then(pl.lit("WITHDRAWN"))
            .otherwise(pl.lit("ABSENT")),
            forem_view=pl.col("f_st").fill_null("NONE"),
            illegal=K.is_in(illegal(standing).implode()),
            mistaken=K.is_in(mistaken(answers.join(strange, on="k", how="semi"), standing).implode()),
            sid=pl.when(pl.col("c_v").is_not_null()).then("c_sid").when("f_live").then("f_sid"),
        )
        .join(lines(rules), on=["cpas_view", "forem_view"], how="left")
    )  # fmt: skip
    judged = reasoned(dued(found, rules))
    return judged, standing.filter(K.ne_missing(K.shift(-1))).select("k", "payload")


SIDE = ("v", "cpas", "n", "stale", "held", "last_rec", "d", "st", "sid", "live", "contested")


def illegal(standing: pl.DataFrame) -> pl.Series:
    """The k at which a status may not follow the one before it."""
    steps = [a + b for a, following in TRANSITIONS.items() for b in following] + [a + a for a in TRANSITIONS]
    before = pl.when(K.eq(K.shift(1))).then(pl.col("st").shift(1)).otherwise(pl.lit("REQUESTED"))
    return standing.filter(~(before + pl.col("st")).is_in(steps))["k"].unique()


def mistaken(asked: pl.DataFrame, standing: pl.DataFrame) -> pl.Series:
    """The k at which Le Forem's last word on some date is about another person and is not moot."""
    last = asked.filter(pl.col("v") == pl.col("v").max().over("k", "d"))
    live = standing.select("k", "d", live=True).join(asked, on="k", how="semi").unique()
    last = last.join(live, on=["k", "d"], how="left").filter(pl.col("sid") != pl.col("person"))
    return last.filter((pl.col("ns") != 9) | pl.col("live").is_not_null())["k"].unique()


def kept_since(sent: pl.DataFrame, forem: pl.DataFrame, sure: pl.DataFrame) -> pl.DataFrame:
    """The day on which CANCELLED was received on an open referral."""
    asked = forem.filter(pl.col("st") == "CANCELLED").join(sent.filter("live"), on="k", how="semi").select("k", "d")
    rows = sure.join(asked, on=["k", "d"], how="semi").sort("k", "own", "v")
    other = ((pl.col("ns") == 9) | (pl.col("st") != "CANCELLED")).cast(pl.Int32)
    return rows.filter(other.cum_sum(reverse=True).over("k") == 0).group_by("k").agg(told=pl.col("got").min())


def lines(rules: Rules) -> pl.DataFrame:
    """The join of the views."""
    days = {"answer": rules.answer_days, "orphan": rules.orphan_days}
    names = ["cpas_view", "forem_view", "line_state", "line_reason", "clock", "days", "late_state", "late_reason"]
    rows = [
        (
            *(line.cpas, view, line.state, line.reason, line.clock),
            *(days.get(line.clock or "", rules.withdrawal_days), line.late_state, line.late_reason),
        )
        for line in JOINS
        for view in line.forem
    ]
    return pl.DataFrame(rows, names, orient="row", infer_schema_length=None)


def dued(found: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds the deadline, and whether it has passed."""
    both = pl.max_horizontal("c_held", pl.when(pl.col("clock") == "withdrawal").then("f_held").otherwise("told"))
    start = pl.when(pl.col("clock") == "answer").then("c_held").when(pl.col("clock") == "orphan").then("f_held")
    timed = found.filter(pl.col("clock").is_not_null()).select("k", "days", start=start.otherwise(both))
    ends = timed.select(
        "k", due=pl.col("start").dt.add_business_days(pl.col("days"), holidays=rules.holidays, roll="backward")
    )
    return found.join(ends, on="k", how="left").with_columns(
        late=(pl.col("today") > pl.col("due")).fill_null(value=False)
    )


def reasoned(found: pl.DataFrame) -> pl.DataFrame:
    """Adds state, reason, class and owner."""
    flags = ("c_contested", "f_contested", "c_stale", "f_stale")
    joined = pl.when("late").then("late_reason").otherwise("line_reason")
    quiet = [name for name, why in REASONS.items() if why.klass.value in ("AGREED", "PENDING")]
    reason = (
        pl.when("c_contested").then(pl.lit("CONTESTED_BY_CPAS"))
        .when("f_contested").then(pl.lit("CONTESTED_BY_FOREM"))
        .when(~joined.is_in(quiet)).then(joined)
        .when("illegal").then(pl.lit("ILLEGAL_STEP"))
        .when("c_stale").then(pl.lit("STALE_CPAS"))
        .when("f_stale").then(pl.lit("STALE_FOREM"))
        .otherwise(joined)
    )  # fmt: skip
    why = pl.DataFrame(
        [(name, w.klass.value, w.owner) for name, w in REASONS.items()], ["reason", "class", "owner"], orient="row"
    )
    state = pl.coalesce(pl.when("late").then("late_state").otherwise("line_state"), "forem_view")
    return (
        found.with_columns(pl.col(flags).fill_null(value=False))
        .with_columns(reason.alias("reason"), state.alias("state"))
        .join(why, on="reason", how="left")
        .with_columns(
            pl.when("mistaken").then(pl.lit("CONFLICT")).otherwise("class").alias("class"),
            pl.when("mistaken").then(pl.lit("FOREM")).otherwise("owner").alias("owner"),
        )
    )


def began(ev: pl.DataFrame, open_ones: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Since when the present class and owner hold."""
    rows = ev.join(open_ones, on="k", how="semi").with_columns(arrived=pl.min_horizontal("got", pl.lit(today)))
    days = rows.select("k", day="arrived").unique()
    past = as_on(rows, days, rules)
    later = past.filter(pl.col("due") < today).select("k", day=pl.col("due") + DAY).unique()
    past = pl.concat([past, as_on(rows, later.join(days, on=["k", "day"], how="anti"), rules)])
    same = (pl.col("class") == pl.col("class_n")) & (pl.col("owner") == pl.col("owner_n")).fill_null(value=False)
    marked = past.join(open_ones, on="k", suffix="_n").select("k", "day", same=same)
    run = marked.sort("k", "day", descending=[False, True]).filter(pl.col("same").cum_min().over("k"))
    since = run.group_by("k").agg(since=pl.col("day").min())
    return open_ones.select("k").join(since, on="k", how="left").with_columns(pl.col("since").fill_null(today))


def as_on(rows: pl.DataFrame, days: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Class, owner and deadline of each k as on each of these days."""
    pairs = days.with_row_index("pair")
    known = rows.join(pairs, on="k").filter(pl.col("arrived") <= pl.col("day")).with_columns(k="pair")
    judged, _ = judge(known, pairs.select(k="pair", today="day"), rules)
    return pairs.join(judged.select("class", "owner", "due", pair="k"), on="pair").select(
        "k", "day", "class", "owner", "due"
    )


def told(judged: pl.DataFrame, tops: pl.DataFrame, missing: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Adds what is told of each state."""
    forems = pl.col("state") == pl.col("forem_view")
    withdrawn = ~forems & (pl.col("state") == "CANCELLED")
    codes = {
        "R401": pl.col("illegal"), "R402": pl.col("c_stale") | pl.col("f_stale"),
        "R403": pl.col("c_contested") | pl.col("f_contested"),
        "R404": pl.col("c_v").is_null() & pl.col("f_d").is_not_null(),
        "R406": pl.col("gap").is_not_null(), "R503": pl.col("mistaken"),
    }  # fmt: skip
    listed = pl.concat_list(pl.when(holds).then(pl.lit(code)) for code, holds in codes.items()).list.drop_nulls()
    tops = judged.filter(forems).select("k", "state").join(tops, on="k")
    going_on = tops.filter(~pl.col("state").is_in(TERMINAL)).select("k", stated("appointment_at"), stated("attendance"))
    parts = (tops.select("k", stated("business_status")), appointments(going_on, today), missing)
    for part in parts:
        judged = judged.join(part, on="k", how="left")
    whole = judged.with_columns(
        held_until=pl.col("gap").dt.add_business_days(rules.gap_days, holidays=rules.holidays, roll="backward"),
    )  # fmt: skip
    dated = whole.with_columns(
        business_status=pl.when(forems).then("business_status").when(withdrawn).then(pl.lit("WITHDRAWN_BY_CPAS")),
        status_date=pl.when(forems).then("f_d")
        .when(pl.col("state") == "REQUESTED").then("c_d")
        .when(pl.col("state") == "EXPIRED").then(pl.col("due") + DAY)
        .when(withdrawn).then(pl.col("c_last_rec").dt.convert_time_zone("Europe/Brussels").dt.date()),
    )  # fmt: skip
    ends = (pl.when(pl.col(name) >= today).then(pl.col(name) + DAY) for name in ("due", "held_until", "shown_on"))
    return dated.select(
        "entity_id", "sid", "cpas_view", "forem_view", "state", "business_status", "status_date", "class", "owner",
        "reason", "since", "due", "held_until",
        next_appointment_at="appointment_at", cpas="c_cpas", codes=listed, cpas_version="c_v", forem_version="f_v",
        wake=pl.min_horizontal(*ends),
    ).sort("entity_id")  # fmt: skip


def stated(name: str) -> pl.Expr:
    """A column of the payload."""
    return pl.col("payload").str.extract(rf'"{name}": *"([^"]*)"').alias(name)


def appointments(going_on: pl.DataFrame, today: date) -> pl.DataFrame:
    """The appointments to come."""
    told = going_on.filter(
        pl.col("appointment_at").is_not_null() & pl.col("attendance").ne_missing("CANCELLED_BY_FOREM")
    )
    at = pl.col("appointment_at").str.to_datetime("%+", time_unit="us", time_zone="UTC")
    dated = told.with_columns(shown_on=at.dt.convert_time_zone("Europe/Brussels").dt.date())
    return dated.filter(pl.col("shown_on") >= today).select("k", "appointment_at", "shown_on")
