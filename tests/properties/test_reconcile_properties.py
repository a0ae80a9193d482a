"""What holds of any history of a referral, each property with a census of what it was tried on.

They are proven of the reference; `test_reconcile_frames` proves that the product is equal to it. Every test prints
how often each class, code, transition and fault came, and fails if one never did.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from histories import (
    FOCUSED,
    FREE,
    PATIENT,
    REFERRAL,
    RULES,
    Focus,
    History,
    as_on,
    expected,
    histories,
    read,
    received,
    seen,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model import FOREM, Class, Side
from tests.reference.fold import GAP, Row, State, discrepancy, notices, reconcile, visible_to_cpas, visible_to_forem

EXAMPLES = 60


def prove(holds: Callable[[History, st.DataObject], None]) -> None:
    """Try a property on many histories, print what they were, fail if something never came."""
    census: Counter[str] = Counter(dict.fromkeys(expected(), 0))

    def tried(focus: Focus, examples: int) -> None:
        @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
        @given(histories(focus), st.data())
        def run(history: History, data: st.DataObject) -> None:
            census.update(seen(history))
            holds(history, data)

        run()

    for focus in FOCUSED:
        tried(focus, 1)
    tried(FREE, EXAMPLES)
    print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(census.items())))
    assert not [name for name in expected() if not census[name]], "never generated"


# --- the properties -----------------------------------------------------------------------------------


def test_order_repetition_and_batches_do_not_matter() -> None:
    """Any permutation, repetition and division into batches of the same events leaves the same state."""

    def holds(history: History, data: st.DataObject) -> None:
        expected = read(history)
        shuffled = data.draw(st.permutations(history.events))
        assert reconcile(REFERRAL, [*shuffled, *history.events[:2]], RULES, history.today) == expected
        cut = data.draw(st.integers(1, len(shuffled)))
        held: dict[str, Row] = {}
        for batch in (shuffled[:cut], shuffled[cut:]):
            held |= {f"{event.event_id}{event.message_id}": event for event in batch}
            state = reconcile(REFERRAL, list(held.values()), RULES, history.today)
        assert state == expected

    prove(holds)


def _undated(state: State) -> State:
    """Leave out what a gap in the versions adds, and when to look again: both go by what arrived when."""
    return replace(state, codes=tuple(code for code in state.codes if code != GAP), held_until=None, wake=None)


def test_arrival_dates_do_not_matter() -> None:
    """Had the same rows been received on other days, the state and its anomalies would be the same."""

    def holds(history: History, data: st.DataObject) -> None:
        lags = data.draw(st.lists(st.integers(0, 40), min_size=len(history.events), max_size=len(history.events)))
        moved = [received(event, n, lag) for n, (event, lag) in enumerate(zip(history.events, lags, strict=True))]
        other = reconcile(REFERRAL, moved, PATIENT, history.today)
        state = read(history, PATIENT)
        assert replace(_undated(other), since=state.since, due=state.due) == _undated(state)

    prove(holds)


def test_rows_on_another_person_interfere_with_nothing() -> None:
    """The CPAS is told, and passed on, what it would be without Le Forem's rows on another person."""

    def holds(history: History, _: st.DataObject) -> None:
        state = read(history)
        if state.cpas is None:
            return
        clean = [event for event in history.events if event.source != FOREM or event.sid == state.sid]
        told = visible_to_cpas(state)
        alone = visible_to_cpas(reconcile(REFERRAL, clean, RULES, history.today))
        assert told
        assert alone
        assert replace(_undated(told), since=alone.since) == _undated(alone)
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
        state = read(history)
        forem = _book(notices(history.events, Side.FOREM, RULES, history.today))
        cpas = _book(notices(history.events, Side.CPAS, RULES, history.today))
        assert state.forem_view == (forem[-1].payload["core_status"] if forem else "NONE")
        assert (state.cpas_view == "OPEN") == bool(cpas)

    def _book(rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row.notice_status != 9]

    prove(holds)


def test_the_prevailing_row_is_the_highest_uncontested_version() -> None:
    """A plain reading of the rule gives the same live notice of Le Forem's, without anomalies or order."""

    def holds(history: History, _: st.DataObject) -> None:
        state = read(history)
        rows = {e.event_id: e for e in history.events if e.source == FOREM and e.sid == (state.sid or e.sid)}
        if state.sid is None and state.cpas:
            rows = {}
        counts = Counter(row.version for row in rows.values())
        plain = [row for row in rows.values() if counts[row.version] == 1]
        best = [max((r for r in plain if r.effective_date == d), key=lambda r: r.version) for d in _dates(plain)]
        live = [row for row in best if row.notice_status != 9]
        assert state.forem_view == (live[-1].payload["core_status"] if live else "NONE")

    def _dates(rows: list[Row]) -> list[date]:
        return sorted({row.effective_date for row in rows})

    prove(holds)


def test_time_alone_only_turns_pending_into_a_discrepancy() -> None:
    """With nothing new received, a mismatch is pending up to its due day, a discrepancy for ever after."""

    def holds(history: History, _: st.DataObject) -> None:
        state = read(history)
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
        state = read(history)
        if state.klass is Class.AGREED:
            assert state.since is None
            return
        assert state.since
        mark = (state.klass, state.owner)
        length = (history.today - state.since).days
        assert length >= 0
        for offset in (0, data.draw(st.integers(0, length))):
            then = as_on(history, state.since + timedelta(days=offset))
            assert then
            assert (then.klass, then.owner) == mark
        before = as_on(history, state.since - timedelta(days=1))
        assert before is None or (before.klass, before.owner) != mark

    prove(holds)


def test_a_state_is_consistent() -> None:
    """Only an agreement has no owner and no anomaly; R503 is Le Forem's; each side is told no more than its own."""

    def holds(history: History, _: st.DataObject) -> None:
        state = read(history)
        assert (state.owner is None) == (state.klass is Class.AGREED)
        assert state.klass is not Class.AGREED or set(state.codes) <= {GAP}
        assert state.klass is not Class.PENDING or set(state.codes) <= {"R404", GAP}
        assert (state.held_until is None) == (GAP not in state.codes)
        assert state.codes == tuple(sorted(set(state.codes)))
        if "R503" in state.codes:
            assert (state.klass, state.owner) == (Class.CONFLICT, Side.FOREM)
        assert (visible_to_cpas(state) is None) == (state.cpas is None)
        assert visible_to_forem(state).next_appointment_at is None

    prove(holds)
