"""Feed CATA as a CPAS receives it, version 1: the catalogue as Le Forem gave it, no person in it.

Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import training_catalogue_v1
from contracts.model import Contract

CONTRACT = Contract(
    feed="CATA",
    name="training_catalogue_out",
    version=1,
    direction="out",
    fields=training_catalogue_v1.FIELDS,
    key=("service_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("service_id",),
)
