"""Both sides' views on each referral: what each says of it, of whom, which steps are illegal, what is mistaken.

Frames in, one row for each key out: a key is a referral, or a referral as it was on some day. The tables of
`hub.lifecycle` say which step may follow which; what the views come to together is left to `hub.reconcile`.
"""

from dataclasses import dataclass

import polars as pl

from hub.lifecycle import JOINS, NONE, CpasView, Status, allowed
from hub.model import Side
from hub.said import CANCELLATION, Said, gaps, said

CPAS_VIEWS = tuple(view.value for view in CpasView)
FOREM_VIEWS = (NONE, *(status.value for status in Status if any(status in line.forem for line in JOINS)))
_ABSENT, _OPEN, _WITHDRAWN = (CPAS_VIEWS.index(view) for view in (CpasView.ABSENT, CpasView.OPEN, CpasView.WITHDRAWN))
_SILENT, _CANCELLED = FOREM_VIEWS.index(NONE), FOREM_VIEWS.index(Status.CANCELLED)
_BY = ("key",)


@dataclass(frozen=True, slots=True)
class Views:
    """Both sides on each key. `forem` holds its rows on the referral's person only.

    `found` has one row for each key, in order: the `sides` of both (prefixed `cpas_` and `forem_`), `person`,
    `cpas_view` and `forem_view` (positions in CPAS_VIEWS and FOREM_VIEWS), `illegal`, `other_person`, `gap`, and
    `forem_at`, where in `forem.events` its live notice is.
    """

    cpas: Said
    forem: Said
    found: pl.DataFrame


def views(rows: pl.DataFrame, keys: int) -> Views:
    """Read both sides' rows; their `key` is one of 0 to `keys` - 1, `status` is that of Le Forem's rows."""
    cpas = said(rows.filter(pl.col("side") == Side.CPAS), _BY)
    base = _each_key(keys).join(_prefixed(cpas.sides, "cpas"), on="key", how="left", maintain_order="left")
    answers = rows.filter(pl.col("side") == Side.FOREM)
    right = _of_the_person(answers, base)
    forem = said(answers if right.all() else answers.filter(right), _BY)
    found = base.join(_prefixed(forem.sides, "forem"), on="key", how="left", maintain_order="left")
    found = found.join(_tops(forem), on="key", how="left", maintain_order="left").with_columns(*_viewed())
    strange = answers.filter(~right)
    return Views(cpas, forem, _marked(found, forem, answers, strange))


def core(status: pl.Expr) -> pl.Expr:
    """The position of a core status in FOREM_VIEWS; one that the contract should have refused counts as none."""
    places = {name: place for place, name in enumerate(FOREM_VIEWS)}
    return status.replace_strict(places, default=_SILENT, return_dtype=pl.UInt8)


def told_on(views: Views) -> pl.DataFrame:
    """When the present CANCELLED of an open referral was received; a correction that keeps it is no news."""
    asked = (pl.col("cpas_view") == _OPEN) & (pl.col("forem_view") == _CANCELLED)
    top = views.forem.events.select("key", "effective_date")[views.found.filter(asked)["forem_at"]]
    read = ("key", "own", "version", "notice_status", "effective_date", "received_on", "status")
    rows = views.forem.events.select(read)[views.forem.rows_at].join(top, on=["key", "effective_date"], how="semi")
    kept = (pl.col("notice_status") != CANCELLATION) & (pl.col("status") == _CANCELLED)
    broken = (~kept).cast(pl.Int32).cum_sum(reverse=True).over("key")
    run = rows.sort("key", "own", "version").filter(broken == 0)
    return run.group_by("key").agg(told_on=pl.col("received_on").min())


def withdrawn_at(views: Views) -> pl.DataFrame:
    """When the last row of a withdrawn referral was written down."""
    asked = views.found.filter(pl.col("cpas_view") == _WITHDRAWN).select("key")
    read = ("key", "own", "version", "recorded_at")
    rows = views.cpas.events.select(read)[views.cpas.rows_at].join(asked, on="key", how="semi")
    rows = rows.sort("key", "own", "version")
    return rows.group_by("key", maintain_order=True).agg(withdrawn_at=pl.col("recorded_at").last())


def _each_key(keys: int) -> pl.DataFrame:
    return pl.DataFrame({"key": pl.int_range(keys, dtype=pl.UInt32, eager=True)})


def _prefixed(sides: pl.DataFrame, side: str) -> pl.DataFrame:
    return sides.select("key", pl.exclude("key").name.prefix(f"{side}_"))


def _of_the_person(answers: pl.DataFrame, base: pl.DataFrame) -> pl.Series:
    """Whether each answer is about the person of its referral, or there is no referral to say who that is."""
    key = answers["key"]
    person, known = base["cpas_person"].gather(key), base["cpas_version"].is_not_null().gather(key)
    return ~known | (person == answers["sid"]).fill_null(value=False)


def _tops(forem: Said) -> pl.DataFrame:
    at = forem.top_at
    tops = forem.events.select("key", forem_status="status", forem_date="effective_date")[at]
    return tops.with_columns(at.alias("forem_at"))


def _viewed() -> list[pl.Expr]:
    held = pl.col("cpas_rows").fill_null(0) > 0
    view = pl.when(pl.col("cpas_live") > 0).then(_OPEN).when(held).then(_WITHDRAWN).otherwise(_ABSENT)
    whom = pl.when(pl.col("cpas_version").is_not_null()).then("cpas_person")
    return [
        view.cast(pl.UInt8).alias("cpas_view"),
        pl.col("forem_status").fill_null(_SILENT).alias("forem_view"),
        whom.when(pl.col("forem_at").is_not_null()).then("forem_person").alias("person"),
    ]


def _marked(found: pl.DataFrame, forem: Said, answers: pl.DataFrame, strange: pl.DataFrame) -> pl.DataFrame:
    """Add what takes more than one row to see: illegal steps, rows on another person, missing versions."""
    hidden = gaps(answers.join(strange, on="key", how="semi"), _BY).rename({"gap": "hidden_gap"})
    found = found.join(hidden, on="key", how="left", maintain_order="left")
    no_strangers = ~pl.col("key").is_in(strange["key"].unique().implode())
    forem_gap = pl.when(no_strangers).then("forem_gap").otherwise("hidden_gap")
    return found.with_columns(
        pl.col("key").is_in(_illegal(forem).implode()).alias("illegal"),
        pl.col("key").is_in(_on_others(found, forem, answers, strange).implode()).alias("other_person"),
        pl.min_horizontal("cpas_gap", forem_gap).alias("gap"),
    )


def _illegal(forem: Said) -> pl.Series:
    """The keys at which a status may not follow the one before it; several on one day go in order of version."""
    may = [
        a * 16 + b for a, before in enumerate(_BEFORE) for b, after in enumerate(FOREM_VIEWS) if allowed(before, after)
    ]
    steps = forem.events.select("key", "status")[forem.stated_at]
    goes_on = pl.col("key") == pl.col("key").shift(1)
    before = pl.when(goes_on).then(pl.col("status").shift(1)).otherwise(_SILENT)
    illegal = ~(before.cast(pl.UInt8) * 16 + pl.col("status")).is_in(may)
    return steps.filter(illegal)["key"].unique()


_BEFORE = (Status.REQUESTED.value, *FOREM_VIEWS[1:])  # nothing said yet: the referral was asked for


def _on_others(found: pl.DataFrame, forem: Said, answers: pl.DataFrame, strange: pl.DataFrame) -> pl.Series:
    """The keys at which Le Forem's last word on some date is about another person and is not moot.

    It is moot when it cancels and there is no live notice of the right person on that date.
    """
    if strange.is_empty():
        return strange["key"]
    person = found.filter(pl.col("person").is_not_null()).select("key", "person")
    asked = answers.join(strange, on="key", how="semi").join(person, on="key")
    stated = forem.events.select("key", "effective_date")[forem.stated_at].join(strange, on="key", how="semi")
    live = stated.unique().with_columns(live=pl.lit(value=True))
    last = asked.filter(pl.col("version") == pl.col("version").max().over("key", "effective_date"))
    last = last.join(live, on=["key", "effective_date"], how="left")
    moot = (pl.col("notice_status") == CANCELLATION) & pl.col("live").is_null()
    return last.filter((pl.col("sid") != pl.col("person")) & ~moot)["key"].unique()
