"""What the joint yearly report of Le Forem and the Fédération des CPAS counts, and in which French words.

Pure, whole columns at a time. Persons are counted, never rows: who was oriented several times in the year counts once,
by the orientation that began last, at the arrondissement of its CPAS. Whether a count may be shown is decided by
`hub.statistics`. Of an age the ledger knows in which five years somebody was born (docs/decisions/0043).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from contracts.meanings.codes import CODES
from hub.cohorts import YEARS
from hub.frames import STATES
from hub.said import CANCELLATION, Said, field
from hub.statistics import AREA, Dimension, Part, part

OTHER = "OTHER"
_ENDED = {  # how a completed referral ended, by its business status
    "EMPLOYED": "WORK",
    "SELF_EMPLOYED": "WORK",
    "ART60_STARTED": "ARTICLE",
    "ART61_STARTED": "ARTICLE",
    "TRAINING_COMPLETED": "TRAINED",
    "HANDED_BACK": "BACK",
}
_STANDS = {"ACCEPTED": "RECEIVED", "REFERRED_ONWARD": "IN_PROGRESS"}
_ASKED = {
    "REGISTRATION": "REGISTRATION",
    **dict.fromkeys(("ORIENTATION", "BILAN"), "GUIDANCE"),
    **dict.fromkeys(("COACHING", "JOB_MATCHING", "JOBDAY", "SELF_EMPLOYMENT", "ART60_EXIT"), "TO_WORK"),
    **dict.fromkeys(("RAN", "TRAINING", "FLE_ALPHA", "DIGITAL", "VALIDATION"), "LEARNING"),
    **dict.fromkeys(("MISIP", "ESSAI_METIER"), "TRIAL"),
}

STANDING = Dimension(
    "standing",
    "Où en est l'orientation",
    {
        "REQUESTED": "en attente d'une réponse",
        "EXPIRED": "sans réponse dans le délai",
        "RECEIVED": "reçue ou acceptée",
        "IN_PROGRESS": "en cours",
        "ON_HOLD": "suspendue",
        "REJECTED": "refusée",
        "WORK": "terminée : emploi",
        "ARTICLE": "terminée : article 60 § 7 ou 61",
        "TRAINED": "terminée : formation",
        "BACK": "terminée : rendue au CPAS",
        "FAILED": "interrompue",
        "CANCELLED": "annulée",
        OTHER: "autre",
    },
)
PUBLIC = Dimension("public", "Public", {code: words[0] for code, words in CODES["public"].items()} | {OTHER: "autre"})
ASKED = Dimension(
    "asked",
    "Ce que le CPAS demande",
    {
        "REGISTRATION": "inscription",
        "GUIDANCE": "orientation ou bilan",
        "LEARNING": "formation",
        "TRIAL": "stage ou essai-métier",
        "TO_WORK": "accompagnement vers l'emploi",
        "SEVERAL": "plusieurs de ces demandes",
        OTHER: "autre",
    },
)
DUTY = Dimension(
    "duty",
    "Inscription obligatoire au Forem",
    {
        "ON_TIME": "inscrite dans le délai",
        "LATE": "inscrite après le délai",
        "PENDING": "délai en cours",
        "OVERDUE": "délai dépassé, pas inscrite",
    },
)
ORIENTED = "Personnes orientées par un CPAS vers le Forem"
OBLIGED = "Personnes tenues de s'inscrire au Forem, dont le délai se termine dans l'année"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one year as the ledger has them on one day; `k` is the least count that is shown."""

    year: int
    on: date
    k: int
    parts: tuple[Part, ...]

    @property
    def provisional(self) -> bool:
        """Whether the year was not over."""
        return self.on <= date(self.year, 12, 31)

    @property
    def hidden(self) -> int:
        """How many counts are hidden in all."""
        return sum(part.hidden for part in self.parts)


def report(year: int, on: date, k: int, oriented: pl.DataFrame, obliged: pl.DataFrame) -> Report:
    """The report of these persons, as `oriented_in` and `obliged_in` give them, with their arrondissement and age."""
    parts = (
        part(ORIENTED, oriented, (STANDING, PUBLIC, ASKED, ages(year)), k),
        part(OBLIGED, obliged, (DUTY, ages(year)), k),
    )
    return Report(year, on, k, parts)


def oriented_in(year: int, states: pl.DataFrame, cpas: Said) -> pl.DataFrame:
    """Who was oriented in this year: `sid`, `cpas` and the columns of STANDING, PUBLIC and ASKED.

    `states` are those of referrals (STATES) and `cpas` what the CPAS say of them. An orientation is of the year in
    which the first of its notices that was not taken back has its effective date.
    """
    live = cpas.notices.filter(pl.col("notice_status") != CANCELLATION)
    began = live.group_by("entity_id").agg(began=pl.col("effective_date").min())
    asked = cpas.top.select("entity_id", field("public"), field("requested_action"))
    found = (
        states.select("entity_id", "sid", "cpas", "state", "business_status")
        .drop_nulls(["sid", "cpas"])
        .join(began.filter(pl.col("began").dt.year() == year), on="entity_id")
        .join(asked, on="entity_id")
    )
    columns = ("sid", "cpas", _standing(), "public", _asked())
    return _once(found, "began").select(columns)


def obliged_in(year: int, states: pl.DataFrame) -> pl.DataFrame:
    """Whose last day to register lies in this year: `sid`, `cpas` and the column of DUTY.

    It is the duty as it stands: whose right is over has none any more, and is not among them.
    """
    runs = pl.col("state").is_in(list(DUTY.labels)) & (pl.col("due").dt.year() == year)
    found = states.select(list(STATES)).filter(runs).drop_nulls(["sid", "cpas"])
    return _once(found, "due").select("sid", "cpas", pl.col("state").alias(DUTY.name))


def ages(year: int) -> Dimension:
    """The ages that persons reach in this year, in bands whose ends fall between two cohorts, and so move with it."""
    starts = _starts(year)
    oldest = [year - start for start in starts]  # the age of who was born in the first year of the band
    bands = [f"{younger + 1} à {age} ans" for younger, age in pairwise(oldest)]
    names = [f"{oldest[0]} ans ou moins", *bands, f"{oldest[-1] + 1} ans ou plus", "inconnu"]
    codes = [*map(str, starts), "OLDER", OTHER]
    return Dimension("age", f"Âge atteint en {year}", dict(zip(codes, names, strict=True)))


def aged(persons: pl.DataFrame, cohorts: pl.DataFrame, year: int) -> pl.DataFrame:
    """The persons with the band of `ages` in which each is; `cohorts` says in which five years each was born."""
    born = pl.col("born")
    bands = [pl.when(born >= start).then(pl.lit(str(start))) for start in _starts(year)]
    known = pl.when(born.is_not_null()).then(pl.lit("OLDER")).otherwise(pl.lit(OTHER))
    return persons.join(cohorts, on="sid", how="left").with_columns(age=pl.coalesce(*bands, known)).drop("born")


def _starts(year: int) -> list[int]:
    """The first year of birth of each band but the oldest, from the youngest, who are 21 to 25 at most."""
    youngest = (year - 21) // YEARS * YEARS
    return [youngest - years for years in (0, 5, 15, 25, 35)]


def placed(persons: pl.DataFrame, areas: Mapping[str, str]) -> pl.DataFrame:
    """The persons with the arrondissement of their CPAS; those of a CPAS outside `areas` are left out."""
    area = pl.col("cpas").replace_strict(areas, default=None, return_dtype=pl.String)
    return persons.with_columns(area.alias(AREA)).drop_nulls(AREA)


def _once(found: pl.DataFrame, day: str) -> pl.DataFrame:
    """One row for each person: the last by day, and by its own name where several have that day."""
    return found.sort("sid", day, "entity_id").unique("sid", keep="last", maintain_order=True)


def _standing() -> pl.Expr:
    ended = pl.col("business_status").replace_strict(_ENDED, default=OTHER, return_dtype=pl.String)
    stands = pl.col("state").replace(_STANDS)
    return pl.when(pl.col("state") == "COMPLETED").then(ended).otherwise(stands).alias(STANDING.name)


def _asked() -> pl.Expr:
    kinds = pl.element().replace_strict(_ASKED, default=OTHER, return_dtype=pl.String)
    kinds_asked = pl.col("requested_action").str.split("|").list.eval(kinds).list.unique()
    alone = kinds_asked.list.len() == 1
    return pl.when(alone).then(kinds_asked.list.first()).otherwise(pl.lit("SEVERAL")).alias(ASKED.name)
