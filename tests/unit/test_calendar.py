"""Working days in Belgium and Brussels dates."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from hub.calendar import BRUSSELS, Calendar, Clocks, brussels_date, load_calendar
from hub.errors import OperatorError

FILE = Path(__file__).parents[2] / "partners" / "calendar.toml"


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    """The calendar that is checked in."""
    return load_calendar(FILE)[0]


def _easter(year: int) -> date:
    """Gauss's rule for the Gregorian calendar, another one than that by which the file was made."""
    century, golden = year // 100, year % 19
    moon = (15 - (13 + 8 * century) // 25 + century - century // 4) % 30
    full = (19 * golden + moon) % 30
    week = (2 * (year % 4) + 4 * (year % 7) + 6 * full + (4 + century - century // 4) % 7) % 7
    day = date(year, 3, 22) + timedelta(full + week)
    late = (full, week) == (29, 6) or ((full, week) == (28, 6) and golden > 10)
    return day - timedelta(7) if late else day


@pytest.mark.parametrize("year", range(2024, 2031))
def test_the_listed_holidays_are_the_ten_of_the_law(calendar: Calendar, year: int) -> None:
    """Each year holds the seven fixed holidays and the three that follow Easter, and no other."""
    fixed = {date(year, m, d) for m, d in [(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)]}
    moving = {_easter(year) + timedelta(days) for days in (1, 39, 50)}
    assert {day for day in calendar.holidays if day.year == year} == fixed | moving


def test_the_clocks_are_those_of_the_file() -> None:
    """The delays are read from the file, not written in code."""
    assert load_calendar(FILE)[1] == Clocks(10, 5, 3, 3, 2, 28, 90)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 9, 7), 0, date(2026, 9, 7)),
        (date(2026, 9, 6), 0, date(2026, 9, 6)),
        (date(2026, 9, 7), 1, date(2026, 9, 8)),
        (date(2026, 9, 4), 1, date(2026, 9, 7)),
        (date(2026, 9, 5), 1, date(2026, 9, 7)),
        (date(2026, 9, 7), 10, date(2026, 9, 21)),
        (date(2026, 4, 3), 1, date(2026, 4, 7)),
        (date(2026, 5, 13), 1, date(2026, 5, 15)),
        (date(2025, 12, 24), 3, date(2025, 12, 30)),
        (date(2025, 12, 30), 3, date(2026, 1, 5)),
    ],
)
def test_a_delay_counts_working_days_after_its_first_day(
    calendar: Calendar, start: date, count: int, end: date
) -> None:
    """Weekends and holidays do not count, nor does the day on which the delay begins."""
    assert calendar.add_working_days(start, count) == end


def test_a_regional_feast_is_a_working_day(calendar: Calendar) -> None:
    """The feast of the French Community, a Sunday or not, closes no office by law."""
    assert calendar.is_working_day(date(2027, 9, 27))
    assert not calendar.is_working_day(date(2027, 9, 26))


def test_any_date_a_partner_states_has_a_deadline(calendar: Calendar) -> None:
    """A date outside the listed years, even the last there is, gives a date and no error."""
    assert calendar.add_working_days(date.max, 10) == date.max
    assert calendar.add_working_days(date(9999, 12, 30), 10) == date.max
    assert calendar.add_working_days(date(1990, 1, 5), 1) == date(1990, 1, 8)
    assert calendar.covers(date(2030, 12, 31))
    assert not calendar.covers(date(2031, 1, 1))


def test_a_negative_delay_is_refused(calendar: Calendar) -> None:
    """A delay runs forward only."""
    with pytest.raises(ValueError, match="negative"):
        calendar.add_working_days(date(2026, 9, 7), -1)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 7, 1, 1, 0, tzinfo=timezone(timedelta(hours=5))), date(2026, 6, 30)),
    ],
)
def test_the_day_in_brussels_follows_summer_time(instant: datetime, day: date) -> None:
    """The day of the change in March has 23 hours and that of October 25; each instant falls on one date."""
    assert brussels_date(instant) == day


def test_the_hour_that_comes_twice_is_one_date() -> None:
    """Both passes of half past two on the last Sunday of October belong to that Sunday."""
    for fold in (0, 1):
        assert brussels_date(datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS, fold=fold)) == date(2026, 10, 25)


def test_an_instant_without_offset_is_refused() -> None:
    """A time without its offset is not an instant."""
    with pytest.raises(ValueError, match="offset"):
        brussels_date(datetime(2026, 3, 29, 12, 0))  # noqa: DTZ001


def test_the_ends_of_the_calendar_have_a_date() -> None:
    """The first and last instants that can be written give a date and no error."""
    assert brussels_date(datetime.max.replace(tzinfo=UTC)) == date.max
    assert brussels_date(datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))) == date.min


@pytest.mark.parametrize("content", ["", "[holidays]\n", "[holidays.2026]\na = 1\n", "holidays = 3", "]"])
def test_a_bad_calendar_is_for_the_operator(tmp_path: Path, content: str) -> None:
    """A file without holidays or delays stops the hub with a text that names the file."""
    path = tmp_path / "calendar.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(OperatorError, match=r"calendar\.toml"):
        load_calendar(path)
