"""Rows of the ledger as frames, column by column: no object is kept for a row, no JSON decoded here.

Days, instants and JSON come as text, which is the same on SQLite and on PostgreSQL, and are read by polars.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from hub.frames import EVENTS, STATES, Schema
from hub.stores.database import Database
from hub.stores.tables import entity_state, event, relationship

PART = 2_000  # rows that are objects at once: with many more, Python again and again looks through all that it holds
OF_REGISTRY = ("side", "cpas", "own", "received_on")  # what the ledger cannot tell of an event
RECORDED: Schema = {name: kind for name, kind in EVENTS.items() if name not in OF_REGISTRY}
_RECORDED: list[sa.Column[Any]] = [event.c[name] for name in RECORDED]
STORED: Schema = {**STATES, "stale": pl.Boolean(), "message_id": pl.String()}
MARKED: Schema = {
    **{name: STATES[name] for name in ("entity_id", "kind", "sid", "class", "owner", "since", "wake")},
    "moved": pl.Date(),
    "reconciled_on": pl.Date(),
    "message_id": pl.String(),
}
RELATED: Schema = {
    **dict.fromkeys(("organisation", "sid", "quality"), pl.String()),
    "since": pl.Date(),
    "until": pl.Date(),
}


def events(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
    """The events for which all of it holds, by event id: the columns RECORDED. Successions of numbers are none."""
    return _frame(db, tx, _RECORDED, (*conditions, event.c.feed != "MUTA"), RECORDED).sort("event_id")


def successions(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
    """The successions of numbers for which all of it holds, by event id: the columns RECORDED."""
    return _frame(db, tx, _RECORDED, (*conditions, event.c.feed == "MUTA"), RECORDED).sort("event_id")


def states(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool], locked: bool = False) -> pl.DataFrame:
    """The states for which all of it holds, by entity id: the columns STORED. Rows are locked in that order."""
    columns = [entity_state.c[name] for name in STORED]
    return _frame(db, tx, columns, conditions, STORED, locked=locked).sort("entity_id")


def marked(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
    """Of the states for which all of it holds, how they stood when last reconciled, and what touched them since."""
    return _frame(db, tx, [entity_state.c[name] for name in MARKED], conditions, MARKED)


def relationships(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
    """The relationships for which all of it holds: the columns RELATED."""
    return _frame(db, tx, [relationship.c[name] for name in RELATED], conditions, RELATED)


def _frame(
    db: Database,
    tx: sa.Connection,
    columns: list[sa.Column[Any]],
    conditions: tuple[sa.ColumnElement[bool], ...],
    schema: Schema,
    *,
    locked: bool = False,
) -> pl.DataFrame:
    query = sa.select(*map(db.as_text, columns)).where(*conditions)
    if locked:
        query = query.order_by(next(iter(columns[0].table.primary_key))).with_for_update()
    return rows(tx, query, schema)


def rows(tx: sa.Connection, query: sa.Executable, schema: Schema) -> pl.DataFrame:
    """What a query gives, in its order: it selects the columns of the schema, those of other kinds as their text."""
    raw = pl.concat([_raw((), schema), *(_raw(part, schema) for part in tx.execute(query).partitions(PART))])
    return raw.rechunk().with_columns(*(_read(name, kind) for name, kind in schema.items()))


def _raw(found: Sequence[sa.Row[Any]], schema: Schema) -> pl.DataFrame:
    values = zip(*found, strict=True) if found else [()] * len(schema)
    kinds = {name: kind if kind in (pl.Int64(), pl.Boolean()) else pl.String() for name, kind in schema.items()}
    return pl.DataFrame([pl.Series(name, v, kinds[name]) for name, v in zip(schema, values, strict=True)])


def _read(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match kind:
        case pl.Date():
            return column.str.to_date("%Y-%m-%d")
        case pl.Datetime():
            return column.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", time_unit="us").dt.replace_time_zone("UTC")
        case pl.List():
            return column.str.json_decode(kind)
    return column
