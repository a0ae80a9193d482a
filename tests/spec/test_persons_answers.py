"""Answers to an event: known or not, in time, within the places of the CPAS, void when the event is cancelled."""

import pytest

from tests.spec.persons_table import check

HEAD = "feed | v | date | of | says | person\n"
EVENT = f"{HEAD}JOBD | 1 | 02-02 | J1 | OPEN quota_per_cpas=1 answer_deadline=2026-03-06 |\n"
ANNA, BERT = "MOBI|062063|anna|J1", "MOBI|062063|bert|J1"
ANSWERED = f"{EVENT}MOBI | 1 | 03-02 | J1 | CONFIRMED | anna\n"


@pytest.mark.parametrize("answer", ["INTERESTED", "CONFIRMED", "DECLINED", "NOT_CONTACTED", "UNREACHABLE"])
@pytest.mark.parametrize("status", ["PLANNED", "OPEN", "FULL", "DONE"])
def test_an_answer_is_what_the_cpas_says(answer: str, status: str) -> None:
    """The answer is the state, beside the status of the event."""
    table = f"{EVENT.replace('OPEN', status)}MOBI | 1 | 03-02 | J1 | {answer} | anna\n"
    check(table, "03-05", ANNA, state=answer, cpas_view=answer, forem_view=status, klass="AGREED", reason="STATED")


def test_an_answer_taken_back_is_void() -> None:
    """A cancelled answer is void and takes no place."""
    table = f"{ANSWERED}MOBI | 2x | 03-02 | J1 | CONFIRMED | anna\nMOBI | 1 | 03-03 | J1 | CONFIRMED | bert\n"
    check(table, "03-05", ANNA, state="VOID", cpas_view="WITHDRAWN", klass="AGREED", reason="TAKEN_BACK", codes="")
    check(table, "03-05", BERT, state="CONFIRMED", codes="")


@pytest.mark.parametrize(
    "cancelling", ["JOBD | 2 | 03-04 | J1 | CANCELLED |", "JOBD | 2x | 02-02 | J1 | OPEN |"], ids=["status", "notice"]
)
def test_a_cancelled_event_voids_its_answers(cancelling: str) -> None:
    """Whether it is cancelled by its status or by its notice: void, agreed, and the CPAS is told why."""
    table = f"{ANSWERED}{cancelling}\n"
    expected = {"state": "VOID", "forem_view": "CANCELLED", "klass": "AGREED", "reason": "EVENT_CANCELLED"}
    check(table, "03-05", ANNA, **expected, codes="R509", cpas_view="CONFIRMED")


@pytest.mark.parametrize("undone", ["JOBD | 3x | 03-04 | J1 | CANCELLED |", "JOBD | 3c | 03-04 | J1 | OPEN |"])
def test_a_cancellation_undone_gives_the_answers_back(undone: str) -> None:
    """When the cancellation is itself cancelled or corrected the answers are what they were."""
    table = f"{ANSWERED}JOBD | 2 | 03-04 | J1 | CANCELLED |\n{undone}\n"
    check(table, "03-05", ANNA, state="CONFIRMED", klass="AGREED", codes="", forem_view="OPEN")


@pytest.mark.parametrize(
    ("answered", "codes", "reason"),
    [
        ("2026-03-06T23:59:59+01:00", "", "STATED"),
        ("2026-03-06T22:59:59+00:00", "", "STATED"),
        ("2026-03-06T23:30:00+00:00", "R507", "ANSWERED_LATE"),
        ("2026-03-07T00:00:00+01:00", "R507", "ANSWERED_LATE"),
    ],
)
def test_an_answer_is_in_time_on_the_last_day_in_brussels(answered: str, codes: str, reason: str) -> None:
    """The deadline is a day in Brussels, whatever the offset in which the answer is written."""
    table = f"{EVENT}MOBI | 1 | 03-02 | J1 | CONFIRMED answered_at={answered} | anna\n"
    check(table, "03-09", ANNA, codes=codes, reason=reason, klass="AGREED", owner=None)


def test_an_event_without_deadline_has_no_late_answer() -> None:
    """Nothing is late that had no day to be there."""
    table = f"{HEAD}JOBD | 1 | 02-02 | J1 | OPEN |\nMOBI | 1 | 06-02 | J1 | CONFIRMED | anna\n"
    check(table, "06-03", ANNA, codes="")


@pytest.mark.parametrize(
    ("anna", "bert", "beyond"),
    [("T09:00:00+01:00", "T10:00:00+01:00", BERT), ("T11:00:00+01:00", "T10:00:00+01:00", ANNA),
     ("T10:00:00+01:00", "T10:00:00+01:00", BERT), ("T10:30:00+01:00", "T10:00:00+00:00", BERT)],
)  # fmt: skip
def test_places_go_to_who_answered_first(anna: str, bert: str, beyond: str) -> None:
    """Confirmed answers take places in the order in which people answered, as instants; then by person."""
    answers = "".join(
        f"MOBI | 1 | 03-02 | J1 | CONFIRMED answered_at=2026-03-02{at} | {who}\n"
        for who, at in (("anna", anna), ("bert", bert))
    )
    table = EVENT + answers
    check(table, "03-05", beyond, codes="R508", klass="CONFLICT", owner="CPAS", reason="OVER_QUOTA", since="03-02")
    check(table, "03-05", ({ANNA, BERT} - {beyond}).pop(), codes="", klass="AGREED")
    done = f"{table}JOBD | 2 | 03-10 | J1 | DONE quota_per_cpas=1 |\n"
    check(done, "03-11", beyond, codes="R508", klass="AGREED", owner=None)


def test_only_confirmed_answers_of_one_cpas_take_its_places() -> None:
    """Who is interested or declines takes none, and each CPAS has its own."""
    event = EVENT.replace("person", "person | from").replace("06 |", "06 | |")
    table = f"""{event}MOBI | 1 | 03-01 | J1 | INTERESTED | carl |
    MOBI | 1 | 03-01 | J1 | CONFIRMED | dora | 052011
    MOBI | 1 | 03-02 | J1 | CONFIRMED | anna |
    """
    check(table, "03-05", ANNA, codes="", klass="AGREED")
    check(table, "03-05", "MOBI|052011|dora|J1", codes="", klass="AGREED")


def test_a_place_given_back_goes_to_the_next() -> None:
    """When the first declines, the second is within the quota; `since` of the first day it stood beyond is gone."""
    two = f"{ANSWERED}MOBI | 1 | 03-03 | J1 | CONFIRMED | bert\n"
    check(two, "03-05", BERT, codes="R508", since="03-03")
    check(f"{two}MOBI | 2 | 03-04 | J1 | DECLINED | anna\n", "03-05", BERT, codes="", klass="AGREED", since=None)


@pytest.mark.parametrize(
    ("today", "klass", "reason", "since"),
    [("03-02", "PENDING", "AWAITING_EVENT", "03-02"), ("03-05", "PENDING", "AWAITING_EVENT", "03-02"),
     ("03-06", "CONFLICT", "NO_EVENT", "03-06")],
)  # fmt: skip
def test_an_event_that_le_forem_has_not_sent(today: str, klass: str, reason: str, since: str) -> None:
    """R509: three working days for the event to come, then the CPAS has to look at its reference."""
    table = f"{HEAD}MOBI | 1 | 03-02 | J1 | CONFIRMED | anna\n"
    expected = {"klass": klass, "reason": reason, "since": since, "owner": "CPAS", "codes": "R509", "due": "03-05"}
    check(table, today, ANNA, **expected, forem_view="NONE", state="CONFIRMED")


def test_a_session_for_staff_takes_nobody() -> None:
    """Nobody is sent to a session at which Le Forem trains the staff of a CPAS, and its places are not people's."""
    table = ANSWERED.replace("quota_per_cpas=1", "quota_per_cpas=0 kind=STAFF_SESSION")
    check(table, "03-05", ANNA, klass="CONFLICT", owner="CPAS", reason="NOT_FOR_PERSONS", codes="R509")


@pytest.mark.parametrize(
    ("more", "klass", "reason", "codes"),
    [
        ("MOBI | 1 | 03-02 | J1 | DECLINED | anna", "CONFLICT", "CONTESTED_BY_CPAS", "R403"),
        ("MOBI | 3 | 03-03 | J1 | CONFIRMED answered_at=2026-03-02T10:00:00+01:00 | anna\n"
         "MOBI | 2 | 03-04 | J1 | CONFIRMED answered_at=2026-03-02T10:00:00+01:00 | anna",
         "OUT_OF_ORDER", "STALE_CPAS", "R402"),
    ],
)  # fmt: skip
def test_anomalies_of_the_cpas_rows_show(more: str, klass: str, reason: str, codes: str) -> None:
    """As for every other kind."""
    check(f"{ANSWERED}{more}\n", "03-05", ANNA, klass=klass, reason=reason, codes=codes, owner="CPAS")


def test_a_merged_cpas_answers_for_its_predecessor() -> None:
    """There is one answer, the successor's, and its places are one CPAS's."""
    table = """
    feed | v | date  | of | says                   | person | from
    JOBD | 1 | 02-02 | J1 | OPEN quota_per_cpas=1  |        |
    MOBI | 1 | 03-02 | J1 | CONFIRMED              | anna   | 082005
    MOBI | 1 | 03-03 | J1 | CONFIRMED              | bert   | 082039
    """
    check(table, "03-05", "MOBI|082039|anna|J1", state="CONFIRMED", cpas="082039", codes="")
    check(table, "03-05", "MOBI|082039|bert|J1", codes="R508")
