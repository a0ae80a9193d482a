"""The duty to register: when its clock begins, when it ends, when there is none, and when nobody is late."""

import pytest

from tests.spec.persons_table import check, states_of

REGI = "REGI|062063|anna"
GRANT = """
feed | v | date  | of | says
SITU | 1 | 02-02 | RI | RI_GRANT
"""


@pytest.mark.parametrize(
    ("today", "state", "klass", "owner", "codes", "since"),
    [
        ("02-02", "PENDING", "PENDING", "CPAS", "", "02-02"),
        ("03-02", "PENDING", "PENDING", "CPAS", "", "02-02"),
        ("03-03", "OVERDUE", "MISSING_FOREM", "CPAS", "R506", "03-03"),
        ("06-30", "OVERDUE", "MISSING_FOREM", "CPAS", "R506", "03-03"),
    ],
)
def test_28_days_from_the_grant(today: str, state: str, klass: str, owner: str, codes: str, since: str) -> None:
    """A person has 28 days from the grant, the last one included; then the duty is overdue and its CPAS moves."""
    check(GRANT, today, REGI, state=state, klass=klass, owner=owner, codes=codes, due="03-02", since=since)


@pytest.mark.parametrize(
    ("granted", "due"),
    [
        ("2026-11-27", "12-28"),  # 25 December, then a weekend
        ("2026-10-31", "11-30"),  # a Saturday
        ("2026-10-14", "11-12"),  # 11 November
    ],
)
def test_the_last_day_is_one_on_which_offices_are_open(granted: str, due: str) -> None:
    """A clock that ends on a weekend or a public holiday ends on the next working day."""
    check(GRANT.replace("02-02", granted), granted, REGI, due=due)


@pytest.mark.parametrize(
    ("granted", "due"), [("2025-12-31", "04-01"), ("2024-03-01", "04-01"), ("2026-01-01", "01-29")]
)
def test_who_was_helped_before_the_decree_has_90_days_of_its_first_day(granted: str, due: str) -> None:
    """The stock has 90 days from 1 January 2026; a grant of that day has 28."""
    check(GRANT.replace("02-02", granted), "01-15", REGI, due=due, state="PENDING")


def test_before_the_decree_there_is_no_duty() -> None:
    """Up to the day before its first day nothing is asked, and the row is looked at again on that day."""
    table = GRANT.replace("02-02", "2025-11-03")
    check(
        table,
        "2025-12-31",
        REGI,
        state="NOT_APPLICABLE",
        klass="AGREED",
        reason="NO_OBLIGATION",
        wake="01-01",
        due=None,
    )
    check(table, "2026-01-01", REGI, state="PENDING", wake="04-02")


@pytest.mark.parametrize(("registered", "state"), [("03-02", "ON_TIME"), ("03-03", "LATE"), ("2019-05-06", "ON_TIME")])
def test_a_registration_is_on_time_up_to_the_last_day(registered: str, state: str) -> None:
    """On the last day is on time, the day after is late, and long before the grant is on time."""
    table = f"{GRANT}INSC | 1 | {registered} | - | 1\n"
    reason = f"REGISTERED_{state}"
    check(
        table, "03-20", REGI, state=state, klass="AGREED", owner=None, reason=reason, forem_view="REGISTERED", codes=""
    )


def test_a_registration_told_late_closes_what_stood_open() -> None:
    """Overdue until the row comes, then on time by its own date: a late file makes nobody late."""
    table = """
    feed | v | date  | of | says     | got
    SITU | 1 | 02-02 | RI | RI_GRANT | 02-02
    INSC | 1 | 02-27 | -  | 1        | 03-09
    """
    check(table, "03-09", REGI, state="ON_TIME", klass="AGREED", since=None)
    check("\n".join(table.splitlines()[:3]), "03-08", REGI, state="OVERDUE", since="03-03")


def test_a_grant_is_no_clock_before_it_was_decided() -> None:
    """A grant takes effect on the day of the request; the 28 days run from the decision, of the stock too."""
    check(GRANT.replace("RI_GRANT", "RI_GRANT decision_date=2026-03-02"), "03-10", REGI, state="PENDING", due="03-30")
    stock = GRANT.replace("02-02", "2025-12-15").replace("RI_GRANT", "RI_GRANT decision_date=2026-03-20")
    check(stock, "04-02", REGI, state="PENDING", due="04-17")


@pytest.mark.parametrize(
    "ending",
    ["RI_WITHDRAWAL end_reason=WORK", "RI_REFUSAL", "TRANSFER_OUT", "DECEASED"],
    ids=lambda text: text.split()[0],
)
def test_no_duty_without_right(ending: str) -> None:
    """When the right has ended there is nothing to be overdue, from its date on and not before."""
    table = f"{GRANT}SITU | 2 | 04-01 | RI | {ending}\n"
    check(table, "04-01", REGI, state="NOT_APPLICABLE", cpas_view="ENDED", klass="AGREED")
    check(table, "03-31", REGI, state="OVERDUE", cpas_view="GRANTED")


def test_a_coming_end_is_awaited() -> None:
    """A withdrawal that will take effect leaves the right as it is, and the row is looked at again on its day."""
    table = """
    feed | v | date  | of | says                           | got
    SITU | 1 | 02-02 | RI | RI_GRANT                       | 02-02
    SITU | 2 | 02-20 | RI | RI_WITHDRAWAL end_reason=WORK  | 02-10
    """
    check(table, "02-19", REGI, state="PENDING", cpas_view="GRANTED", wake="02-20")
    check(table, "02-20", REGI, state="NOT_APPLICABLE", cpas_view="ENDED")


def test_cancelling_a_withdrawal_revives_the_grant_and_its_clock() -> None:
    """The withdrawal is as if never sent: the right runs from the first grant, and it is overdue."""
    table = f"""{GRANT}SITU | 2 | 02-20 | RI | RI_WITHDRAWAL end_reason=WORK
    SITU | 3x | 02-20 | RI | RI_WITHDRAWAL end_reason=WORK
    """
    check(table, "03-10", REGI, state="OVERDUE", due="03-02", since="03-03")
    check(table, "03-10", "SITU|062063|anna|RI|", cpas_view="RI_GRANT", klass="AGREED")


def test_a_correction_before_its_original_counts_alike() -> None:
    """The correction came first; the original, of a lower version, changes nothing when it comes."""
    table = """
    feed | v  | date  | of | says                                | got   | written
    SITU | 2c | 02-02 | RI | RI_GRANT decision_date=2026-02-12   | 02-12 | 02-12
    SITU | 1  | 02-02 | RI | RI_GRANT                            | 02-16 | 02-02
    """
    check(table, "02-16", REGI, state="PENDING", due="03-12")
    check(table, "02-16", "SITU|062063|anna|RI|", codes="", cpas_version=2)


def test_a_renewal_does_not_restart_the_clock_and_a_new_grant_does() -> None:
    """A grant inside a right that runs belongs to it; one after an end is another, with 28 days of its own."""
    renewal = f"{GRANT}SITU | 2 | 02-20 | RI | RI_GRANT\n"
    check(renewal, "03-10", REGI, state="OVERDUE", due="03-02")
    again = f"{GRANT}SITU | 2 | 02-20 | RI | RI_WITHDRAWAL\nSITU | 3 | 03-09 | RI | RI_GRANT\n"
    check(again, "03-10", REGI, state="PENDING", due="04-07")


def test_a_right_lapses_on_the_end_that_it_gave_itself() -> None:
    """After its end date a right runs no more, unless the next notice follows at once."""
    bounded = GRANT.replace("RI_GRANT", "RI_GRANT end_date=2026-02-20")
    check(bounded, "02-20", REGI, state="PENDING")
    check(bounded, "02-21", REGI, state="NOT_APPLICABLE", cpas_view="ENDED")
    check(f"{bounded}SITU | 2 | 02-21 | RI | RI_CHANGE\n", "03-10", REGI, state="OVERDUE", due="03-02")


def test_a_suspension_is_no_end() -> None:
    """A suspended person still has the right, and the duty."""
    check(f"{GRANT}SITU | 2 | 02-20 | RI | RI_SUSPENSION suspension_months=1\n", "03-10", REGI, cpas_view="GRANTED")
    check(GRANT.replace("RI_GRANT", "RI_SUSPENSION"), "03-10", REGI, cpas_view="GRANTED", due="03-02")


@pytest.mark.parametrize(
    "exempting",
    ["SITU | 1 | 02-10 | PIIS | PIIS piis_code=8", "ORIE | 1 | 02-10 | R1 | RI exempt_health_equity=1"],
    ids=["PIIS", "orientation"],
)
def test_who_is_exempt_has_no_duty(exempting: str) -> None:
    """Reasons of health or equity exempt, by the code of the PIIS or by the flag of the referral."""
    check(f"{GRANT}{exempting}\n", "03-10", REGI, state="NOT_APPLICABLE", klass="AGREED", cpas_view="GRANTED")


def test_the_end_of_an_exemption_restarts_the_clock() -> None:
    """Nobody is overdue on the day on which the exemption ends: the 28 days run from it."""
    table = f"{GRANT}SITU | 1 | 02-10 | PIIS | PIIS piis_code=8\nSITU | 2 | 06-01 | PIIS | PIIS piis_code=11\n"
    check(table, "06-01", REGI, state="PENDING", due="06-29")


def test_a_deregistration_restarts_the_clock() -> None:
    """Who was registered on time and is struck off has 28 days again, and is not overdue since the grant."""
    table = f"{GRANT}INSC | 1 | 02-10 | - | 1\nINSC | 2 | 05-04 | - | 2\n"
    check(table, "05-05", REGI, state="PENDING", forem_view="DEREGISTERED", due="06-01")
    check(table, "06-02", REGI, state="OVERDUE", codes="R506")


def test_a_full_time_contract_ends_the_right() -> None:
    """Who works full-time under article 60 receives no RI: the CPAS that forgets to say so makes nobody overdue."""
    table = f"{GRANT}SITU | 1 | 02-20 | C1 | ART60 planned_end=2027-02-19\n"
    check(table, "03-10", REGI, state="NOT_APPLICABLE", cpas_view="ENDED")
    half = table.replace("planned_end", "weekly_hours=19 measure_code=115 planned_end")
    check(half, "03-10", REGI, state="OVERDUE", cpas_view="GRANTED")


def test_a_referral_speaks_where_no_situation_does() -> None:
    """A CPAS that sends orientations only tells the right by them; a situation, if there is one, prevails."""
    orie = "feed | v | date | of | says\nORIE | 1 | 02-10 | R1 | RI ri_start_date=2026-02-02\n"
    check(orie, "03-03", REGI, state="OVERDUE", due="03-02", cpas_version=None)
    check(f"{orie}SITU | 1 | 02-05 | RI | RI_GRANT\n", "03-03", REGI, state="PENDING", due="03-05")
    check(orie.replace("RI ri", "ART60 ri"), "03-03", REGI, state="NOT_APPLICABLE", cpas_view="NONE")


def test_a_referral_brought_to_its_end_is_no_word_on_the_right() -> None:
    """Long after Le Forem has ended it (at work, say) an orientation does not tell that a right still runs."""
    orie = "feed | v | date | of | says\nORIE | 1 | 02-10 | R1 | RI ri_start_date=2026-02-02\n"
    done = f"{orie}STAT | 1 | 02-16 | R1 | ACCEPTED\nSTAT | 2 | 02-20 | R1 | COMPLETED business_status=EMPLOYED\n"
    check(done, "03-10", REGI, state="NOT_APPLICABLE", cpas_view="GRANTED", klass="AGREED")


@pytest.mark.parametrize(
    ("today", "klass", "owner", "reason", "since"),
    [
        ("02-02", "PENDING", "FOREM", "AWAITING_CPAS", "02-02"),
        ("02-05", "PENDING", "FOREM", "AWAITING_CPAS", "02-02"),
        ("02-06", "MISSING_CPAS", "FOREM", "NO_CPAS", "02-06"),
    ],
)
def test_supported_by_a_cpas_that_nobody_knows(today: str, klass: str, owner: str, reason: str, since: str) -> None:
    """Registered as supported by a CPAS: three working days later some CPAS should have written of the person."""
    table = "feed | v | date | of | says\nINSC | 1 | 02-02 | - | 1 stat92_category=05\n"
    check(table, today, "REGI||anna", klass=klass, owner=owner, reason=reason, since=since, cpas=None, due="02-05")


def test_the_day_of_receipt_is_that_of_brussels() -> None:
    """Half past eleven in the evening, universal time, is the next day in Brussels, and the delay begins there."""
    table = "feed | v | date | of | says | got\nINSC | 1 | 02-02 | - | 1 stat92_category=05 | 02-02T23:30\n"
    check(table, "02-06", "REGI||anna", due="02-06", since="02-03")


def test_nobody_is_missing_who_is_registered_otherwise() -> None:
    """Only category 05 says that a CPAS supports the person."""
    table = "feed | v | date | of | says\nINSC | 1 | 02-02 | - | 1\n"
    check(table, "03-02", "REGI||anna", klass="AGREED", state="NOT_APPLICABLE", cpas_view="NONE")


def test_the_row_without_cpas_ends_when_one_writes() -> None:
    """As soon as a CPAS states anything of the person, the row is that CPAS's."""
    table = f"{GRANT}INSC | 1 | 02-02 | - | 1 stat92_category=05\n"
    assert "REGI||anna" not in states_of(table, "02-10")


@pytest.mark.parametrize(
    ("more", "klass", "reason", "codes"),
    [
        ("INSC | 2 | 02-12 | - | 3\nINSC | 2 | 02-12 | - | 2", "CONFLICT", "CONTESTED_BY_FOREM", "R403"),
        ("INSC | 4 | 02-11 | - | 3\nINSC | 3 | 02-12 | - | 3", "OUT_OF_ORDER", "STALE_FOREM", "R402 R406"),
    ],
)
def test_anomalies_of_le_forems_rows_show(more: str, klass: str, reason: str, codes: str) -> None:
    """Two contents at one version are a conflict, a lower version written last is out of order; what stood stands."""
    table = f"{GRANT}INSC | 1 | 02-10 | - | 1\n{more}\n"
    check(table, "02-13", REGI, klass=klass, reason=reason, codes=codes, owner="FOREM", state="ON_TIME")


def test_a_missing_version_holds_what_is_told() -> None:
    """R406 is there while a version is missing; what is told waits three working days for it, the state does not."""
    table = f"{GRANT}INSC | 3 | 02-10 | - | 1\n"
    check(table, "02-11", REGI, state="ON_TIME", codes="R406", held_until="02-13", wake="02-14", klass="AGREED")


def test_news_of_a_registration_does_not_lengthen_the_wait_for_a_cpas() -> None:
    """The days run from when Le Forem first held the person registered, however often it says so again."""
    table = "feed | v | date | of | says\nINSC | 1 | 02-02 | - | 1 stat92_category=05\n"
    table += "INSC | 2 | 02-04 | - | 3 stat92_category=05\n"
    check(table, "02-06", "REGI||anna", klass="MISSING_CPAS", reason="NO_CPAS", since="02-06", due="02-05")
