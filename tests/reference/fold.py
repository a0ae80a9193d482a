"""The reference for reconcile: one referral at a time, in plain Python, written to be read and not to be fast.

It was the product before reconciliation became set-based, and says what the frames must come to: for any set of
rows the two give the same state. It shares the tables of `hub.lifecycle` with the product, and nothing else.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.lifecycle import NONE, REASONS, TERMINAL, Clock, CpasView, Status, anomalies, join
from hub.model import Class, Side

ILLEGAL, STALE, CONTESTED, UNKNOWN_REFERRAL, GAP, OTHER_PERSON = "R401", "R402", "R403", "R404", "R406", "R503"
CORRECTION, CANCELLATION = 1, 9  # notice_status; 0 is a new full state

_BRUSSELS = ZoneInfo("Europe/Brussels")  # legal dates are those of Brussels
_DAY = timedelta(days=1)
_QUIET = (Class.AGREED, Class.PENDING)


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted row about one referral, as its sender stated it; what the ledger calls an event."""

    event_id: str
    feed: str
    source: str
    entity_id: str
    sid: str
    version: int
    notice_status: int
    effective_date: date
    recorded_at: datetime
    received_at: datetime
    message_id: str
    line: int
    content: str
    payload: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class State:
    """What is held of one referral: the columns of `hub.frames.STATES` but those of the lead."""

    entity_id: str
    cpas: str | None
    sid: str | None
    cpas_view: str
    forem_view: str
    state: str
    business_status: str | None
    status_date: date | None
    klass: Class
    codes: tuple[str, ...]
    owner: Side | None
    reason: str
    cpas_version: int | None
    forem_version: int | None
    next_appointment_at: str | None
    since: date | None
    due: date | None
    held_until: date | None
    wake: date | None


Order = Callable[[Row], tuple[bool, int]]  # the sender's own order of its rows


@dataclass(frozen=True, slots=True)
class Rules:
    """What reconciliation needs to know of the world.

    The four delays are in working days; `working_day_after(day, n)` is the n-th working day after `day`;
    `side_of(source)` says for whom a partner speaks; `cpas_on(source, day)` is the CPAS that answers
    on that day for the one that sent (itself, or its successor after a merger).
    """

    answer_days: int
    withdrawal_days: int
    orphan_days: int
    gap_days: int
    working_day_after: Callable[[date, int], date]
    side_of: Callable[[str], Side]
    cpas_on: Callable[[str, date], str]


def reconcile(entity_id: str, events: Collection[Row], rules: Rules, today: date) -> State:
    """Return the state of one referral, from all its events and nothing else.

    An empty set, or an event of another referral, is the caller's mistake: ValueError.
    """
    if not events or any(event.entity_id != entity_id for event in events):
        raise ValueError("reconcile needs the events of one entity, at least one")
    known = distinct(events)
    state = _read(entity_id, known, rules, today, today)
    since = None if state.klass is Class.AGREED else _since(state, known, rules, today)
    return replace(state, since=since)


def notices(events: Collection[Row], side: Side, rules: Rules, today: date) -> tuple[Row, ...]:
    """Return what one side says today, to be passed on: for each effective date the row that prevails.

    In order of effective date. A cancelled notice is there as its cancellation (`notice_status` 9), so that
    the other side can be told of it; contested versions and Le Forem's rows on another person are not.
    """
    views = _views(distinct(events), rules, today)
    return (views.cpas if side is Side.CPAS else views.forem).notices


def discrepancy(state: State) -> bool:
    """Whether the two sides disagree beyond the time they have to agree."""
    return state.klass not in _QUIET


def visible_to_cpas(state: State) -> State | None:
    """Return what the CPAS may be told: None of an orphan, nothing of Le Forem's rows on another person.

    Until Le Forem has answered, the CPAS is told its own view only. With R503, it is not told since when.
    """
    if state.cpas is None:
        return None
    why = REASONS[state.reason]
    mistaken, silent = OTHER_PERSON in state.codes, state.forem_view == NONE
    hidden = (OTHER_PERSON, GAP) if mistaken or silent else ()
    return replace(
        state,
        klass=why.klass,
        owner=why.owner,
        codes=tuple(code for code in state.codes if code not in hidden),
        since=None if mistaken else state.since,
        forem_version=None if state.forem_view == NONE else state.forem_version,
    )


def visible_to_forem(state: State) -> State:
    """Return what Le Forem may be told: all but the next appointment, which is repeated to the CPAS only."""
    return replace(state, next_appointment_at=None)


# --- what one side says ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says: its uncontested rows in order, and the one that prevails for each date.

    `live` are the notices that are not cancelled, by effective date.
    `contested` is true while a version with two contents could still change what the side says; `version`
    is the highest one read, contested or not, and `source` its sender; `persons` are those of the contested
    rows; `held_since` is the day since which the side has, or has no, live notice.
    """

    rows: tuple[Row, ...]
    notices: tuple[Row, ...]
    live: tuple[Row, ...]
    contested: bool
    version: int | None
    source: str | None
    persons: frozenset[str]
    held_since: date | None

    @property
    def top(self) -> Row | None:
        """The live notice with the latest effective date: the state of the side."""
        return self.live[-1] if self.live else None

    @property
    def stale(self) -> bool:
        """Whether the row recorded last is not the one with the highest version."""
        return any(row.recorded_at > self.rows[-1].recorded_at for row in self.rows)


def said(events: Iterable[Row], order: Order) -> Said:
    """Return what one side says in distinct events of its own about one referral."""
    versions: defaultdict[tuple[bool, int], list[Row]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.source, event.event_id)):
        versions[order(event)].append(event)
    ranked = [versions[key] for key in sorted(versions)]
    rows = tuple(same[0] for same in ranked if len(same) == 1)
    contested = [event for same in ranked if len(same) > 1 for event in same]
    prevailing = {row.effective_date: row for row in rows}
    notices = tuple(prevailing[day] for day in sorted(prevailing))
    return Said(
        rows=rows,
        notices=notices,
        live=tuple(notice for notice in notices if notice.notice_status != CANCELLATION),
        contested=any(not _settled(event, notices, order) for event in contested),
        version=ranked[-1][0].version if ranked else None,
        source=ranked[-1][0].source if ranked else None,
        persons=frozenset(event.sid for event in contested),
        held_since=_held_since(rows),
    )


def distinct(events: Iterable[Row]) -> list[Row]:
    """Return each statement once, as first received; one content about two persons is two statements.

    By what is said and not by event id, which holds the subject id of before two of them became one.
    """
    first: dict[tuple[str, int, str, str], Row] = {}
    for event in sorted(events, key=lambda event: (event.received_at, event.message_id, event.line)):
        first.setdefault((event.source, event.version, event.content, event.sid), event)
    return list(first.values())


def received(event: Row) -> date:
    """Return the day in Brussels on which the hub received the row."""
    return brussels(event.received_at)


def brussels(moment: datetime) -> date:
    """Return the day in Brussels of a moment."""
    return moment.astimezone(_BRUSSELS).date()


def _settled(contested: Row, notices: Iterable[Row], order: Order) -> bool:
    """Whether the sender has spoken again, with a higher version: of that date, or of a later, live one."""
    return any(
        order(row) > order(contested)
        and (
            row.effective_date == contested.effective_date
            or (row.effective_date > contested.effective_date and row.notice_status != CANCELLATION)
        )
        for row in notices
    )


def _held_since(rows: tuple[Row, ...]) -> date | None:
    """Return since when a side has some live notice, or has none; an update does not restart it."""
    live: set[date] = set()
    turn = 0
    for n, row in enumerate(rows):
        before = bool(live)
        if row.notice_status == CANCELLATION:
            live.discard(row.effective_date)
        else:
            live.add(row.effective_date)
        turn = n if bool(live) != before else turn
    return min((received(row) for row in rows[turn:]), default=None)


# --- the two sides together ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Views:
    """Both sides on one referral. `forem` holds its rows on the referral's person only."""

    cpas: Said
    forem: Said
    person: str | None
    other_person: bool
    gap: date | None

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

    def key(event: Row) -> tuple[bool, int]:
        cpas = rules.side_of(event.source) is Side.CPAS
        return not cpas or rules.cpas_on(event.source, today) == event.source, event.version

    return key


def _views(events: Collection[Row], rules: Rules, today: date) -> _Views:
    order = _order(rules, today)
    sent = [event for event in events if rules.side_of(event.source) is Side.CPAS]
    cpas = said(sent, order)
    answers = [event for event in events if rules.side_of(event.source) is Side.FOREM]
    if cpas.version is None:
        forem = said(answers, order)
        return _Views(cpas, forem, forem.top.sid if forem.top else None, other_person=False, gap=_gap(answers))
    person = _person(cpas)
    forem = said((event for event in answers if event.sid == person), order)
    gap = min(filter(None, (_gap(sent), _gap(answers))), default=None)
    return _Views(cpas, forem, person, person is not None and _on_other_person(answers, forem, person), gap)


def _gap(rows: Collection[Row]) -> date | None:
    """Return the first day on which the lowest version of a side that is missing could be seen to be."""
    versions = {row.version for row in rows}
    missing = set(range(1, max(versions, default=0))) - versions
    return min((received(row) for row in rows if row.version > min(missing)), default=None) if missing else None


def _person(cpas: Said) -> str | None:
    """Return whom the referral is about: by its live notice, else its last one; None if that is contested."""
    if cpas.rows:
        return (cpas.top or cpas.rows[-1]).sid
    return next(iter(cpas.persons)) if len(cpas.persons) == 1 else None


def _on_other_person(answers: Iterable[Row], forem: Said, person: str) -> bool:
    """Whether Le Forem's last word on some date is about another person and is not moot.

    It is moot when it cancels and there is no live notice of the right person on that date.
    """
    dates: defaultdict[date, list[Row]] = defaultdict(list)
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


def _steps(rows: Iterable[Row]) -> list[str]:
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


def _read(entity_id: str, events: Collection[Row], rules: Rules, today: date, now: date) -> State:
    """Return the state as on `today`, but for `since`. Who answers for whom is read as it is `now`."""
    views = _views(events, rules, now)
    line = join(views.cpas_view, views.forem_view)
    due = _due(line.clock, views, rules)
    late = due is not None and today > due
    state = ((line.late_state if late else line.state) or Status(views.forem_view)).value
    reason = _reason(views, line.late_reason or line.reason if late else line.reason)
    business, on = _business(views, state, due)
    appointment = _appointment(views, state, today)
    held_until = rules.working_day_after(views.gap, rules.gap_days) if views.gap else None
    ends = [due, brussels(datetime.fromisoformat(appointment)) if appointment else None, held_until]
    return State(
        entity_id=entity_id,
        cpas=rules.cpas_on(views.cpas.source, now) if views.cpas.source else None,
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
        next_appointment_at=appointment,
        since=today,
        due=due,
        held_until=held_until,
        wake=min((day + _DAY for day in ends if day and day >= today), default=None),
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
    run: list[Row] = []
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
        (views.gap is not None, GAP),
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


def _since(state: State, events: Collection[Row], rules: Rules, today: date) -> date:
    """Return the first day of the unbroken run on which class and owner were the present ones.

    Read again as on each day on which something was received or a deadline passed.
    """
    arrived = [(min(received(event), today), event) for event in events]

    def as_on(day: date) -> State:
        return _read(state.entity_id, [event for when, event in arrived if when <= day], rules, day, today)

    past = {day: as_on(day) for day, _ in arrived}
    overdue = {then.due + _DAY for then in past.values() if then.due and then.due < today}
    past |= {day: as_on(day) for day in overdue - past.keys()}
    since = today
    for day in sorted(past, reverse=True):
        if (past[day].klass, past[day].owner) != (state.klass, state.owner):
            break
        since = day
    return since


def _core(event: Row) -> str:
    """Return the core status of a row of Le Forem's; its contract guarantees one."""
    return event.payload["core_status"] or NONE
