"""Two sides' rows about one referral → one state, its anomalies, who must move, and what each may be told.

A pure function of the set of events: arrival order, repetition and batches change nothing. It rejects no
row. The tables it applies are in `hub.lifecycle`; loading, storing and publishing are left to others. Sids
come with aliases resolved.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hub.lifecycle import NONE, REASONS, TERMINAL, Clock, CpasView, Status, anomalies, join
from hub.model import Class, EntityState, Event, Side
from hub.notices import CANCELLATION, CORRECTION, Order, Said, brussels, distinct, received, said

ILLEGAL, STALE, CONTESTED, UNKNOWN_REFERRAL, OTHER_PERSON = "R401", "R402", "R403", "R404", "R503"

_DAY = timedelta(days=1)
_QUIET = (Class.AGREED, Class.PENDING)


@dataclass(frozen=True, slots=True)
class Rules:
    """What reconciliation needs to know of the world.

    The three deadlines are in working days; `working_day_after(day, n)` is the n-th working day after
    `day`; `side_of(source)` says for whom a partner speaks; `cpas_on(source, day)` is the CPAS that answers
    on that day for the one that sent (itself, or its successor after a merger).
    """

    answer_days: int
    withdrawal_days: int
    orphan_days: int
    working_day_after: Callable[[date, int], date]
    side_of: Callable[[str], Side]
    cpas_on: Callable[[str, date], str]


def reconcile(entity_id: str, events: Collection[Event], rules: Rules, today: date) -> EntityState:
    """Return the state of one referral, from all its events and nothing else.

    An empty set, or an event of another referral, is the caller's mistake: ValueError.
    """
    if not events or any(event.entity_id != entity_id for event in events):
        raise ValueError("reconcile needs the events of one entity, at least one")
    known = distinct(events)
    state = _read(entity_id, known, rules, today)
    return replace(state, since=_since(state, known, rules, today))


def notices(events: Collection[Event], side: Side, rules: Rules, today: date) -> tuple[Event, ...]:
    """Return what one side says today, to be passed on: for each effective date the row that prevails.

    In order of effective date. A cancelled notice is there as its cancellation (`notice_status` 9), so that
    the other side can be told of it; contested versions and Le Forem's rows on another person are not.
    """
    views = _views(distinct(events), rules, today)
    return (views.cpas if side is Side.CPAS else views.forem).notices


def discrepancy(state: EntityState) -> bool:
    """Whether the two sides disagree beyond the time they have to agree."""
    return state.klass not in _QUIET


def visible_to_cpas(state: EntityState) -> EntityState | None:
    """Return what the CPAS may be told: None of an orphan, nothing of Le Forem's rows on another person.

    Until Le Forem has answered, the CPAS is told its own view only. `since` is the hub's, not told.
    """
    if state.cpas is None:
        return None
    why = REASONS[state.reason]
    return replace(
        state,
        klass=why.klass,
        owner=why.owner,
        codes=tuple(code for code in state.codes if code != OTHER_PERSON),
        forem_version=None if state.forem_view == NONE else state.forem_version,
    )


def visible_to_forem(state: EntityState) -> EntityState:
    """Return what Le Forem may be told: all but the next appointment, which is repeated to the CPAS only."""
    return replace(state, next_appointment_at=None)


# --- the two sides together ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Views:
    """Both sides on one referral. `forem` holds its rows on the referral's person only."""

    cpas: Said
    forem: Said
    person: str | None
    other_person: bool

    @property
    def cpas_view(self) -> str:
        if not self.cpas.rows:
            return CpasView.ABSENT.value
        return (CpasView.OPEN if self.cpas.live else CpasView.WITHDRAWN).value

    @property
    def forem_view(self) -> str:
        return _core(self.forem.top) if self.forem.top else NONE

    @property
    def illegal(self) -> bool:
        return bool(anomalies(_steps(self.forem.rows)))

    @property
    def orphan(self) -> bool:
        return self.cpas.version is None and self.forem.top is not None


def _order(rules: Rules, today: date) -> Order:
    """Return the sender's order: its version, and a successor's rows after those of the CPAS it took over."""

    def key(event: Event) -> tuple[bool, int]:
        cpas = rules.side_of(event.source) is Side.CPAS
        return not cpas or rules.cpas_on(event.source, today) == event.source, event.version

    return key


def _views(events: Collection[Event], rules: Rules, today: date) -> _Views:
    order = _order(rules, today)
    cpas = said((event for event in events if rules.side_of(event.source) is Side.CPAS), order)
    answers = [event for event in events if rules.side_of(event.source) is Side.FOREM]
    if cpas.version is None:
        forem = said(answers, order)
        return _Views(cpas, forem, forem.top.sid if forem.top else None, other_person=False)
    person = _person(cpas)
    forem = said((event for event in answers if event.sid == person), order)
    return _Views(cpas, forem, person, person is not None and _on_other_person(answers, forem, person))


def _person(cpas: Said) -> str | None:
    """Return whom the referral is about: by its live notice, else its last one; None if that is contested."""
    if cpas.rows:
        return (cpas.top or cpas.rows[-1]).sid
    return next(iter(cpas.persons)) if len(cpas.persons) == 1 else None


def _on_other_person(answers: Iterable[Event], forem: Said, person: str) -> bool:
    """Whether Le Forem's last word on some date is about another person and is not moot.

    It is moot when it cancels and there is no live notice of the right person on that date.
    """
    dates: defaultdict[date, list[Event]] = defaultdict(list)
    for event in answers:
        dates[event.effective_date].append(event)
    live = {event.effective_date for event in forem.live}
    return any(
        event.version == max(other.version for other in same)
        and event.sid != person
        and (event.notice_status != CANCELLATION or day in live)
        for day, same in dates.items()
        for event in same
    )


def _steps(rows: Iterable[Event]) -> list[str]:
    """Return Le Forem's statuses in effective order, several on one day in order of version.

    A correction takes the place of what was said of its date, a cancellation empties it.
    """
    days: dict[date, list[str]] = {}
    for row in rows:
        said = [] if row.notice_status in (CORRECTION, CANCELLATION) else days.get(row.effective_date, [])
        new = [] if row.notice_status == CANCELLATION else [_core(row)]
        days[row.effective_date] = said + new
    return [status for day in sorted(days) for status in days[day]]


# --- the state ----------------------------------------------------------------------------------------


def _read(entity_id: str, events: Collection[Event], rules: Rules, today: date) -> EntityState:
    """Return the state as on `today`, but for `since`."""
    views = _views(events, rules, today)
    line = join(views.cpas_view, views.forem_view)
    due = _due(line.clock, views, rules)
    late = due is not None and today > due
    state = ((line.late_state if late else line.state) or Status(views.forem_view)).value
    reason = _reason(views, line.late_reason or line.reason if late else line.reason)
    business, on = _business(views, state, due)
    return EntityState(
        entity_id=entity_id,
        cpas=rules.cpas_on(views.cpas.source, today) if views.cpas.source else None,
        sid=views.person,
        cpas_view=views.cpas_view,
        forem_view=views.forem_view,
        state=state,
        business_status=business,
        status_date=on,
        klass=Class.CONFLICT if views.other_person else REASONS[reason].klass,
        codes=_codes(views),
        owner=Side.FOREM if views.other_person else REASONS[reason].owner,
        reason=reason,
        cpas_version=views.cpas.version,
        forem_version=views.forem.version,
        next_appointment_at=_appointment(views, state, today),
        since=today,
        due=due,
    )


def _due(clock: Clock | None, views: _Views, rules: Rules) -> date | None:
    """Return the last day on which the mismatch of this pair of views is merely pending."""
    cpas, forem = views.cpas.held_since, views.forem.held_since
    match clock:
        case Clock.ANSWER if cpas:
            return rules.working_day_after(cpas, rules.answer_days)
        case Clock.WITHDRAWAL if cpas and forem:
            return rules.working_day_after(max(cpas, forem), rules.withdrawal_days)
        case Clock.CONFIRMATION if cpas:
            return rules.working_day_after(max(cpas, _told_on(views.forem)), rules.withdrawal_days)
        case Clock.ORPHAN if forem:
            return rules.working_day_after(forem, rules.orphan_days)
    return None


def _told_on(forem: Said) -> date:
    """Return the day on which the hub received the present status; a correction that keeps it is no news."""
    top = forem.live[-1]
    run: list[Event] = []
    for row in forem.rows:
        if row.effective_date == top.effective_date:
            same = row.notice_status != CANCELLATION and _core(row) == _core(top)
            run = [*run, row] if same else []
    return min(map(received, run))


def _reason(views: _Views, joined: str) -> str:
    """Return the gravest reason; another person's rows are left out, so that the CPAS may be told it."""
    found = (
        (views.cpas.contested, "CONTESTED_BY_CPAS"),
        (views.forem.contested, "CONTESTED_BY_FOREM"),
        (REASONS[joined].klass not in _QUIET, joined),
        (views.illegal, "ILLEGAL_STEP"),
        (views.cpas.stale, "STALE_CPAS"),
        (views.forem.stale, "STALE_FOREM"),
    )
    return next((reason for holds, reason in found if holds), joined)


def _codes(views: _Views) -> tuple[str, ...]:
    found = (
        (views.illegal, ILLEGAL),
        (views.cpas.stale or views.forem.stale, STALE),
        (views.cpas.contested or views.forem.contested, CONTESTED),
        (views.orphan, UNKNOWN_REFERRAL),
        (views.other_person, OTHER_PERSON),
    )
    return tuple(code for holds, code in found if holds)


def _business(views: _Views, state: str, due: date | None) -> tuple[str | None, date | None]:
    """Return the business status and the date of the agreed state."""
    top = views.forem.top
    if top and state == views.forem_view:
        return top.payload.get("business_status"), top.effective_date
    if state == Status.REQUESTED and views.cpas.top:
        return None, views.cpas.top.effective_date
    if state == Status.EXPIRED and due:
        return None, due + _DAY
    if state == Status.CANCELLED:
        return "WITHDRAWN_BY_CPAS", brussels(views.cpas.rows[-1].recorded_at)
    return None, None


def _appointment(views: _Views, state: str, today: date) -> str | None:
    """Return the appointment of Le Forem's live notice while it is to come and the referral goes on."""
    top = views.forem.top
    if top is None or state != views.forem_view or state in TERMINAL:
        return None
    at = top.payload.get("appointment_at")
    if not at or top.payload.get("attendance") == "CANCELLED_BY_FOREM":
        return None
    return at if brussels(datetime.fromisoformat(at)) >= today else None


# --- since when ---------------------------------------------------------------------------------------


def _since(state: EntityState, events: Collection[Event], rules: Rules, today: date) -> date:
    """Return the first day of the unbroken run on which class and owner were the present ones.

    Read again as on each day on which something was received or a deadline passed.
    """
    arrived = [(min(received(event), today), event) for event in events]

    def as_on(day: date) -> EntityState:
        return _read(state.entity_id, [event for when, event in arrived if when <= day], rules, day)

    past = {day: as_on(day) for day, _ in arrived}
    overdue = {then.due + _DAY for then in past.values() if then.due and then.due < today}
    past |= {day: as_on(day) for day in overdue - past.keys()}
    since = today
    for day in sorted(past, reverse=True):
        if (past[day].klass, past[day].owner) != (state.klass, state.owner):
            break
        since = day
    return since


def _core(event: Event) -> str:
    """Return the core status of a row of Le Forem's; its contract guarantees one."""
    return event.payload["core_status"] or NONE
