"""The right of a person at one CPAS: when it began, whether it runs, which contracts stand beside it.

A right runs from a grant to the first notice that ends it, to the end date that it gave itself, or to the start of
a full-time contract under article 60 or 61 at the same CPAS. What CPAS wrote before there was a feed of situations
is in their referrals: these speak where no situation does. What follows from the right is left to others.
"""

import polars as pl

from hub.lifecycle import Status
from hub.world import ENDS, WORLD, World, next_day, read

PERSON = (*WORLD, "cpas", "sid")
_GIVES = ("RI_GRANT", "RI_CHANGE", "RI_SUSPENSION")  # a suspended right is still a right
_BOUNDED = ("RI_GRANT", "RI_CHANGE")  # whose end date is that of the right; a suspension's is its own
_NO_RIGHT = ("ART60", "ART61", "ART60_POST")  # publics of a referral that live on wages or on what follows from them
_OVER = (Status.COMPLETED, Status.FAILED)
_RUNS = ("ART60", "ART61")


def situations(world: World) -> pl.DataFrame:
    """The live notices of situations, read: one row for each and date."""
    return world.once(_situations)


def _situations(world: World) -> pl.DataFrame:
    return contents(world.live("SITU"))


def contents(live: pl.DataFrame) -> pl.DataFrame:
    """Live notices of situations with what they say."""
    texts = ("situation_group", "situation_kind", "contract_id", "piis_code", "measure_code")
    hours = ("weekly_hours", "reference_hours")
    days = ("decision_date", "end_date", "contract_start", "planned_end", "actual_end")
    return read(live, (*texts, *hours), days)


def contracts(situations: pl.DataFrame) -> pl.DataFrame:
    """The state of each contract: its `start`, its `end` (the last day) and whether it is `full_time`."""
    tops = situations.filter(pl.col("situation_kind").is_in(_RUNS))
    return tops.unique([*WORLD, "entity_id"], keep="last", maintain_order=True).with_columns(
        pl.col("contract_start").alias("start"),
        pl.coalesce("actual_end", "planned_end").alias("end"),
        (pl.col("weekly_hours") == pl.col("reference_hours")).fill_null(value=False).alias("full_time"),
    )


def orientations(world: World) -> pl.DataFrame:
    """The CPAS's live notice of each referral, read, with Le Forem's view of it; the freshest of a person last."""
    return world.once(_orientations)


def _orientations(world: World) -> pl.DataFrame:
    flags = ("exempt_health_equity", "piis_code", "public")
    lead = ("delegation", "requested_action", "digital_autonomy")
    live = read(world.referred.filter(pl.col("effective_date").is_not_null()), (*flags, *lead), ("ri_start_date",))
    view = world.referrals.select(*WORLD, "entity_id", "forem_view")
    return live.join(view, on=[*WORLD, "entity_id"], how="left").sort(*WORLD, "effective_date", "entity_id")


def statements(situations: pl.DataFrame, referred: pl.DataFrame) -> pl.DataFrame:
    """What each CPAS says of a person's right, by its date: what gives it and what ends it, future ones too.

    `gives` or ends; `granted` where the date is that of the grant; `decided` on which day, `until` which day;
    `over` where only a referral says so that Le Forem has brought to its end.
    """
    of_right = pl.col("situation_kind").is_in([*_GIVES, *ENDS])
    stated = situations.filter(of_right).select(
        *PERSON,
        "effective_date",
        pl.col("situation_kind").is_in(_GIVES).alias("gives"),
        (pl.col("situation_kind") == "RI_GRANT").alias("granted"),
        pl.col("decision_date").alias("decided"),
        pl.when(pl.col("situation_kind").is_in(_BOUNDED)).then("end_date").alias("until"),
        pl.lit(value=False).alias("over"),
    )
    spoken = stated.filter(pl.col("effective_date") <= pl.col("on")).select(PERSON)
    from_referrals = _from_referrals(referred).join(spoken, on=PERSON, how="anti")
    rows = pl.concat([stated, from_referrals, _employed(situations)], how="diagonal")
    return rows.sort(*PERSON, "effective_date", pl.col("gives").not_())


def periods(statements: pl.DataFrame) -> pl.DataFrame:
    """The statements that have taken effect, each with `lapsed`, the first day without right, and its `spell`.

    A spell is an unbroken run of the right: a renewal belongs to the one that runs.
    """
    present = statements.filter(pl.col("effective_date") <= pl.col("on"))
    following = pl.col("effective_date").shift(-1).over(PERSON)
    after = next_day(pl.col("until"))
    lapsed = pl.when(pl.col("gives") & (following.is_null() | (after < following))).then(after)
    rows = present.with_columns(lapsed.alias("lapsed"), following.alias("following"))
    broken = ~pl.col("gives") | pl.col("lapsed").shift(1).over(PERSON).is_not_null()
    return rows.with_columns(broken.cum_sum().over(PERSON).alias("spell"))


def rights(statements: pl.DataFrame, referred: pl.DataFrame) -> pl.DataFrame:
    """One row for each CPAS and person of whom a right was stated: `given` today, since when and decided when.

    `began` is the date of the grant; where the CPAS told a change only, the start that a referral gives, if earlier.
    """
    rows = periods(statements)
    last = rows.group_by(PERSON).agg(pl.col("spell", "gives", "lapsed", "over").last())
    running = (
        rows.filter("gives").group_by(*PERSON, "spell").agg(pl.col("effective_date", "decided", "granted").first())
    )
    known = referred.group_by(PERSON).agg(pl.col("ri_start_date").last())
    found = last.join(running, on=[*PERSON, "spell"], how="left").join(known, on=PERSON, how="left")
    runs = pl.col("lapsed").is_null() | (pl.col("lapsed") > pl.col("on"))
    earlier = pl.min_horizontal("effective_date", "ri_start_date")
    return found.select(
        *PERSON,
        (pl.col("gives") & runs).alias("given"),
        pl.when("granted").then("effective_date").otherwise(earlier).alias("began"),
        pl.when("granted").then("decided").alias("decided"),
        "lapsed",
        "over",
    )


def exemptions(situations: pl.DataFrame, referred: pl.DataFrame) -> pl.DataFrame:
    """One row for each CPAS and person of whom it was said: `exempt` today, else `freed`, the day on which it ended.

    By the code of the PIIS (8: health or equity), which referrals tell where no situation does, and by the flag of
    referrals.
    """
    coded = situations.filter(pl.col("piis_code").is_not_null())
    piis = coded.select(*PERSON, "effective_date", (pl.col("piis_code") == "8").alias("exempt"))
    told = referred.filter(pl.col("piis_code").is_not_null()).join(piis.select(PERSON), on=PERSON, how="anti")
    fallback = told.select(*PERSON, "effective_date", (pl.col("piis_code") == "8").alias("exempt"))
    flags = referred.select(*PERSON, "effective_date", (pl.col("exempt_health_equity") == "1").alias("exempt"))
    tracks = pl.concat([pl.concat([piis, fallback]).with_columns(track=1), flags.with_columns(track=2)])
    present = tracks.filter(pl.col("effective_date") <= pl.col("on"))
    last_exempt = pl.col("effective_date").filter("exempt").max()
    of_track = present.group_by(*PERSON, "track").agg(
        (last_exempt >= pl.col("effective_date").max()).fill_null(value=False).alias("exempt"),
        pl.col("effective_date")
        .filter(~pl.col("exempt") & (pl.col("effective_date") > last_exempt))
        .min()
        .alias("freed"),
    )
    return of_track.group_by(PERSON).agg(pl.col("exempt").any(), pl.col("freed").max())


def _from_referrals(referred: pl.DataFrame) -> pl.DataFrame:
    """The right that the freshest referral tells, one that Le Forem has not brought to its end if there is any."""
    rows = referred.filter(~pl.col("public").is_in(_NO_RIGHT), pl.col("ri_start_date").is_not_null())
    over = pl.col("forem_view").is_in(_OVER).fill_null(value=False).alias("over")
    ranked = rows.with_columns(over).sort(*PERSON, pl.col("over").not_(), "effective_date", "entity_id")
    return ranked.unique(PERSON, keep="last", maintain_order=True).select(
        *PERSON,
        pl.col("ri_start_date").alias("effective_date"),
        pl.lit(value=True).alias("gives"),
        pl.lit(value=True).alias("granted"),
        pl.lit(None, pl.Date).alias("decided"),
        pl.lit(None, pl.Date).alias("until"),
        "over",
    )


def _employed(situations: pl.DataFrame) -> pl.DataFrame:
    """A full-time contract ends the right from its first day on (article 60 § 7 of the law of 8 July 1976)."""
    return (
        contracts(situations)
        .filter("full_time")
        .select(
            *PERSON,
            pl.col("start").alias("effective_date"),
            pl.lit(value=False).alias("gives"),
            pl.lit(value=False).alias("granted"),
            pl.lit(value=False).alias("over"),
        )
    )
