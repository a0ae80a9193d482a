"""The people and days of the simulated year: enough of both, and nobody who exists."""

from datetime import date

import pytest

from hub.calendar import load_calendar
from hub.settings import PROJECT
from simulators.year import legal, people


def test_seventy_five_thousand_people_have_numbers_of_their_own() -> None:
    """No two ranks share a NISS, whatever the seed."""
    numbers = [people.person(1, rank).niss for rank in range(people.CAPACITY)]
    assert len(set(numbers)) == people.CAPACITY > 75_000
    for seed in range(2, 200):
        assert len({rank * people._stride(seed) % people.BIRTHS for rank in range(people.BIRTHS)}) == people.BIRTHS


def test_no_number_can_be_somebodys() -> None:
    """The order number is 000 or 999 in the form of the register, and 000 in the two other forms."""
    forms = {0: {"999"}, 1: {"000"}, 2: {"000"}, 3: {"000"}}
    for rank in (5, people.BIRTHS + 5, 2 * people.BIRTHS + 5, 3 * people.BIRTHS + 5):
        number = people.person(3, rank).niss
        assert number[6:9] in forms[rank // people.BIRTHS]
        month = int(number[2:4])
        assert month in range(1 + 20 * max(0, rank // people.BIRTHS - 1), 13 + 20 * max(0, rank // people.BIRTHS - 1))


@pytest.mark.parametrize(
    ("birth", "shift", "number"), [(date(1985, 7, 31), 40, "85473100050"), (date(2001, 2, 3), 20, "01220300065")]
)
def test_a_number_of_the_crossroads_bank_has_its_check(birth: date, shift: int, number: str) -> None:
    """The last two digits are 97 less the remainder, with a 2 in front of whoever was born in this century."""
    made = people.bis(birth, shift)
    nine = int(("2" if birth.year >= 2000 else "") + made[:9])
    assert made[:9] == number[:9]
    assert int(made[9:]) == 97 - nine % 97


def test_an_enterprise_number_has_its_check() -> None:
    """Ten digits of which the last two are 97 less the first eight modulo 97."""
    number = people.enterprise(123)
    assert number.startswith("0999")
    assert int(number[8:]) == 97 - int(number[:8]) % 97


def test_the_stand_ins_count_the_holidays_of_the_hub() -> None:
    """Easter computed here and the dates written out for the hub are the same days, year after year."""
    calendar, clocks = load_calendar(PROJECT / "partners" / "calendar.toml")
    for year in range(2024, 2031):
        assert legal.holidays(year) == {day for day in calendar.holidays if day.year == year}
    assert clocks.functional_answer_working_days == legal.ANSWER
    assert (clocks.forem_withdrawal_working_days, clocks.orphan_working_days) == (legal.WITHDRAWAL, legal.ORPHAN)
    assert (clocks.gap_working_days, clocks.registration_days) == (legal.GAP, legal.REGISTRATION)
    assert clocks.registration_stock_days == legal.REGISTRATION_OF_STOCK


def test_a_deadline_skips_week_ends_and_holidays() -> None:
    """Two working days after Friday 30 October 2026 are Tuesday; the day after the tenth of November is the twelfth."""
    assert legal.plus(date(2026, 10, 30), 2) == date(2026, 11, 3)
    assert legal.plus(date(2026, 11, 10), 1) == date(2026, 11, 12)
    assert legal.open_from(date(2026, 11, 11)) == date(2026, 11, 12)
