"""What the yearly figures are counted from, as the ledger has it in one instant: rows and states, no totals yet.

Reads only, set by set. Which of it counts is decided in `hub.yearly`.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl
import sqlalchemy as sa

from hub.model import EntityKind
from hub.stores import framed
from hub.stores.aliases import aliases
from hub.stores.database import Database
from hub.stores.tables import cohort, entity_state, event


@dataclass(frozen=True, slots=True)
class Yearly:
    """The orientations of a year with all their CPAS's rows, and who had to register by a day of it.

    `orientations` are rows (`framed.RECORDED`), `referrals` and `duties` are states (`framed.STORED`); persons are
    named as they are known today. `cohorts` says of a `sid` in which five years it was `born`, where that is known.
    """

    orientations: pl.DataFrame
    referrals: pl.DataFrame
    duties: pl.DataFrame
    cohorts: pl.DataFrame


def yearly(db: Database, year: int) -> Yearly:
    """All referrals of which a CPAS wrote with an effective date in this year, and all duties that ended in it."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    e, s = event.c, entity_state.c
    ours = sa.select(e.entity_id).where(e.feed == "ORIE", e.effective_date.between(first, last))
    due = (s.kind == EntityKind.REGISTRATION, s.due.between(first, last))
    with db.read() as tx:
        named = aliases(tx).named
        return Yearly(
            orientations=named(framed.events(db, tx, e.feed == "ORIE", e.entity_id.in_(ours))),
            referrals=named(framed.states(db, tx, s.kind == EntityKind.REFERRAL, s.entity_id.in_(ours))),
            duties=named(framed.states(db, tx, *due)),
            cohorts=named(_cohorts(tx)).group_by("sid").agg(pl.col("born").min()),
        )


def _cohorts(tx: sa.Connection) -> pl.DataFrame:
    rows = tx.execute(sa.select(cohort)).all()
    return pl.DataFrame([tuple(row) for row in rows], schema={"sid": pl.String(), "born": pl.Int64()}, orient="row")
