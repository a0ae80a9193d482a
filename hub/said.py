"""What one side says: which of its rows prevail, which versions are contested, and since when it holds anything.

A notice is one effective date. Inside it the highest version prevails, a cancellation makes it absent. Two
contents at one version are left out: the side keeps its last uncontested state. Frames in, frames out, whatever
the order of what comes in; the other side and the meaning of a status are left to others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

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
    slim = events.select(*by, *_READ, at=pl.int_range(pl.len(), dtype=pl.UInt32)).sort(*by, *_ORDER)
    marked = slim.select(*by, "at", "version", "received_on", *_marks(by))
    first, last = marked.filter("opens"), marked.filter(_last(by))
    rows = last["nth"] - first["nth"] + 1
    odd = (last["odds"] - first["odds"] + first["odd"]) > 0
    plain_at, odd_at = _parted(marked, odd)
    close = _closely(events.select(*by, *_closely_read(events))[odd_at].with_columns(at=odd_at), by)
    plain = pl.DataFrame(
        {
            **{name: last[name] for name in by},
            "at": last["at"],
            "rows": rows,
            "held_since": first["received_on"],
        }
    ).filter(~odd)
    _, doubtful_at = _parted(marked, odd | (last["version"] != rows))
    gap = gaps(events.select(*by, "version", "received_on")[doubtful_at], by)
    sides = pl.concat([_plain_sides(plain, events, by), close.sides])
    return Said(
        events,
        by,
        sides.join(gap, on=by, how="left") if gap.height else sides.with_columns(gap=pl.lit(None, pl.Date)),
        pl.concat([plain_at, close.rows]),
        pl.concat([plain_at, close.notices]),
        pl.concat([plain_at, close.stated]),
    )


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
    versions = pl.col("version").n_unique()
    open_ones = events.group_by(by).agg(pl.col("version").max() > versions).filter("version").select(by)
    rows = events.select(*by, "version", "received_on").join(open_ones, on=by, how="semi")
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
    flags = {"contested": pl.lit(value=False), "stale": pl.lit(value=False), "live": "rows"}
    return pl.concat([plain, tops], how="horizontal").with_columns(**flags).select(*by, *_SIDE)


_SIDE = ("version", "source", "cpas", "contested", "stale", "live", "rows", "person", "held_since")


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
    rows, disputed = known.filter(~pl.col("disputed")), known.filter("disputed")
    notices = rows.unique([*by, "effective_date"], keep="last", maintain_order=True)
    stated = _stated(rows, by)
    sides = (
        known.group_by(by, maintain_order=True)
        .agg(pl.col("version", "source", "cpas").last(), rows=(~pl.col("disputed")).sum())
        .join(_of_rows(rows, by), on=by, how="left")
        .join(_of_notices(notices, stated, by), on=by, how="left")
        .join(_of_disputed(disputed, notices, by), on=by, how="left")
        .with_columns(
            pl.col("live").fill_null(0).cast(pl.UInt32),
            pl.col("rows").cast(pl.UInt32),
            pl.col("contested", "stale").fill_null(value=False),
            person=pl.coalesce("top_sid", "last_sid", "disputed_sid"),
        )
    )
    return _Close(sides.select(*by, *_SIDE), rows["at"], notices["at"], stated["at"])


def _stated(rows: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """What still stands: of each date what was said from its last correction on, nothing of what is cancelled."""
    restarts = pl.col("notice_status").is_in([CORRECTION, CANCELLATION]).cast(pl.Int32)
    later = restarts.cum_sum(reverse=True).over(*by, "effective_date") - restarts
    by_date = rows.sort(*by, "effective_date", *_ORDER)
    return by_date.filter((later == 0) & (pl.col("notice_status") != CANCELLATION))


def _of_rows(rows: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Whether a side is stale, and since when it has some live notice, or none; an update does not restart it."""
    live = pl.col("notice_status") != CANCELLATION
    change = live.cast(pl.Int32) - live.shift(1, fill_value=False).over(*by, "effective_date").cast(pl.Int32)
    counted = rows.with_columns(holds=change.cum_sum().over(by) > 0)
    turned = pl.col("holds") != pl.col("holds").shift(1, fill_value=False).over(by)
    since_turn = counted.with_columns(
        turns=turned.cast(pl.Int32).cum_sum(reverse=True).over(by) - turned.cast(pl.Int32)
    )
    return since_turn.group_by(by).agg(
        stale=pl.col("recorded_at").max() > pl.col("recorded_at").last(),
        last_sid=pl.col("sid").last(),
        held_since=pl.col("received_on").filter(pl.col("turns") == 0).min(),
    )


def _of_notices(notices: pl.DataFrame, stated: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    live = notices.group_by(by).agg(live=(pl.col("notice_status") != CANCELLATION).sum())
    return live.join(stated.group_by(by, maintain_order=True).agg(top_sid=pl.col("sid").last()), on=by, how="left")


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
