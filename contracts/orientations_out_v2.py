"""Feed ORIE as Le Forem receives it, version 2: as version 1, and whether an interpreter is needed.

A row that a CPAS wrote under version 1 leaves the new column empty. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import codes, orientations_v2
from contracts.fields import coded_text, sealed, token
from contracts.model import Contract

CONTRACT = Contract(
    feed="ORIE",
    name="orientations_out",
    version=2,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity", required=True),
        coded_text("sender", codes.PARTNER, "6 digits", required=True),
        *(field for field in orientations_v2.FIELDS if field.nature == "coded"),
    ),
    key=("referral_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("referral_id",),
    added=orientations_v2.CONTRACT.added,
)
