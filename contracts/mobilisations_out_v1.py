"""Feed MOBI as Le Forem receives it, version 1: identities sealed, the CPAS's coded columns in clear.

Its rows were judged on the way in; what is declared here is what the recipient may rely on.
"""

from __future__ import annotations

from contracts import codes, mobilisations_v1
from contracts.fields import coded_text, sealed, token
from contracts.model import Contract

CONTRACT = Contract(
    feed="MOBI",
    name="mobilisations_out",
    version=1,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity", required=True),
        coded_text("sender", codes.PARTNER, "6 digits", required=True),
        *(field for field in mobilisations_v1.FIELDS if field.nature == "coded"),
    ),
    key=("sender", "subject_token", "event_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("event_id",),
    within_person=True,
)
