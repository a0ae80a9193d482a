"""Feed JOBD as a CPAS receives it, version 1: the events as Le Forem gave them, no person in them.

A row is the event as it is now (STATE), or says that it is no longer for this CPAS (GONE): it was closed, has run
out, or left what the CPAS asked for. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import job_days_v1
from contracts.fields import code
from contracts.model import Contract

RECORD = ("STATE", "GONE")

CONTRACT = Contract(
    feed="JOBD",
    name="job_days_out",
    version=1,
    direction="out",
    fields=(code("record", RECORD, required=True), *job_days_v1.FIELDS),
    key=("event_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("event_id",),
)
