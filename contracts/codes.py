"""Code lists and identifiers that several feeds share: what a code may be, and from when until when.

Person numbers are in `niss.py`. Whether a commune exists is not known here: the hub's registry says so (see
`Context`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

FEW = 8  # codes that are compared one by one
LANGUAGES = ("fr", "de", "nl", "en", "other")
SEXES = ("0", "1", "2")
# 0 new or full state, 1 correction of the same effective date, 9 cancellation
NOTICE_STATUS = ("0", "1", "9")
BOOLEANS = ("0", "1")
LEGISLATION = ("1", "2", "6")  # 1 right to social integration, 2 law of 2 April 1965, 6 organic law (SPP-IS)
RI_CATEGORY = ("1", "2", "3")  # law of 26 May 2002, art. 14
PUBLIC = ("RI", "ERI", "ART60", "ART61", "ART60_PRE", "ART60_POST")
LEGAL_BASIS = ("CONV2024", "DECR2025")
DELEGATION = ("NONE", "PARTIAL", "FULL")
REQUESTED_ACTION = (
    "REGISTRATION", "ORIENTATION", "BILAN", "COACHING", "RAN", "TRAINING", "FLE_ALPHA", "DIGITAL", "MISIP",
    "ESSAI_METIER", "VALIDATION", "JOB_MATCHING", "JOBDAY", "SELF_EMPLOYMENT", "ART60_EXIT",
)  # fmt: skip
STUDY_LEVEL = (
    "NONE", "CEB", "CE1D", "CESDD", "CESS", "7P", "BAC", "MASTER", "FOREIGN_NON_EQ", "UNKNOWN",
)  # fmt: skip
DRIVING_LICENSE = ("A", "B", "C", "D")
DIGITAL_AUTONOMY = ("0", "1", "2", "3", "UNKNOWN")
AVAILABILITY = ("FULL", "PART", "EVENING")
PRIORITY = ("NORMAL", "URGENT")

BUSINESS_STATUS: Mapping[str, tuple[str, ...]] = {
    "RECEIVED": ("REGISTERED_AT_FOREM", "APPT_SCHEDULED", "APPT_MISSED_1", "NO_RESPONSE"),
    "ACCEPTED": ("ASSIGNED_DIGITAL", "ASSIGNED_AGENCY", "ASSIGNED_INTENSIVE"),
    "IN_PROGRESS": (
        "BILAN", "ACTION_PLAN", "TRAINING", "MISIP", "ESSAI_METIER", "JOB_SEARCH", "OPERATOR",
    ),
    "ON_HOLD": ("TEMPORARILY_UNAVAILABLE", "TRAINING_WAITLIST", "ART60_RUNNING", "EXEMPTED"),
    "REJECTED": (
        "ALREADY_FOLLOWED", "OUT_OF_SCOPE_TERRITORY", "NOT_REGISTRABLE", "VERY_LOW_EMPLOYABILITY",
        "INCOMPLETE", "DUPLICATE", "PERSON_UNKNOWN",
    ),
    "COMPLETED": (
        "EMPLOYED", "TRAINING_COMPLETED", "HANDED_BACK", "ART60_STARTED", "ART61_STARTED", "SELF_EMPLOYED",
    ),
    "FAILED": ("ABANDONED", "EXCLUDED", "UNREACHABLE", "MOVED_AWAY", "DECEASED", "RIGHT_ENDED"),
    "CANCELLED": ("WITHDRAWN_BY_CPAS",),
    "REFERRED_ONWARD": ("OPERATOR",),
}  # fmt: skip
CORE_STATUS = tuple(BUSINESS_STATUS)
ALL_BUSINESS_STATUS = tuple(dict.fromkeys(code for codes in BUSINESS_STATUS.values() for code in codes))
NEEDS_A_REASON = ("REJECTED", "CANCELLED", "ON_HOLD", "FAILED")
APPOINTMENT_KIND = ("TOUR_DE_TABLE", "INDIVIDUAL", "COLLECTIVE", "VIDEO")
ATTENDANCE = ("PRESENT", "ABSENT_JUSTIFIED", "ABSENT_UNJUSTIFIED", "RESCHEDULED", "CANCELLED_BY_FOREM")
POSITIONING = ("ROBUST", "TO_CONFIRM", "NONE")
EMPLOYABILITY = ("HIGH", "MEDIUM", "LOW", "VERY_LOW")
TRACK = ("DIGITAL", "AGENCY", "INTENSIVE")
OUTCOME = (
    "EMPLOYED_CDI", "EMPLOYED_CDD", "INTERIM", "ART60", "ART61", "SELF_EMPLOYED", "TRAINING",
    "HANDED_BACK", "OTHER",
)  # fmt: skip

AGREED_STATUS = ("REQUESTED", *CORE_STATUS, "EXPIRED", "UNKNOWN")
MATCH_CLASS = (
    "AGREED", "PENDING", "MISSING_CPAS", "MISSING_FOREM", "CONFLICT", "OUT_OF_ORDER", "ORPHAN_ACK", "DUPLICATE",
    "SUPERSEDED",
)  # fmt: skip
OWNER = ("CPAS", "FOREM")
LEAD = ("CPAS", "FOREM", "BOTH", "NOBODY")  # who leads a person's pathway

TRAINING_KIND = (
    "RAN", "FLE", "ALPHA", "DIGITAL", "ORIENTATION", "BASE", "QUALIFYING", "PRE_JOB", "MISIP",
    "ESSAI_METIER", "PFI", "VALIDATION",
)  # fmt: skip
PROVIDER_KIND = (
    "FOREM", "CISP_EFT", "CISP_DEFI", "IFAPME", "PROMSOC", "CENTRE_COMPETENCE", "CEFORA", "PMTIC", "OTHER",
)  # fmt: skip
CISP = ("CISP_EFT", "CISP_DEFI")
CISP_FILIERE = ("OP", "FB", "FP")  # vocational orientation, basic training, training for an occupation
VERDICT = ("ACCEPTED", "REFUSED", "DUPLICATE", "WITHDRAWN")

NOTICE_ID = "^[A-Za-z0-9-]{1,36}$"
REFERRAL_ID = "^R[0-9]{5}-[0-9]{4}-[0-9]{6}$"
NIS = "^[1-9][0-9]{4}$"
OUTSIDE_WALLONIA = "^(1[1-3]|2[1-4]|3[1-8]|4[1-6]|7[1-3])"  # arrondissements of Flanders and Brussels
REFERENCE = "^[A-Z0-9-]{1,20}$"
UNIT = "^[A-Z0-9-]{1,12}$"  # an agency or a team, never a person
# no @, no quote, no delimiter, no control character; ranges written out, as Python's own patterns know no \p{L}
TITLE = "^[0-9A-Za-zÀ-ÖØ-öø-ÿŒœ][0-9A-Za-zÀ-ÖØ-öø-ÿŒœ .,:'’()/&+%°–-]{0,119}$"
POSTAL_CODE = "^[0-9]{4}$"
PARTNER = "^[0-9]{6}$"
OCCUPATION = "^[A-N][0-9]{4}([0-9]{2})?$"  # ROME card, or ROME card and title
NACE = "^[0-9]{2,7}$"  # NACE-BEL, from the division to the national subclass
LANGUAGE = "^[a-z]{2,3}$"  # ISO 639
LANGUAGE_LEVEL = "^[A-Za-z]{2,3}:(A1|A2|B1|B2|C1|C2)$"  # ISO 639 code and level of the European framework
WEB_ADDRESS = "^https://[A-Za-z0-9.-]{1,100}(/[A-Za-z0-9._~/%+-]{0,150})?$"  # no query: it could say who asks
PHONE = r"^\+[1-9][0-9]{6,14}$"  # E.164
EMAIL = r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}$"
DOSSIER = "^[A-Z0-9]{1,11}$"
SHA256 = "^[0-9a-f]{64}$"
SUBJECT_TOKEN = "^w1\\.[a-z2-7]{4}\\.[A-Za-z0-9_-]{43}$"  # noqa: S105 - the form of a token, not one
CAPSULE = "^c1\\.[a-z2-7]{8}\\.[A-Za-z0-9_-]+$"


@dataclass(frozen=True, slots=True)
class Validity:
    """From which day until which day (both included) a code may be used; None leaves that side open."""

    since: date | None = None
    until: date | None = None


_GENERAL = date(2016, 11, 1)  # royal decree: the general PIIS replaces codes 1 to 7
_BEFORE_GENERAL = Validity(until=date(2016, 10, 31))
_COMMUNITY_SERVICE = Validity(since=_GENERAL, until=date(2018, 9, 30))  # abolished on 1 October 2018

PIIS: Mapping[str, Validity] = {
    **{str(code): _BEFORE_GENERAL for code in range(1, 8)},
    "8": Validity(),  # no PIIS, for reasons of health or equity
    "9": Validity(),  # student
    "10": Validity(),  # student with an income from work
    "11": Validity(since=_GENERAL),
    "12": _COMMUNITY_SERVICE,
    "15": _COMMUNITY_SERVICE,
    "16": _COMMUNITY_SERVICE,
}  # 13 and 14 are not in the sources read: they count as unknown


_MEASURED = Validity(since=date(2016, 1, 1))  # codes of the Crossroads Bank's data warehouse, from 2016

MEASURE: Mapping[str, Validity] = {
    "105": _MEASURED,  # not in the population register
    "106": _MEASURED,  # homeless
    "108": _MEASURED,  # article 61
    "109": _MEASURED,  # increased right to social integration
    "112": _MEASURED,  # personnel cost
    "114": _MEASURED,  # social-economy initiative
    "115": _MEASURED,  # article 60 § 7, part-time
    "116": _MEASURED,  # article 60 § 7, full-time
    "118": _MEASURED,  # professional transition programme
    "119": _MEASURED,  # insertion initiative
    "120": _MEASURED,  # insertion through temporary work
    "121": _MEASURED,  # Activa
}


def is_one_of(code: pl.Expr, codes: Sequence[str]) -> pl.Expr:
    """Is the code in the list? To compare it with a few, one by one, is several times faster than to look it up."""
    return pl.any_horizontal(code == one for one in codes) if 0 < len(codes) <= FEW else code.is_in(codes)


def is_valid_on(code: pl.Expr, lists: Mapping[str, Validity], day: pl.Expr) -> pl.Expr:
    """Is the code open on that day? An unknown code or an unknown day is not judged: true."""
    bounded: dict[Validity, list[str]] = {}
    for name, validity in lists.items():
        if validity != Validity():
            bounded.setdefault(validity, []).append(name)
    closed = [unless(day.is_between(*_days(validity)), code).is_in(names) for validity, names in bounded.items()]
    return pl.all_horizontal(pl.lit(True), *(one.ne_missing(pl.lit(True)) for one in closed))


def unless(fits: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Gives the texts that do not fit, the others as null: what is dear to ask of a text is passed over for a null."""
    return pl.when(~fits).then(text)


def _days(validity: Validity) -> tuple[date, date]:
    return validity.since or date.min, validity.until or date.max


def is_bce(number: pl.Expr) -> pl.Expr:
    """Is it a possible number of an enterprise (0, 1) or an establishment (2 to 8)?

    Source: Crossroads Bank for Enterprises; ten digits, the last two are 97 - (first eight mod 97).
    """
    value = pl.when(number.str.contains("^[0-8][0-9]{9}$")).then(number).cast(pl.Int64, strict=False)
    return ((97 - value // 100 % 97) == value % 100).fill_null(False)


def is_enterprise(number: pl.Expr) -> pl.Expr:
    """Is it a possible number of an enterprise: a right check, and 0 or 1 in front?"""
    return is_bce(number) & number.str.contains("^[01]")


def is_establishment(number: pl.Expr) -> pl.Expr:
    """Is it a possible number of an establishment unit: a right check, and 2 to 8 in front?"""
    return is_bce(number) & number.str.contains("^[2-8]")


def canonical_dossier(reference: pl.Series) -> pl.Series:
    """Gives the one form of a dossier reference.

    As SPP-IS: case, blanks, dashes, slashes and leading zeros do not count.
    """
    bare = reference.str.replace_all(r"[\s\x{a0}/-]", "").str.to_uppercase()
    return bare.str.replace("^0+(.)", "${1}")
