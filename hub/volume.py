"""Does a CPAS name more people than it can have? What is unusual is told to the operator and stops nothing.

A relation rule keeps a CPAS that tries numbers from being answered; here is how one sees that it tries. Pure: counts
in, reasons out. Only counts are ever kept, and who asks is a CPAS: Le Forem holds the whole population.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

USUAL_DAYS = 20  # of the last days with any newcomer, whose median is what is usual
WINDOW = timedelta(days=28)  # in which newcomers are held against the size: slowly is no way around

UNUSUAL, UNKNOWN, SIZE, ELSEWHERE = "MORE_THAN_USUAL", "KNOWN_TO_NOBODY", "MORE_THAN_ITS_SIZE", "KNOWN_ELSEWHERE"
REASONS: Mapping[str, str] = {
    UNUSUAL: "many more people new to this CPAS than on its usual day",
    UNKNOWN: "many more people of whom nobody had said anything than on its usual day",
    SIZE: "in four weeks more people new to this CPAS than a share of all whom it had",
    ELSEWHERE: "in four weeks too large a share of people whom another CPAS has",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Of the people in rows of a CPAS: those new to it, those of them new to everybody, those another CPAS has."""

    newcomers: int = 0
    strangers: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on it is unusual: see docs/steps/process.md for what each is and why."""

    rows: int
    times: float
    share: float
    elsewhere_rows: int
    elsewhere_share: float


def reasons(day: date, named: Mapping[date, Named], known: int, limits: Limits) -> tuple[str, ...]:
    """Why what a CPAS `named` on that day is unusual; `named` holds its days before, `known` all whom it had before.

    A first load has no day before it, and is unusual: that it came is worth a look, once.
    """
    today = named[day]
    before = [named[one] for one in sorted(named) if one < day and named[one].newcomers][-USUAL_DAYS:]
    month = [each for one, each in named.items() if day - WINDOW < one <= day]
    newcomers, elsewhere = sum(each.newcomers for each in month), sum(each.elsewhere for each in month)
    had = known - newcomers
    holds = {
        UNUSUAL: _stands_out(today.newcomers, [each.newcomers for each in before], limits),
        UNKNOWN: _stands_out(today.strangers, [each.strangers for each in before], limits),
        SIZE: newcomers >= limits.rows and newcomers > limits.share * had,
        ELSEWHERE: elsewhere >= limits.elsewhere_rows and elsewhere > limits.elsewhere_share * newcomers,
    }
    return tuple(reason for reason, applies in holds.items() if applies and today.newcomers)


def _stands_out(count: int, before: Sequence[int], limits: Limits) -> bool:
    return count >= limits.rows and count > limits.times * (median(before) if before else 0)
