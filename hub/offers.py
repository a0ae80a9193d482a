"""Which rows of the feeds that concern nobody hold today: job offers, events, the catalogue of trainings.

Pure, frames in, frames out. What one of them says is by its sender's versions, as everywhere (`hub.said`). An
offer is closed by its own date of closing, or by a complete export that came after the last file that held it.
The order of files is that of their sequences, never that of their arrival. Whom a row is for is
`hub.selection`'s.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from hub.said import field, said

IMPERSONAL = ("CATA", "JOBD", "OFFR")

# What the selection must know of each feed; the rest of a row stays in its payload.
READ = {
    "CATA": ("location_type", "location_nis", "status", "valid_to"),
    "JOBD": ("target_nis",),
    "OFFR": ("work_nis", "work_postal_codes", "rome", "published_from", "published_until", "closed_at"),
}
_DAYS = ("published_from", "published_until", "closed_at", "valid_to")


def last_day(feed: str, payload: Mapping[str, str | None]) -> date:
    """The last day on which a row may still be shown, as far as it says so itself; `date.max` where it does not."""
    until = payload.get("published_until") if feed == "OFFR" else None
    return date.fromisoformat(until) if until else date.max


def current(events: pl.DataFrame, feed: str) -> pl.DataFrame:
    """What each entity says now: its live notice, with the columns `READ` of its feed; none where all is cancelled.

    `events` are rows of one feed as `hub.frames.EVENTS` has them.
    """
    days = [pl.col(name).str.to_date("%Y-%m-%d") for name in READ[feed] if name in _DAYS]
    return said(events).top.with_columns(field(name) for name in READ[feed]).with_columns(days)


def last_words(events: pl.DataFrame) -> pl.DataFrame:
    """The last row of each entity, live or not: the live notice, else the one with the highest version."""
    heard = said(events)
    silent = heard.events.join(heard.top, on="entity_id", how="anti").sort("version", "event_id")
    return pl.concat([heard.top, silent.unique("entity_id", keep="last", maintain_order=True)])


def closings(listed: pl.DataFrame, exports: pl.DataFrame) -> pl.DataFrame:
    """`entity_id` and `closed_on` of what a complete export has closed: the first one after the last file with it.

    `listed`: entity_id, feed, source, sequence of the last file that held it. `exports`: feed, source, sequence, day
    of the complete ones.
    """
    after = listed.join(exports, on=["feed", "source"], suffix="_of_export").filter(
        pl.col("sequence_of_export") > pl.col("sequence")
    )
    first = pl.col("day").sort_by("sequence_of_export").first()
    return after.group_by("entity_id").agg(closed_on=first).sort("entity_id")


def open_on(offers: pl.DataFrame, today: date) -> pl.DataFrame:
    """The offers (of `current`, none that an export closed) that can be applied for on that day."""
    begun = pl.col("published_from").is_null() | (pl.col("published_from") <= today)
    running = pl.col("published_until").is_null() | (pl.col("published_until") >= today)
    return offers.filter(begun, running, pl.col("closed_at").is_null())


def told_once(offers: pl.DataFrame) -> pl.DataFrame:
    """Of an offer that Le Forem's own files and the public data set both hold, the one of Le Forem's files."""
    number = pl.col("entity_id").str.split("|").list.last()
    return offers.sort("source", "entity_id").unique(number, keep="first", maintain_order=True)


def offered_on(catalogue: pl.DataFrame, today: date) -> pl.DataFrame:
    """The trainings (of `current`) that the catalogue still has on that day; one closed for a time is among them."""
    running = pl.col("valid_to").is_null() | (pl.col("valid_to") >= today)
    return catalogue.filter(running, pl.col("status") != "defunct")


def is_suspicious(closed: int, opened: int, share: float, rows: int) -> bool:
    """Whether an export closes so many of the open offers (`rows` at least) that it is more likely cut than right."""
    return closed >= rows and closed > share * opened
