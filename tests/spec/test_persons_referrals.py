"""A referral beside its siblings, and who leads: what the second pass adds to the first."""

import pytest

from hub.lead import LEADS, NEEDS, describe
from tests.spec.persons_table import check

HEAD = "feed | v | date | of | says | from\n"
R1, R2, R3 = "R62063-2026-000001", "R62063-2026-000002", "R62063-2026-000003"
TWO = f"{HEAD}ORIE | 1 | 02-02 | R1 | RI |\nORIE | 1 | 02-09 | R2 | RI |\n"
SAME = TWO.replace("02-09", "02-02")


def test_a_later_referral_takes_the_place_of_an_unanswered_one() -> None:
    """The earlier is superseded, for its CPAS to withdraw; the later awaits its answer."""
    expected = {"klass": "SUPERSEDED", "owner": "CPAS", "reason": "LATER_REFERRAL", "since": "02-09"}
    check(TWO, "02-12", R1, **expected, state="REQUESTED", codes="")
    check(TWO, "02-12", R2, klass="PENDING", owner="FOREM", reason="AWAITING_ANSWER", since="02-09")


def test_two_of_one_day_are_one_too_many() -> None:
    """The one with the lowest number stays, the others are duplicates."""
    table = f"{SAME}ORIE | 1 | 02-02 | R3 | RI |\n"
    check(table, "02-05", R1, klass="PENDING", owner="FOREM")
    for again in (R2, R3):
        check(table, "02-05", again, klass="DUPLICATE", owner="CPAS", reason="SAME_DAY_TWICE", since="02-02")


def test_a_sibling_with_a_graver_class_is_one_all_the_same() -> None:
    """The second of one day is a duplicate of a first that is out of order; the first stays what it is."""
    head = HEAD.replace("\n", " | written\n")
    table = f"{head}ORIE | 1 | 02-02 | R1 | RI | | 02-02\nORIE | 2c | 02-02 | R1 | RI | | 02-01\n"
    table += "ORIE | 1 | 02-02 | R2 | RI | | 02-02\n"
    check(table, "02-05", R1, klass="OUT_OF_ORDER", reason="STALE_CPAS")
    check(table, "02-05", R2, klass="DUPLICATE", owner="CPAS", reason="SAME_DAY_TWICE", since="02-02")


@pytest.mark.parametrize("late", ["02-12", "05-04"])
def test_an_answer_ends_it(late: str) -> None:
    """What Le Forem has answered is neither superseded nor a duplicate, however late the answer."""
    for table, other in ((TWO, R1), (SAME, R2)):
        answered = f"{table}STAT | 1 | 02-11 | {'R' + other[-1]} | RECEIVED |\n"
        check(answered, late, other, klass="AGREED", reason="ANSWERED", since=None)


@pytest.mark.parametrize("status", ["REJECTED", "COMPLETED", "FAILED", "CANCELLED"])
def test_what_le_forem_has_ended_overtakes_nothing(status: str) -> None:
    """When the later one is refused (as a duplicate, say) the earlier one goes on, or nobody would be in charge."""
    table = f"{TWO}STAT | 1 | 02-11 | R2 | {status} |\n"
    check(table, "02-12", R1, klass="PENDING", owner="FOREM", since="02-11")


def test_a_withdrawn_sibling_overtakes_nothing() -> None:
    """As soon as the later one is withdrawn, the earlier awaits its answer again."""
    table = f"{TWO}ORIE | 2x | 02-09 | R2 | RI |\n"
    check(table, "02-12", R1, klass="PENDING", owner="FOREM", since="02-02")


def test_a_day_superseded_breaks_the_run() -> None:
    """Since when it is pending again is the day of the withdrawal, not that of the first receipt."""
    head = HEAD.replace("\n", " | got\n")
    table = f"{head}ORIE | 1 | 02-02 | R1 | RI | | 02-02\nORIE | 1 | 02-03 | R2 | RI | | 02-04\n"
    table += "ORIE | 2x | 02-03 | R2 | RI | | 02-06\n"
    check(table, "02-12", R1, klass="PENDING", since="02-06")


def test_two_cpas_do_not_overtake_each_other() -> None:
    """A person who moves is referred by both, and each referral stands."""
    table = TWO.replace("R2 | RI |", "R2 | RI | 052011")
    for referral in (R1, R2):
        check(table, "02-12", referral, klass="PENDING", owner="FOREM")


def test_a_contested_referral_stays_a_conflict() -> None:
    """A graver class is not covered by a sibling."""
    check(f"{TWO}ORIE | 1 | 02-03 | R1 | ERI |\n", "02-12", R1, klass="CONFLICT", reason="CONTESTED_BY_CPAS")


# --- who leads ------------------------------------------------------------------------------------------

ORIE = f"{HEAD}ORIE | 1 | 02-02 | R1 | RI {{}} |\n"
HAND = "STAT | 1 | 02-05 | R1 | ACCEPTED |\n"
HARDLY = HAND.replace("ACCEPTED", "ACCEPTED employability=VERY_LOW")
INSC = "INSC | 1 | 02-05 | - | 1 |\n"
CONTRACT = "SITU | 1 | 02-02 | C1 | {} planned_end=2026-12-01 |\n"
OVER = "STAT | 1 | 02-05 | R1 | COMPLETED business_status={} |\n"

LED = {
    "NO_REFERRAL": (HEAD + HAND, "NOBODY", "NONE"),
    "DECEASED": (ORIE + OVER.replace("COMPLETED", "FAILED").format("DECEASED"), "NOBODY", "NONE"),
    "ART60_ENDING": (ORIE + HAND + CONTRACT.format("ART60").replace("12-01", "05-10"), "CPAS", "ART60_EXIT"),
    "ART60_RUNNING": (ORIE + HAND + CONTRACT.format("ART61 measure_code=108"), "CPAS", "NONE"),
    "AT_WORK": (ORIE + OVER.format("EMPLOYED"), "NOBODY", "NONE"),
    "VERY_LOW_EMPLOYABILITY": (ORIE + INSC + HARDLY, "CPAS", "SOCIAL_SUPPORT"),
    "OVER_REGISTERED": (ORIE + INSC + OVER.format("HANDED_BACK"), "FOREM", "JOB_MATCHING"),
    "OVER": (ORIE + OVER.format("HANDED_BACK"), "CPAS", "SOCIAL_SUPPORT"),
    "UNANSWERED": (ORIE, "CPAS", "REGISTRATION"),
    "DELEGATED": (ORIE.format("delegation=FULL requested_action=TRAINING") + INSC + HAND, "FOREM", "TRAINING"),
    "SHARED": (ORIE.format("delegation=PARTIAL requested_action=RAN") + INSC + HAND, "BOTH", "RAN"),
    "NOT_DELEGATED": (ORIE.format("requested_action=JOB_MATCHING") + INSC + HAND, "CPAS", "JOB_MATCHING"),
}  # fmt: skip


@pytest.mark.parametrize("rule", LED)
def test_each_rule_gives_its_lead(rule: str) -> None:
    """The first rule that holds says who leads and, where it does not leave it to the need, with which service."""
    table, lead, service = LED[rule]
    check(table.replace(" {} ", " "), "02-10", R1, lead_rule=rule, lead=lead, next_service=service)


def test_every_rule_has_its_case() -> None:
    """A rule that no case reaches might never hold."""
    assert list(LED) == [line.rule for line in LEADS]


NEEDED = {
    "FLE_ALPHA|TRAINING": "FLE_ALPHA",
    "TRAINING|DIGITAL": "DIGITAL",
    "BILAN|RAN": "BILAN",
    "ORIENTATION|RAN": "ORIENTATION",
    "TRAINING|RAN": "RAN",
    "JOBDAY|TRAINING": "TRAINING",
    "VALIDATION": "VALIDATION",
    "ESSAI_METIER": "ESSAI_METIER",
    "MISIP": "MISIP",
    "SELF_EMPLOYMENT": "SELF_EMPLOYMENT",
    "COACHING": "COACHING",
    "ART60_EXIT": "ART60_EXIT",
    "JOBDAY": "JOBDAY",
    "REGISTRATION": "JOB_MATCHING",  # done: the person is registered
    "JOB_MATCHING": "JOB_MATCHING",
}


@pytest.mark.parametrize("actions", NEEDED)
def test_the_need_gives_the_service(actions: str) -> None:
    """Of what was asked for, the first of the table; what was asked for as a whole is not repeated."""
    table = ORIE.format(f"requested_action={actions.replace('|', '/')}") + INSC + HAND
    check(table, "02-10", R1, next_service=NEEDED[actions])


@pytest.mark.parametrize(
    ("referred", "found", "service"), [("0", "", "DIGITAL"), ("3", "1", "DIGITAL"), ("1", "3", "BILAN")]
)
def test_the_assessment_of_le_forem_prevails(referred: str, found: str, service: str) -> None:
    """Digital autonomy 0 or 1 comes before what was asked for; Le Forem has met the person since."""
    stat = HAND.replace("ACCEPTED", f"ACCEPTED digital_autonomy={found}" if found else "ACCEPTED")
    table = ORIE.format(f"digital_autonomy={referred} requested_action=BILAN") + INSC + stat
    check(table, "02-10", R1, next_service=service)


def test_every_service_is_reached() -> None:
    """Each line of the table of needs is met by some case above."""
    assert {need.service for need in NEEDS} == {*NEEDED.values(), "REGISTRATION"}


def test_the_end_of_a_contract_comes_near_by_itself() -> None:
    """Three months before the end the lead changes, and the row is looked at again on that day."""
    table = (ORIE + HAND + CONTRACT.format("ART60")).replace(" {} ", " ")
    check(table, "08-31", R1, lead_rule="ART60_RUNNING", wake="09-01")
    check(table, "09-01", R1, lead_rule="ART60_ENDING", wake="12-02")
    check(table, "12-02", R1, lead_rule="NOT_DELEGATED")


def test_a_contract_at_another_cpas_says_nothing_here() -> None:
    """The lead is told to this CPAS: it may not show what another one has said."""
    table = (ORIE + HAND).replace(" {} ", " ") + CONTRACT.format("ART60").replace("|\n", "| 052011\n")
    check(table, "02-10", R1, lead_rule="NOT_DELEGATED")


def test_the_tables_are_drawn() -> None:
    """Every rule and every need is in the documentation."""
    drawn = describe()
    assert all(line.text in drawn and line.rule in drawn for line in LEADS)
    assert all(need.text in drawn and need.service in drawn for need in NEEDS)


CHILD = "R62063-2026-000009"
SENT = """
feed | v | date  | of    | says                                      | person | from   | got
ORIE | 1 | 02-02 | R1    | RI                                        |        |        |
STAT | 1 | 02-04 | R1    | ACCEPTED                                  |        |        |
STAT | 2 | 02-09 | R1    | REFERRED_ONWARD business_status=OPERATOR  |        |        |
STAT | 1 | 02-10 | R9@R1 | ACCEPTED business_status=ASSIGNED_AGENCY  |        |        |
"""


def test_a_referral_sent_onward_is_part_of_its_parent() -> None:
    """The child has Le Forem's status and the parent's CPAS, and is agreed: no CPAS has to send what Le Forem opens."""
    parent, child = "R62063-2026-000001", CHILD
    check(SENT, "03-10", parent, state="REFERRED_ONWARD", klass="AGREED", business_status="OPERATOR")
    check(SENT, "03-10", child, state="ACCEPTED", cpas="062063", cpas_view="ABSENT", forem_view="ACCEPTED",
          klass="AGREED", reason="SENT_ONWARD", codes="", owner=None, since=None, due=None,
          business_status="ASSIGNED_AGENCY", status_date="02-10")  # fmt: skip
    ended = f"{SENT}STAT | 2 | 03-02 | R9@R1 | COMPLETED business_status=TRAINING_COMPLETED | | |\n"
    check(ended, "03-10", child, state="COMPLETED", status_date="03-02", klass="AGREED")
    check(ended, "03-10", parent, state="REFERRED_ONWARD")


def test_a_child_of_an_unknown_parent_is_an_orphan_until_it_comes() -> None:
    """As long as no CPAS has sent the parent the child has no referral; then it is agreed, and since that day."""
    alone = "\n".join(line for line in SENT.splitlines() if "| R1 " not in line)
    check(alone, "02-13", CHILD, klass="PENDING", reason="AWAITING_REFERRAL", codes="R404", cpas=None, since="02-10")
    check(alone, "02-16", CHILD, klass="ORPHAN_ACK", reason="NO_REFERRAL", codes="R404", state="UNKNOWN")
    late = f"{alone}\nORIE | 1 | 02-02 | R1 | RI | | | 02-18\n"
    check(late, "02-18", CHILD, klass="AGREED", reason="SENT_ONWARD", codes="", cpas="062063")


def test_a_child_on_another_person_is_told_to_no_cpas() -> None:
    """The parent is somebody else's: R503, Le Forem must move, and the state bears no CPAS; a correction heals it."""
    strange = SENT.replace("ASSIGNED_AGENCY  |        |", "ASSIGNED_AGENCY  | bert   |")
    check(strange, "02-12", CHILD, klass="CONFLICT", owner="FOREM", reason="OTHER_PERSON", codes="R503", cpas=None,
          state="UNKNOWN", since="02-10")  # fmt: skip
    healed = f"{strange}STAT | 2c | 02-10 | R9@R1 | ACCEPTED | | | 02-13\n"
    check(healed, "02-13", CHILD, klass="AGREED", reason="SENT_ONWARD", codes="", cpas="062063")


def test_what_is_wrong_with_a_childs_rows_shows_on_it() -> None:
    """Two contents at one version, and a step that may not be, are Le Forem's to mend as with any referral."""
    contested = f"{SENT}STAT | 2 | 02-12 | R9@R1 | COMPLETED | | |\nSTAT | 2 | 02-12 | R9@R1 | FAILED | | |\n"
    check(contested, "02-13", CHILD, klass="CONFLICT", reason="CONTESTED_BY_FOREM", codes="R403", state="ACCEPTED")
    illegal = f"{SENT}STAT | 2 | 02-12 | R9@R1 | RECEIVED | | |\n"
    check(illegal, "03-12", CHILD, klass="OUT_OF_ORDER", reason="ILLEGAL_STEP", codes="R401", since="02-12")


def test_the_day_since_which_a_child_is_wrong_is_found_again() -> None:
    """A child that was agreed and turns out to be on another person is wrong from that day, not from its first."""
    moved = f"{SENT}ORIE | 2c | 02-02 | R1 | RI | bert | | 02-20\n"
    check(moved, "03-02", CHILD, klass="CONFLICT", reason="OTHER_PERSON", since="02-20")


def test_a_referral_that_a_cpas_has_sent_is_no_child() -> None:
    """A parent named in a status changes nothing of a referral of which the CPAS itself speaks."""
    table = f"{SENT}ORIE | 1 | 02-09 | R9 | RI | | |\n"
    check(table, "03-10", CHILD, klass="AGREED", reason="ANSWERED", cpas_view="OPEN", state="ACCEPTED")
