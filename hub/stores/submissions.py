"""Submissions in the ledger: claimed by content, leased to one worker, finished once.

Allowed moves: RECEIVED → CLAIMED → DONE | REFUSED | DUPLICATE | WITHDRAWN. A lease that runs out lets
another worker claim again; the effects of a file and its final state are one transaction.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from hub import audit, lease
from hub.calendar import brussels_date
from hub.chain import Link
from hub.errors import InvariantBroken, Transient
from hub.model import Event
from hub.stores import journal, listings, volumes
from hub.stores.audit import append
from hub.stores.database import Database
from hub.stores.erasures import require_none_erased
from hub.stores.listings import Listing
from hub.stores.recording import Recorded, Relation, record, remember
from hub.stores.tables import finding, submission, told
from hub.volume import Named

MOVES = {
    "RECEIVED": {"CLAIMED"},
    "CLAIMED": {"CLAIMED", "DONE", "REFUSED", "DUPLICATE", "WITHDRAWN"},
}
ANSWERED = ("ACRF", "NOTI")  # what tells a sender of its file
COUNTS = ("read", "accepted", "warned", "rejected", "duplicate", "superseded")
AUDITED = ("sender", "feed", "sequence", "state", "code", "contract")


@dataclass(frozen=True, slots=True)
class Landed:
    """A file the hub holds durably: what its mailbox said of it, and keyed digests of its bytes.

    `sending` is empty for a name taken for the first time, else what tells this sending from the earlier ones:
    the same file sent again is another submission, the same file found again after a crash is not.
    """

    message_id: str
    partner: str
    name: str
    name_digest: str
    sending: str
    announced_by: str
    digest: str
    manifest_digest: str
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Effects:
    """All that finishing one submission changes."""

    state: str
    code: str | None = None
    sender: str | None = None
    feed: str | None = None
    contract: str | None = None
    sequence: int | None = None
    environment: str | None = None
    chain: str | None = None
    previous: str | None = None
    warnings: tuple[str, ...] = ()
    read: int = 0
    warned: int = 0
    rejected: int = 0
    findings: Sequence[dict[str, Any]] = ()
    events: Sequence[Event] = ()
    relations: Collection[Relation] = ()
    cohorts: Mapping[str, int] = field(default_factory=dict)
    listing: Listing | None = None
    named: Named = field(default_factory=Named)


class Submissions:
    """The part of the ledger that knows files."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def register(self, landed: Landed, before: Sequence[Landed] = ()) -> str:
        """Register a landed file and return its message id: the first one, if it was registered before.

        `before` is the same file as it was named under each of the digest keys of before.
        """
        s = submission.c
        with self._db.write() as tx:
            for one in before:
                if found := tx.execute(_same(one)).scalar():
                    return str(found)
            row = {
                **{name: getattr(landed, name) for name in landed.__slots__},
                "state": "RECEIVED",
                "warnings": [],
            }
            self._db.insert_new(tx, submission, [row])
            message_id = str(tx.execute(_same(landed)).scalar_one())
            if message_id == landed.message_id:
                journal.append(tx, "submission", message_id, None, "RECEIVED", landed.received_at)
                named = s.name_digest.in_([one.name_digest for one in (landed, *before)])
                other = s.digest.not_in([one.digest for one in (landed, *before)])
                older = submission.update().where(s.partner == landed.partner, named, other, s.superseded_by.is_(None))
                tx.execute(older.values(superseded_by=message_id))
            return message_id

    def is_registered(self, partner: str, name_digests: Collection[str]) -> bool:
        """Whether a file of this name, under any key, from this partner is in the ledger."""
        query = sa.select(submission.c.message_id).where(
            submission.c.partner == partner, submission.c.name_digest.in_(name_digests)
        )
        with self._db.read() as tx:
            return tx.execute(query).first() is not None

    def pending(self, partners: Collection[str]) -> list[dict[str, Any]]:
        """These partners' unfinished files, in the order of their names (so of their sequences)."""
        query = (
            sa.select(submission)
            .where(self._db.among(submission.c.partner, partners), submission.c.state.in_(["RECEIVED", "CLAIMED"]))
            .order_by(submission.c.feed, submission.c.name, submission.c.received_at, submission.c.message_id)
        )
        with self._db.read() as tx:
            return [dict(row) for row in tx.execute(query).mappings()]

    def claim(self, message_id: str, owner: str, at: datetime) -> bool:
        """Take the lease on a submission; False when another worker holds it or it is finished."""
        with self._db.write() as tx:
            query = sa.select(submission).where(submission.c.message_id == message_id)
            row = tx.execute(query.with_for_update()).one()
            if "CLAIMED" not in MOVES.get(row.state, ()) or not lease.is_free(row.lease_owner, row.lease_until):
                return False
            values = {"state": "CLAIMED", "lease_owner": owner, "lease_until": lease.until()}
            tx.execute(submission.update().where(submission.c.message_id == message_id).values(values))
            journal.append(tx, "submission", message_id, row.state, "CLAIMED", at)
            return True

    def release(self, message_id: str, owner: str) -> None:
        """Give a lease back, if it is still this owner's: the work failed and can be tried again at once."""
        mine = (submission.c.message_id == message_id, submission.c.lease_owner == owner)
        with self._db.write() as tx:
            tx.execute(submission.update().where(*mine).values(lease_owner=None, lease_until=None))

    def withdraw(self, partner: str, name_digests: Collection[str]) -> None:
        """Note that the partner withdraws a file taken before; no effect once its processing has begun."""
        waiting = (submission.c.state == "RECEIVED", submission.c.announced_by == "GO")
        same = (submission.c.partner == partner, submission.c.name_digest.in_(name_digests))
        with self._db.write() as tx:
            tx.execute(submission.update().where(*same, *waiting).values(announced_by="TD"))

    def twin(self, message_id: str, digests: Collection[str]) -> str | None:
        """The message id of a file already done with the same content, under any key, from the same partner."""
        s, me = submission.c, submission.alias()
        partner = sa.select(me.c.partner).where(me.c.message_id == message_id).scalar_subquery()
        query = sa.select(s.message_id).where(
            s.partner == partner, s.digest.in_(digests), s.message_id != message_id, s.state == "DONE"
        )
        with self._db.read() as tx:
            return tx.execute(query.order_by(s.message_id).limit(1)).scalar()

    def received_until(self, day: date) -> int:
        """How many files were received on this day (UTC) or before."""
        end = datetime.combine(day + timedelta(days=1), time(), UTC)
        with self._db.read() as tx:
            return tx.execute(sa.select(sa.func.count()).where(submission.c.received_at < end)).scalar_one()

    def last_sequences(self, sender: str, feed: str) -> tuple[int, int]:
        """The highest sequence of a file whose rows were read, and of any file the sender was answered for.

        A file refused for its content, or withdrawn, has used its number; one refused for its name has not.
        """
        done = sa.func.max(sa.case((submission.c.state.in_(["DONE", "DUPLICATE"]), submission.c.sequence)))
        counted = sa.func.coalesce(submission.c.code, "").not_in(["F01", "F10", "F11", "F15", "F16"])
        used = sa.func.max(sa.case((counted, submission.c.sequence)))
        query = sa.select(done, used).where(
            submission.c.sender == sender,
            submission.c.feed == feed,
            submission.c.state.not_in(["RECEIVED", "CLAIMED"]),
        )
        with self._db.read() as tx:
            row = tx.execute(query).one()
        return row[0] or 0, row[1] or 0

    def finish(self, message_id: str, owner: str, effects: Effects, at: datetime) -> Counter[str]:
        """Record everything one file changes, with its final state, in one transaction.

        Raises Transient when the lease was lost or a person in it was erased meanwhile, InvariantBroken when the counts
        do not add up; nothing is changed then.
        """
        with self._db.write() as tx:
            s = submission.c
            query = sa.select(s.state, s.lease_owner, s.partner, s.digest, s.received_at)
            row = tx.execute(query.where(submission.c.message_id == message_id).with_for_update()).one()
            if row.lease_owner != owner or effects.state not in MOVES.get(row.state, ()):
                raise Transient("the lease on a submission was lost; another worker has it")
            counts = _balanced(effects, record(self._db, tx, message_id, effects.events, effects.relations))
            remember(self._db, tx, effects.cohorts)
            if effects.listing:
                listings.record(self._db, tx, effects.listing)
            volumes.add(self._db, tx, row.partner, brussels_date(row.received_at), effects.named)
            values = _final_values(effects, counts, at)
            tx.execute(submission.update().where(submission.c.message_id == message_id).values(values))
            tx.execute(finding.delete().where(finding.c.message_id == message_id))
            rows = [{"message_id": message_id, "n": n, **f} for n, f in enumerate(effects.findings, 1)]
            self._db.insert_new(tx, finding, rows)
            journal.append(tx, "submission", message_id, row.state, effects.state, at, effects.code or "")
            told = {name: values[name] for name in (*AUDITED, *COUNTS)}
            append(self._db, tx, audit.FILE, at, message_id=message_id, partner=row.partner, digest=row.digest, **told)
            require_none_erased(self._db, tx, effects.events)
            return counts

    def findings(self, message_ids: Collection[str]) -> list[dict[str, Any]]:
        """The findings of these files, in order."""
        query = sa.select(finding).where(self._db.among(finding.c.message_id, message_ids))
        with self._db.read() as tx:
            return [dict(row) for row in tx.execute(query.order_by(finding.c.message_id, finding.c.n)).mappings()]

    def finished(self, partner: str) -> list[dict[str, Any]]:
        """The partner's finished files, the oldest first."""
        query = sa.select(submission).where(
            submission.c.partner == partner, submission.c.state.not_in(["RECEIVED", "CLAIMED"])
        )
        with self._db.read() as tx:
            return [
                dict(row)
                for row in tx.execute(query.order_by(submission.c.received_at, submission.c.message_id)).mappings()
            ]

    def unanswered(self, partners: Collection[str]) -> list[dict[str, Any]]:
        """The finished files of which their partner, one of these, has not been told everything yet, the oldest first.

        A file whose rows were not read and in which nothing was found has a receipt only.
        """
        s = submission.c
        finished = s.state.not_in(["RECEIVED", "CLAIMED"])
        query = sa.select(submission).where(self._db.among(s.partner, partners), finished, _waits())
        with self._db.read() as tx:
            return [dict(row) for row in tx.execute(query.order_by(s.received_at, s.message_id)).mappings()]

    def answered(self, before: datetime | None = None) -> dict[str, set[str]]:
        """The digests of landed files and of their manifests, by message id: of files of which everything was told,
        received before that instant where one is given, and not those which a file that still waits shares."""
        s = submission.c
        unfinished = s.state.in_(["RECEIVED", "CLAIMED"])
        with self._db.read() as tx:
            late = tx.execute(sa.select(s.digest, s.manifest_digest).where(unfinished | _waits())).all()
            query = sa.select(s.message_id, s.digest, s.manifest_digest).where(
                s.received_at < before if before else sa.true()
            )
            found = tx.execute(query).all()
        kept = {digest for row in late for digest in row}
        return {row.message_id: {row.digest, row.manifest_digest} - kept for row in found}

    def line(self, sender: str, feed: str) -> list[Link]:
        """The finished files that have a place in one line, in sequence; their hashes are keyed."""
        s = submission.c
        query = sa.select(s.name, s.sequence, s.chain, s.previous, s.received_at).where(
            s.sender == sender, s.feed == feed, s.chain.is_not(None), s.state.not_in(["RECEIVED", "CLAIMED"])
        )
        with self._db.read() as tx:
            return [Link(*row) for row in tx.execute(query.order_by(s.sequence, s.received_at, s.message_id))]

    def last_accepted(self) -> dict[tuple[str, str], datetime]:
        """When a file of each sender and feed was last received, of those whose rows were read or known."""
        s = submission.c
        query = sa.select(s.sender, s.feed, sa.func.max(s.received_at).label("at")).where(
            s.state.in_(["DONE", "DUPLICATE"])
        )
        with self._db.read() as tx:
            return {(row.sender, row.feed): row.at for row in tx.execute(query.group_by(s.sender, s.feed))}


def _same(landed: Landed) -> sa.Select[Any]:
    """The message id of this very sending, if it is registered."""
    s = submission.c
    named = (s.partner == landed.partner, s.name_digest == landed.name_digest, s.sending == landed.sending)
    return sa.select(s.message_id).where(*named, s.digest == landed.digest, s.manifest_digest == landed.manifest_digest)


def _waits() -> sa.ColumnElement[bool]:
    """Whether the sender of the submission of the query around it has still to be told something of it."""
    s = submission.c
    receipt, outcome = (
        sa.exists().where(told.c.recipient == s.partner, told.c.entity_id == s.message_id, told.c.feed == feed)
        for feed in ANSWERED
    )
    found = sa.exists().where(finding.c.message_id == s.message_id)
    has_outcome = (s.state == "DONE") | (s.read > 0) | found
    return ~receipt | (has_outcome & ~outcome)


def _balanced(effects: Effects, done: Recorded) -> Counter[str]:
    """The counts of a file. Raises InvariantBroken when they do not add up."""
    counts = Counter(
        read=effects.read,
        accepted=done.fresh - done.superseded,
        warned=effects.warned,
        rejected=effects.rejected,
        duplicate=len(effects.events) - done.fresh,
        superseded=done.superseded,
    )
    if effects.read != sum(counts[name] for name in ("accepted", "rejected", "duplicate", "superseded")):
        raise InvariantBroken("rows read are not rows accepted + rejected + duplicate + superseded")
    return counts


def _final_values(effects: Effects, counts: Counter[str], at: datetime) -> dict[str, Any]:
    named = ("state", "code", "sender", "feed", "contract", "sequence", "environment", "chain", "previous")
    return {
        **{name: getattr(effects, name) for name in named},
        **{name: counts[name] for name in COUNTS},
        "warnings": list(effects.warnings),
        "done_at": at,
        "lease_owner": None,
        "lease_until": None,
    }
