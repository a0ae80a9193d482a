"""The tables of the two databases, in SQLAlchemy Core.

The ledger holds no NISS, name, birth date or key; the identity store holds the index of subjects and
sealed values only. Stealing one of them gives nothing. The migrations beside this module create what is
declared here; a test compares the two.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

ledger = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})
identity = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})


class Utc(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite forgets zones, so it is put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Refuse a naive instant: nobody would know which one it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(name: str, *args: Any, **kw: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *args, **kw)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


submission = sa.Table(
    "submission",
    ledger,
    _text("message_id", primary_key=True),
    _text("partner", nullable=False),  # whose mailbox it came from
    _text("sender"),  # who the name says sent it
    _text("feed"),
    _text("contract"),
    sa.Column("sequence", sa.Integer),
    _text("environment"),
    _text("name", nullable=False),  # as data; a name outside the grammar is kept as its shape only
    _text("name_digest", nullable=False),
    _text("sending", nullable=False),  # empty, or what tells a name sent again from its earlier sendings
    _text("announced_by", nullable=False),  # GO, TD (withdrawn) or NONE (a name outside the grammar)
    _text("digest", nullable=False),
    _text("manifest_digest", nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("state", nullable=False),
    _text("code"),
    sa.Column("warnings", sa.JSON, nullable=False),
    _text("lease_owner"),
    sa.Column("lease_until", Utc),
    *[_count(n) for n in ("read", "accepted", "warned", "rejected", "duplicate", "superseded")],
    _text("superseded_by"),
    _text("chain"),  # keyed digest of the hash by which the next file of this line names this one
    _text("previous"),  # keyed digest of the hash by which this file names the one before
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("done_at", Utc),
    sa.UniqueConstraint("partner", "name_digest", "digest", "manifest_digest", "sending", name="uq_submission"),
    sa.Index(None, "partner", "state"),
    sa.Index(None, "partner", "feed", "digest"),
    sa.Index(None, "sender", "feed", "sequence"),
)

transition = sa.Table(
    "transition",
    ledger,
    _text("subject_kind", primary_key=True),
    _text("subject_id", primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    _text("before"),
    _text("after", nullable=False),
    sa.Column("at", Utc, nullable=False),
    _text("actor", nullable=False),
    _text("reason"),
)

finding = sa.Table(
    "finding",
    ledger,
    _text("message_id", primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("line", sa.Integer),
    _text("column"),
    _text("code", nullable=False),
    _text("severity", nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    _text("shape"),
)

event = sa.Table(
    "event",
    ledger,
    _text("event_id", primary_key=True),
    _text("feed", nullable=False),
    _text("source", nullable=False),
    _text("entity_id", nullable=False),
    _text("sid", nullable=False),  # empty where the row concerns nobody
    _text("about"),  # the entity that the row names beside its own
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("notice_status", sa.Integer, nullable=False),
    sa.Column("effective_date", sa.Date, nullable=False),
    sa.Column("recorded_at", Utc, nullable=False),
    sa.Column("received_at", Utc, nullable=False),
    _text("message_id", nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    _text("content", nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Index(None, "entity_id"),
    sa.Index(None, "sid"),
    sa.Index(None, "about"),
    sa.Index(None, "message_id"),
)

entity_state = sa.Table(
    "entity_state",
    ledger,
    _text("entity_id", primary_key=True),
    _text("kind", nullable=False),
    _text("cpas"),
    _text("sid"),
    _text("cpas_view"),
    _text("forem_view"),
    _text("state", nullable=False),
    _text("business_status"),
    sa.Column("status_date", sa.Date),
    _text("class", nullable=False),
    sa.Column("codes", sa.JSON, nullable=False),
    _text("owner"),
    _text("reason", nullable=False),
    sa.Column("cpas_version", sa.Integer),
    sa.Column("forem_version", sa.Integer),
    _text("next_appointment_at"),
    _text("lead"),
    _text("next_service"),
    _text("lead_rule"),
    sa.Column("since", sa.Date),
    sa.Column("due", sa.Date),
    sa.Column("held_until", sa.Date),
    sa.Column("wake", sa.Date),  # the first day on which time alone can change the row
    sa.Column("stale", sa.Boolean, nullable=False),  # touched since it was last reconciled
    sa.Column("reconciled_on", sa.Date),  # the day on which it came to what it is, or was found the same with news
    sa.Column("moved", sa.Date),  # where it is stale: the first day on which any of what touched it was received
    _text("message_id"),  # the file that touched it last; none where the state is derived from other entities
    sa.Index(None, "cpas"),
    sa.Index(None, "sid"),
    sa.Index(None, "stale"),
    sa.Index(None, "wake"),
)

discrepancy = sa.Table(
    "discrepancy",
    ledger,
    _text("entity_id", primary_key=True),
    _text("class", primary_key=True),
    sa.Column("opened", sa.Date, primary_key=True),
    _text("owner"),
    _text("reason", nullable=False),
    sa.Column("closed", sa.Date),
    sa.Index(None, "closed", "class"),
)

relationship = sa.Table(
    "relationship",
    ledger,
    _text("organisation", primary_key=True),
    _text("sid", primary_key=True),
    _text("quality", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    _text("basis", nullable=False),
    sa.Column("until", sa.Date),
    sa.Index(None, "sid"),
)

alias = sa.Table(
    "alias",
    ledger,
    _text("sid", primary_key=True),
    _text("person", nullable=False),  # the subject under which the registers know that person today
    sa.Index(None, "person"),
)

cohort = sa.Table(
    "cohort",
    ledger,
    _text("sid", primary_key=True),
    sa.Column("born", sa.Integer, nullable=False),  # the first of the five years in which this person was born
)

to_tell = sa.Table(
    "to_tell",
    ledger,
    _text("recipient", primary_key=True),
    _text("entity_id", primary_key=True),
    _text("revision", nullable=False),  # who asked for it last: what is asked for meanwhile is not settled
)

told = sa.Table(
    "told",
    ledger,
    _text("recipient", primary_key=True),
    _text("feed", primary_key=True),
    _text("row_key", primary_key=True),
    _text("entity_id", nullable=False),  # a message id in receipts
    _text("row_hash", nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),  # of the publication that said so last
    sa.Index(None, "entity_id"),
)

publication = sa.Table(
    "publication",
    ledger,
    _text("publication_id", primary_key=True),
    _text("recipient", nullable=False),
    _text("feed", nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    _text("contract", nullable=False),
    _text("name", nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    _text("sha256", nullable=False),
    _text("manifest_sha256", nullable=False),
    _text("previous"),
    _text("state", nullable=False),
    sa.Column("published_at", Utc, nullable=False),
    _text("kind", nullable=False, server_default="DELTA"),  # or SNAPSHOT: every row, told before or not
    sa.Column("delivered_at", Utc),
    sa.UniqueConstraint("recipient", "feed", "sequence", name="uq_publication"),
    sa.Index(None, "recipient", "state"),
)

publication_row = sa.Table(
    "publication_row",
    ledger,
    _text("publication_id", primary_key=True),
    _text("row_key", primary_key=True),
    _text("recipient", nullable=False),
    _text("feed", nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    _text("entity_id", nullable=False),  # a referral id; a message id in receipts
    _text("row_hash", nullable=False),
    sa.Index(None, "entity_id"),
)

acknowledgement = sa.Table(
    "acknowledgement",
    ledger,
    _text("publication_id", primary_key=True),
    _text("kind", primary_key=True),  # TAKEN, ACCEPTED, REFUSED, ALTERED: its recipient; VANISHED, OVERDUE: the hub
    sa.Column("at", Utc, nullable=False),
    _text("code"),  # the recipient's own, where it gave one
    sa.Index(None, "kind"),
)

sighting = sa.Table(
    "sighting",
    ledger,
    _text("partner", primary_key=True),
    _text("name_digest", primary_key=True),
    sa.Column("size", sa.BigInteger),  # as the partner's server says: anything
    sa.Column("mtime", sa.Float),
    sa.Column("first_seen", Utc, nullable=False),
    sa.Column("looks", sa.Integer, nullable=False, server_default="1"),  # with that size and time, at other instants
    sa.Column("last_seen", Utc),
)

remote_file = sa.Table(
    "remote_file",
    ledger,
    _text("partner", primary_key=True),
    _text("name_digest", primary_key=True),
    sa.Column("size", sa.BigInteger),  # as it was when it was taken from a mailbox whose files are not moved
    sa.Column("mtime", sa.Float),
    _text("sending", nullable=False),
    sa.Column("at", Utc, nullable=False),
)

link = sa.Table(
    "link",
    ledger,
    _text("partner", primary_key=True),
    sa.Column("ok_at", Utc),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row; 0 since the last good visit
    _text("error"),
    sa.Column("failed_at", Utc),  # by the hub's clock
    sa.Column("failed_really_at", Utc),  # by the machine's
    _text("mark"),  # of the channel as it was then: another one is tried at once
)

capability = sa.Table(
    "capability",
    ledger,
    _text("partner", primary_key=True),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("at", Utc, nullable=False),
)

export = sa.Table(
    "export",
    ledger,
    _text("source", primary_key=True),
    _text("feed", primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),  # as its name says
)

listed = sa.Table(
    "listed",
    ledger,
    _text("entity_id", primary_key=True),
    _text("feed", nullable=False),
    _text("source", nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),  # of the latest file that held it
    sa.Column("until", sa.Date, nullable=False),  # the last day on which it may still be shown
    sa.Index(None, "feed", "until"),
)

volume = sa.Table(
    "volume",
    ledger,
    _text("partner", primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("newcomers", sa.Integer, nullable=False),  # people whom this CPAS named for the first time
    sa.Column("strangers", sa.Integer, nullable=False),  # those of them of whom nobody had said anything
    sa.Column("elsewhere", sa.Integer, nullable=False),  # those of them whom another CPAS has
    sa.Column("judged", sa.Integer, nullable=False),  # how many of the newcomers were looked at
    sa.Column("reasons", sa.JSON, nullable=False),  # why that is unusual
    sa.Index(None, "day"),
)

succession_request = sa.Table(
    "succession_request",
    ledger,
    _text("request_id", primary_key=True),
    _text("change", nullable=False),  # MERGED or UNMERGED
    _text("sid", nullable=False),
    _text("about", nullable=False),
    sa.Column("effective_date", sa.Date, nullable=False),
    _text("reason", nullable=False),
    _text("asked_by", nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
    _text("decision"),  # APPROVED or REFUSED; none while it waits
    _text("decided_by"),
    sa.Column("decided_at", Utc),
)

audit_leaf = sa.Table(
    "audit_leaf",
    ledger,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    _text("entry", nullable=False),  # canonical JSON, of the catalogue in hub.audit
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.Column("at", Utc, nullable=False),
)

audit_head = sa.Table(
    "audit_head",
    ledger,
    _text("log", primary_key=True),  # one row: it puts the writers in line
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("edge", sa.LargeBinary, nullable=False),  # the roots of the whole subtrees, from left to right
)

erased_subject = sa.Table(
    "erased_subject",
    ledger,
    _text("sid", primary_key=True),  # kept for a while, so that a run that was under way writes nothing of it
    sa.Column("at", Utc, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
)

erased_row = sa.Table(
    "erased_row",
    ledger,
    _text("message_id", primary_key=True),
    _count("rows"),  # how many rows of this file were erased: the counts of files still add up
)

subject_index = sa.Table(
    "subject_index",
    identity,
    _text("kid", primary_key=True),
    sa.Column("idx", sa.LargeBinary(16), primary_key=True),
    _text("sid", nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "sid"),
)

capsule = sa.Table(
    "capsule",
    identity,
    _text("event_id", primary_key=True),
    _text("recipient", primary_key=True),
    _text("sid", nullable=False),
    _text("kid", nullable=False),
    _text("sealed", nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "sid"),
)

local_reference = sa.Table(
    "local_reference",
    identity,
    _text("event_id", primary_key=True),
    _text("recipient", primary_key=True),
    _text("entity_kind", nullable=False),
    _text("entity_id", nullable=False),
    _text("sid", nullable=False),
    _text("kid", nullable=False),
    _text("sealed", nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "sid"),
)

key_check = sa.Table(
    "key_check",
    identity,
    _text("purpose", primary_key=True),
    _text("kid", primary_key=True),
    _text("check_value", nullable=False),  # what the key showed when this installation first used it
    sa.Column("at", Utc, nullable=False),
)

key_in_force = sa.Table(
    "key_in_force",
    identity,
    _text("purpose", primary_key=True),
    _text("kid", nullable=False),  # locked by whoever writes under it: workers with unlike rings use one key
)

# The same two in the ledger, for the key that names files: most who use it may not enter the identity store.
key_check.to_metadata(ledger)
key_in_force.to_metadata(ledger)

told_under = sa.Table(
    "told_under",
    identity,
    _text("sid", primary_key=True),
    _text("kid", nullable=False),  # of the token key; a person's token never changes
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "kid"),
)

erasure = sa.Table(
    "erasure",
    identity,
    _text("erasure_id", primary_key=True),
    _text("reason", nullable=False),
    sa.Column("sids", sa.JSON, nullable=False),  # empty once it is done
    sa.Column("at", Utc, nullable=False),
    sa.Column("done_at", Utc),
)

reveal = sa.Table(
    "reveal",
    identity,
    _text("reveal_id", primary_key=True),
    _text("sid"),  # none once the person is erased
    _text("reason", nullable=False),
    _text("text"),  # free: why; in no other place
    _text("asked_by", nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
    _text("note", nullable=False),  # the request, signed by who asked
    _text("approved_by"),
    sa.Column("approved_at", Utc),
    _text("approval"),  # the same request, signed by another officer
    sa.Column("opened_at", Utc),
)

tombstone = sa.Table(
    "tombstone",
    identity,
    _text("kid", primary_key=True),  # of the index key
    sa.Column("mark", sa.LargeBinary(16), primary_key=True),  # of an organisation and an index: not the index
    sa.Column("at", Utc, nullable=False),  # what was written down before is not taken again
    sa.Column("until", sa.Date, nullable=False),
)

vault = sa.Table(
    "vault",
    identity,
    _text("event_id", primary_key=True),
    _text("recipient", primary_key=True),
    sa.Column("local", sa.Boolean, primary_key=True),
    _text("entity_id", nullable=False),
    _text("sid", nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # under the person's key, until the recipient gives one
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "recipient"),
    sa.Index(None, "sid"),
)

person_key = sa.Table(
    "person_key",
    identity,
    _text("sid", primary_key=True),
    _text("kid", nullable=False),  # of the hub's key that wraps it
    sa.Column("wrapped", sa.LargeBinary(40), nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "kid"),
)
