"""Who leads a person's pathway and which service suits best next, by rules that are shown and decide nothing.

Two ordered tables: the first line that holds gives the lead, and the service unless it is left to the second table.
They are drawn into the documentation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from hub.lifecycle import NONE, TERMINAL, CpasView
from hub.right import contracts, orientations, situations
from hub.world import WORLD, World, next_day, read

BY_NEED = ""  # the service is that of the second table
NO_SERVICE = "NONE"
MONTHS_BEFORE_THE_END = 3  # of an article 60, when what comes after it is prepared

Holds = Callable[[], pl.Expr]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the table of leads: what holds, who leads then (CPAS, FOREM, BOTH, NOBODY), with which service."""

    rule: str
    holds: Holds
    lead: str
    service: str
    text: str


@dataclass(frozen=True, slots=True)
class Need:
    """A line of the table of services: what holds, and the service best suited then."""

    service: str
    holds: Holds
    text: str


def _business(*codes: str) -> Holds:
    return lambda: pl.col("business_status").is_in(codes)


def _delegated(code: str) -> Holds:
    return lambda: pl.col("delegation") == code


def _over() -> pl.Expr:
    return (pl.col("cpas_view") == CpasView.WITHDRAWN) | pl.col("forem_view").is_in(sorted(TERMINAL))


LEADS: tuple[Rule, ...] = (
    Rule("NO_REFERRAL", lambda: pl.col("cpas_view") == CpasView.ABSENT, "NOBODY", NO_SERVICE, "no CPAS has referred"),
    Rule("DECEASED", _business("DECEASED"), "NOBODY", NO_SERVICE, "Le Forem has ended it: deceased"),
    Rule("ART60_ENDING", lambda: pl.col("ending"), "CPAS", "ART60_EXIT", "an article 60 or 61 ends within 3 months"),
    Rule("ART60_RUNNING", lambda: pl.col("employed"), "CPAS", NO_SERVICE, "an article 60 or 61 runs"),
    Rule("AT_WORK", _business("EMPLOYED", "SELF_EMPLOYED"), "NOBODY", NO_SERVICE, "Le Forem has ended it: at work"),
    Rule(
        "VERY_LOW_EMPLOYABILITY",
        lambda: (pl.col("employability") == "VERY_LOW") | _business("VERY_LOW_EMPLOYABILITY")(),
        "CPAS",
        "SOCIAL_SUPPORT",
        "Le Forem holds a lasting job to be very unlikely soon",
    ),
    Rule(
        "OVER_REGISTERED", lambda: _over() & pl.col("registered"), "FOREM", "JOB_MATCHING", "it is over, and registered"
    ),
    Rule("OVER", _over, "CPAS", "SOCIAL_SUPPORT", "it is over, and not registered at Le Forem"),
    Rule("UNANSWERED", lambda: pl.col("forem_view") == NONE, "CPAS", BY_NEED, "Le Forem has not answered yet"),
    Rule("DELEGATED", _delegated("FULL"), "FOREM", BY_NEED, "in hand, and the CPAS has delegated the whole pathway"),
    Rule("SHARED", _delegated("PARTIAL"), "BOTH", BY_NEED, "in hand, and the CPAS has delegated a part"),
    Rule("NOT_DELEGATED", lambda: pl.lit(value=True), "CPAS", BY_NEED, "in hand, and the CPAS has delegated nothing"),
)


def _asked(action: str) -> Holds:
    return lambda: pl.col("actions").list.contains(action)


NEEDS: tuple[Need, ...] = (
    Need("REGISTRATION", lambda: ~pl.col("registered"), "not registered at Le Forem"),
    Need("FLE_ALPHA", _asked("FLE_ALPHA"), "asked for: French or literacy comes before any training"),
    Need("DIGITAL", lambda: pl.col("digital").is_in(["0", "1"]), "digital autonomy 0 or 1"),
    Need("DIGITAL", _asked("DIGITAL"), "asked for"),
    Need("BILAN", _asked("BILAN"), "asked for: what one can do before where one goes"),
    Need("ORIENTATION", _asked("ORIENTATION"), "asked for"),
    Need("RAN", _asked("RAN"), "asked for: a refresher course opens the others"),
    *(
        Need(action, _asked(action), "asked for")
        for action in ("TRAINING", "VALIDATION", "ESSAI_METIER", "MISIP", "SELF_EMPLOYMENT", "COACHING", "ART60_EXIT")
    ),
    Need("JOBDAY", _asked("JOBDAY"), "asked for"),
    Need("JOB_MATCHING", lambda: pl.lit(value=True), "nothing else is asked for"),
)
SERVICES = tuple(dict.fromkeys([*(line.service for line in LEADS if line.service), *(need.service for need in NEEDS)]))


def leads(world: World, answers: pl.DataFrame) -> pl.DataFrame:
    """The lead of each referral of today: `lead`, `next_service`, `lead_rule`, and `lead_turns`, when it may change.

    `answers` are Le Forem's live notices of the referrals, on their person.
    """
    found = _facts(world, answers)
    need = pl.coalesce(pl.when(line.holds()).then(pl.lit(line.service)) for line in NEEDS)
    rule = pl.coalesce(pl.when(line.holds()).then(pl.lit(line.rule)) for line in LEADS)
    services = {line.rule: line.service for line in LEADS if line.service != BY_NEED}
    return found.with_columns(rule.alias("lead_rule")).select(
        *WORLD,
        "entity_id",
        pl.col("lead_rule")
        .replace_strict({line.rule: line.lead for line in LEADS}, return_dtype=pl.String)
        .alias("lead"),
        pl.coalesce(pl.col("lead_rule").replace_strict(services, default=None, return_dtype=pl.String), need).alias(
            "next_service"
        ),
        "lead_rule",
        "lead_turns",
    )


def describe() -> str:
    """The two tables as Markdown, for the page of what is derived of persons."""
    leading = [["rule", "when", "who leads", "service"], ["---"] * 4]
    leading += [[f"`{x.rule}`", x.text, x.lead, f"`{x.service}`" if x.service else "by need"] for x in LEADS]
    needed = [["service by need", "when"], ["---"] * 2, *([f"`{need.service}`", need.text] for need in NEEDS)]
    tables = ["\n".join(f"| {' | '.join(cells)} |" for cells in table) for table in (leading, needed)]
    return "\n\n".join(tables) + "\n"


def _facts(world: World, answers: pl.DataFrame) -> pl.DataFrame:
    """What the rules look at, one row for each referral; only contracts of its own CPAS count."""
    of_referral = ("delegation", "digital_autonomy", pl.col("requested_action").str.split("|").alias("actions"))
    referred = orientations(world).select(*WORLD, "entity_id", *of_referral)
    told = read(answers, ("employability", "digital_autonomy")).select(
        *WORLD, "entity_id", "employability", pl.col("digital_autonomy").alias("digital_at_forem")
    )
    movement = read(world.tops("INSC"), ("movement",))
    registered = movement.select(*WORLD, "sid", pl.col("movement").is_in(["1", "3"]).alias("registered"))
    keys = [*WORLD, "entity_id"]
    return (
        world.referrals.select(*keys, "cpas", "sid", "cpas_view", "forem_view", "business_status")
        .join(referred, on=keys, how="left")
        .join(told, on=keys, how="left")
        .join(registered, on=[*WORLD, "sid"], how="left")
        .join(_contracts(world), on=[*WORLD, "cpas", "sid"], how="left")
        .with_columns(
            pl.col("registered", "employed", "ending").fill_null(value=False),
            pl.coalesce("digital_at_forem", "digital_autonomy").alias("digital"),
            pl.col("lead_turns").fill_null(pl.lit([], dtype=pl.List(pl.Date))),
        )
    )


def _contracts(world: World) -> pl.DataFrame:
    """Whether a contract runs, and whether all that run end soon."""
    on, soon = pl.col("on"), pl.col("end").dt.offset_by(f"-{MONTHS_BEFORE_THE_END}mo")
    found = contracts(situations(world)).with_columns(
        ((pl.col("start") <= on) & (on <= pl.col("end"))).alias("runs"), soon.alias("soon")
    )
    days = pl.concat_list("start", "soon", next_day(pl.col("end"))).list.explode()
    return found.group_by(*WORLD, "cpas", "sid").agg(
        pl.col("runs").any().alias("employed"),
        (pl.col("runs").any() & (pl.col("soon") <= pl.col("on")).filter("runs").all()).alias("ending"),
        days.alias("lead_turns"),
    )
