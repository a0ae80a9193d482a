"""A version that is missing holds back what is told, never the state; and when time alone changes a row."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from reconcile_table import RULES, check, state_of, told_to_cpas, told_to_forem

from hub.calendar import Calendar

MISSING = """
    from   | v | kind | date  | status   | got
    062063 | 1 | new  | 01-06 |          | 01-06
    FOREM  | 1 | new  | 01-08 | RECEIVED | 01-08
    FOREM  | 3 | new  | 01-10 | ON_HOLD  | 01-13
    """


def test_a_missing_version_delays_what_is_told() -> None:
    """A gap in the versions is R406 from the first day; the state is that of the rows that are here."""
    check(MISSING, today="01-13", state="ON_HOLD", codes="R401 R406", held_until="01-16", wake="01-17")
    check(MISSING, today="01-17", state="ON_HOLD", codes="R401 R406", held_until="01-16", wake=None)


def test_a_gap_alone_moves_no_class() -> None:
    """A gap is a warning: the two sides agree all the same, and nobody must move."""
    table = MISSING.replace("ON_HOLD ", "ACCEPTED")
    check(table, today="01-17", klass="AGREED", owner=None, codes="R406", held_until="01-16")


def test_the_missing_version_ends_the_hold() -> None:
    """When the missing version comes, the warning and the hold are gone."""
    check(
        MISSING + "FOREM | 2 | new | 01-09 | ACCEPTED | 01-14",
        today="01-14",
        klass="OUT_OF_ORDER",
        codes="R402",
        held_until=None,
        wake=None,
    )


def test_a_second_gap_does_not_prolong_the_first() -> None:
    """The hold counts from the day on which the lowest missing version could be seen to be missing."""
    check(MISSING + "FOREM | 6 | new | 01-14 | ON_HOLD | 01-15", today="01-15", held_until="01-16")


def test_another_gap_is_held_from_its_own_day() -> None:
    """When the lower gap is filled, what is left is held from the day on which it began."""
    both = MISSING + "FOREM | 6 | new | 01-14 | ON_HOLD | 01-15\n    FOREM | 2 | new | 01-09 | ACCEPTED | 01-16"
    check(both, today="01-16", held_until="01-20")


def test_a_first_version_can_be_the_missing_one() -> None:
    """Versions begin at 1: a referral whose first row here is version 2 is held."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 2 | new  | 01-06 |
        """,
        today="01-06",
        state="REQUESTED",
        klass="PENDING",
        codes="R406",
        held_until="01-09",
    )


def test_a_contested_version_is_not_missing() -> None:
    """Two contents at one version are a conflict of that version, no gap."""
    check(
        """
        from   | v | kind | date  | status   | note
        062063 | 1 | new  | 01-06 |          |
        FOREM  | 1 | new  | 01-08 | RECEIVED | one
        FOREM  | 1 | new  | 01-08 | RECEIVED | two
        FOREM  | 2 | new  | 01-09 | ACCEPTED |
        """,
        today="01-13",
        codes="",
    )


def test_a_version_about_another_person_is_not_missing() -> None:
    """A row on another person has come, whomever it is about."""
    check(
        """
        from   | v | kind | date  | status   | person
        062063 | 1 | new  | 01-06 |          | anna
        FOREM  | 1 | new  | 01-08 | RECEIVED | bert
        FOREM  | 2 | corr | 01-08 | RECEIVED | anna
        """,
        today="01-13",
        codes="",
        held_until=None,
    )


def test_a_successor_may_go_on_with_the_numbers() -> None:
    """After a merger the versions of both CPAS are one sequence: counting on leaves no gap."""
    check(
        """
        from   | v | kind | date       | status
        082005 | 1 | new  | 2024-12-20 |
        082039 | 2 | corr | 2024-12-20 |
        """,
        today="01-13",
        codes="",
    )


def test_a_gap_of_le_forems_is_not_told_before_its_answer() -> None:
    """Until Le Forem has answered, the CPAS is not even told that a version of Le Forem's is missing."""
    state = state_of(
        """
        from   | v | kind   | date  | status
        062063 | 1 | new    | 01-06 |
        FOREM  | 2 | cancel | 01-08 | RECEIVED
        """,
        today="01-13",
    )
    told = told_to_cpas(state)
    assert told
    assert (told.codes, told.forem_version) == ((), None)
    assert told_to_forem(state).codes == ("R406",)


@pytest.mark.parametrize(("today", "wake"), [("01-06", "01-21"), ("01-20", "01-21"), ("01-21", None)])
def test_a_deadline_wakes_its_row(today: str, wake: str | None) -> None:
    """A pending row must be read again on the day after its due day, and not before; then never by time alone."""
    check(
        """
        from   | v | kind | date  | status
        062063 | 1 | new  | 01-06 |
        """,
        today=today,
        wake=wake,
    )


@pytest.mark.parametrize(("today", "wake"), [("01-13", "01-21"), ("01-20", "01-21"), ("01-21", None)])
def test_an_appointment_wakes_its_row(today: str, wake: str | None) -> None:
    """A row that shows an appointment must be read again on the day after it."""
    check(
        """
        from   | v | kind | date  | status   | appointment
        062063 | 1 | new  | 01-06 |          |
        FOREM  | 1 | new  | 01-08 | RECEIVED | 2025-01-20T10:00:00+01:00
        """,
        today=today,
        wake=wake,
    )


@pytest.mark.parametrize("days", [1, 3, 5, 10, 30])
def test_a_deadline_is_counted_in_belgian_working_days(days: int) -> None:
    """From any day of a year, a holiday or a Sunday, the deadline is the one that the calendar gives."""
    holidays = (date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 7, 21), date(2025, 11, 1))
    starts = pl.date_range(date(2025, 1, 1), date(2025, 12, 31), eager=True)
    ends = pl.select(replace(RULES, holidays=holidays).deadline(pl.lit(starts), days)).to_series()
    assert ends.to_list() == [Calendar(frozenset(holidays)).add_working_days(day, days) for day in starts]
