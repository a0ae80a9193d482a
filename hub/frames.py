"""The frames that reconciliation reads and writes: what their columns are called and hold.

Events are rows of the ledger as its partners' calendar in Brussels sees them; states are rows of
`entity_state`. Who makes them from the ledger, and what is computed, is decided elsewhere.
"""

from collections.abc import Mapping

import polars as pl

Schema = Mapping[str, pl.DataType]

_MOMENT = pl.Datetime("us", "UTC")

EVENTS: Schema = {
    "event_id": pl.String(),
    "feed": pl.String(),
    "source": pl.String(),
    "side": pl.String(),  # CPAS or FOREM: for whom the source speaks
    "cpas": pl.String(),  # the CPAS that answers today for the one that sent; null for Le Forem
    "own": pl.Boolean(),  # false for the rows of a CPAS that another has succeeded: they come before the successor's
    "entity_id": pl.String(),
    "sid": pl.String(),
    "about": pl.String(),  # the entity that the row names beside its own: a referral, an event
    "version": pl.Int64(),
    "notice_status": pl.Int64(),
    "effective_date": pl.Date(),
    "recorded_at": _MOMENT,
    "received_at": _MOMENT,
    "received_on": pl.Date(),  # the day in Brussels
    "message_id": pl.String(),
    "line": pl.Int64(),
    "content": pl.String(),
    "payload": pl.String(),  # JSON: coded columns, absent ones null
}

STATES: Schema = {
    "entity_id": pl.String(),
    "kind": pl.String(),
    "cpas": pl.String(),
    "sid": pl.String(),
    "cpas_view": pl.String(),
    "forem_view": pl.String(),
    "state": pl.String(),
    "business_status": pl.String(),
    "status_date": pl.Date(),
    "class": pl.String(),
    "codes": pl.List(pl.String()),
    "owner": pl.String(),
    "reason": pl.String(),
    "cpas_version": pl.Int64(),
    "forem_version": pl.Int64(),
    "next_appointment_at": pl.String(),
    "lead": pl.String(),
    "next_service": pl.String(),
    "lead_rule": pl.String(),
    "since": pl.Date(),  # first day of the present class and owner; null while the two sides agree
    "due": pl.Date(),  # last day on which the mismatch is or was pending
    "held_until": pl.Date(),  # last day on which a gap in the versions holds back what is published
    "wake": pl.Date(),  # first day after today on which time alone can change the row
}
