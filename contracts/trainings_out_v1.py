"""Feed FORM as a CPAS receives it, version 1: identity and own dossier sealed, coded columns in clear.

The dossier's capsule is empty when the CPAS never gave one. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import trainings_v1
from contracts.fields import sealed, token
from contracts.model import Contract

CONTRACT = Contract(
    feed="FORM",
    name="trainings_out",
    version=1,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity", required=True),
        sealed("sealed_local_ref"),
        *(field for field in trainings_v1.FIELDS if field.nature == "coded"),
    ),
    key=("enrolment_id", "effective_date", "version"),
    effective_date="effective_date",
    entity=("enrolment_id",),
)
