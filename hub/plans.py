"""The plan d'actions of one CPAS: what it agreed to exchange with Le Forem, from one day to the next plan.

It decides which feeds an axis brings and reads one row of `partners/plans.csv`. Which row holds on a day is in
`hub.partners`; what is wrong with a row in `hub.partners_folder`; the refusal of a feed (F36) in `hub.verify`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

# The four axes of the convention of 2024: guidance, qualification, job opportunities, exchange of information.
AXES: Mapping[int, frozenset[str]] = MappingProxyType(
    {
        1: frozenset({"ORIE", "STAT", "INSC"}),
        2: frozenset({"CATA", "FORM"}),
        3: frozenset({"OFFR", "JOBD", "MOBI"}),
        4: frozenset({"SITU"}),
    }
)
# From its first day the decree puts the registration and the breaches into every exchange, whatever the plan says.
DECREE = frozenset({"INSC", "MANQ"})
EVERYONE = frozenset({"ACRF", "NOTI", "NOND", "RECO"})
OF_AXES = frozenset().union(*AXES.values())
FEEDS = OF_AXES | DECREE | EVERYONE
SENT_BY_CPAS = ("ORIE", "SITU", "MOBI")

# How often a CPAS agreed to send a feed: the working days within which the next file is due.
CALENDAR = {"daily": 1, "weekly": 5, "monthly": 22}
# A contact is a function, from this list, so that no name of a person can be written there.
FUNCTIONS = frozenset({"service insertion", "cellule emploi", "direction générale", "service informatique"})

_AXES = re.compile(r"[1-4](\|[1-4])*")
_FEEDS = re.compile(r"([A-Z]{4}(\|[A-Z]{4})*)?")
_CALENDAR = re.compile(r"([A-Z]{4}:[a-z]+(\|[A-Z]{4}:[a-z]+)*)?")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a partner: a function and its generic addresses, never a person."""

    function: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What one partner agreed, as it holds on one day.

    `since` is None before its first plan, and for Le Forem, which has none. `feeds` holds both directions;
    `calendar` the frequency (a key of CALENDAR) of the feeds that it agreed to send regularly.
    """

    partner_id: str
    since: date | None
    axes: tuple[int, ...]
    feeds: frozenset[str]
    calendar: Mapping[str, str]
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One row of plans.csv; `feeds` are those that its axes bring, less `without`, and `extra`."""

    since: date
    axes: tuple[int, ...]
    feeds: frozenset[str]
    calendar: Mapping[str, str]
    contact: Contact


def read_agreement(row: Mapping[str, str]) -> Agreement:
    """The agreement that a row without problems holds."""
    return Agreement(
        since=date.fromisoformat(row["since"]),
        axes=tuple(int(axis) for axis in row["axes"].split("|")),
        feeds=agreed(row),
        calendar=MappingProxyType(dict(_pairs(row["calendar"]))),
        contact=Contact(row["contact_function"], row["contact_phone"], row["contact_email"]),
    )


def brought(axes: Iterable[int]) -> frozenset[str]:
    """The feeds that these axes bring."""
    return frozenset().union(*(AXES[axis] for axis in axes))


def agreed(row: Mapping[str, str]) -> frozenset[str]:
    """The feeds of a row: those of its axes, less `without`, and `extra`."""
    return (_of_axes(row) - _listed(row["without"])) | _listed(row["extra"])


def axes_are_known(row: Mapping[str, str]) -> bool:
    """Whether `axes` is a list of 1, 2, 3, 4, each once, and not empty."""
    axes = row["axes"].split("|")
    return _AXES.fullmatch(row["axes"]) is not None and len(set(axes)) == len(axes)


def without_is_of_the_axes(row: Mapping[str, str]) -> bool:
    """Whether what is left out is brought by the axes."""
    return _FEEDS.fullmatch(row["without"]) is not None and _listed(row["without"]) <= _of_axes(row)


def extra_is_of_other_axes(row: Mapping[str, str]) -> bool:
    """Whether what is added exists, and is not brought by the axes anyway."""
    return _FEEDS.fullmatch(row["extra"]) is not None and _listed(row["extra"]) <= OF_AXES - _of_axes(row)


def calendar_is_kept(row: Mapping[str, str]) -> bool:
    """Whether each feed of the calendar is one that this CPAS sends under the plan, with a known frequency, once."""
    if _CALENDAR.fullmatch(row["calendar"]) is None:
        return False
    pairs = _pairs(row["calendar"])
    feeds = [feed for feed, _ in pairs]
    known = all(feed in agreed(row).intersection(SENT_BY_CPAS) and often in CALENDAR for feed, often in pairs)
    return known and len(set(feeds)) == len(feeds)


def _of_axes(row: Mapping[str, str]) -> frozenset[str]:
    return brought(int(axis) for axis in row["axes"].split("|")) if _AXES.fullmatch(row["axes"]) else frozenset()


def _listed(cell: str) -> frozenset[str]:
    return frozenset(cell.split("|")) if cell else frozenset()


def _pairs(cell: str) -> list[tuple[str, str]]:
    return [(feed, often) for feed, _, often in (part.partition(":") for part in cell.split("|") if part)]
