"""The columns of every feed as the partner pages give them: what partners write, and what they receive.

Source: docs/contracts/*.md.
"""

from simulators import courses, mailbox, orientation
from simulators.table import words

TECHNICAL = "notice_id version notice_status effective_date recorded_at "

COLUMNS: dict[str, list[str]] = {
    "ORIE": orientation.COLUMNS,
    "STAT": courses.COLUMNS,
    "SITU": words(
        TECHNICAL + "cpas_nis cpas_bce cpas_dossier_ref niss situation_group situation_kind decision_date end_date "
        "legislation ri_category ri_fraction piis_code piis_signed_on piis_review_on end_reason suspension_months "
        "contract_id measure_code contract_start planned_end actual_end weekly_hours reference_hours employer_bce "
        "made_available user_bce user_establishment nace occupation joint_committee unemployment_right_date tutor"
    ),
    "INSC": words(
        TECHNICAL + "niss forem_person_id movement registration_date deregistration_date stat92_category "
        "registration_channel residence_nis agency_code"
    ),
    "FORM": words(
        TECHNICAL + "enrolment_id niss referral_id training_code training_title domain provider_bce provider_kind "
        "centre_nis kind cisp_filiere planned_start planned_end actual_start actual_end hours_planned hours_done "
        "status result certification abandon_reason trainee_contract"
    ),
    "MANQ": words(
        TECHNICAL + "breach_id niss referral_id kind occurred_on recorded_on attempt_no explanation_heard status "
        "withdrawn_on"
    ),
    "MOBI": words(
        TECHNICAL + "event_id cpas_nis niss answer declined_reason answered_at transport_need interpreter_need "
        "attendance result"
    ),
    "JOBD": words(
        TECHNICAL + "event_id title kind tool starts_at ends_at place nis capacity target_publics occupations "
        "offer_numbers languages target_nis quota_per_cpas answer_deadline access_note status"
    ),
    "OFFR": words(
        TECHNICAL + "offer_number title rome nace contract_type regime positions work_nis work_postal_codes work_nuts "
        "study_levels languages experience driving_license published_from published_until first_seen last_seen "
        "closed_at source url attribution"
    ),
    "MUTA": words(TECHNICAL + "niss kind replaced_by"),
    "CATA": words(
        TECHNICAL + "service_id training_code name status taxonomy_term cisp_filiere organization_id "
        "organization_name organization_kind location_type location_nis occupations languages minimum_age maximum_age "
        "valid_from valid_to hours capacity_maximum capacity_available cost_amount url"
    ),
}
ADDED = {"ORIE": ["interpreter_need"], "INSC": ["deregistration_reason"]}  # of version 2, after the others
CONTRACTS = {
    "ORIE": "orientations",
    "STAT": "statuses",
    "SITU": "situations",
    "INSC": "registrations",
    "FORM": "trainings",
    "MANQ": "breaches",
    "MOBI": "mobilisations",
    "JOBD": "job_days",
    "OFFR": "job_offers",
    "CATA": "training_catalogue",
    "MUTA": "mutations",
}
FROM_CPAS, FROM_FOREM = ("ORIE", "SITU", "MOBI"), ("JOBD", "OFFR", "CATA", "STAT", "INSC", "FORM", "MANQ")
FROM_REGISTERS = ("MUTA",)
IMPERSONAL = ("JOBD", "OFFR", "CATA")
DIRECT = {*orientation.KEPT_FROM_FOREM, "forem_person_id"}  # never in a column of its own in what the hub sends
UNSAID = {"notice_id", "recorded_at"}  # not part of what a row states
DATED = {"STAT": "status_date"}  # the column of the effective date, where it has another name
NAMED = {  # the column that names what a row is about, within its sender
    "ORIE": "referral_id", "STAT": "referral_id", "FORM": "enrolment_id", "MANQ": "breach_id", "MOBI": "event_id",
    "JOBD": "event_id", "OFFR": "offer_number", "CATA": "service_id",
}  # fmt: skip
RECO = words(
    "record subject_token sealed_identity sealed_local_ref entity_kind cpas entity_ref cpas_view forem_view "
    "agreed_state business_status status_date class reason codes owner since due lead next_service lead_rule "
    "cpas_version forem_version next_appointment_at snapshot_date"
)


def written(feed: str, version: int = 1) -> tuple[str, list[str]]:
    """Contract and columns of a feed to the hub, under one version."""
    return f"{CONTRACTS[feed]}/{version}", [*COLUMNS[feed], *(ADDED[feed] if version > 1 else ())]


def coded(feed: str, version: int = 1) -> list[str]:
    """The columns of an inbound feed that travel on in clear."""
    return [name for name in written(feed, version)[1] if name == "nis" or name not in DIRECT]


def received(feed: str, version: int = 1) -> tuple[str, list[str]]:
    """Contract and columns of a feed that the hub sends, under one version; KeyError for one that it does not send."""
    contract, columns = _RECEIVED[feed]
    return (f"{contract}/{version}", [*columns, *ADDED[feed]]) if version > 1 else (f"{contract}/1", columns)


def _received() -> dict[str, tuple[str, list[str]]]:
    """Name and columns of the first version of the contract of each feed that the hub sends."""
    to_forem = {feed: [*mailbox.SEALED[:2], "sender", *coded(feed)] for feed in FROM_CPAS}
    to_cpas = {
        feed: ["record", *coded(feed)] if feed in IMPERSONAL else [*mailbox.SEALED, *coded(feed)] for feed in FROM_FOREM
    }
    passed = {feed: (f"{CONTRACTS[feed]}_out", columns) for feed, columns in (to_forem | to_cpas).items()}
    return passed | {
        "RECO": ("reconciliation", RECO),
        "ACRF": ("acrf", mailbox.ACRF),
        "NOTI": ("noti", mailbox.NOTI),
    }


_RECEIVED = _received()
SENT_BY_HUB = tuple(_RECEIVED)
