"""Working days and deadlines, counted by the stand-ins themselves.

The ten public holidays are those of the Royal Decree of 18 April 1974; Easter is computed (Meeus, Gregorian
calendar). The deadlines are those told to the partners.
"""

from datetime import date, timedelta
from functools import cache

ANSWER, WITHDRAWAL, ORPHAN, GAP = 10, 5, 3, 3  # working days
REGISTRATION, REGISTRATION_OF_STOCK = 28, 90  # days, counted from the grant and from the first day of the decree
DECREE = date(2026, 1, 1)
SATURDAY = 5


@cache
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year."""
    easter = _easter(year)
    fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
    moving = {easter + timedelta(days=days) for days in (1, 39, 50)}
    return frozenset({date(year, month, day) for month, day in fixed} | moving)


def _easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def is_open(day: date) -> bool:
    """Whether offices are open that day."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


@cache
def plus(day: date, count: int) -> date:
    """The count-th working day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_open(day)
    return day


def open_from(day: date) -> date:
    """That day, or the next on which offices are open."""
    while not is_open(day):
        day += timedelta(days=1)
    return day


def working_days(first: date, count: int) -> list[date]:
    """The first `count` days on which offices are open, from `first` on."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if is_open(day):
            days.append(day)
        day += timedelta(days=1)
    return days
