"""Rows of the ledger as frames, column by column: no object is made for a row, no JSON decoded here.

Days, instants and JSON come as text, which is the same on SQLite and on PostgreSQL, and are read by polars.
"""

from typing import Any

import polars as pl
import sqlalchemy as sa

from hub.frames import EVENTS, STATES, Schema
from hub.stores.database import Database
from hub.stores.tables import entity_state, event

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
    found = tx.execute(query).all()
    values = zip(*found, strict=True) if found else [()] * len(columns)
    raw = {c.name: pl.Series(c.name, v, _raw(schema[c.name])) for c, v in zip(columns, values, strict=True)}
    return pl.DataFrame(raw).with_columns(*(_read(name, kind) for name, kind in schema.items()))


def _raw(kind: pl.DataType) -> pl.DataType:
    return kind if kind in (pl.Int64(), pl.Boolean()) else pl.String()


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
