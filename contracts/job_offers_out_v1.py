"""Feed OFFR as a CPAS receives it, version 1: the offers as Le Forem gave them, with their attribution.

A row is the offer as it is now (STATE), or says that it is no longer for this CPAS (GONE): it was closed, has run
out, or left what the CPAS asked for. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import job_offers_v1
from contracts.fields import code
from contracts.model import Contract

RECORD = ("STATE", "GONE")

CONTRACT = Contract(
    feed="OFFR",
    name="job_offers_out",
    version=1,
    direction="out",
    fields=(code("record", RECORD, required=True), *job_offers_v1.FIELDS),
    key=("offer_number", "effective_date", "version"),
    effective_date="effective_date",
    entity=("offer_number",),
)
