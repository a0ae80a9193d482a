"""The duty to register at Le Forem: from when it runs towards which CPAS, by when it must be done, whether it was.

28 days after the grant or its decision, 90 days after the decree's first day for those helped before; again 28 days
after Le Forem has struck the person off. An exempt person has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from simulators.year import legal
from simulators.year.referrals import QUIET, Standing
from simulators.year.said import Said, Word, gap, hear

Groups = Mapping[tuple[str, ...], list[Word]]
GIVES = {"RI_GRANT", "RI_CHANGE", "RI_SUSPENSION"}
NO_RIGHT = {"ART60", "ART61", "ART60_POST"}
OVER = {"COMPLETED", "FAILED"}


@dataclass(frozen=True, slots=True)
class _Step:
    """What a row says of the right, from a day on; `decided` is given with a grant."""

    effective: date
    gives: bool
    granted: bool = False
    decided: date | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class _Right:
    """The right at one CPAS: whether any was told, whether it runs, since when, and when that was decided."""

    said: bool = False
    runs: bool = False
    began: date | None = None
    decided: date | None = None
    over: bool = False


def registrations(groups: Groups, found: Iterable[Standing], person: int, today: date) -> list[Standing]:
    """The duty towards each CPAS that has written of the person; and who is registered without one."""
    words = [one for (kind, *_), said in groups.items() if kind == "INSC" for one in said]
    registered = hear(words)
    referrals = [one for one in found if one.kind == "REFERRAL" and one.cpas]
    helping = {sender for kind, sender, _ in groups if kind == "SITU"} | {one.cpas for one in referrals}
    if helping:
        rows = [_duty(cpas, groups, referrals, registered, person, today) for cpas in sorted(helping)]
    elif words:
        rows = [_without_cpas(registered, words, person, today)]
    else:
        rows = []
    for one in rows:
        one.held = gap(words)
        _mark(one, registered)
    return rows


def _mark(found: Standing, registered: Said) -> None:
    marks = ("R402", registered.stale), ("R403", registered.contested), ("R406", found.held is not None)
    found.codes |= {code for code, holds in marks if holds}
    if registered.contested:
        found.klass, found.owner = "CONFLICT", "FOREM"
    elif registered.stale and found.klass in QUIET:
        found.klass, found.owner = "OUT_OF_ORDER", "FOREM"


def _without_cpas(registered: Said, words: list[Word], person: int, today: date) -> Standing:
    """Le Forem knows the person as supported by a CPAS, and none has written."""
    top, view = registered.top, _view(registered)
    found = Standing("REGISTRATION", "", "", person, "NONE", view, "NOT_APPLICABLE", "AGREED")
    found.forem_version = registered.version
    if top and top.cells.get("stat92_category") == "05" and view == "REGISTERED":
        found.due = legal.plus(registered.held or words[0].day, legal.ORPHAN)
        found.klass, found.owner = ("MISSING_CPAS" if today > found.due else "PENDING"), "FOREM"
    return found


def _view(registered: Said) -> str:
    if registered.top is None:
        return "NONE"
    return "DEREGISTERED" if registered.top.cells["movement"] == "2" else "REGISTERED"


def _duty(
    cpas: str, groups: Groups, referrals: Iterable[Standing], registered: Said, person: int, today: date
) -> Standing:
    """One CPAS's right against Le Forem's registration."""
    live = [(one, _top(groups, one)) for one in referrals if one.cpas == cpas]
    orientations = [(one, top) for one, top in live if top]
    right = _right(cpas, groups, orientations, today)
    view = "GRANTED" if right.runs else "ENDED" if right.said else "NONE"
    found = Standing("REGISTRATION", "", cpas, person, view, _view(registered), "NOT_APPLICABLE", "AGREED")
    found.forem_version = registered.version
    found.cpas_version = hear(groups.get(("SITU", cpas, "RI"), [])).version
    if not right.runs or right.over or right.began is None or _exempt(cpas, groups, orientations):
        return found
    found.due = due = _due(right.began, right.decided, registered)
    if found.forem_view == "REGISTERED" and registered.top:
        on_time = registered.top.cells["registration_date"] <= due.isoformat()
        found.state = "ON_TIME" if on_time else "LATE"
        return found
    late = today > due
    found.state = "OVERDUE" if late else "PENDING"
    found.klass, found.owner = ("MISSING_FOREM" if late else "PENDING"), "CPAS"
    found.codes |= {"R506"} if late else set()
    return found


def _top(groups: Groups, one: Standing) -> Word | None:
    """The CPAS's live notice of an orientation."""
    return hear([each for each in groups["REFERRAL", "", one.ref] if each.feed == "ORIE"]).top


def _due(began: date, decided: date | None, registered: Said) -> date:
    """The latest day that the grant, its decision or a striking off allows; offices must be open on it."""
    days = timedelta(legal.REGISTRATION)
    stock = began < legal.DECREE
    due = [legal.DECREE + timedelta(legal.REGISTRATION_OF_STOCK) if stock else began + days]
    due += [decided + days] if decided and decided >= legal.DECREE else []
    struck = [date.fromisoformat(text) for one in registered.live if (text := one.cells.get("deregistration_date"))]
    due += [max(struck) + days] if struck and max(struck) >= began else []
    return legal.open_from(max(due))


def _right(cpas: str, groups: Groups, orientations: Sequence[tuple[Standing, Word]], today: date) -> _Right:
    """What was said of the right, one after the other: given, given anew, ended."""
    steps = [one for one in _told(cpas, groups) if one.effective <= today]
    steps = steps or _by_orientation(orientations)
    steps += [one for one in _employed(cpas, groups) if one.effective <= today]
    if not steps:
        return _Right()
    steps.sort(key=lambda one: (one.effective, not one.gives))
    run: _Step | None = None
    for one in steps:
        run = None if not one.gives else run or one
    if run is None:
        return _Right(said=True)
    freshest = max(orientations, key=lambda each: (each[1].effective, each[0].ref), default=None)
    earlier = date.fromisoformat(freshest[1].cells["ri_start_date"]) if freshest else run.effective
    began = run.effective if run.granted else min(run.effective, earlier)
    return _Right(True, True, began, run.decided if run.granted else None, steps[-1].over)


def granted_twice(groups: Groups, today: date) -> bool:
    """Whether two CPAS say that they help the person over one day."""
    spans: list[tuple[str, date, date]] = []
    for cpas in sorted({sender for kind, sender, _ in groups if kind == "SITU"}):
        steps = [one for one in _told(cpas, groups) + _employed(cpas, groups) if one.effective <= today]
        steps.sort(key=lambda one: (one.effective, not one.gives))
        ends = [one.effective for one in steps[1:]] + [date.max]
        spans += [(cpas, one.effective, end) for one, end in zip(steps, ends, strict=False) if one.gives]
    return any(a[0] < b[0] and max(a[1], b[1]) < min(a[2], b[2]) for a in spans for b in spans)


def _told(cpas: str, groups: Groups) -> list[_Step]:
    """What its rows of SITU say."""
    live = hear(groups.get(("SITU", cpas, "RI"), [])).live
    return [
        _Step(one.effective, kind in GIVES, kind == "RI_GRANT", date.fromisoformat(one.cells["decision_date"]))
        for one in live
        if (kind := one.cells["situation_kind"])
    ]


def _by_orientation(orientations: Sequence[tuple[Standing, Word]]) -> list[_Step]:
    """What its freshest orientation says, one that Le Forem has not brought to its end if there is any."""
    rows = [(one, top) for one, top in orientations if top.cells["public"] not in NO_RIGHT]
    if not rows:
        return []
    one, top = max(rows, key=lambda each: (each[0].forem_view not in OVER, each[1].effective, each[0].ref))
    start = date.fromisoformat(top.cells["ri_start_date"])
    return [_Step(start, gives=True, granted=True, over=one.forem_view in OVER)]


def _employed(cpas: str, groups: Groups) -> list[_Step]:
    """A full-time contract under article 60 or 61 ends the right."""
    tops = [hear(words).top for (kind, sender, entity), words in groups.items()
            if kind == "SITU" and sender == cpas and entity.startswith("CONTRACT")]  # fmt: skip
    return [
        _Step(date.fromisoformat(top.cells["contract_start"]), gives=False)
        for top in tops
        if top and top.cells["weekly_hours"] == top.cells["reference_hours"]
    ]


def _exempt(cpas: str, groups: Groups, orientations: Iterable[tuple[Standing, Word]]) -> bool:
    """Who cannot work, for reasons of health or equity, has no duty."""
    piis = hear(groups.get(("SITU", cpas, "PIIS"), [])).top
    if piis and piis.cells.get("piis_code") == "8":
        return True
    return any(top.cells["exempt_health_equity"] == "1" for _, top in orientations)
