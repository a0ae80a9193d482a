"""Histories of referrals as Hypothesis draws them, and a census of what was drawn.

A history is drawn as two lives (the CPAS's notices, Le Forem's walk through the statuses) with the faults of
real senders laid over them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from hub.lifecycle import REASONS, TRANSITIONS
from hub.model import FOREM, Side
from tests.reference.fold import Row, Rules, State, notices, reconcile

REFERRAL = "R82005-2024-000001"
OLD, NEW, MERGED_ON = "082005", "082039", date(2025, 1, 1)
FIRST = date(2024, 12, 2)
FOREM_STEPS = [(a, b) for a, following in TRANSITIONS.items() for b in sorted(following) if "EXPIRED" not in (a, b)]
ROUTES = {
    "REQUESTED": [],
    "RECEIVED": ["RECEIVED"],
    "ACCEPTED": ["ACCEPTED"],
    "IN_PROGRESS": ["RECEIVED", "ACCEPTED", "IN_PROGRESS"],
    "ON_HOLD": ["ACCEPTED", "ON_HOLD"],
    "REFERRED_ONWARD": ["ACCEPTED", "REFERRED_ONWARD"],
}
FAULTS = ["none", "corrected", "cancelled", "contested", "mistaken", "healed", "stale", "lost", "illegal"]
REFERRALS = ["open", "open", "updated", "withdrawn", "reopened", "orphan", "contested", "succeeded", "stale", "merged"]
KINDS = (
    "cancellation before its original",
    "correction before its original",
    "same-version conflict",
    "identity mismatch",
    "succession",
    "merger of CPAS",
    "row in two files",
)


def working_day_after(day: date, n: int) -> date:
    """Monday to Friday, no holidays."""
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


RULES = Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=5,
    gap_days=3,
    working_day_after=working_day_after,
    side_of=lambda source: Side.FOREM if source == FOREM else Side.CPAS,
    cpas_on=lambda source, day: NEW if source == OLD and day >= MERGED_ON else source,
)
PATIENT = replace(RULES, working_day_after=lambda day, _: day + timedelta(days=10_000))


@dataclass(frozen=True)
class History:
    """All that was ever received about one referral, and the day on which it is read."""

    events: list[Row]
    today: date


# --- drawing a history --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Focus:
    """What a history must hold; the rest of it is drawn, or plain when only one thing is asked for."""

    referral: str | None = None
    step: tuple[str, str] | None = None
    fault: str | None = None
    late: int | None = None
    wait: int | None = None
    backwards: bool = False  # what was written last arrives first
    twice: bool | None = None  # one row comes again in another file


FREE = Focus()
FOCUSED = [
    *(Focus(referral="open", step=step, fault="none", late=0) for step in FOREM_STEPS),
    *(Focus(referral="open", step=("ACCEPTED", "IN_PROGRESS"), fault=fault, late=0) for fault in FAULTS),
    *(Focus(referral="open", step=("ACCEPTED", "IN_PROGRESS"), fault=x, late=0, backwards=True) for x in FAULTS),
    *(Focus(referral=referral, step=("ACCEPTED", "ON_HOLD"), late=0, wait=20) for referral in REFERRALS),
    *(Focus(referral="withdrawn", step=("ACCEPTED", end), fault="none") for end in ("COMPLETED", "FAILED")),
    Focus(referral="open", step=("ACCEPTED", "CANCELLED"), fault="none", late=0, wait=20),
    Focus(referral="withdrawn", step=("REQUESTED", "REJECTED"), fault="none", twice=True),
    *(Focus(referral="open", step=("REQUESTED", a), fault="none", late=25) for a in TRANSITIONS["EXPIRED"]),
]


@st.composite
def histories(draw: st.DrawFn, focus: Focus) -> History:
    """Draw a referral's life, with at most one fault at each step of it."""
    rows = [*_cpas_rows(focus.referral or draw(st.sampled_from(REFERRALS))), *_forem_rows(draw, focus)]
    late = draw(st.sampled_from([0, 0, 25])) if focus.late is None else focus.late  # than the answer is due
    slow = st.just(0) if focus.fault else st.sampled_from([0, 0, 0, 1, 3, 9])
    lags = draw(st.lists(slow, min_size=len(rows), max_size=len(rows)))
    if focus.backwards:
        lags = list(range(3 * len(rows), 0, -3))
    events = [
        received(row, n, lag + (late if row.source == FOREM else 0))
        for n, (row, lag) in enumerate(zip(rows, lags, strict=True))
    ]
    if draw(st.booleans()) if focus.twice is None else focus.twice:
        again = draw(st.sampled_from(events))
        events.append(replace(again, message_id="again", received_at=again.received_at + timedelta(days=2)))
    wait = draw(st.sampled_from([0, 1, 5, 20])) if focus.wait is None else focus.wait
    return History(events, max(event.received_at for event in events).date() + timedelta(days=wait))


def _cpas_rows(kind: str) -> list[Row]:
    first = _row(OLD, 1, 0, 0)
    return {
        "open": [first],
        "updated": [first, _row(OLD, 2, 0, 4), _row(OLD, 3, 1, 4, note="corrected")],
        "withdrawn": [first, _row(OLD, 2, 9, 0, written=14)],
        "reopened": [first, _row(OLD, 2, 9, 0, written=3), _row(OLD, 3, 0, 5)],
        "orphan": [],
        "contested": [first, _row(OLD, 2, 0, 3, note="one"), _row(OLD, 2, 0, 3, note="two")],
        "succeeded": [replace(first, sid="bert"), _row(OLD, 2, 1, 0, written=6)],
        "stale": [_row(OLD, 4, 0, 0), _row(OLD, 3, 0, 2)],
        "merged": [first, _row(NEW, 2, 0, 33)],
    }[kind]


def _forem_rows(draw: st.DrawFn, focus: Focus) -> list[Row]:
    """Draw a walk that takes one step of the table, then a few others, with faults laid over."""
    before, after = focus.step or draw(st.sampled_from(FOREM_STEPS))
    walk = [*ROUTES[before], after]
    while not focus.step and TRANSITIONS[walk[-1]] and draw(st.booleans()):
        walk.append(draw(st.sampled_from(sorted(TRANSITIONS[walk[-1]]))))
    if not focus.step and draw(st.integers(0, 4)) == 4:
        return [_row(FOREM, 1, 9, 1, "RECEIVED")]
    rows: list[Row] = []
    day = 0
    for status in walk:
        day += draw(st.sampled_from([0, 1, 2])) if not focus.step else 1
        fault = draw(st.sampled_from(FAULTS)) if not focus.step else "none"
        rows += _faulty(fault, len(rows) + 1, day, status)
    return rows[:-1] + _faulty(focus.fault, rows[-1].version, day, walk[-1]) if focus.fault else rows


def _faulty(fault: str, version: int, day: int, status: str) -> list[Row]:
    """Return the rows in which a status reaches us: one, or what the fault makes of it."""
    right = _row(FOREM, version, 0, day, status)
    return {
        "none": [right],
        "corrected": [right, _row(FOREM, version + 1, 1, day, status, note="corrected")],
        "cancelled": [right, _row(FOREM, version + 1, 9, day, status)],
        "contested": [right, _row(FOREM, version, 0, day, status, note="other")],
        "mistaken": [replace(right, sid="bert")],
        "healed": [replace(right, sid="bert"), _row(FOREM, version + 1, 1, day, status)],
        "stale": [_row(FOREM, version + 4, 0, day, status), _row(FOREM, version, 1, day, status, written=50)],
        "lost": [replace(right, version=version + 1)],
        "illegal": [_row(FOREM, version, 0, day, "RECEIVED", note="illegal")],
    }[fault]


def _row(
    source: str, version: int, kind: int, day: int, status: str | None = None, *, note: str = "", written: int = 0
) -> Row:
    content = f"{version}·{kind}·{day}·{status}·{note}"
    recorded = _noon(max(day, written)) + timedelta(minutes=version)
    return Row(
        event_id=f"{source}·{content}",
        feed="STAT" if source == FOREM else "ORIE",
        source=source,
        entity_id=REFERRAL,
        sid="anna",
        version=version,
        notice_status=kind,
        effective_date=FIRST + timedelta(days=day),
        recorded_at=recorded,
        received_at=recorded,
        message_id="",
        line=1,
        content=content,
        payload={"core_status": status, "business_status": note or None, "appointment_at": None},
    )


def received(row: Row, n: int, lag: int) -> Row:
    return replace(row, received_at=row.recorded_at + timedelta(days=lag), message_id=f"m{n:02}")


def _noon(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(12), UTC)


# --- the census ---------------------------------------------------------------------------------------


KNOWN: dict[object, set[str]] = {}


def expected() -> list[str]:
    classes = {why.klass for why in REASONS.values()}
    steps = [f"{before} → {after}" for before, following in TRANSITIONS.items() for after in following]
    return [*classes, *REASONS, "R401", "R402", "R403", "R404", "R406", "R503", *steps, *KINDS]


def seen(history: History) -> set[str]:
    """Return what a history holds; the tests draw many of the same ones."""
    key = history.today, tuple((e.event_id, e.sid, e.message_id, e.received_at) for e in history.events)
    if key not in KNOWN:
        KNOWN[key] = _look(history)
    return KNOWN[key]


def _look(history: History) -> set[str]:
    """Look at a history as it was on each day something arrived and on the day before."""
    days = sorted({event.received_at.date() for event in history.events})
    seen = [as_on(history, day) for arrival in days for day in (arrival - timedelta(days=1), arrival)]
    states = [state for state in [*seen, read(history)] if state]
    found = {name for state in states for name in (state.klass, state.reason, *state.codes)}
    walk = ["REQUESTED", *(row.payload["core_status"] or "" for row in _forem_live(history.events))]
    found |= {f"{a} → {b}" for a, b in [*pairwise(walk), *pairwise(state.state for state in states)]}
    return found | {name for name, came in zip(KINDS, _kinds(history.events), strict=True) if came}


def _kinds(events: list[Row]) -> tuple[bool, ...]:
    pairs = [(a, b) for a in events for b in events if a.source == b.source and a.event_id != b.event_id]
    early = {
        a.notice_status
        for a, b in pairs
        if a.effective_date == b.effective_date and a.version > b.version and a.received_at < b.received_at
    }
    sides = {event.source for event in events}
    persons = {event.sid for event in events}
    cpas_persons = {event.sid for event in events if event.source != FOREM}
    return (
        9 in early,
        1 in early,
        any(a.version == b.version for a, b in pairs),
        len(persons) > 1,
        len(cpas_persons) > 1,
        {OLD, NEW} <= sides,
        any(event.message_id == "again" for event in events),
    )


def _forem_live(events: list[Row]) -> list[Row]:
    rows = notices(events, Side.FOREM, RULES, MERGED_ON)
    return [row for row in rows if row.notice_status != 9]


def read(history: History, rules: Rules = RULES) -> State:
    return reconcile(REFERRAL, history.events, rules, history.today)


def as_on(history: History, day: date) -> State | None:
    """Return what was held on a day, None before anything was received."""
    known = [event for event in history.events if event.received_at.date() <= day]
    return reconcile(REFERRAL, known, RULES, day) if known else None
