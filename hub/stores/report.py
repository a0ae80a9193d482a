"""What can be told of the ledger: totals for a summary, and the whole story of one thing.

Reads only. Nothing of it is computed from anywhere but the ledger's own rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from hub.model import FOREM, HUB, OPEN_DATA, REGISTERS, EntityKind
from hub.stores.database import Database
from hub.stores.discrepancies import DOUBLE_GRANT, PERSON
from hub.stores.publications import TAKEN
from hub.stores.submissions import COUNTS
from hub.stores.tables import (
    acknowledgement,
    discrepancy,
    entity_state,
    erased_row,
    event,
    finding,
    publication,
    publication_row,
    relationship,
    submission,
    transition,
)

Json = dict[str, Any]


class Report:
    """The part of the ledger that answers questions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def status(self) -> Json:
        """Totals of everything: files and rows by side, referrals by state, what was published and taken."""
        return {
            "submissions": self._submissions(),
            "codes": self._count(finding.c.code, sa.func.count(sa.distinct(finding.c.message_id)))
            | self._count(submission.c.code, condition=submission.c.code.is_not(None)),
            "referrals": self._count(entity_state.c.state, condition=entity_state.c.kind == EntityKind.REFERRAL),
            "classes": self._count(entity_state.c["class"], condition=entity_state.c.kind == EntityKind.REFERRAL),
            "entities": {
                kind: self._count(entity_state.c["class"], condition=entity_state.c.kind == kind)
                for kind in map(str, EntityKind)
            },
            "discrepancies": {
                "open": self._count(
                    discrepancy.c["class"], condition=_told_to_partners(discrepancy.c.closed.is_(None))
                ),
                "closed": sum(
                    self._count(
                        discrepancy.c["class"], condition=_told_to_partners(discrepancy.c.closed.is_not(None))
                    ).values()
                ),
            },
            "publications": self._publications(),
            "acknowledgements": self._acknowledgements(),
            "conservation": self.conservation(),
        }

    def conservation(self) -> dict[str, int]:
        """The law of conservation over every finished file; rows that were erased since are counted, not known."""
        sums = [sa.func.coalesce(sa.func.sum(submission.c[name]), 0).label(name) for name in COUNTS]
        with self._db.read() as tx:
            row = tx.execute(sa.select(*sums)).mappings().one()
            of_files = sa.select(sa.func.count()).select_from(event).where(event.c.source != HUB)  # not by hand
            events = tx.execute(of_files).scalar_one()
            erased = tx.execute(sa.select(sa.func.coalesce(sa.func.sum(erased_row.c.rows), 0))).scalar_one()
        counts = {name: int(row[name]) for name in COUNTS}
        parts = sum(counts[name] for name in ("accepted", "rejected", "duplicate", "superseded"))
        recorded = counts["accepted"] + counts["superseded"]
        holds = counts["read"] == parts and recorded == events + erased
        return counts | {"events": events, "erased": int(erased), "holds": int(holds)}

    def explain(self, thing: str) -> list[Json]:
        """Everything known of an entity or a message, in the order in which it happened; empty if unknown."""
        with self._db.read() as tx:
            return _explain_message(tx, thing) or _explain_entity(tx, thing)

    def discrepancies(self, today: date, cpas: str | None, owner: str | None) -> list[Json]:
        """What stands open between the sides, by kind, class, owner and reason; of one CPAS or owner where it is named.

        How many, how many of them for a week (seven days) and for four, and since when the oldest, as both are told.
        """
        d, s = discrepancy.c, entity_state.c
        named = (s.kind, d["class"], d.owner, d.reason)
        for_long = [
            sa.func.sum(sa.case((s.since <= today - timedelta(days=days), 1), else_=0)).label(name)
            for name, days in (("week", 7), ("month", 28))
        ]
        query = sa.select(*named, sa.func.count().label("open"), *for_long, sa.func.min(s.since).label("since"))
        query = query.join_from(discrepancy, entity_state, d.entity_id == s.entity_id).where(d.closed.is_(None))
        query = query.where(*[column == wanted for column, wanted in ((s.cpas, cpas), (d.owner, owner)) if wanted])
        with self._db.read() as tx:
            rows = tx.execute(query.group_by(*named).order_by(*named)).mappings().all()
        return [dict(row) | {"since": str(row["since"])} for row in rows]

    def data_protection(self) -> list[Json]:
        """What stands open for the data-protection officer alone: whom it is about, since when, who speaks of them."""
        d, e, r = discrepancy.c, event.c, relationship.c
        query = sa.select(d.entity_id, d["class"], d.opened).where(d.closed.is_(None), d["class"] == DOUBLE_GRANT)
        with self._db.read() as tx:
            rows = tx.execute(query.order_by(d.opened, d.entity_id)).all()
            sids = [row.entity_id.removeprefix(PERSON) for row in rows]
            known = sa.select(r.sid, r.organisation).where(self._db.among(r.sid, sids), r.organisation != FOREM)
            said = sa.select(e.sid, e.entity_id).where(self._db.among(e.sid, sids), e.feed == "SITU").distinct()
            cpas, entities = (_by_first(tx.execute(one).all()) for one in (known, said))
        return [
            {"class": row[1], "subject": sid, "since": str(row.opened), "cpas": cpas[sid], "entities": entities[sid]}
            for row, sid in zip(rows, sids, strict=True)
        ]

    def _submissions(self) -> list[Json]:
        side = _side(submission.c.partner)
        feed = sa.func.coalesce(submission.c.feed, "?").label("feed")
        sums = [sa.func.sum(submission.c[name]).label(name) for name in COUNTS]
        query = sa.select(side, feed, submission.c.state, sa.func.count().label("files"), *sums)
        query = query.group_by(side, feed, submission.c.state).order_by(side, feed, submission.c.state)
        with self._db.read() as tx:
            return [
                {k: v if isinstance(v, str) else int(v) for k, v in row.items()} for row in tx.execute(query).mappings()
            ]

    def _publications(self) -> list[Json]:
        side = _side(publication.c.recipient)
        delivered = sa.func.sum(sa.case((publication.c.state == "DELIVERED", 1), else_=0))
        query = sa.select(
            publication.c.feed,
            side,
            sa.func.count().label("files"),
            sa.func.sum(publication.c.rows).label("rows"),
            delivered.label("delivered"),
        )
        query = query.group_by(publication.c.feed, side).order_by(publication.c.feed, side)
        with self._db.read() as tx:
            return [
                {k: v if isinstance(v, str) else int(v) for k, v in row.items()} for row in tx.execute(query).mappings()
            ]

    def _acknowledgements(self) -> Json:
        rows = self._count(
            publication.c.feed,
            sa.func.sum(publication.c.rows),
            condition=publication.c.feed.in_(["ACRF", "NOTI"]),
        )
        kinds = self._count(acknowledgement.c.kind)
        return {
            "ACRF": rows.get("ACRF", 0),
            "NOTI": rows.get("NOTI", 0),
            "taken": kinds.get("TAKEN", 0),
            "vanished": kinds.get("VANISHED", 0),
            "accepted": kinds.get("ACCEPTED", 0),
            "refused": kinds.get("REFUSED", 0) + kinds.get("ALTERED", 0),
            "overdue": self._overdue(),
        }

    def _overdue(self) -> int:
        """How many publications are overdue and not known to be taken."""
        a = acknowledgement.c
        late = sa.select(a.publication_id).where(a.kind == "OVERDUE")
        taken = sa.select(a.publication_id).where(a.kind.in_(TAKEN))
        with self._db.read() as tx:
            return int(tx.execute(sa.select(sa.func.count()).select_from(late.except_(taken).subquery())).scalar_one())

    def _count(
        self,
        column: sa.ColumnElement[Any],
        what: sa.ColumnElement[Any] | None = None,
        condition: sa.ColumnElement[bool] | None = None,
    ) -> dict[str, int]:
        query = sa.select(column, sa.func.count() if what is None else what).group_by(column).order_by(column)
        if condition is not None:
            query = query.where(condition)
        with self._db.read() as tx:
            return {str(key): int(count) for key, count in tx.execute(query)}


def _explain_message(tx: sa.Connection, message_id: str) -> list[Json]:
    row = tx.execute(sa.select(submission).where(submission.c.message_id == message_id)).mappings().first()
    if row is None:
        return []
    shown = ("partner", "sender", "feed", "name", "size", "state", "code", "warnings", *COUNTS, "superseded_by")
    found = [_step(row["received_at"], "file", {name: row[name] for name in shown})]
    found += _moves(tx, [message_id])
    query = sa.select(finding).where(finding.c.message_id == message_id).order_by(finding.c.n)
    for line in tx.execute(query).mappings():
        found.append(_step(row["done_at"], "finding", {k: line[k] for k in ("line", "column", "code", "shape")}))
    query = sa.select(event).where(event.c.message_id == message_id).order_by(event.c.line)
    found += [_event_step(line) for line in tx.execute(query).mappings()]
    return _in_order(found + _told(tx, message_id))


def _side(partner: sa.ColumnElement[str]) -> sa.Label[str]:
    """Whose file it is: one of the CPAS', or of a partner that is alone of its kind."""
    alone = {FOREM: "FOREM", REGISTERS: "REGISTERS", OPEN_DATA: "OPEN_DATA"}
    return sa.case(alone, value=partner, else_="CPAS").label("side")


def _told_to_partners(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return condition & (discrepancy.c["class"] != DOUBLE_GRANT)


def _by_first(pairs: Iterable[sa.Row[Any, Any]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        found[first].add(second)
    return defaultdict(list, {first: sorted(seconds) for first, seconds in found.items()})


def _explain_entity(tx: sa.Connection, entity_id: str) -> list[Json]:
    query = sa.select(event).where(event.c.entity_id == entity_id)
    lines = list(tx.execute(query.order_by(event.c.received_at, event.c.event_id)).mappings())
    found = [_event_step(line) for line in lines]
    found += _moves(tx, [line["message_id"] for line in lines])
    found += _told(tx, entity_id)
    query = sa.select(discrepancy).where(discrepancy.c.entity_id == entity_id).order_by(discrepancy.c.opened)
    for line in tx.execute(query).mappings():
        told = {name: line[name] for name in ("class", "owner", "reason", "closed")}
        found.append(_step(line["opened"], "discrepancy", told))
    state = tx.execute(sa.select(entity_state).where(entity_state.c.entity_id == entity_id)).mappings().first()
    if state is not None:
        found.append(_step("now", "state", {name: state[name] for name in STATE}))
    return _in_order(found)


STATE = (
    *("kind", "cpas", "cpas_view", "forem_view", "state", "business_status", "class", "codes", "owner", "reason"),
    *("since", "due", "held_until", "wake", "lead", "next_service", "lead_rule"),
)

# What happened first when the clock does not tell: a run has one instant.
_ORDER = ("file", "RECEIVED", "CLAIMED", "row accepted", "finding", "DONE", "REFUSED", "DUPLICATE", "WITHDRAWN")


def _in_order(steps: list[Json]) -> list[Json]:
    def place(step: Json) -> tuple[str, int]:
        what = step["what"].removeprefix("submission ")
        return step["at"], _ORDER.index(what) if what in _ORDER else len(_ORDER)

    return sorted(steps, key=place)


def _event_step(line: sa.RowMapping) -> Json:
    shown = (
        "feed",
        "source",
        "entity_id",
        "version",
        "notice_status",
        "effective_date",
        "message_id",
        "line",
        "about",
    )
    told = {name: line[name] for name in shown}
    return _step(line["received_at"], "row accepted", told | {"status": line["payload"].get("core_status")})


def _moves(tx: sa.Connection, message_ids: list[str]) -> list[Json]:
    subjects = sorted(set(message_ids))
    query = sa.select(transition).where(
        transition.c.subject_kind == "submission", transition.c.subject_id.in_(subjects)
    )
    rows = tx.execute(query.order_by(transition.c.subject_id, transition.c.n)).mappings()
    return [
        _step(row["at"], f"submission {row['after']}", {"message_id": row["subject_id"], "reason": row["reason"]})
        for row in rows
    ]


def _told(tx: sa.Connection, entity_id: str) -> list[Json]:
    """Every publication that carried a row about this thing, and what was noted of each since."""
    query = (
        sa.select(publication, acknowledgement.c.kind.label("note"), acknowledgement.c.at, acknowledgement.c.code)
        .join(publication_row, publication_row.c.publication_id == publication.c.publication_id)
        .outerjoin(acknowledgement, acknowledgement.c.publication_id == publication.c.publication_id)
        .where(publication_row.c.entity_id == entity_id)
        .distinct()
    )
    found = []
    for row in tx.execute(query.order_by(publication.c.published_at, publication.c.name)).mappings():
        shown = {name: row[name] for name in ("recipient", "feed", "name")}
        steps = [_step(row["published_at"], "published", shown)]
        if row["delivered_at"]:
            steps.append(_step(row["delivered_at"], "delivered", shown))
        if row["note"]:
            steps.append(_step(row["at"], str(row["note"]).lower(), shown | {"code": row["code"]}))
        found += [step for step in steps if step not in found]  # a publication comes once for each of its notes
    return found


def _step(at: object, what: str, told: Json) -> Json:
    known = {k: str(v) if not isinstance(v, int | list) else v for k, v in told.items() if v not in (None, [])}
    return {"at": str(at), "what": what, **known}
