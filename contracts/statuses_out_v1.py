"""Feed STAT as a CPAS receives it, version 1: identity and own dossier sealed, coded columns in clear.

The dossier's capsule is empty when the CPAS never gave one. Rows were judged on the way in.
"""

from __future__ import annotations

from contracts import statuses_v1
from contracts.fields import sealed, token
from contracts.model import Contract

CONTRACT = Contract(
    feed="STAT",
    name="statuses_out",
    version=1,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity", required=True),
        sealed("sealed_local_ref"),
        *(field for field in statuses_v1.FIELDS if field.nature == "coded"),
    ),
    key=("referral_id", "status_date", "version"),
    effective_date="status_date",
    entity=("referral_id",),
)
