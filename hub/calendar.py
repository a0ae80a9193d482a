"""Belgian working days, the delays counted in them, and the Brussels date of an instant.

It counts days from a list of holidays that was read once; it reads no clock. What a delay is for, and what
happens when it is over, is left to `hub.reconcile`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.errors import OperatorError

BRUSSELS = ZoneInfo("Europe/Brussels")
HOLIDAYS_A_YEAR = 10
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Clocks:
    """Delays: in working days those whose name says so, in calendar days those of the decree."""

    functional_answer_working_days: int
    forem_withdrawal_working_days: int
    orphan_working_days: int
    gap_working_days: int
    acknowledgement_working_days: int
    registration_days: int
    registration_stock_days: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days in Belgium: Monday to Friday but public holidays."""

    holidays: frozenset[date]

    def covers(self, day: date) -> bool:
        """Whether the holidays of that year are listed; in another year only weekends are known."""
        return any(holiday.year == day.year for holiday in self.holidays)

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open that day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add_working_days(self, day: date, count: int) -> date:
        """The day that closes a delay of `count` working days begun on `day`, which itself does not count.

        With 0 it is `day`, working or not. A partner may state any date: past the last one, the last one.
        """
        if count < 0:
            raise ValueError("a delay cannot be negative")
        while count and day < date.max:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


def brussels_date(instant: datetime) -> date:
    """The date that a calendar in Brussels shows at this instant; a ValueError when it has no offset."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset from UTC")
    try:
        return instant.astimezone(BRUSSELS).date()
    except OverflowError:  # the first and last hours of the calendar, which only a partner's row can hold
        return instant.date()


def load_calendar(path: Path) -> tuple[Calendar, Clocks]:
    """Read `calendar.toml`; an OperatorError says what is wrong with it, by name of table and key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise OperatorError(f"{path.name}: missing, or not TOML in UTF-8") from None
    return Calendar(_holidays(content.get("holidays"), path.name)), _clocks(content.get("clocks"), path.name)


def _holidays(table: object, file: str) -> frozenset[date]:
    if not isinstance(table, Mapping) or not table:
        raise OperatorError(f"{file}: no table [holidays.<year>]")
    return frozenset(day for year, days in table.items() for day in _year(year, days, file))


def _year(year: str, days: object, file: str) -> list[date]:
    found = list(days.values()) if isinstance(days, Mapping) else []
    good = [day for day in found if type(day) is date and str(day.year) == year]
    if len(good) != len(found) or len(set(good)) != HOLIDAYS_A_YEAR:
        raise OperatorError(f"{file}: [holidays.{year}] needs {HOLIDAYS_A_YEAR} different dates of that year")
    return good


def _clocks(table: Any, file: str) -> Clocks:
    names = {field.name for field in fields(Clocks)}
    if not isinstance(table, Mapping) or set(table) != names:
        raise OperatorError(f"{file}: [clocks] must hold exactly {', '.join(sorted(names))}")
    if not all(type(days) is int and 0 < days <= 366 for days in table.values()):
        raise OperatorError(f"{file}: [clocks] a delay is a number of days from 1 to 366")
    return Clocks(**table)
