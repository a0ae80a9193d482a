"""The rows of the feed ORIE: their columns, an invented orientation, and what happens to it later.

Every row is a full state. A correction keeps the effective date (notice status 1), a new version has a later
one (0), a cancellation keeps it (9). The version counts the rows of one referral.
"""

import random
import re
from datetime import date

from simulators import days
from simulators.communes import Commune
from simulators.population import Person, plain
from simulators.table import Row, words

COLUMNS = words(
    "notice_id version notice_status effective_date recorded_at referral_id cpas_nis cpas_dossier_ref niss "
    "last_name first_name birth_date sex residence_nis postal_code contact_language phone email legislation "
    "ri_category ri_start_date piis_code public exempt_health_equity voluntary legal_basis delegation "
    "requested_action wished_occupation study_level languages driving_license digital_autonomy availability "
    "availability_from childcare_need mobility_limited priority referent_id referent_phone referent_email "
    "informed_on"
)
KEPT_FROM_FOREM = words(  # what identifies, or nearly: it reaches Le Forem sealed, never in a column of its own
    "cpas_dossier_ref niss last_name first_name birth_date sex residence_nis postal_code phone email "
    "referent_id referent_phone referent_email"
)
CODED = [column for column in COLUMNS if column not in KEPT_FROM_FOREM]
ACTIONS = words(
    "REGISTRATION ORIENTATION BILAN COACHING RAN TRAINING FLE_ALPHA DIGITAL MISIP ESSAI_METIER VALIDATION "
    "JOB_MATCHING JOBDAY SELF_EMPLOYMENT"
)
OCCUPATIONS = ("", "D1106", "G1602", "K1304", "K2204", "M1607", "N1103", "F170201", "A1203")
STUDIES = ("", "NONE", "CEB", "CE1D", "CESDD", "CESS", "7P", "BAC", "MASTER", "FOREIGN_NON_EQ", "UNKNOWN")
LANGUAGES = ("", "fr:C2", "fr:B2|en:A2", "fr:A2|ar:C1", "de:B1|fr:C1", "fr:C1|nl:A1")


def first_row(rng: random.Random, commune: Commune, person: Person, number: int, day: date) -> Row:
    """The first version of an orientation, sent on `day`."""
    effective = days.later(day.isoformat(), -rng.randrange(4))
    row = {
        "version": "1",
        "notice_status": "0",
        "effective_date": effective,
        "recorded_at": days.stamp(day, 5, rng.randrange(60)),
        "referral_id": f"R{commune.nis}-{day.year}-{number:06d}",
        "cpas_nis": commune.nis,
        "cpas_dossier_ref": rng.choice(("{y}/{n:05d}", "D{n:05d}", "{n:05d}-{y}")).format(y=day.year % 100, n=number),
        "residence_nis": commune.nis,
        "postal_code": rng.choice(commune.postal_codes),
        "legal_basis": commune.legal_basis,
        "informed_on": effective,
    }
    return row | _person_cells(rng, person) | _right(rng, effective) | _wishes(rng, effective) | _referent(rng, commune)


def _person_cells(rng: random.Random, person: Person) -> Row:
    """Identity; sex, telephone and e-mail are left out now and then, as they may be."""
    return {
        "niss": person.niss,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "birth_date": person.birth_date,
        "sex": rng.choice((person.sex, person.sex, "")),
        "phone": rng.choice((person.phone, person.phone, "")),
        "email": rng.choice((person.email, "")),
        "contact_language": rng.choice(("fr", "fr", "fr", "de", "nl", "en", "other")),
    }


def _right(rng: random.Random, effective: str) -> Row:
    """The person's right: integration income or equivalent aid, and its date."""
    income = rng.random() < 0.75
    exempt = rng.random() < 0.06
    return {
        "legislation": "1" if income else "2",
        "ri_category": rng.choice("123") if income else "",
        "ri_start_date": days.later(effective, -rng.randrange(20, 900)),
        "piis_code": "8" if exempt else rng.choice(("11", "11", "9", "")),
        "public": rng.choice(("RI", "RI", "RI", "ART60_PRE", "ART60_POST")) if income else "ERI",
        "exempt_health_equity": "1" if exempt else "0",
        "voluntary": "1" if exempt else rng.choice(("", "0")),
    }


def _wishes(rng: random.Random, effective: str) -> Row:
    """What is asked of Le Forem, and the person's profile."""
    actions = [action for action in ACTIONS if rng.random() < 0.2] or ["REGISTRATION"]
    return {
        "delegation": rng.choice(("NONE", "PARTIAL", "FULL")),
        "requested_action": "|".join(actions),
        "wished_occupation": rng.choice(OCCUPATIONS),
        "study_level": rng.choice(STUDIES),
        "languages": rng.choice(LANGUAGES),
        "driving_license": rng.choice(("", "B", "A|B", "B|C")),
        "digital_autonomy": rng.choice(("", "0", "1", "2", "3", "UNKNOWN")),
        "availability": rng.choice(("", "FULL", "PART", "EVENING")),
        "availability_from": rng.choice(("", days.later(effective, 14))),
        "childcare_need": rng.choice(("", "0", "1")),
        "mobility_limited": rng.choice(("", "0", "1")),
        "priority": rng.choice(("NORMAL", "NORMAL", "NORMAL", "URGENT")),
    }


def _referent(rng: random.Random, commune: Commune) -> Row:
    """The social worker: a function, a number and a mailbox of the CPAS."""
    worker = rng.randrange(1, 9)
    domain = re.sub("[^a-z]+", "-", plain(f"cpas {commune.name}"))
    return {
        "referent_id": f"AS-{commune.nis}-{worker}",
        "referent_phone": f"+324000{commune.nis}{worker}"[:13],
        "referent_email": f"as{worker}@{domain}.example",
    }


def corrected(rng: random.Random, row: Row, version: int, day: date) -> Row:
    """The same notice with other contents: it replaces the one before wholly."""
    return _next(row, version, "1", day) | {"requested_action": _other_action(rng, row)}


def renewed(rng: random.Random, row: Row, version: int, day: date) -> Row:
    """A new state from a new effective date on."""
    change = {"delegation": rng.choice(("NONE", "PARTIAL", "FULL")), "effective_date": day.isoformat()}
    return _next(row, version, "0", day) | {"requested_action": _other_action(rng, row)} | change


def cancelled(row: Row, version: int, day: date) -> Row:
    """The notice of that effective date is considered never to have existed."""
    return _next(row, version, "9", day)


def _next(row: Row, version: int, status: str, day: date) -> Row:
    """The row with its technical columns moved on."""
    return row | {
        "version": str(version),
        "notice_status": status,
        "recorded_at": days.stamp(day, 6, version),
    }


def _other_action(rng: random.Random, row: Row) -> str:
    """A request unlike the present one."""
    return rng.choice([action for action in ACTIONS if action != row["requested_action"]])
