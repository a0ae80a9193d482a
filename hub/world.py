"""What both sides say of persons, ready to be judged, on one day or on several days of the past at once.

A world is a day (`on`) and a `cluster`, a number for the entities that are read together; it knows only what had
been received by then. Today's world has them all. Every frame begins with these two columns, so that one and the
same rule reads today and the past. No rule is here: what holds is judged by the module of each kind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from hub.lifecycle import CpasView
from hub.model import EntityKind, Side
from hub.reasons import classed
from hub.said import CANCELLATION, Said, said

WORLD = ("cluster", "on")
ENDS = ("RI_REFUSAL", "RI_WITHDRAWAL", "TRANSFER_OUT", "DECEASED")  # kinds of situation that end a right

_OF_REFERRALS = ("ORIE", "STAT")
_WITHIN_PERSON = ("SITU", "MOBI")  # an answering CPAS takes over what its predecessors said of a person
_KEPT = ("entity_id", "feed", "cpas", "sid", "about", "version", "notice_status", "effective_date", "received_on")

JUDGED: dict[str, pl.DataType] = {
    "entity_id": pl.String(),
    "kind": pl.String(),
    "cpas": pl.String(),
    "sid": pl.String(),
    "cpas_view": pl.String(),
    "forem_view": pl.String(),
    "state": pl.String(),
    "status_date": pl.Date(),
    "reason": pl.String(),
    "codes": pl.List(pl.String()),
    "due": pl.Date(),
    "turns": pl.List(pl.Date()),  # the days on which time alone may change the row
    "cpas_version": pl.Int64(),
    "forem_version": pl.Int64(),
}


@dataclass(frozen=True)
class World:
    """What is said of persons in each world.

    `notices` are the prevailing rows of persons and of the events they are sent to, cancellations included, those of
    a CPAS and of its predecessors as one; `sides` has one row for each such entity (`version`, `contested`, `stale`,
    `rows`, `live`, `person`, `held_since`). `referred` is the CPAS's live notice of each referral, or a row with
    `effective_date` null when it has none, with the same columns as `sides`. `referrals` are the states of pass 1.
    `events` are the rows from which all this was read. What several rules read is made once.
    """

    notices: pl.DataFrame
    sides: pl.DataFrame
    referred: pl.DataFrame
    referrals: pl.DataFrame
    events: pl.DataFrame
    _made: dict["Made", pl.DataFrame] = field(default_factory=dict)

    def tops(self, feed: str) -> pl.DataFrame:
        """The live notice with the latest effective date of each entity of a feed."""
        return self.live(feed).unique([*WORLD, "entity_id"], keep="last", maintain_order=True)

    def live(self, feed: str) -> pl.DataFrame:
        """The notices of a feed that are not cancelled, by entity and effective date."""
        return self._live[feed] if feed in self._live else self.notices.clear()

    def side(self, feed: str) -> pl.DataFrame:
        """One row for each entity of a feed, cancelled and contested ones included."""
        return self._sides[feed] if feed in self._sides else self.sides.clear()

    def of(self, feed: str) -> pl.DataFrame:
        """All rows of a feed, of every sender."""
        return self._events[feed] if feed in self._events else self.events.clear()

    def once(self, make: "Made") -> pl.DataFrame:
        """What `make` reads in this world."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    @cached_property
    def _live(self) -> Mapping[str, pl.DataFrame]:
        live = self.notices.filter(pl.col("notice_status") != CANCELLATION)
        return _by_feed(live.sort(*WORLD, "entity_id", "effective_date"))

    @cached_property
    def _sides(self) -> Mapping[str, pl.DataFrame]:
        return _by_feed(self.sides)

    @cached_property
    def _events(self) -> Mapping[str, pl.DataFrame]:
        return _by_feed(self.events)


Made = Callable[[World], pl.DataFrame]


def named(events: pl.DataFrame) -> pl.DataFrame:
    """Events whose entity is named by who answers today and whom it is about today.

    A merger of CPAS and a succession of NISS make two entities of the ledger one.
    """
    rest = pl.col("entity_id").str.splitn("|", 4).struct.field("field_3")
    who = pl.coalesce("cpas", "source")
    within = pl.concat_str("feed", who, "sid", rest, separator="|", ignore_nulls=True)
    own_name = pl.col("feed").is_in([*_WITHIN_PERSON, "INSC"])
    return events.with_columns(pl.when(own_name).then(within).otherwise("entity_id").alias("entity_id"))


def world(events: pl.DataFrame, referrals: pl.DataFrame) -> World:
    """Read what is said in each world: `events` (named) and states of `referrals` with the columns of a world."""
    said_of_persons = _said(events.filter(~pl.col("feed").is_in(_OF_REFERRALS)))
    orientations = said(events.filter(pl.col("feed") == "ORIE"), (*WORLD, "entity_id"))
    notices = _notices(said_of_persons)
    return World(notices, _sides(said_of_persons, notices), _referred(orientations), referrals, events)


def standing(events: pl.DataFrame) -> pl.DataFrame:
    """The notices of some rows of one feed that are not cancelled, in each world, by entity and effective date."""
    live = prevailing(events).filter(pl.col("notice_status") != CANCELLATION)
    return live.sort(*WORLD, "entity_id", "effective_date")


def prevailing(events: pl.DataFrame) -> pl.DataFrame:
    """The rows that prevail on their date among some rows of one feed, in each world; cancellations included."""
    return _prevailing(_said(events))


def placed(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    """Put events, or states, into the one world of a day."""
    return frame.with_columns(pl.lit(0, pl.UInt32).alias("cluster"), pl.lit(day).cast(pl.Date).alias("on"))


def read(frame: pl.DataFrame, texts: Sequence[str] = (), days: Sequence[str] = ()) -> pl.DataFrame:
    """Add columns of the payload: texts, and days as dates; null where they are absent."""
    payload = pl.Struct(dict.fromkeys((*texts, *days), pl.String()))
    if frame.is_empty():
        given = {name: kind for name, kind in frame.schema.items() if name != "payload"}
        return pl.DataFrame(schema={**given, **dict.fromkeys(texts, pl.String()), **dict.fromkeys(days, pl.Date())})
    found = frame.with_columns(pl.col("payload").str.json_decode(payload)).unnest("payload")
    return found.with_columns(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in days) if days else found


def judged(frame: pl.DataFrame, kind: EntityKind) -> pl.DataFrame:
    """The columns that every kind gives, in their order, with class and owner; those not given are null."""
    given = frame.with_columns(pl.lit(str(kind)).alias("kind"))
    columns = [
        (pl.col(name) if name in given.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in JUDGED.items()
    ]
    return classed(given.select(*WORLD, *columns))


def first_of(*reasons: tuple[pl.Expr, str], otherwise: pl.Expr | str) -> pl.Expr:
    """The reason of the first condition that holds; a condition that is null does not."""
    last = pl.lit(otherwise) if isinstance(otherwise, str) else otherwise
    return pl.coalesce(*(pl.when(holds).then(pl.lit(reason)) for holds, reason in reasons), last).alias("reason")


def codes(*found: tuple[pl.Expr, str]) -> pl.Expr:
    """The codes whose conditions hold, in the order given, which is that of their numbers."""
    return pl.concat_list(pl.when(holds).then(pl.lit(code)) for holds, code in found).list.drop_nulls().alias("codes")


def turns(*days: pl.Expr) -> pl.Expr:
    """The days on which time alone may change a row."""
    return pl.concat_list(*days).list.drop_nulls().alias("turns")


def next_day(day: pl.Expr) -> pl.Expr:
    """The day after."""
    return day.dt.offset_by("1d")


def seen(frame: pl.DataFrame) -> pl.DataFrame:
    """Sides with the view of what has no live notice: ABSENT when nothing can be read, else WITHDRAWN; else null."""
    unread = pl.when(pl.col("rows") == 0).then(pl.lit(str(CpasView.ABSENT)))
    return frame.with_columns(unread.when(pl.col("live") == 0).then(pl.lit(str(CpasView.WITHDRAWN))).alias("none_live"))


def _by_feed(frame: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    return {str(feed): part for (feed,), part in frame.partition_by("feed", as_dict=True).items()}


def _said(events: pl.DataFrame) -> Said:
    """What each sender says of each entity: the version numbers of two have nothing to do with each other."""
    return said(events.with_columns(pl.col("source").alias("sender")), (*WORLD, "entity_id", "sender"))


def _notices(found: Said) -> pl.DataFrame:
    return _prevailing(found).select(*WORLD, *_KEPT, "payload")


def _prevailing(found: Said) -> pl.DataFrame:
    """The prevailing rows: on one date the CPAS's own, else of its predecessors' one that gives rather than ends."""
    ended = pl.any_horizontal(pl.col("payload").str.contains(f'"{kind}"', literal=True) for kind in ENDS)
    gives = (pl.col("notice_status") != CANCELLATION) & ~ended.fill_null(value=False)
    ranked = found.notices.with_columns(gives=gives)
    keys = [*WORLD, "entity_id", "effective_date"]
    return ranked.sort(*keys, "own", "gives", "source").unique(keys, keep="last", maintain_order=True)


def _sides(found: Said, notices: pl.DataFrame) -> pl.DataFrame:
    """One row for each entity: what the last sender's rows are like, and how much there is of all senders'."""
    keys = [*WORLD, "entity_id"]
    feed = pl.col("entity_id").str.head(4).alias("feed")
    own = (pl.col("source") == pl.col("cpas")).fill_null(value=True).alias("own")
    ranked = found.sides.with_columns(feed, own).sort(*keys, "own", "version", "source")
    last = pl.col("feed", "cpas", "version", "contested", "stale", "person", "held_since").last()
    live = notices.group_by(keys).agg((pl.col("notice_status") != CANCELLATION).sum().alias("live"))
    sides = ranked.group_by(keys, maintain_order=True).agg(last, pl.col("rows").sum())
    return sides.join(live, on=keys, how="left").with_columns(pl.col("live").fill_null(0))


def _referred(found: Said) -> pl.DataFrame:
    """The CPAS's side of each referral, and its live notice where there is one."""
    top = found.top.select(*WORLD, "entity_id", "effective_date", "payload")
    sides = found.sides.rename({"person": "sid"}).with_columns(pl.lit(str(Side.CPAS)).alias("side"))
    return sides.join(top, on=[*WORLD, "entity_id"], how="left")
