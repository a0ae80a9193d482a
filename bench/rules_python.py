"""What ORIE's rules say of one text or of a few, in plain Python: for the engines that see one row at a time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bench.rules_polars import ALONE
from contracts import codes
from contracts.codes import Validity
from contracts.parse import DATE, INCOMPLETE_DATE, TIMESTAMP

BRUSSELS = ZoneInfo("Europe/Brussels")
_ALONE = re.compile(ALONE)
_DATE, _INCOMPLETE, _TIMESTAMP = (re.compile(p) for p in (DATE, INCOMPLETE_DATE, TIMESTAMP))
_NOT_A_LETTER = re.compile(r"[\s\u00a0/-]")


@cache
def day(text: str | None) -> date | None:
    """Gives the date of a text YYYY-MM-DD, None for any other text."""
    if text is None or not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def recorded_day(text: str | None) -> date | None:
    """Gives the day in Brussels of a timestamp, None for any other text."""
    if text is None or not _TIMESTAMP.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(BRUSSELS).date()
    except ValueError:
        return None


def is_later(birth: str, today: date) -> bool:
    """Is a birth date, some of whose parts may be unknown, after today?"""
    return is_birth_date(birth) and birth > today.isoformat()


def is_birth_date(text: str) -> bool:
    """Is it a date, or one whose day, or month and day, are unknown?"""
    return day(text) is not None or (text.endswith("-00") and _INCOMPLETE.match(text) is not None)


def canonical_moment(text: str) -> str:
    """Writes seconds always, a fraction without final zeros, the offset as ±hh:mm."""
    if not _TIMESTAMP.match(text):
        return text
    clock, offset = (text[:-1], "+00:00") if text.endswith("Z") else (text[:-6], text[-6:])
    clock = clock + ":00" if len(clock) == 16 else clock
    clock = clock.rstrip("0").rstrip(".") if "." in clock else clock
    return clock + ("+00:00" if offset == "-00:00" else offset)


def canonical_dossier(text: str) -> str:
    """Writes a reference without blanks, dashes, slashes and leading zeros, in capitals."""
    bare = _NOT_A_LETTER.sub("", text).upper()
    return bare.lstrip("0") or bare[-1:]


def canonical_number(text: str) -> str:
    """Writes a whole number without plus and leading zeros."""
    bare = text.removeprefix("+")
    return bare.lstrip("0") or "0" if bare.isascii() and bare.isdigit() else text


def check_year(niss: str) -> int | None:
    """Gives the year of birth that the check of eleven digits tells, None when it is wrong in both centuries."""
    base, check, year = int(niss[:9]), int(niss[9:]), int(niss[:2])
    if 97 - (base + 2_000_000_000) % 97 == check:
        return 2000 + year
    return 1900 + year if 97 - base % 97 == check else None


def is_niss(text: str) -> bool:
    """Is it eleven digits of our alphabet?"""
    return len(text) == 11 and text.isascii() and text.isdigit()


def niss_problem(text: str, today: date) -> str | None:
    """Gives the code of what is wrong with a person's number in the test environment."""
    if len(text) == 10 and text.isascii() and text.isdigit():
        return "R102"
    if not is_niss(text) or not _is_possible(text, today):
        return "R101"
    order, bis = text[6:9], int(text[2:4]) >= 20
    return None if order == "000" or (order == "999" and not bis) else "R106"


def _is_possible(niss: str, today: date) -> bool:
    if (birth := _birth_of(niss)) is None:
        return False
    year, month, born = birth
    return year <= today.year if month == 0 else (year, month, born) <= (today.year, today.month, today.day)


def _birth_of(niss: str) -> tuple[int, int, int] | None:
    """Gives year, month and day that eleven digits say, None when the check or the day is impossible."""
    year, field, born = check_year(niss), int(niss[2:4]), int(niss[4:6])
    month = field % 20
    if year is None or field >= 60 or month > 12:
        return None
    return (year, month, born) if month == 0 or born <= calendar.monthrange(year, month)[1] else None


def same_birth(niss: str, birth: str) -> bool:
    """Does a number agree with a birth date, as far as both know it? True where it cannot be judged."""
    said = _birth_of(niss) if is_niss(niss) else None
    if said is None or not is_birth_date(birth) or (niss[:2] == "00" and said[1] == 0):
        return True
    year, month, born = said
    given = (int(birth[:4]), int(birth[5:7]), int(birth[8:]))
    no_month = month == 0 or given[1] == 0
    no_day = no_month or born == 0 or given[2] == 0
    return year == given[0] and (no_month or month == given[1]) and (no_day or born == given[2])


def hides_niss(text: str) -> bool:
    """Does a number with a right check stand in the text?"""
    if len(text) < 11 or not (found := _ALONE.search(text)):
        return False
    return check_year(re.sub("[^0-9]", "", found[1])) is not None


def is_open(code: str, lists: Mapping[str, Validity], on: date | None) -> bool:
    """May the code be used on that day? True where it cannot be judged."""
    validity = lists.get(code)
    if validity is None or on is None:
        return True
    return not ((validity.since and on < validity.since) or (validity.until and on > validity.until))


def is_walloon_or_elsewhere(nis: str, communes: dict[str, Validity]) -> bool:
    """Is it a commune that we know, or one of a part of the country that we do not judge? True for other texts."""
    return nis in communes or re.match(codes.OUTSIDE_WALLONIA, nis) is not None or not re.match(codes.NIS, nis)


def cpas_problem(
    nis: str, communes: dict[str, Validity], german: frozenset[str], entitled: frozenset[str]
) -> str | None:
    """Gives the code of what forbids a row for this CPAS."""
    if nis not in communes:
        return "R201" if re.match(codes.NIS, nis) else None
    if nis in german:
        return "R203"
    return None if nis in entitled else "R205"
