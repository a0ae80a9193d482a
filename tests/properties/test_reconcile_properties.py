"""What holds of any history of a referral, each property with a census of what it was tried on.

A history is drawn as two lives (the CPAS's notices, Le Forem's walk through the statuses) with the faults of
real senders laid over them. Every test prints how often each class, code, transition and fault came, and
fails if one never did.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.lifecycle import REASONS, TRANSITIONS
from hub.model import FOREM, Class, EntityState, Event, Side
from hub.reconcile import (
    Rules,
    discrepancy,
    notices,
    reconcile,
    visible_to_cpas,
    visible_to_forem,
)

REFERRAL = "R82005-2024-000001"
OLD, NEW, MERGED_ON = "082005", "082039", date(2025, 1, 1)
FIRST = date(2024, 12, 2)
EXAMPLES = 60
FOREM_STEPS = [(a, b) for a, following in TRANSITIONS.items() for b in sorted(following) if "EXPIRED" not in (a, b)]
ROUTES = {
    "REQUESTED": [],
    "RECEIVED": ["RECEIVED"],
    "ACCEPTED": ["ACCEPTED"],
    "IN_PROGRESS": ["RECEIVED", "ACCEPTED", "IN_PROGRESS"],
    "ON_HOLD": ["ACCEPTED", "ON_HOLD"],
    "REFERRED_ONWARD": ["ACCEPTED", "REFERRED_ONWARD"],
}
FAULTS = ["none", "corrected", "cancelled", "contested", "mistaken", "healed", "stale", "illegal"]
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
    working_day_after=working_day_after,
    side_of=lambda source: Side.FOREM if source == FOREM else Side.CPAS,
    cpas_on=lambda source, day: NEW if source == OLD and day >= MERGED_ON else source,
)
PATIENT = replace(RULES, working_day_after=lambda day, _: day + timedelta(days=10_000))


@dataclass(frozen=True)
class History:
    """All that was ever received about one referral, and the day on which it is read."""

    events: list[Event]
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
        _received(row, n, lag + (late if row.source == FOREM else 0))
        for n, (row, lag) in enumerate(zip(rows, lags, strict=True))
    ]
    if draw(st.booleans()) if focus.twice is None else focus.twice:
        again = draw(st.sampled_from(events))
        events.append(replace(again, message_id="again", received_at=again.received_at + timedelta(days=2)))
    wait = draw(st.sampled_from([0, 1, 5, 20])) if focus.wait is None else focus.wait
    return History(events, max(event.received_at for event in events).date() + timedelta(days=wait))


def _cpas_rows(kind: str) -> list[Event]:
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


def _forem_rows(draw: st.DrawFn, focus: Focus) -> list[Event]:
    """Draw a walk that takes one step of the table, then a few others, with faults laid over."""
    before, after = focus.step or draw(st.sampled_from(FOREM_STEPS))
    walk = [*ROUTES[before], after]
    while not focus.step and TRANSITIONS[walk[-1]] and draw(st.booleans()):
        walk.append(draw(st.sampled_from(sorted(TRANSITIONS[walk[-1]]))))
    if not focus.step and draw(st.integers(0, 4)) == 4:
        return [_row(FOREM, 1, 9, 1, "RECEIVED")]
    rows: list[Event] = []
    day = 0
    for status in walk:
        day += draw(st.sampled_from([0, 1, 2])) if not focus.step else 1
        fault = draw(st.sampled_from(FAULTS)) if not focus.step else "none"
        rows += _faulty(fault, len(rows) + 1, day, status)
    return rows[:-1] + _faulty(focus.fault, rows[-1].version, day, walk[-1]) if focus.fault else rows


def _faulty(fault: str, version: int, day: int, status: str) -> list[Event]:
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
        "illegal": [_row(FOREM, version, 0, day, "RECEIVED", note="illegal")],
    }[fault]


def _row(
    source: str, version: int, kind: int, day: int, status: str | None = None, *, note: str = "", written: int = 0
) -> Event:
    content = f"{version}·{kind}·{day}·{status}·{note}"
    recorded = _noon(max(day, written)) + timedelta(minutes=version)
    return Event(
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


def _received(row: Event, n: int, lag: int) -> Event:
    return replace(row, received_at=row.recorded_at + timedelta(days=lag), message_id=f"m{n:02}")


def _noon(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(12), UTC)


# --- the census ---------------------------------------------------------------------------------------


KNOWN: dict[object, set[str]] = {}


def prove(holds: Callable[[History, st.DataObject], None]) -> None:
    """Try a property on many histories, print what they were, fail if something never came."""
    census: Counter[str] = Counter(dict.fromkeys(_expected(), 0))

    def tried(focus: Focus, examples: int) -> None:
        @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
        @given(histories(focus), st.data())
        def run(history: History, data: st.DataObject) -> None:
            census.update(_seen(history))
            holds(history, data)

        run()

    for focus in FOCUSED:
        tried(focus, 1)
    tried(FREE, EXAMPLES)
    print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(census.items())))
    assert not [name for name in _expected() if not census[name]], "never generated"


def _expected() -> list[str]:
    classes = {why.klass for why in REASONS.values()}
    steps = [f"{before} → {after}" for before, following in TRANSITIONS.items() for after in following]
    return [*classes, *REASONS, "R401", "R402", "R403", "R404", "R503", *steps, *KINDS]


def _seen(history: History) -> set[str]:
    """Return what a history holds; the tests draw many of the same ones."""
    key = history.today, tuple((e.event_id, e.sid, e.message_id, e.received_at) for e in history.events)
    if key not in KNOWN:
        KNOWN[key] = _look(history)
    return KNOWN[key]


def _look(history: History) -> set[str]:
    """Look at a history as it was on each day something arrived and on the day before."""
    days = sorted({event.received_at.date() for event in history.events})
    seen = [_as_on(history, day) for arrival in days for day in (arrival - timedelta(days=1), arrival)]
    states = [state for state in [*seen, _read(history)] if state]
    found = {name for state in states for name in (state.klass, state.reason, *state.codes)}
    walk = ["REQUESTED", *(row.payload["core_status"] or "" for row in _forem_live(history.events))]
    found |= {f"{a} → {b}" for a, b in [*pairwise(walk), *pairwise(state.state for state in states)]}
    return found | {name for name, came in zip(KINDS, _kinds(history.events), strict=True) if came}


def _kinds(events: list[Event]) -> tuple[bool, ...]:
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


def _forem_live(events: list[Event]) -> list[Event]:
    rows = notices(events, Side.FOREM, RULES, MERGED_ON)
    return [row for row in rows if row.notice_status != 9]


def _read(history: History, rules: Rules = RULES) -> EntityState:
    return reconcile(REFERRAL, history.events, rules, history.today)


def _as_on(history: History, day: date) -> EntityState | None:
    """Return what was held on a day, None before anything was received."""
    known = [event for event in history.events if event.received_at.date() <= day]
    return reconcile(REFERRAL, known, RULES, day) if known else None


# --- the properties -----------------------------------------------------------------------------------


def test_order_repetition_and_batches_do_not_matter() -> None:
    """Any permutation, repetition and division into batches of the same events leaves the same state."""

    def holds(history: History, data: st.DataObject) -> None:
        expected = _read(history)
        shuffled = data.draw(st.permutations(history.events))
        assert reconcile(REFERRAL, [*shuffled, *history.events[:2]], RULES, history.today) == expected
        cut = data.draw(st.integers(1, len(shuffled)))
        held: dict[str, Event] = {}
        for batch in (shuffled[:cut], shuffled[cut:]):
            held |= {f"{event.event_id}{event.message_id}": event for event in batch}
            state = reconcile(REFERRAL, list(held.values()), RULES, history.today)
        assert state == expected

    prove(holds)


def test_arrival_dates_do_not_matter() -> None:
    """Had the same rows been received on other days, the state and its anomalies would be the same."""

    def holds(history: History, data: st.DataObject) -> None:
        lags = data.draw(st.lists(st.integers(0, 40), min_size=len(history.events), max_size=len(history.events)))
        moved = [_received(event, n, lag) for n, (event, lag) in enumerate(zip(history.events, lags, strict=True))]
        other = reconcile(REFERRAL, moved, PATIENT, history.today)
        state = _read(history, PATIENT)
        assert replace(other, since=state.since, due=state.due) == state

    prove(holds)


def test_rows_on_another_person_interfere_with_nothing() -> None:
    """The CPAS is told, and passed on, what it would be without Le Forem's rows on another person."""

    def holds(history: History, _: st.DataObject) -> None:
        state = _read(history)
        if state.cpas is None:
            return
        clean = [event for event in history.events if event.source != FOREM or event.sid == state.sid]
        told = visible_to_cpas(state)
        alone = visible_to_cpas(reconcile(REFERRAL, clean, RULES, history.today))
        assert told
        assert alone
        assert replace(told, since=alone.since) == alone
        for side in (Side.CPAS, Side.FOREM):
            assert notices(history.events, side, RULES, history.today) == notices(clean, side, RULES, history.today)

    prove(holds)


def test_a_succession_heals_every_identity_mismatch() -> None:
    """When the two persons turn out to be one, R503 is gone and nothing is left out for it."""

    def holds(history: History, _: st.DataObject) -> None:
        one = [replace(event, sid="anna") for event in history.events]
        state = reconcile(REFERRAL, one, RULES, history.today)
        assert "R503" not in state.codes
        assert state.sid == "anna"

    prove(holds)


def test_whoever_applies_the_rows_passed_on_holds_the_same_view() -> None:
    """A book that keeps the last row of each date ends with the view that the state says, on each side."""

    def holds(history: History, _: st.DataObject) -> None:
        state = _read(history)
        forem = _book(notices(history.events, Side.FOREM, RULES, history.today))
        cpas = _book(notices(history.events, Side.CPAS, RULES, history.today))
        assert state.forem_view == (forem[-1].payload["core_status"] if forem else "NONE")
        assert (state.cpas_view == "OPEN") == bool(cpas)

    def _book(rows: Iterable[Event]) -> list[Event]:
        return [row for row in rows if row.notice_status != 9]

    prove(holds)


def test_the_prevailing_row_is_the_highest_uncontested_version() -> None:
    """A plain reading of the rule gives the same live notice of Le Forem's, without anomalies or order."""

    def holds(history: History, _: st.DataObject) -> None:
        state = _read(history)
        rows = {e.event_id: e for e in history.events if e.source == FOREM and e.sid == (state.sid or e.sid)}
        if state.sid is None and state.cpas:
            rows = {}
        counts = Counter(row.version for row in rows.values())
        plain = [row for row in rows.values() if counts[row.version] == 1]
        best = [max((r for r in plain if r.effective_date == d), key=lambda r: r.version) for d in _dates(plain)]
        live = [row for row in best if row.notice_status != 9]
        assert state.forem_view == (live[-1].payload["core_status"] if live else "NONE")

    def _dates(rows: list[Event]) -> list[date]:
        return sorted({row.effective_date for row in rows})

    prove(holds)


def test_time_alone_only_turns_pending_into_a_discrepancy() -> None:
    """With nothing new received, a mismatch is pending up to its due day, a discrepancy for ever after."""

    def holds(history: History, _: st.DataObject) -> None:
        state = _read(history)
        later = reconcile(REFERRAL, history.events, RULES, history.today + timedelta(days=400))
        if state.klass is Class.PENDING:
            assert state.due
            assert history.today <= state.due
            assert discrepancy(later)
            assert later.since == state.due + timedelta(days=1)
            assert later.owner == state.owner
        elif state.due is None or state.due < history.today:
            assert (later.klass, later.state, later.since) == (state.klass, state.state, state.since)

    prove(holds)


def test_since_is_the_first_day_of_the_present_class() -> None:
    """The class and the owner were the present ones on each day from `since`, and not on the day before."""

    def holds(history: History, data: st.DataObject) -> None:
        state = _read(history)
        mark = (state.klass, state.owner)
        length = (history.today - state.since).days
        assert length >= 0
        for offset in (0, data.draw(st.integers(0, length))):
            then = _as_on(history, state.since + timedelta(days=offset))
            assert then
            assert (then.klass, then.owner) == mark
        before = _as_on(history, state.since - timedelta(days=1))
        assert before is None or (before.klass, before.owner) != mark

    prove(holds)


def test_a_state_is_consistent() -> None:
    """Only an agreement has no owner and no anomaly; R503 is Le Forem's; each side is told no more than its own."""

    def holds(history: History, _: st.DataObject) -> None:
        state = _read(history)
        assert (state.owner is None) == (state.klass is Class.AGREED)
        assert state.klass is not Class.AGREED or not state.codes
        assert state.klass is not Class.PENDING or set(state.codes) <= {"R404"}
        assert state.codes == tuple(sorted(set(state.codes)))
        if "R503" in state.codes:
            assert (state.klass, state.owner) == (Class.CONFLICT, Side.FOREM)
        assert (visible_to_cpas(state) is None) == (state.cpas is None)
        assert visible_to_forem(state).next_appointment_at is None

    prove(holds)
