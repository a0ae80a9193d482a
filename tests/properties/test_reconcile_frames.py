"""The frames of reconcile come to what the reference does, referral by referral, whatever comes in together.

Every test prints how often each class, code, reason, transition and fault was met, and fails if one never was.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from histories import FOCUSED, FREE, RULES, History, expected, histories, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model import Side
from hub.reconcile import Rules, notices, reconcile, visible_to_cpas, visible_to_forem
from tests.reference import fold, frames
from tests.reference.fold import Row

EXAMPLES = 40
WORLD = Rules(
    answer_days=10,
    withdrawal_days=5,
    orphan_days=5,
    gap_days=3,
    holidays=(),
    registration_days=28,
    registration_stock_days=90,
    decree_since=date(2025, 1, 1),
)
Referrals = dict[str, list[Row]]


def prove(holds: Callable[[Referrals, date, st.DataObject], None]) -> None:
    """Try a property on many referrals at once, first on those that are sure to hold everything."""
    census: Counter[str] = Counter(dict.fromkeys(expected(), 0))

    def tried(drawn: st.SearchStrategy[list[History]], examples: int) -> None:
        @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
        @given(drawn, st.data())
        def run(found: list[History], data: st.DataObject) -> None:
            for history in found:
                census.update(seen(history))
            last = max(history.today for history in found)
            today = data.draw(st.sampled_from(sorted({h.today for h in found} | {last + timedelta(days=30)})))
            holds(_named(found), today, data)

        run()

    for n in range(0, len(FOCUSED), 8):
        tried(st.tuples(*(histories(focus) for focus in FOCUSED[n : n + 8])).map(list), 1)
    tried(st.lists(histories(FREE), min_size=1, max_size=6), EXAMPLES)
    print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(census.items())))
    assert not [name for name in expected() if not census[name]], "never generated"


def _named(found: list[History]) -> Referrals:
    names = [f"R82005-2024-{n:06}" for n in range(len(found))]
    return {
        name: [replace(row, entity_id=name) for row in history.events]
        for name, history in zip(names, found, strict=True)
    }


def _together(referrals: Referrals, today: date, data: st.DataObject) -> pl.DataFrame:
    """All rows of all referrals in one frame, in any order, some of them twice."""
    rows = [row for rows in referrals.values() for row in rows]
    seed = data.draw(st.integers(0, 1000))
    frame = frames.events([*rows, *rows[: seed % 4]], RULES, today)
    return frame.sample(fraction=1, shuffle=True, seed=seed)


def test_the_frames_come_to_what_the_reference_does() -> None:
    """For any rows of several referrals together, each state is that of the reference from its own rows alone."""

    def holds(referrals: Referrals, today: date, data: st.DataObject) -> None:
        found = frames.states(reconcile(_together(referrals, today, data), WORLD, today))
        assert found == {name: fold.reconcile(name, rows, RULES, today) for name, rows in referrals.items()}

    prove(holds)


def test_what_is_told_and_passed_on_is_what_the_reference_says() -> None:
    """Each side is told the same states, and passed on the same rows, as by the reference."""

    def holds(referrals: Referrals, today: date, data: st.DataObject) -> None:
        together = _together(referrals, today, data)
        states = [fold.reconcile(name, rows, RULES, today) for name, rows in referrals.items()]
        held = frames.frame(states)
        cpas = [told for state in states if (told := fold.visible_to_cpas(state))]
        assert list(frames.states(visible_to_cpas(held)).values()) == cpas
        assert list(frames.states(visible_to_forem(held)).values()) == list(map(fold.visible_to_forem, states))
        for side in Side.CPAS, Side.FOREM:
            passed = [row for rows in referrals.values() for row in fold.notices(rows, side, RULES, today)]
            found = notices(together, side).select("entity_id", "event_id", "sid", "message_id").rows()
            assert found == [(row.entity_id, row.event_id, row.sid, row.message_id) for row in passed]

    prove(holds)
