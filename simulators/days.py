"""Working days of a scenario, and timestamps with the offset of Brussels."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
SATURDAY = 5


def working_days(first: date, count: int) -> list[date]:
    """`count` days from `first` on, without Saturdays and Sundays."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if day.weekday() < SATURDAY:
            days.append(day)
        day += timedelta(days=1)
    return days


def stamp(day: date, hour: int, minute: int) -> str:
    """That moment in Brussels, ISO with its offset (+01:00 in winter, +02:00 in summer)."""
    return datetime.combine(day, time(hour, minute), BRUSSELS).isoformat()


def later(day: str, count: int) -> str:
    """The ISO day `count` days after `day`."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()
