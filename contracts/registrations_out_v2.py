"""Feed INSC as a CPAS receives it, version 2: as version 1, and why a person is no longer registered.

A row that Le Forem wrote under version 1 leaves the new column empty. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import registrations_v2
from contracts.fields import sealed, token
from contracts.model import Contract

CONTRACT = Contract(
    feed="INSC",
    name="registrations_out",
    version=2,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity", required=True),
        sealed("sealed_local_ref"),
        *(field for field in registrations_v2.FIELDS if field.nature == "coded"),
    ),
    key=("subject_token", "effective_date", "version"),
    effective_date="effective_date",
    within_person=True,
    added=registrations_v2.CONTRACT.added,
)
