"""Enrolments and breaches: Le Forem leads, and the referral that they name has to be known and of the same person."""

import pytest

from tests.spec.persons_table import check

HEAD = "feed | v | date | of | says | person\n"
ORIE = f"{HEAD}ORIE | 1 | 02-02 | R1 | RI | anna\n"
E1, B1 = "FORM|900001|E1", "MANQ|900001|B1"
EACH = pytest.mark.parametrize(
    ("row", "entity"),
    [("FORM | 1 | 03-02 | E1@R1 | STARTED", E1), ("MANQ | 1 | 03-02 | B1@R1 | OPEN", B1)],
    ids=["enrolment", "breach"],
)


@pytest.mark.parametrize(
    "status",
    ["PROPOSED", "WAITLISTED", "ENROLLED", "CONFIRMED", "STARTED", "SUSPENDED", "COMPLETED", "ABANDONED", "EXCLUDED",
     "NO_SHOW", "CANCELLED_BY_PROVIDER", "REFUSED"],
)  # fmt: skip
def test_an_enrolment_is_what_le_forem_says(status: str) -> None:
    """Its status is the state; the CPAS's view is that of the referral named."""
    table = f"{ORIE}FORM | 1 | 03-02 | E1@R1 | {status} |\n"
    check(table, "03-05", E1, state=status, forem_view=status, cpas_view="OPEN", klass="AGREED", cpas="062063")


def test_without_referral_there_is_no_view_of_a_cpas() -> None:
    """An enrolment that names no referral belongs to no CPAS in particular."""
    check(f"{HEAD}FORM | 1 | 03-02 | E1 | STARTED |\n", "03-05", E1, cpas_view="NONE", cpas=None, klass="AGREED")


@pytest.mark.parametrize("status", ["OPEN", "WITHDRAWN", "CLOSED"])
def test_a_breach_is_what_le_forem_says(status: str) -> None:
    """A breach is open, withdrawn or closed; CANCELLED when its notice is."""
    table = f"{ORIE}MANQ | 1 | 03-02 | B1@R1 | {status} |\n"
    check(table, "03-05", B1, state=status, cpas_view="OPEN", klass="AGREED", codes="", cpas="062063")
    check(f"{table}MANQ | 2x | 03-02 | B1@R1 | {status} |\n", "03-05", B1, state="CANCELLED", reason="TAKEN_BACK")


@EACH
def test_a_referral_of_another_person(row: str, entity: str) -> None:
    """R503: a conflict that is Le Forem's, and of no CPAS."""
    expected = {"klass": "CONFLICT", "owner": "FOREM", "codes": "R503", "reason": "OTHER_PERSON", "cpas": None}
    check(f"{ORIE}{row} | bert\n", "03-05", entity, **expected, cpas_view="NONE", cpas_version=None, since="03-02")


@EACH
def test_a_correction_of_the_person_heals_it(row: str, entity: str) -> None:
    """When the row, or the referral, is corrected to the right person, nothing is left of it."""
    again = row.replace("| 1 |", "| 2c |")
    check(f"{ORIE}{row} | bert\n{again} | anna\n", "03-05", entity, klass="AGREED", codes="", cpas="062063", sid="anna")


@EACH
@pytest.mark.parametrize(
    ("today", "klass", "reason", "since"),
    [("03-02", "PENDING", "AWAITING_REFERRAL", "03-02"), ("03-05", "PENDING", "AWAITING_REFERRAL", "03-02"),
     ("03-06", "ORPHAN_ACK", "NO_REFERRAL", "03-06")],
)  # fmt: skip
def test_a_referral_that_nobody_sent(row: str, entity: str, today: str, klass: str, reason: str, since: str) -> None:
    """R404: three working days for the referral to come, then an orphan of Le Forem's."""
    expected = {"klass": klass, "reason": reason, "since": since, "owner": "FOREM", "codes": "R404", "due": "03-05"}
    check(f"{HEAD}{row} | anna\n", today, entity, **expected, cpas_view="ABSENT", cpas=None)


@EACH
def test_a_late_referral_closes_it(row: str, entity: str) -> None:
    """The referral comes after all: agreed, and no orphan."""
    late = f"{HEAD}{row} | anna\nORIE | 1 | 03-20 | R1 | RI | anna\n"
    check(late, "03-20", entity, klass="AGREED", codes="", due=None, since=None)


@pytest.mark.parametrize(
    ("today", "klass", "reason"),
    [("03-10", "PENDING", "AWAITING_ENROLMENT_END"), ("03-17", "PENDING", "AWAITING_ENROLMENT_END"),
     ("03-18", "CONFLICT", "ENROLLED_AFTER_WITHDRAWAL")],
)  # fmt: skip
@pytest.mark.parametrize("status", ["ENROLLED", "CONFIRMED", "STARTED", "SUSPENDED"])
def test_an_enrolment_outlives_its_referral(status: str, today: str, klass: str, reason: str) -> None:
    """The CPAS has withdrawn: Le Forem has five working days, then it is a conflict."""
    head = HEAD.replace("\n", " | got\n")
    table = f"{head}ORIE | 1 | 02-02 | R1 | RI | anna | 02-02\nFORM | 1 | 03-02 | E1@R1 | {status} | anna | 03-02\n"
    table += "ORIE | 2x | 02-02 | R1 | RI | anna | 03-10\n"
    check(table, today, E1, klass=klass, reason=reason, owner="FOREM", cpas_view="WITHDRAWN", due="03-17")


def test_an_enrolment_that_begins_after_the_withdrawal_has_its_delay_too() -> None:
    """Five working days from the day on which the proposal became an enrolment; that it starts is no other fact."""
    table = f"{ORIE}FORM | 1 | 02-16 | E1@R1 | PROPOSED | anna\nORIE | 2x | 02-02 | R1 | RI | anna\n"
    table += "FORM | 2 | 03-02 | E1@R1 | CONFIRMED | anna\n"
    check(table, "03-09", E1, klass="PENDING", reason="AWAITING_ENROLMENT_END", due="03-09")
    table += "FORM | 3 | 03-06 | E1@R1 | STARTED | anna\n"
    check(table, "03-10", E1, klass="CONFLICT", reason="ENROLLED_AFTER_WITHDRAWAL", due="03-09", since="03-10")


@pytest.mark.parametrize("status", ["PROPOSED", "WAITLISTED", "COMPLETED", "ABANDONED", "NO_SHOW"])
def test_what_holds_nobody_may_outlive_its_referral(status: str) -> None:
    """A proposal and what is over hold nobody: nothing is to be closed."""
    table = f"{ORIE}FORM | 1 | 03-02 | E1@R1 | {status} |\nORIE | 2x | 02-02 | R1 | RI | anna\n"
    check(table, "05-04", E1, klass="AGREED", codes="", cpas_view="WITHDRAWN")


@EACH
def test_two_contents_at_one_version(row: str, entity: str) -> None:
    """They are a conflict of Le Forem's, which a higher version of the date settles."""
    contested = f"{ORIE}{row} |\n{row.replace('03-02', '03-03')} |\n"
    check(contested, "03-05", entity, klass="CONFLICT", reason="CONTESTED_BY_FOREM", codes="R403", owner="FOREM")
    settled = row.replace("| 1 |", "| 2 |").replace("03-02", "03-03")
    check(f"{contested}{settled} |\n", "03-05", entity, klass="AGREED", reason="STATED", codes="")


@EACH
def test_a_lower_version_written_last(row: str, entity: str) -> None:
    """R402, and R406 as long as the versions between are missing."""
    head = HEAD.replace("\n", " | written\n")
    first = row.replace("| 1 |", "| 3 |")
    table = f"{head}ORIE | 1 | 02-02 | R1 | RI | anna | 02-02\n{first} | anna | 03-02\n{row} | anna | 03-04\n"
    check(table, "03-05", entity, klass="OUT_OF_ORDER", reason="STALE_FOREM", codes="R402 R406", owner="FOREM")


def test_a_breach_that_the_registration_belies() -> None:
    """Not registered, says the breach; registered by then, says Le Forem itself: it is for Le Forem to mend."""
    breach = "MANQ | 1 | 03-02 | B1 | OPEN kind=NOT_REGISTERED | anna\n"
    belied = f"{HEAD}INSC | 1 | 02-20 | - | 1 | anna\n{breach}"
    check(belied, "03-05", B1, klass="CONFLICT", owner="FOREM", reason="REGISTERED_BY_THEN", codes="")
    check(belied.replace("02-20", "03-03"), "03-05", B1, klass="AGREED")
    check(belied.replace("OPEN", "WITHDRAWN"), "03-05", B1, klass="AGREED", state="WITHDRAWN")
