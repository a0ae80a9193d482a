"""The same rows and states as frames, so that the reference and the product can be compared."""

import json
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import polars as pl

from hub.frames import EVENTS, STATES
from hub.model import Class, Side
from tests.reference import fold
from tests.reference.fold import Row, State


def events(rows: Iterable[Row], rules: fold.Rules, today: date) -> pl.DataFrame:
    """Return rows of the ledger as reconcile reads them on `today`."""
    return pl.DataFrame([_event(row, rules, today) for row in rows], dict(EVENTS), orient="row")


def states(frame: pl.DataFrame) -> dict[str, State]:
    """Return the states of a frame, by referral; its columns must be those promised."""
    assert dict(frame.schema) == dict(STATES)
    assert frame["entity_id"].is_sorted()
    return {row["entity_id"]: _state(row) for row in frame.iter_rows(named=True)}


def frame(states: Collection[State]) -> pl.DataFrame:
    """Return states as a frame."""
    rows = [{name: _plain(getattr(state, _field(name), None)) for name in STATES} for state in states]
    return pl.DataFrame(rows, dict(STATES), orient="row").with_columns(kind=pl.lit("REFERRAL"))


def whole(found: pl.DataFrame) -> pl.DataFrame:
    """Return states of which some columns are left out, with nothing in these."""
    nothing = {name: pl.lit(None, dtype) for name, dtype in STATES.items() if name not in found.columns}
    return found.with_columns(**nothing).select(*STATES)


def _event(row: Row, rules: fold.Rules, today: date) -> dict[str, Any]:
    side = rules.side_of(row.source)
    cpas = rules.cpas_on(row.source, today) if side is Side.CPAS else None
    named = {name: getattr(row, name) for name in row.__slots__}
    known = {"side": side, "cpas": cpas, "own": cpas in (None, row.source), "received_on": fold.received(row)}
    return named | known | {"about": None, "payload": json.dumps(row.payload)}


def _state(row: dict[str, Any]) -> State:
    values = {name: row[name] for name in State.__slots__ if name != "klass"}
    owner = Side(row["owner"]) if row["owner"] else None
    return State(**values | {"klass": Class(row["class"]), "codes": tuple(row["codes"]), "owner": owner})


def _field(name: str) -> str:
    return "klass" if name == "class" else name


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
