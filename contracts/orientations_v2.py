"""Feed ORIE, version 2: as version 1, and whether an interpreter must be there when Le Forem meets the person.

`contact_language` says fr, de, nl, en or other, not whether a first appointment can be held in it. Which language is
asked for is agreed between the two services; no origin and no reason is told.
"""

from __future__ import annotations

from contracts import orientations_v1
from contracts.fields import flag
from contracts.model import Contract, Field

FIELDS: tuple[Field, ...] = (*orientations_v1.FIELDS, flag("interpreter_need"))

CONTRACT = Contract(
    feed="ORIE",
    name="orientations",
    version=2,
    direction="in",
    fields=FIELDS,
    key=("referral_id", "effective_date", "version"),
    effective_date="effective_date",
    rules=orientations_v1.CONTRACT.rules,
    entity=("referral_id",),
    added=("interpreter_need",),
)
