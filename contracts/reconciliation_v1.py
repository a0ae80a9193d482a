"""Feed RECO, version 1: what each side is told about a referral, both sides' events joined.

It is a daily delta. The dossier's capsule is empty for Le Forem; an identity is empty where its recipient
never gave one.
"""

from __future__ import annotations

from contracts import codes
from contracts.fields import code, coded_text, date, listing, moment, sealed, sender_version, token
from contracts.findings import CATALOGUE
from contracts.model import Contract

CODES = tuple(name for name in CATALOGUE if name.startswith("R4") or name == "R503")

CONTRACT = Contract(
    feed="RECO",
    name="reconciliation",
    version=1,
    direction="out",
    fields=(
        token(),
        sealed("sealed_identity"),
        sealed("sealed_local_ref"),
        coded_text("referral_id", codes.REFERRAL_ID, "R, 5 digits, -, year, -, 6 digits", required=True),
        code("core_status", codes.AGREED_STATUS, required=True),
        code("business_status", codes.ALL_BUSINESS_STATUS),
        date("status_date"),
        code("class", codes.MATCH_CLASS, required=True),
        listing("codes", CODES),
        code("owner", codes.OWNER),
        sender_version("cpas_version"),
        sender_version("forem_version"),
        moment("next_appointment_at"),
        date("snapshot_date", required=True),
    ),
    key=("referral_id",),
    effective_date="snapshot_date",
    entity=("referral_id",),
)
