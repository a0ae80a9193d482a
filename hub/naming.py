"""What Le Forem says of a person and may hang on a referral: enrolments in trainings, and breaches.

Le Forem leads. The referral that a row names has to be known, and of the same person; otherwise no CPAS may be told
of it.
"""

import polars as pl

from hub.known import enrolments_known, running_60, started
from hub.lifecycle import NONE, CpasView, Status
from hub.model import EntityKind
from hub.reconcile import Rules
from hub.right import PERSON
from hub.world import WORLD, World, codes, first_of, judged, next_day, read, seen, turns

RUNNING = ("ENROLLED", "CONFIRMED", "STARTED", "SUSPENDED")  # of an enrolment; a proposal holds nobody
_REGISTERS = ("1", "3")


def enrolments(world: World, rules: Rules) -> pl.DataFrame:
    """The state of each enrolment of which Le Forem has written."""
    found = _named(world, "FORM", ("status",), rules)
    found = _beside_withdrawal(_beside_contracts(found, world, rules), world, rules)
    on, to_check, to_close = pl.col("on"), pl.col("to_check"), pl.col("to_close")
    grave = (
        (to_close < on, "ENROLLED_AFTER_WITHDRAWAL"),
        (to_check < on, "TRAINING_DURING_ART60"),
    )
    pending = ((to_close >= on, "AWAITING_ENROLMENT_END"), (to_check >= on, "AWAITING_TRAINING_DATES"))
    more = [
        _reason(grave, pending),
        codes(*_codes(), (to_check.is_not_null(), "R504")),
        pl.coalesce("to_find", "to_close", "to_check").alias("due"),
        pl.concat_list(
            turns(*(next_day(pl.col(name)) for name in ("to_find", "to_close", "to_check"))), "contract_days"
        ).list.drop_nulls(),
    ]
    return judged(found.with_columns(more), EntityKind.ENROLMENT)


def breaches(world: World, rules: Rules) -> pl.DataFrame:
    """The state of each breach that Le Forem has notified; one that its own registration belies is contradicted."""
    found = _named(world, "MANQ", ("status", "kind"), rules, days=("occurred_on",))
    insc = read(world.tops("INSC"), ("movement",), ("registration_date",))
    registered = insc.filter(pl.col("movement").is_in(_REGISTERS)).select(*WORLD, "sid", "registration_date")
    found = found.join(registered, on=[*WORLD, "sid"], how="left")
    by_then = (pl.col("status") == "OPEN") & (pl.col("kind") == "NOT_REGISTERED")
    by_then &= pl.col("registration_date") <= pl.col("occurred_on")
    more = [
        _reason(((by_then, "REGISTERED_BY_THEN"),), ()),
        codes(*_codes()),
        pl.col("to_find").alias("due"),
        turns(next_day(pl.col("to_find"))),
    ]
    return judged(found.with_columns(more), EntityKind.BREACH)


def _named(world: World, feed: str, texts: tuple[str, ...], rules: Rules, days: tuple[str, ...] = ()) -> pl.DataFrame:
    """The rows of a feed, one for each entity, beside the referral that each names."""
    tops = read(world.tops(feed), texts, days).select(*WORLD, "entity_id", "about", "effective_date", *texts, *days)
    sides = seen(world.side(feed)).drop("cpas").rename({"person": "sid", "version": "forem_version"})
    held = world.referred.select(*WORLD, pl.col("entity_id").alias("about"), pl.col("held_since").alias("withdrawn_on"))
    of_referral = ("cpas", "cpas_view", "cpas_version", pl.col("sid").alias("person"))
    referrals = world.referrals.select(*WORLD, pl.col("entity_id").alias("about"), *of_referral)
    found = sides.join(tops, on=[*WORLD, "entity_id"], how="left").join(referrals, on=[*WORLD, "about"], how="left")
    found = found.join(held, on=[*WORLD, "about"], how="left")
    names = pl.col("about").is_not_null()
    other = (names & (pl.col("person") != pl.col("sid"))).fill_null(value=False)
    unknown = names & pl.col("cpas").is_null()
    to_find = pl.when(unknown).then(rules.deadline(pl.col("held_since"), rules.orphan_days))
    view = pl.coalesce(_cancelled(), "status")
    return found.with_columns(
        other.alias("other"),
        to_find.alias("to_find"),
        pl.when(~other).then("cpas").alias("cpas"),
        pl.when(~other).then("cpas_version").alias("cpas_version"),
        pl.when(other | ~names | (view == Status.CANCELLED))
        .then(pl.lit(NONE))
        .otherwise(pl.col("cpas_view").fill_null(str(CpasView.ABSENT)))
        .fill_null(NONE)
        .alias("cpas_view"),
        view.alias("forem_view"),
        pl.when(view == NONE).then(pl.lit(str(Status.UNKNOWN))).otherwise(view).alias("state"),
        pl.col("effective_date").alias("status_date"),
    )


def _cancelled() -> pl.Expr:
    none = pl.when(pl.col("none_live") == CpasView.ABSENT).then(pl.lit(NONE))
    return none.when(pl.col("none_live") == CpasView.WITHDRAWN).then(pl.lit(str(Status.CANCELLED)))


def _reason(grave: tuple[tuple[pl.Expr, str], ...], pending: tuple[tuple[pl.Expr, str], ...]) -> pl.Expr:
    on, to_find = pl.col("on"), pl.col("to_find")
    quiet = pl.when(pl.col("live") == 0).then(pl.lit("TAKEN_BACK")).otherwise(pl.lit("STATED"))
    return first_of(
        (pl.col("other"), "OTHER_PERSON"),
        (pl.col("contested"), "CONTESTED_BY_FOREM"),
        (to_find < on, "NO_REFERRAL"),
        *grave,
        (pl.col("stale"), "STALE_FOREM"),
        (to_find >= on, "AWAITING_REFERRAL"),
        *pending,
        otherwise=quiet,
    )


def _codes() -> tuple[tuple[pl.Expr, str], ...]:
    return (
        (pl.col("stale"), "R402"),
        (pl.col("contested"), "R403"),
        (pl.col("to_find").is_not_null(), "R404"),
        (pl.col("other"), "R503"),
    )


def _beside_withdrawal(found: pl.DataFrame, world: World, rules: Rules) -> pl.DataFrame:
    """Add until when an enrolment may go on after the CPAS has withdrawn the referral."""
    runs = found.filter(pl.col("cpas_view") == CpasView.WITHDRAWN, pl.col("status").is_in(RUNNING))
    known = enrolments_known(world, runs, RUNNING)
    both = pl.when(pl.col("known").is_not_null()).then(pl.max_horizontal("withdrawn_on", "known"))
    timed = found.join(known, on=[*WORLD, "entity_id"], how="left")
    return timed.with_columns(rules.deadline(both, rules.withdrawal_days).alias("to_close")).drop("known")


def _beside_contracts(found: pl.DataFrame, world: World, rules: Rules) -> pl.DataFrame:
    """Add until when a training that has started beside a full-time article 60 is to be checked.

    Only where the contract is that of the CPAS that will be told of the enrolment: none learns of another's contract.
    """
    contracts = running_60(world).select(*WORLD, "sid", "start", "end", employer="cpas", contract_known="known")
    said = world.sides.filter(pl.col("feed") != "MOBI")  # an answer to an event opens no relationship
    writers = pl.concat(
        [said.select(*WORLD, "cpas", "person"), world.referred.select(*PERSON).rename({"sid": "person"})]
    )
    of_sid = (
        writers.drop_nulls()
        .group_by(*WORLD, pl.col("person").alias("sid"))
        .agg(pl.col("cpas").n_unique().alias("writers"))
    )
    trainings = started(world, contracts).select(*WORLD, "entity_id", "known")
    pairs = found.join(trainings, on=[*WORLD, "entity_id"]).join(contracts, on=[*WORLD, "sid"])
    pairs = pairs.join(of_sid, on=[*WORLD, "sid"], how="left")
    same = (pl.col("cpas") == pl.col("employer")) | (pl.col("about").is_null() & (pl.col("writers") == 1))
    both = pl.when(pl.col("contract_known").is_not_null()).then(pl.max_horizontal("contract_known", "known"))
    clock = pairs.filter(same).with_columns(rules.deadline(both, rules.withdrawal_days).alias("to_check"))
    days = pl.concat_list("start", next_day(pl.col("end"))).list.explode()
    by_entity = clock.group_by(*WORLD, "entity_id").agg(pl.col("to_check").min(), days.alias("contract_days"))
    empty = pl.col("contract_days").fill_null(pl.lit([], dtype=pl.List(pl.Date)))
    return found.join(by_entity, on=[*WORLD, "entity_id"], how="left").with_columns(empty)
