"""Who is known under another's subject id: read with what is read of persons, renewed when the registers write.

Rows keep the subject they were recorded with. Whoever asks for a person is given what was recorded of all the subjects
that are one today, under the id of that one; so a merger that is taken back parts them again by itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
import sqlalchemy as sa

from hub.calendar import BRUSSELS
from hub.stores import framed
from hub.stores.database import Database
from hub.stores.tables import alias, entity_state, event
from hub.succession import given_up, persons


@dataclass(frozen=True, slots=True)
class Aliases:
    """For each subject that is known under another, that other one."""

    known: Mapping[str, str]

    def group(self, sids: Collection[str]) -> set[str]:
        """These subjects, and all that are one person with one of them."""
        if not self.known:
            return set(sids)
        wanted = {self.known.get(sid, sid) for sid in sids}
        return {*sids, *wanted, *(sid for sid, person in self.known.items() if person in wanted)}

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows, each subject (`sid`) as it is known today."""
        return rows.with_columns(pl.col("sid").replace(self.known)) if self.known else rows

    def renamed(self, events: pl.DataFrame) -> pl.DataFrame:
        """The events, each subject as it is known today, in the ids of entities that bear one too."""
        if not self.known:
            return events
        parts = pl.col("entity_id").str.splitn("|", 4).struct
        now = pl.concat_str(
            parts.field("field_0"), parts.field("field_1"), "sid", parts.field("field_3"), separator="|",
            ignore_nulls=True,
        )  # fmt: skip
        of_person = pl.col("feed").is_in(["SITU", "MOBI", "INSC"])
        return self.named(events).with_columns(pl.when(of_person).then(now).otherwise("entity_id").alias("entity_id"))


def aliases(tx: sa.Connection) -> Aliases:
    """The subjects that are known under another."""
    return Aliases({row.sid: row.person for row in tx.execute(sa.select(alias))})


def renew(db: Database, tx: sa.Connection, message_id: str) -> None:
    """Read anew who is one person, and mark all that is told of those for whom that changed.

    The past of these persons reads otherwise too, so the marks reach back to its beginning.
    """
    before, now = aliases(tx).known, persons(_successions(db, tx))
    changed = {sid for sid in before.keys() | now.keys() if before.get(sid) != now.get(sid)}
    if not changed:
        return
    tx.execute(alias.delete().where(db.among(alias.c.sid, changed)))
    rows = [{"sid": sid, "person": now[sid]} for sid in sorted(changed & now.keys())]
    if rows:
        tx.execute(alias.insert(), rows)
    _mark(db, tx, message_id, Aliases(before).group(changed) | Aliases(now).group(changed))


def numbers_given_up(db: Database, tx: sa.Connection, sids: Collection[str]) -> dict[str, str]:
    """Of these subjects those whose number is in use no more, with what is told of it (`hub.succession.given_up`)."""
    e = event.c
    naming = tx.execute(sa.select(e.sid).where(e.feed == "MUTA", db.among(e.about, sids))).scalars()
    found = given_up(_successions(db, tx, db.among(e.sid, {*sids, *naming})))
    return {sid: code for sid, code in found.items() if sid in sids}


def _successions(db: Database, tx: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
    rows = framed.successions(db, tx, *conditions)
    day = pl.col("received_at").dt.convert_time_zone(str(BRUSSELS)).dt.date()
    return rows.with_columns(own=pl.lit(value=True), cpas=pl.lit(None, pl.String), received_on=day)


def _mark(db: Database, tx: sa.Connection, message_id: str, sids: Collection[str]) -> None:
    e = entity_state.c
    own = sa.select(event.c.entity_id).where(db.among(event.c.sid, sids))
    concerned = sa.or_(db.among(e.sid, sids), e.entity_id.in_(own))
    query = sa.select(e.entity_id).where(concerned).order_by(e.entity_id).with_for_update()
    found = tx.execute(query).scalars().all()
    marks = {"stale": True, "moved": date.min, "message_id": message_id}
    tx.execute(entity_state.update().where(db.among(e.entity_id, found)).values(**marks))
