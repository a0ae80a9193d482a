"""What one side says: which of its rows prevail, which versions are contested, and since when it holds anything.

A notice is one effective date. Inside it the highest version prevails, a cancellation makes it absent. Two
contents at one version are left out: the side keeps its last uncontested state. Frames in, frames out, whatever
the order of what comes in; the other side and the meaning of a status are left to others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hub.frames import Schema

CORRECTION, CANCELLATION = 1, 9  # notice_status: of what was said of a date; 0 is a full state

ENTITY = ("entity_id",)
_ORDER = ("own", "version")  # the sender's own order: a successor's rows come after those of the one it took over
_READ = (*_ORDER, "notice_status", "effective_date", "recorded_at", "received_on")
_STATEMENT = ("source", "version", "content", "sid")


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says of each entity. `by` are the columns that tell entities apart.

    `sides` has one row for each entity of which anything was said, contested or not:
    `version`, the highest one read, with `source` and `cpas` of its row; `contested`, whether a version with two
    contents could still change what the side says; `stale`, whether the row recorded last is not the one with the
    highest version; `live`, how many notices are not cancelled; `rows`, how many rows are not contested; `person`,
    whom it is about (the live notice, else the last row, else the one person of the contested rows); `held_since`,
    the day since which the side has, or has no, live notice (null when `rows` is 0); `gap`, the first day on which
    a version that is still missing could be seen to be (see `gaps`).

    `rows_at`, `notices_at` and `stated_at` say where in `events` its uncontested rows are, those that prevail for each
    date, and what was said and still stands: what a correction replaces is left out, and what a cancellation empties.
    The rows of one entity are together; those of `stated_at` are by date, then in the sender's order.
    """

    events: pl.DataFrame
    by: tuple[str, ...]
    sides: pl.DataFrame
    rows_at: pl.Series
    notices_at: pl.Series
    stated_at: pl.Series

    @property
    def notices(self) -> pl.DataFrame:
        """For each effective date the row that prevails, cancellations included; in order of date."""
        return self.events[self.notices_at].sort(*self.by, "effective_date")

    @property
    def top(self) -> pl.DataFrame:
        """The live notice with the latest effective date; an entity without live notice has none."""
        return self.events[self.top_at]

    @property
    def top_at(self) -> pl.Series:
        """Where in `events` the rows of `top` are: the last of what stands."""
        keys = self.events.select(self.by)[self.stated_at]
        return self.stated_at.filter(keys.select(_last(self.by)).to_series())


def said(events: pl.DataFrame, by: Sequence[str] = ENTITY) -> Said:
    """Return what one side says in events of its own; aliases resolved, `own` and `cpas` as of today.

    Most senders speak plainly: one row for each version and date, in one order of versions, dates, writing and
    arrival, and no cancellation. Then every row prevails and the last one is the state; only the others are
    looked at closely.
    """
    by = tuple(by)
    if events.is_empty():
        return _nothing(events, by)
    slim = events.select(*by, *_READ, at=pl.int_range(pl.len(), dtype=pl.UInt32)).sort(*by, *_ORDER)
    marked = slim.select(*by, "at", "version", "received_on", *_marks(by))
    first, last = marked.filter("opens"), marked.filter("closes")
    rows = last["nth"] - first["nth"] + 1
    odd = (last["odds"] - first["odds"] + first["odd"]) > 0
    plain_at, odd_at = _parted(marked, odd)
    _, doubtful_at = _parted(marked, odd | (last["version"] != rows))
    plain = last.select(*by, "at").with_columns(rows.alias("rows"), first["received_on"].alias("held_since"))
    sides = _plain_sides(plain.filter(~odd) if odd_at.len() else plain, events, by)
    if odd_at.is_empty():
        return Said(events, by, _with_gaps(sides, events, doubtful_at, by), plain_at, plain_at, plain_at)
    close = _closely(events.select(*by, *_closely_read(events))[odd_at].with_columns(at=odd_at), by)
    return Said(
        events,
        by,
        _with_gaps(pl.concat([sides, close.sides]), events, doubtful_at, by),
        pl.concat([plain_at, close.rows]),
        pl.concat([plain_at, close.notices]),
        pl.concat([plain_at, close.stated]),
    )


def _nothing(events: pl.DataFrame, by: tuple[str, ...]) -> Said:
    nowhere = pl.Series("at", [], pl.UInt32)
    keys = {name: events.schema[name] for name in by}
    return Said(events, by, pl.DataFrame(schema={**keys, **_SIDE, "gap": pl.Date()}), nowhere, nowhere, nowhere)


def distinct(events: pl.DataFrame, by: Sequence[str] = ENTITY) -> pl.DataFrame:
    """Return each statement once, as first received; one content about two persons is two statements.

    By what is said and not by event id, which holds the subject id of before two of them became one.
    """
    received = events.sort("received_at", "message_id", "line")
    return received.unique([*by, *_STATEMENT], keep="first", maintain_order=True)


def gaps(events: pl.DataFrame, by: Sequence[str] = ENTITY) -> pl.DataFrame:
    """Return `by` and `gap` of the entities in which a version between 1 and the highest is missing.

    `gap` is the first day on which the lowest missing one could be seen to be missing. A successor may go on
    with the numbers of the CPAS that it took over, so the versions of one side count as one sequence.
    """
    by = tuple(by)
    missing = pl.col("version").max() > pl.col("version").n_unique()
    open_ones = events.group_by(by).agg(open=missing).filter("open")
    if open_ones.is_empty():
        return pl.DataFrame(schema={**{name: events.schema[name] for name in by}, "gap": pl.Date()})
    rows = events.join(open_ones, on=by, how="semi")
    above = rows.filter(pl.col("version") > pl.col("version").rank("dense").over(by))
    return above.group_by(by).agg(gap=pl.col("received_on").min())


def field(name: str) -> pl.Expr:
    """One coded column of the payload, null where it is absent; coded columns hold no quotes or backslashes."""
    return pl.col("payload").str.extract(rf'"{name}":\s*"([^"]*)"').alias(name)


# --- plainly said ---------------------------------------------------------------------------------------


def _marks(by: tuple[str, ...]) -> list[pl.Expr]:
    """Where each entity begins, and which rows are out of the plain order of the row before."""
    opens = _differs(by, 1)
    unlike_the_one_before = (
        pl.col("own").ne(pl.col("own").shift(1))
        | (pl.col("version") == pl.col("version").shift(1))
        | (pl.col("effective_date") <= pl.col("effective_date").shift(1))
        | (pl.col("recorded_at") < pl.col("recorded_at").shift(1))
        | (pl.col("received_on") < pl.col("received_on").shift(1))
    )
    odd = (pl.col("notice_status") == CANCELLATION) | (~opens & unlike_the_one_before)
    return [
        opens.alias("opens"),
        _differs(by, -1).alias("closes"),
        odd.fill_null(value=False).alias("odd"),
        odd.fill_null(value=False).cum_sum().cast(pl.Int64).alias("odds"),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("nth"),
        (opens.cum_sum() - 1).alias("nth_entity"),
    ]


def _differs(by: tuple[str, ...], step: int) -> pl.Expr:
    """Whether a row is of another entity than the one before (1) or after (-1); true at the ends."""
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(step)) for name in by) | _at_the_end(step)


def _at_the_end(step: int) -> pl.Expr:
    return pl.int_range(pl.len()) == (0 if step > 0 else pl.len() - 1)


def _last(by: tuple[str, ...]) -> pl.Expr:
    return _differs(by, -1).alias("last")


def _parted(marked: pl.DataFrame, odd: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return where the rows of the plain entities are, and those of the odd ones."""
    if not odd.any():
        return marked["at"], marked["at"].clear()
    of_odd = odd.gather(marked["nth_entity"])
    return marked["at"].filter(~of_odd), marked["at"].filter(of_odd)


def _plain_sides(plain: pl.DataFrame, events: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    tops = events.select("version", "source", "cpas", person="sid")[plain["at"]]
    flags = {"contested": pl.lit(value=False), "stale": pl.lit(value=False), "live": pl.col("rows")}
    return pl.concat([plain, tops], how="horizontal").select(
        *by, *(flags.get(name, pl.col(name)).alias(name) for name in _SIDE)
    )


def _with_gaps(sides: pl.DataFrame, events: pl.DataFrame, doubtful_at: pl.Series, by: tuple[str, ...]) -> pl.DataFrame:
    """The sides with `gap`; only in the rows of doubtful entities can there be one."""
    if doubtful_at.is_empty():
        return sides.with_columns(gap=pl.lit(None, pl.Date))
    return sides.join(gaps(events.select(*by, "version", "received_on")[doubtful_at], by), on=by, how="left")


_SIDE: Schema = {
    "version": pl.Int64(),
    "source": pl.String(),
    "cpas": pl.String(),
    "contested": pl.Boolean(),
    "stale": pl.Boolean(),
    "live": pl.UInt32(),
    "rows": pl.UInt32(),
    "person": pl.String(),
    "held_since": pl.Date(),
}


# --- looked at closely ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Close:
    sides: pl.DataFrame
    rows: pl.Series
    notices: pl.Series
    stated: pl.Series


def _closely_read(events: pl.DataFrame) -> list[str]:
    wanted = {*_READ, *_STATEMENT, "cpas", "received_at", "message_id", "line"}
    return [name for name in events.columns if name in wanted]


def _closely(events: pl.DataFrame, by: tuple[str, ...]) -> _Close:
    known = distinct(events, by).sort(*by, *_ORDER, "source", descending=[False] * (len(by) + 2) + [True])
    known = known.with_columns(disputed=pl.len().over(*by, *_ORDER) > 1)
    some = known["disputed"].any()
    rows = _read_closely(known.filter(~pl.col("disputed")) if some else known, by)
    notices = rows.filter("prevails")
    sides = (
        known.group_by(by, maintain_order=True)
        .agg(pl.col("version", "source", "cpas").last(), rows=(~pl.col("disputed")).sum())
        .join(_of_rows(rows, by), on=by, how="left")
    )
    if some:
        sides = sides.join(_of_disputed(known.filter("disputed"), notices, by), on=by, how="left")
    else:
        sides = sides.with_columns(contested=pl.lit(value=False), disputed_sid=pl.lit(None, pl.String))
    sides = sides.with_columns(
        pl.col("contested", "stale").fill_null(value=False),
        pl.col("live").fill_null(0).cast(pl.UInt32),
        pl.col("rows").cast(pl.UInt32),
        person=pl.coalesce("top_sid", "last_sid", "disputed_sid"),
    ).select(*by, *_SIDE)
    stated = rows.filter("stands").sort(*by, "effective_date", *_ORDER)
    return _Close(sides, rows["at"], notices["at"], stated["at"])


def _read_closely(rows: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Mark which rows prevail on their date, which still stand, and how often the side turns after each.

    What stands is what was said of a date from its last correction on, and nothing of what is cancelled. A side turns
    where it comes to hold some live notice, or none; an update does not turn it.
    """
    date = (*by, "effective_date")
    live = pl.col("notice_status") != CANCELLATION
    restarts = pl.col("notice_status").is_in([CORRECTION, CANCELLATION]).cast(pl.Int32)
    change = live.cast(pl.Int32) - live.shift(1, fill_value=False).over(date).cast(pl.Int32)
    turned = pl.col("holds") != pl.col("holds").shift(1, fill_value=False).over(by)
    counted = rows.with_columns(
        live=live,
        prevails=pl.col("at") == pl.col("at").last().over(date),
        stands=live & (restarts.cum_sum(reverse=True).over(date) == restarts),
        holds=change.cum_sum().over(by) > 0,
    )
    return counted.with_columns(turns=turned.cast(pl.Int32).cum_sum(reverse=True).over(by) - turned.cast(pl.Int32))


def _of_rows(rows: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Whether a side is stale, whom it is about, how many notices live, since when it has some, or none."""
    freshest = pl.col("stands") & (pl.col("effective_date") == pl.col("effective_date").filter("stands").max())
    return rows.group_by(by).agg(
        stale=pl.col("recorded_at").max() > pl.col("recorded_at").last(),
        live=(pl.col("prevails") & pl.col("live")).sum(),
        top_sid=pl.col("sid").filter(freshest).last(),
        last_sid=pl.col("sid").last(),
        held_since=pl.col("received_on").filter(pl.col("turns") == 0).min(),
    )


def _of_disputed(disputed: pl.DataFrame, notices: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Whether some version is still disputed, and whom the disputed rows are about if that is one person.

    It is settled when the sender has spoken again with a higher version: of that date, or of a later, live one.
    """
    own, version = pl.col("own_later"), pl.col("version_later")
    higher = (own & ~pl.col("own")) | ((own == pl.col("own")) & (version > pl.col("version")))
    date, later = pl.col("effective_date"), pl.col("effective_date_later")
    speaks = (later == date) | ((later > date) & (pl.col("notice_status_later") != CANCELLATION))
    again = notices.select(*by, pl.col(*_ORDER, "effective_date", "notice_status").name.suffix("_later"))
    settled = disputed.join(again, on=by).filter(higher & speaks)["at"]
    one_person = pl.when(pl.col("sid").n_unique() == 1).then(pl.col("sid").first())
    left = ~pl.col("at").is_in(settled.implode())
    return disputed.group_by(by).agg(contested=left.any(), disputed_sid=one_person)
