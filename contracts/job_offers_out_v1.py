"""Feed OFFR as a CPAS receives it, version 1: the offers as Le Forem gave them, with their attribution.

Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import job_offers_v1
from contracts.model import Contract

CONTRACT = Contract(
    feed="OFFR",
    name="job_offers_out",
    version=1,
    direction="out",
    fields=job_offers_v1.FIELDS,
    key=("offer_number", "effective_date", "version"),
    effective_date="effective_date",
    entity=("offer_number",),
)
