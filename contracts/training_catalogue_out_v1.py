"""Feed CATA as a CPAS receives it, version 1: the catalogue as Le Forem gave it, no person in it.

A row is the training as it is now (STATE), or says that it is no longer for this CPAS (GONE): it was closed, has run
out, or left what the CPAS asked for. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import training_catalogue_v1
from contracts.fields import code
from contracts.model import Contract

RECORD = ("STATE", "GONE")

CONTRACT = Contract(
    feed="CATA",
    name="training_catalogue_out",
    version=1,
    direction="out",
    fields=(code("record", RECORD, required=True), *training_catalogue_v1.FIELDS),
    key=("service_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("service_id",),
)
