"""Discrepancies in the ledger: each opens on the day it is first seen, changes hands, and closes by itself."""

from collections.abc import Collection
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from hub.model import Class, Side
from hub.stores.database import Database
from hub.stores.tables import discrepancy

SETTLED = (Class.AGREED, Class.PENDING)
DOUBLE_GRANT = "DOUBLE_GRANT"  # not a class of a state: nobody but the data-protection officer sees it
PERSON = "PERSON|"  # before the subject of a discrepancy about a person as such
_KEY = ["entity_id", "class"]
_TOLD = [*_KEY, "owner", "reason"]


def person(sid: str) -> str:
    """The id under which a discrepancy about a person as such is kept."""
    return PERSON + sid


def wanted(states: pl.DataFrame, double_grants: pl.DataFrame) -> pl.DataFrame:
    """What is to stand open: states on which the sides disagree, and persons to whom two CPAS grant one right."""
    disagreed = states.filter(~pl.col("class").is_in(SETTLED)).select(_TOLD)
    twice = double_grants.select(
        (pl.lit(PERSON) + pl.col("sid")).alias("entity_id"),
        pl.lit(DOUBLE_GRANT).alias("class"),
        pl.lit(str(Side.HUB)).alias("owner"),
        pl.lit(DOUBLE_GRANT).alias("reason"),
    )
    return pl.concat([disagreed, twice.unique()])


def follow(
    db: Database,
    tx: sa.Connection,
    concerned: Collection[str],
    open_now: pl.DataFrame,
    today: date,
) -> None:
    """Make `open_now` (entity_id, class, owner, reason) all that stands open of the entities `concerned`."""
    open_before = _open_before(db, tx, concerned)
    new = open_now.join(open_before, on=_KEY, how="anti")
    over = open_before.join(open_now, on=_KEY, how="anti")
    same = open_before.select(*_KEY, "opened").join(open_now, on=_KEY)
    other = same.join(open_before, on=_TOLD, how="anti", nulls_equal=True)
    _close(tx, over, today)
    rows = [row | {"opened": today, "closed": None} for row in new.to_dicts()] + [
        row | {"closed": None} for row in other.to_dicts()
    ]
    db.upsert(tx, discrepancy, sorted(rows, key=_place))


def _open_before(db: Database, tx: sa.Connection, concerned: Collection[str]) -> pl.DataFrame:
    """What stands open of these entities; by their ids alone, or a database may look through all that stands open."""
    d = discrepancy.c
    query = sa.select(d.entity_id, d["class"], d.owner, d.reason, d.opened, d.closed)
    found = tx.execute(query.where(db.among(d.entity_id, concerned))).all()
    still = [row[:-1] for row in found if row.closed is None]
    return pl.DataFrame(still, {**dict.fromkeys(_TOLD, pl.String()), "opened": pl.Date()}, orient="row")


def _close(tx: sa.Connection, over: pl.DataFrame, today: date) -> None:
    if over.is_empty():
        return
    d = discrepancy.c
    keys = [column.name for column in discrepancy.primary_key]
    place = [d[name] == sa.bindparam(f"at_{name}") for name in keys]
    rows = [{f"at_{name}": row[name] for name in keys} for row in sorted(over.to_dicts(), key=_place)]
    tx.execute(discrepancy.update().where(*place).values(closed=today), rows)


def _place(row: dict[str, Any]) -> tuple[str, str, date]:
    return row["entity_id"], row["class"], row["opened"]
