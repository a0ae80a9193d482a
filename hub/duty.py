"""The duty to register at Le Forem: by when, and whether it was done (decree of 2025, articles read in a press text).

Who receives the right to social integration, or an equivalent aid, registers within so many days of the grant; who
received it before the decree's first day, within so many of that day. The clock never runs before the grant was
decided, and starts again when an exemption or a registration ends: nobody is late by what could not be known.
"""

import polars as pl

from hub.model import EntityKind
from hub.reconcile import Rules
from hub.right import PERSON, exemptions, orientations, rights, situations, statements
from hub.world import WORLD, World, codes, first_of, judged, next_day, read, turns

_SUBJECT = (*WORLD, "sid")
_REGISTERS = ("1", "3")  # movements: registration, modification; 2 is deregistration
SUPPORTED = "05"  # STAT.92: registered as supported by a CPAS


def registrations(world: World, rules: Rules) -> pl.DataFrame:
    """The state of the duty of each person towards each CPAS that has written of it, or towards none that has."""
    people = _people(world)
    found = (
        people.join(_rights(world), on=PERSON, how="left", nulls_equal=True)
        .join(_registered(world), on=_SUBJECT, how="left")
        .with_columns(_given(), _due(rules))
        .with_columns(_state(rules))
        .with_columns(_waited(rules))
    )
    return judged(found.with_columns(*_judgement(rules)), EntityKind.REGISTRATION)


def _people(world: World) -> pl.DataFrame:
    """Every person of whom a CPAS has written, with that CPAS; and those registered of whom none has."""
    by_cpas = pl.concat(
        [
            world.side("SITU").select(*WORLD, "cpas", pl.col("person").alias("sid")),
            world.referred.select(*WORLD, "cpas", "sid"),
        ]
    )
    known = by_cpas.drop_nulls("sid").unique()
    alone = world.side("INSC").select(*_SUBJECT[:2], pl.col("person").alias("sid")).join(known, on=_SUBJECT, how="anti")
    return pl.concat([known, alone], how="diagonal").with_columns(
        pl.concat_str(pl.lit("REGI"), pl.col("cpas").fill_null(""), "sid", separator="|").alias("entity_id")
    )


def _rights(world: World) -> pl.DataFrame:
    """The right and the exemption of each person at each CPAS, and the days on which they will change."""
    told, referred = situations(world), orientations(world)
    spoken = statements(told, referred)
    versions = world.side("SITU").filter(pl.col("entity_id").str.ends_with("|RI|"))
    version = versions.select(*WORLD, "cpas", pl.col("person").alias("sid"), pl.col("version").alias("cpas_version"))
    coming = pl.concat([one.select(*PERSON, "effective_date") for one in (spoken, told, referred)])
    future = (
        coming.filter(pl.col("effective_date") > pl.col("on")).group_by(PERSON).agg(coming=pl.col("effective_date"))
    )
    given = rights(spoken, referred)
    everyone = pl.concat([given.select(PERSON), future.select(PERSON), version.select(PERSON)]).unique()
    return (
        everyone.join(given, on=PERSON, how="left")
        .join(exemptions(told, referred), on=PERSON, how="left")
        .join(future, on=PERSON, how="left")
        .join(version, on=PERSON, how="left")
    )


def _registered(world: World) -> pl.DataFrame:
    """What Le Forem says: registered or not, since when, and when it last struck the person off."""
    texts, days = ("movement", "stat92_category"), ("registration_date", "deregistration_date")
    live = read(world.live("INSC"), texts, days)
    top = live.unique([*WORLD, "entity_id"], keep="last", maintain_order=True)
    struck = live.group_by(*WORLD, "entity_id").agg(pl.col("deregistration_date").max().alias("struck_off"))
    registers = pl.col("movement").is_in(_REGISTERS)
    says = top.select(
        *WORLD,
        "entity_id",
        pl.when(registers).then(pl.lit("REGISTERED")).otherwise(pl.lit("DEREGISTERED")).alias("forem_view"),
        pl.when(registers).then("registration_date").alias("registered_on"),
        (registers & (pl.col("stat92_category") == SUPPORTED)).alias("supported"),
        pl.col("effective_date").alias("status_on"),
    )
    side = world.side("INSC").select(
        *WORLD,
        "entity_id",
        pl.col("person").alias("sid"),
        pl.col("version").alias("forem_version"),
        "contested",
        "stale",
        "held_since",
    )
    keys = [*WORLD, "entity_id"]
    return side.join(says, on=keys, how="left").join(struck, on=keys, how="left").drop("entity_id")


def _given() -> pl.Expr:
    return pl.col("given").fill_null(value=False)


def _due(rules: Rules) -> pl.Expr:
    """The last day to register: the latest that the grant, its decision, an exemption or a striking off allows."""
    days = rules.registration_days
    of_stock = pl.when(pl.col("began") < rules.decree_since).then(
        pl.lit(rules.decree_since).dt.offset_by(f"{rules.registration_stock_days}d")
    )
    new = pl.when(pl.col("began") >= rules.decree_since).then(_after("began", days))
    struck = pl.when(pl.col("struck_off") >= pl.col("began")).then(_after("struck_off", days))
    late_decision = pl.when(pl.col("decided") >= rules.decree_since).then(_after("decided", days))
    freed = pl.when(pl.col("freed") >= rules.decree_since).then(_after("freed", days))
    due = pl.max_horizontal(of_stock, new, late_decision, freed, struck)
    return due.dt.add_business_days(0, holidays=rules.holidays, roll="forward").alias("last_day")


def _after(day: str, days: int) -> pl.Expr:
    return pl.col(day).dt.offset_by(f"{days}d")


def _state(rules: Rules) -> pl.Expr:
    on, last = pl.col("on"), pl.col("last_day")
    exempt = pl.col("exempt").fill_null(value=False) | pl.col("over").fill_null(value=False)
    none = (on < rules.decree_since) | ~pl.col("given") | exempt
    registered = pl.col("registered_on")
    return (
        pl.when(none)
        .then(pl.lit("NOT_APPLICABLE"))
        .when(registered.is_not_null())
        .then(pl.when(registered <= last).then(pl.lit("ON_TIME")).otherwise(pl.lit("LATE")))
        .when(on <= last)
        .then(pl.lit("PENDING"))
        .otherwise(pl.lit("OVERDUE"))
        .alias("state")
    )


def _waited(rules: Rules) -> pl.Expr:
    """Until when a person whom Le Forem knows as supported by a CPAS waits for the word of one."""
    unknown = pl.col("cpas").is_null() & pl.col("supported").fill_null(value=False)
    return pl.when(unknown).then(rules.deadline(pl.col("held_since"), rules.orphan_days)).alias("waited")


def _judgement(rules: Rules) -> list[pl.Expr]:
    on, state, waited = pl.col("on"), pl.col("state"), pl.col("waited")
    contested, stale = pl.col("contested").fill_null(value=False), pl.col("stale").fill_null(value=False)
    none = state == "NOT_APPLICABLE"
    overdue = state == "OVERDUE"
    due = pl.when(~none).then("last_day").otherwise("waited")
    day = pl.when(overdue).then(next_day(pl.col("last_day"))).otherwise(pl.coalesce("registered_on", "status_on"))
    quiet = state.replace_strict(
        {
            "PENDING": "AWAITING_REGISTRATION",
            "ON_TIME": "REGISTERED_ON_TIME",
            "LATE": "REGISTERED_LATE",
        },
        default="NO_OBLIGATION",
    )
    return [
        pl.when("given")
        .then(pl.lit("GRANTED"))
        .when(pl.col("over").is_not_null())
        .then(pl.lit("ENDED"))
        .otherwise(pl.lit("NONE"))
        .alias("cpas_view"),
        pl.col("forem_view").fill_null("NONE"),
        pl.when(overdue | registered_state()).then(day).alias("status_date"),
        first_of(
            (contested, "CONTESTED_BY_FOREM"),
            (overdue, "OBLIGATION_OVERDUE"),
            (waited < on, "NO_CPAS"),
            (stale, "STALE_FOREM"),
            (waited >= on, "AWAITING_CPAS"),
            otherwise=quiet,
        ),
        codes((stale, "R402"), (contested, "R403"), (overdue, "R506")),
        due.alias("due"),
        _turns(rules),
    ]


def registered_state() -> pl.Expr:
    """Whether the person is registered under a duty that runs."""
    return pl.col("state").is_in(["ON_TIME", "LATE"])


def _turns(rules: Rules) -> pl.Expr:
    ahead = pl.col("coming").fill_null([])
    fixed = turns(
        pl.lit(rules.decree_since),
        next_day(pl.col("last_day")),
        next_day(pl.col("waited")),
        pl.col("lapsed"),
    )
    return pl.concat_list(fixed, ahead).alias("turns")
