"""Feed JOBD as a CPAS receives it, version 1: the events as Le Forem gave them, no person in them.

Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import job_days_v1
from contracts.model import Contract

CONTRACT = Contract(
    feed="JOBD",
    name="job_days_out",
    version=1,
    direction="out",
    fields=job_days_v1.FIELDS,
    key=("event_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("event_id",),
)
