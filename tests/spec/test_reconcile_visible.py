"""Who answers for a referral, what each side may be told of it, and which rows are passed on."""

from dataclasses import replace

import polars as pl
import pytest
from reconcile_table import RULES, WORLD, check, day, events, passed_on, read, state_of, told_to_cpas, told_to_forem

from hub.frames import EVENTS
from hub.model import Class, Side
from hub.reconcile import discrepancy, reconcile
from tests.reference import frames

ANSWERED = """
    from   | v | kind | date  | status   | person
    062063 | 1 | new  | 01-06 |          | anna
    FOREM  | 1 | new  | 01-08 | RECEIVED | anna
    """
APPOINTMENT = """
    from   | v | kind | date  | status                  | appointment
    062063 | 1 | new  | 01-06 |                         |
    FOREM  | 1 | new  | 01-08 | RECEIVED/APPT_SCHEDULED | 2025-01-20T23:30:00+00:00
    """


def test_a_merged_cpas_is_answered_through_its_successor() -> None:
    """A referral sent by 082005 before the merger is answered to 082039 after it."""
    table = """
        from   | v | kind | date       | status
        082005 | 1 | new  | 2024-12-20 |
        FOREM  | 1 | new  | 2024-12-30 | RECEIVED
        """
    check(table, today="2024-12-31", cpas="082005", state="RECEIVED")
    check(table, today="01-02", cpas="082039", state="RECEIVED", klass="AGREED")


@pytest.mark.parametrize("version", [1, 3])
def test_a_successor_speaks_after_the_cpas_it_took_over(version: int) -> None:
    """A successor's rows prevail over those of the CPAS it took over, counting on or from 1."""
    check(
        f"""
        from   | v         | kind   | date       | status
        082005 | 1         | new    | 2024-12-20 |
        082005 | 2         | corr   | 2024-12-20 |
        082039 | {version} | cancel | 2024-12-20 |
        """,
        today="01-13",
        cpas="082039",
        cpas_version=version,
        state="CANCELLED",
        klass="AGREED",
        codes="",
    )


def test_a_conflict_is_told_to_both() -> None:
    """Both sides are told of a conflict, with its class, code and the side that must move."""
    state = state_of(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        FOREM  | 1 | new  | 01-08 | ACCEPTED
        FOREM  | 1 | new  | 01-08 | REJECTED
        """,
        today="01-13",
    )
    told = [told_to_cpas(state), told_to_forem(state)]
    assert [(t.klass, t.owner, t.codes) for t in told if t] == [(Class.CONFLICT, Side.FOREM, ("R403",))] * 2


def test_another_persons_rows_are_not_told_to_the_cpas() -> None:
    """The CPAS is told what it would be told if the rows on another person had never come."""
    mistaken = ANSWERED + "FOREM | 2 | new | 01-10 | ACCEPTED | bert"
    told = told_to_cpas(state_of(mistaken, today="01-13"))
    without = told_to_cpas(state_of(ANSWERED, today="01-13"))
    assert told
    assert without
    assert told.since is None
    assert replace(told, since=without.since) == without


def test_another_persons_rows_are_told_to_le_forem() -> None:
    """Le Forem, which must mend it, is told of R503."""
    told = told_to_forem(state_of(ANSWERED + "FOREM | 2 | new | 01-10 | ACCEPTED | bert", today="01-13"))
    assert (told.klass, told.owner, told.codes) == (Class.CONFLICT, Side.FOREM, ("R503",))


def test_an_orphan_is_told_to_le_forem_only() -> None:
    """No CPAS is told of an answer to a referral that none has sent."""
    state = state_of(
        """
        from  | v | kind | date  | status
        FOREM | 1 | new  | 01-08 | RECEIVED
        """,
        today="02-03",
    )
    assert told_to_cpas(state) is None
    assert told_to_forem(state).klass is Class.ORPHAN_ACK


def test_before_an_answer_the_cpas_is_told_its_own_view_only() -> None:
    """While Le Forem has no live notice nothing of its side is told, not even that it has spoken."""
    told = told_to_cpas(state_of(ANSWERED + "FOREM | 2 | cancel | 01-08 | RECEIVED | anna", today="01-13"))
    assert told
    assert (told.state, told.business_status, told.forem_version, told.next_appointment_at) == (
        "REQUESTED",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(("today", "shown"), [("01-21", "2025-01-20T23:30:00+00:00"), ("01-22", None)])
def test_the_next_appointment_is_of_today_or_later(today: str, shown: str | None) -> None:
    """An appointment is shown up to its own day in Brussels, that day included."""
    check(APPOINTMENT, today=today, next_appointment_at=shown)


def test_a_closed_referral_has_no_next_appointment() -> None:
    """No appointment is shown once the referral is at its end."""
    rejected = APPOINTMENT.replace("RECEIVED/APPT_SCHEDULED", "REJECTED/OUT_OF_SCOPE_TERRITORY")
    check(rejected, today="01-13", next_appointment_at=None)


def test_an_unknown_referral_has_no_next_appointment() -> None:
    """No appointment is shown on a referral that no CPAS has sent."""
    orphan = "\n".join(line for line in APPOINTMENT.splitlines() if "062063" not in line)
    check(orphan, today="01-13", state="UNKNOWN", next_appointment_at=None)


def test_an_appointment_that_le_forem_has_cancelled_is_not_next() -> None:
    """An appointment that Le Forem says it has cancelled is not shown."""
    rows = [
        replace(event, payload={**event.payload, "attendance": "CANCELLED_BY_FOREM"}) for event in events(APPOINTMENT)
    ]
    assert read(rows, day("01-13")).next_appointment_at is None


def test_the_next_appointment_is_told_to_the_cpas_only() -> None:
    """Le Forem is not told its own appointments again."""
    state = state_of(APPOINTMENT, today="01-13")
    told = told_to_cpas(state)
    assert told
    assert told.next_appointment_at
    assert told_to_forem(state).next_appointment_at is None


def test_the_rows_passed_on_are_the_prevailing_ones() -> None:
    """The prevailing row of each date is passed on, even a cancellation; no contested or mistaken row is."""
    rows = events(
        """
        from   | v | kind   | date  | status    | person
        062063 | 1 | new    | 01-06 |           | anna
        FOREM  | 1 | new    | 01-08 | RECEIVED  | anna
        FOREM  | 2 | corr   | 01-08 | ACCEPTED  | anna
        FOREM  | 3 | new    | 01-10 | FAILED    | anna
        FOREM  | 4 | cancel | 01-10 | FAILED    | anna
        FOREM  | 5 | new    | 01-11 | COMPLETED | anna
        FOREM  | 5 | new    | 01-11 | ON_HOLD   | anna
        FOREM  | 6 | new    | 01-12 | COMPLETED | bert
        """
    )
    assert passed_on(rows, Side.CPAS, day("01-13")) == [(1, 0)]
    assert passed_on(rows, Side.FOREM, day("01-13")) == [(2, 1), (4, 9)]


@pytest.mark.parametrize(("today", "is_one"), [("01-08", False), ("01-20", False), ("01-21", True)])
def test_a_mismatch_within_its_time_is_no_discrepancy(today: str, is_one: bool) -> None:
    """A mismatch is a discrepancy only when its time is over."""
    state = state_of(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        """,
        today=today,
    )
    assert frames.frame([state]).select(discrepancy()).item() is is_one


def test_rows_of_other_feeds_are_not_read() -> None:
    """A situation or a training of the person is no row of its referral."""
    rows = frames.events(events(ANSWERED), WORLD, day("01-13"))
    others = frames.events([replace(row, feed="SITU") for row in events(ANSWERED)], WORLD, day("01-13"))
    both = reconcile(pl.concat([rows, others]), RULES, day("01-13"))
    assert both.equals(reconcile(rows, RULES, day("01-13")))
    assert reconcile(others, RULES, day("01-13")).is_empty()


def test_nothing_in_nothing_out() -> None:
    """Without events there are no states, and the columns are those promised."""
    assert frames.states(reconcile(pl.DataFrame(schema=dict(EVENTS)), RULES, day("01-13"))) == {}
