"""How an orientation stands, from what both sides said: written from rulings and the page of the exchange."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from simulators.year import legal
from simulators.year.said import Said, Word, gap, hear, known_since, of_cpas, of_forem

WORKING = ("RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD", "REFERRED_ONWARD")
QUIET = ("AGREED", "PENDING")
TERMINAL = {"REJECTED", "CANCELLED", "COMPLETED", "FAILED"}
JUDGED = ("AGREED", "PENDING", "MISSING_FOREM", "SUPERSEDED", "DUPLICATE")
ENDS = {"CANCELLED", "COMPLETED", "FAILED"}
FOLLOWS = {
    "REQUESTED": {"RECEIVED", "ACCEPTED", "REJECTED", "CANCELLED"},
    "RECEIVED": {"ACCEPTED", "REJECTED", "CANCELLED"},
    "ACCEPTED": ENDS | {"IN_PROGRESS", "ON_HOLD", "REFERRED_ONWARD"},
    "IN_PROGRESS": ENDS | {"ON_HOLD", "REFERRED_ONWARD"},
    "ON_HOLD": ENDS | {"IN_PROGRESS"},
    "REFERRED_ONWARD": ENDS,
}


@dataclass(slots=True)
class Standing:
    """How one thing stands on one day. `cpas` is the CPAS that it is shown to, empty for none."""

    kind: str
    ref: str
    cpas: str
    person: int
    cpas_view: str
    forem_view: str
    state: str
    klass: str
    owner: str = ""
    codes: set[str] = field(default_factory=set)
    cpas_version: int | None = None
    forem_version: int | None = None
    due: date | None = None
    held: date | None = None
    since: date | None = None
    effective: date | None = None
    about: str = ""
    plain: tuple[str, str] | None = None  # class and owner without Le Forem's rows on another person
    cpas_since: date | None = None
    on_hold_since: date | None = None

    @property
    def key(self) -> tuple[str, str, int, str]:
        """By what two accounts of it are compared; a reference that nobody else has needs no CPAS beside it."""
        cpas = "" if self.kind in ("REFERRAL", "ENROLMENT", "BREACH") else self.cpas
        return self.kind, cpas, self.person, self.ref


def standing(words: Sequence[Word], person: int, today: date) -> Standing:
    """One orientation today, from every row about it that has come."""
    ref = words[0].entity
    cpas = hear(of_cpas(words))
    whom = cpas.person if cpas.version is not None else None
    answers = of_forem(words)
    ours = answers if cpas.version is None else [one for one in answers if one.person == whom]
    forem = hear(ours)
    views = _cpas_view(cpas), forem.top.cells["core_status"] if forem.top else "NONE"
    state, klass, owner, due = _join(views, cpas, forem, today)
    found = Standing("REFERRAL", ref, "", person, *views, state, klass, owner, due=due, held=gap(words))
    found.cpas = cpas.rows[-1].source if cpas.rows else next((one.source for one in of_cpas(words)), "")
    found.cpas_version = cpas.version
    found.forem_version = forem.version
    found.effective = cpas.top.effective if cpas.top else None
    found.cpas_since = cpas.held
    found.on_hold_since = _both(
        known_since(ours, lambda top, _: top.cells["core_status"] == "ON_HOLD", today),
        known_since(of_cpas(words), lambda top, _: top.person == whom, today),
    )
    other = whom is not None and _on_another(answers, forem, whom)
    _anomalies(found, cpas, forem, other=other)
    return found


def _both(first: date | None, second: date | None) -> date | None:
    """Since when both are known; None where one is not."""
    return max(first, second) if first and second else None


def _cpas_view(cpas: Said) -> str:
    if not cpas.rows:
        return "ABSENT"
    return "OPEN" if cpas.live else "WITHDRAWN"


def _join(views: tuple[str, str], cpas: Said, forem: Said, today: date) -> tuple[str, str, str, date | None]:
    """Agreed state, class, who must move, until when it is merely pending."""
    mine, theirs = views
    if mine == "ABSENT":
        if theirs == "NONE":
            return "UNKNOWN", "AGREED", "", None
        return _timed(
            forem.held, legal.ORPHAN, today, ("UNKNOWN", "PENDING", "FOREM"), ("UNKNOWN", "ORPHAN_ACK", "FOREM")
        )
    held = cpas.held or today
    if mine == "OPEN" and theirs == "NONE":
        return _timed(
            held, legal.ANSWER, today, ("REQUESTED", "PENDING", "FOREM"), ("EXPIRED", "MISSING_FOREM", "FOREM")
        )
    if mine == "OPEN" and theirs == "CANCELLED":
        start = max(held, _told_on(forem))
        return _timed(
            start, legal.WITHDRAWAL, today, ("CANCELLED", "PENDING", "CPAS"), ("CANCELLED", "CONFLICT", "CPAS")
        )
    if mine == "OPEN":
        return theirs, "AGREED", "", None
    if theirs in WORKING:
        start = max(held, forem.held or held)
        return _timed(
            start, legal.WITHDRAWAL, today, ("CANCELLED", "PENDING", "FOREM"), ("CANCELLED", "CONFLICT", "FOREM")
        )
    if theirs in ("COMPLETED", "FAILED"):
        return theirs, "CONFLICT", "CPAS", None
    return "CANCELLED", "AGREED", "", None


def _timed(
    start: date | None, days: int, today: date, before: tuple[str, str, str], after: tuple[str, str, str]
) -> tuple[str, str, str, date | None]:
    due = legal.plus(start or today, days)
    return (*(before if today <= due else after), due)


def _told_on(forem: Said) -> date:
    """When the present status first came; a correction that keeps it is no news."""
    top = forem.live[-1]
    run: list[Word] = []
    for row in forem.rows:
        if row.effective == top.effective:
            same = not row.cancels and row.cells["core_status"] == top.cells["core_status"]
            run = [*run, row] if same else []
    return min(row.day for row in run)


def _on_another(answers: Iterable[Word], forem: Said, whom: int) -> bool:
    """Whether Le Forem's last word on some date is about another person, and takes nothing back that is not there."""
    by_date: dict[date, list[Word]] = defaultdict(list)
    for one in answers:
        by_date[one.effective].append(one)
    live = {one.effective for one in forem.live}
    return any(
        one.version == max(other.version for other in same) and one.person != whom and (not one.cancels or day in live)
        for day, same in by_date.items()
        for one in same
    )


def _is_illegal(rows: Sequence[Word]) -> bool:
    """Whether a status may not follow the one before it, in the order of their dates."""
    days: dict[date, list[str]] = {}
    for row in rows:
        before = [] if row.status in ("1", "9") else days.get(row.effective, [])
        days[row.effective] = before + ([] if row.cancels else [row.cells["core_status"]])
    steps = ["REQUESTED", *(status for day in sorted(days) for status in days[day])]
    return any(b != a and b not in FOLLOWS.get(a, set()) for a, b in pairwise(steps))


def _anomalies(found: Standing, cpas: Said, forem: Said, *, other: bool) -> None:
    """Codes, and the gravest anomaly's class where it outweighs what the views say."""
    illegal = _is_illegal(forem.rows)
    marks = (
        ("R401", illegal), ("R402", cpas.stale or forem.stale), ("R403", cpas.contested or forem.contested),
        ("R404", cpas.version is None and forem.top is not None), ("R503", other), ("R406", found.held is not None),
    )  # fmt: skip
    found.codes = {code for code, holds in marks if holds}
    graver = (
        (other, "CONFLICT", "FOREM"),
        (cpas.contested, "CONFLICT", "CPAS"),
        (forem.contested, "CONFLICT", "FOREM"),
        (found.klass not in QUIET, found.klass, found.owner),
        (illegal, "OUT_OF_ORDER", "FOREM"),
        (cpas.stale, "OUT_OF_ORDER", "CPAS"),
        (forem.stale, "OUT_OF_ORDER", "FOREM"),
    )
    plain = next(((klass, owner) for holds, klass, owner in graver[1:] if holds), (found.klass, found.owner))
    found.plain = plain
    found.klass, found.owner = ("CONFLICT", "FOREM") if other else plain


def overlapping(found: Sequence[Standing]) -> None:
    """Open, unanswered orientations of one CPAS about one person: an earlier one is superseded, a twin a duplicate."""
    every = [one for one in found if one.cpas_view == "OPEN" and one.forem_view not in TERMINAL]
    for one in [each for each in every if each.forem_view == "NONE"]:
        siblings = [each for each in every if each.cpas == one.cpas and each is not one and each.effective]
        if one.klass not in JUDGED or one.effective is None:
            continue
        if any(each.effective and each.effective > one.effective for each in siblings):
            one.klass, one.owner = "SUPERSEDED", "CPAS"
        elif any(
            each.effective == one.effective and each.ref < one.ref and each.forem_view == "NONE" for each in siblings
        ):
            one.klass, one.owner = "DUPLICATE", "CPAS"


def following(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
