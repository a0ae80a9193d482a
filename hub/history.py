"""What became of one entity: its rows, which of them prevail, and what the hub makes of them.

Two times are asked for. A row takes effect on its effective date, and is known from the day on which it was received:
what held on a day, by what is known on another. Pure, frames in and frames out; a person is read whole, since the
state of one thing depends on the others, and by the rules of today. No column of a payload is shown.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.model import EntityKind, Side
from hub.persons import GAP, persons, present
from hub.reconcile import FEEDS, Rules, notices, reconcile
from hub.said import CANCELLATION
from hub.world import named, placed, prevailing

ROWS = ("entity_id", "feed", "source", "sid", "version", "notice_status", "effective_date", "received_on", "standing")
STATE = (
    *("entity_id", "kind", "sid", "state", "business_status", "status_date", "class", "reason", "owner", "codes"),
    *("since", "due", "cpas_view", "forem_view"),
)
_OF_REGISTRATION = ("ORIE", "SITU")  # what tells the right that the duty to register follows from


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entity, by an id of the ledger or of a state; `on` which day it is looked at, None for whenever it takes
    effect; by what was `known` at the end of which day."""

    entity: str
    on: date | None
    known: date


def history(events: pl.DataFrame, asked: Asked, rules: Rules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of an entity (ROWS) in the order in which they came, and its states (STATE) as they leave them.

    `events` are all events of its persons, `hub.frames.EVENTS`. What a row is to the others (`standing`): it PREVAILS
    on its date or CANCELS it, it was REPLACED by a later version, is CONTESTED by another content at its version, or
    is about ANOTHER_PERSON than its referral. A registration is one state for each CPAS.
    """
    day = asked.on or asked.known
    past = events.filter(pl.col("received_on") <= asked.known)
    if asked.on is not None:
        past = past.filter(pl.col("effective_date") <= asked.on)
    past = past.with_columns(pl.min_horizontal("received_on", pl.lit(day)).alias("arrived"))
    own = _rows_of(past, asked.entity)
    as_read = past.with_columns(received_on="arrived").drop("arrived")
    states = persons(present(as_read, reconcile(as_read, rules, day), day), rules, day)
    states = states.filter(_is_of(own, asked.entity))
    if asked.on is not None:  # a version that is not there yet on that day is none that is missing
        states = states.with_columns(pl.col("codes").list.set_difference([GAP]).list.sort())
    rows = own.join(_standing(past, day), on="event_id", how="left")
    rows = rows.join(states.select(named="entity_id", person="sid"), on="named", how="left").with_columns(_unlike_any())
    return rows.sort("received_at", "source", "feed", "version", "event_id").select(ROWS), states.select(STATE)


def _rows_of(events: pl.DataFrame, entity: str) -> pl.DataFrame:
    """The rows of an entity, whichever of its names is given, with the name that its state has today (`named`)."""
    names = named(events).get_column("entity_id").alias("named")
    known = events.with_columns(names)
    if entity.startswith("REGI|"):
        _, cpas, sid = entity.split("|")
        right = pl.col("feed").is_in(_OF_REGISTRATION) & (pl.col("cpas") == cpas)
        return known.filter((pl.col("sid") == sid) & (right | (pl.col("feed") == "INSC")))
    meant = known.filter((pl.col("entity_id") == entity) | (pl.col("named") == entity)).get_column("named")
    return known.filter(pl.col("named").is_in(meant.implode()))


def _is_of(own: pl.DataFrame, entity: str) -> pl.Expr:
    """Whether a state is of the entity: Le Forem's word on a registration is part of one for each CPAS."""
    if entity.startswith("REGI|"):
        return pl.col("entity_id") == entity
    registered = own.filter(pl.col("feed") == "INSC").get_column("sid")
    one_for_each = (pl.col("kind") == EntityKind.REGISTRATION) & pl.col("sid").is_in(registered.implode())
    return one_for_each | pl.col("entity_id").is_in([entity, *own["named"]])


def _standing(past: pl.DataFrame, day: date) -> pl.DataFrame:
    """What each event that prevails is: `event_id` and `standing`."""
    of_persons = past.filter(~pl.col("feed").is_in(FEEDS))
    found = [notices(past, side) for side in (Side.CPAS, Side.FOREM)]
    found += [prevailing(placed(named(part), day)) for part in of_persons.partition_by("feed")]
    cancels = pl.col("notice_status") == CANCELLATION
    says = pl.when(cancels).then(pl.lit("CANCELS")).otherwise(pl.lit("PREVAILS")).alias("standing")
    return pl.concat([part.select("event_id", says) for part in found])


def _unlike_any() -> pl.Expr:
    """What a row is that does not prevail."""
    contents = pl.struct("content", "sid").n_unique().over("feed", "named", "source", "version")
    stranger = (pl.col("feed") == "STAT") & (pl.col("sid") != pl.col("person"))
    return (
        pl.when(pl.col("standing").is_not_null())
        .then("standing")
        .when(stranger.fill_null(value=False))
        .then(pl.lit("ANOTHER_PERSON"))
        .when(contents > 1)
        .then(pl.lit("CONTESTED"))
        .otherwise(pl.lit("REPLACED"))
        .alias("standing")
    )
