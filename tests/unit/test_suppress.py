"""Tables by hand: what is hidden, what a reader can still work out, what cannot be shown at all."""

import pytest

from hub.bounds import Grid, bounds
from hub.suppress import Protected, UnprotectableError, audit, protect

K = 10


def test_a_subtraction_gives_nothing_back() -> None:
    """A single 3 is hidden with a rectangle around it, and could be anything from 1 to far above 10."""
    found = protect([[3, 40, 25], [30, 20, 35], [50, 45, 60]], K)
    assert len(found.hidden) == 4
    assert found.hidden >= {(0, 0)}
    low, high = found.bounds[0, 0]
    assert (low, high >= K) == (1, True)


@pytest.mark.parametrize("count", range(1, K))
def test_every_small_count_is_hidden(count: int) -> None:
    """From 1 to 9, alone in its table: hidden, and any of these values as far as a reader can tell."""
    found = protect([[count, 40, 25], [30, 20, 35], [50, 45, 60]], K)
    assert found.shown()[0][0] is None
    assert found.bounds[0, 0][0] == 1
    assert found.bounds[0, 0][1] >= K


def test_the_bounds_are_those_of_the_handbook() -> None:
    """Example 3 of the Handbook (4.2.2): 3 to 6. Where zeros are shown each cell is 1 at least, which makes it 4 to 5.

    With one more in each hidden cell, as if from 1 on it were counted from 0, the bounds are the Handbook's plus one.
    """
    ring = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert bounds(Grid.of([[5, 2], [1, 2], [3, 3]]), ring)[0, 0] == (4, 5)
    assert bounds(Grid.of([[6, 3], [2, 3], [3, 3]]), ring)[0, 0] == (3 + 1, 6 + 1)


def test_hiding_the_small_ones_alone_is_not_enough() -> None:
    """Two small counts in one column, each alone in its row: the audit names both, since a subtraction gives them."""
    grid = Grid.of([[3, 40], [4, 30], [50, 60]])
    alone = frozenset({(0, 0), (1, 0)})
    assert bounds(grid, alone) == {(0, 0): (3, 3), (1, 0): (4, 4)}
    assert audit(Protected(grid, alone, {}), K) == [(0, 0), (1, 0)]


def test_a_ring_that_is_too_narrow_is_not_enough() -> None:
    """Nobody can subtract the 3, but it can only be 2 to 6: the audit asks for ten values."""
    grid = Grid.of([[3, 4], [20, 2]])
    ring = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})
    assert bounds(grid, ring)[0, 0] == (2, 6)
    assert (0, 0) in audit(Protected(grid, ring, {}), K)


def test_a_small_count_that_is_shown_fails_the_audit() -> None:
    """The audit does not trust that all small counts were hidden."""
    assert audit(Protected(Grid.of([[3, 40]]), frozenset(), {}), K) == [(0, 0), (1, 0)]


def test_zeros_and_totals_of_rows_are_shown() -> None:
    """A zero stays a zero, and every row keeps its total; a row of nobody is all zeros."""
    shown = protect([[0, 40, 5, 25], [30, 0, 35, 20], [0, 0, 0, 0]], K).shown()
    assert [line[-1] for line in shown] == [70, 85, 0, 155]
    assert (shown[0][0], shown[1][1], shown[2][:4]) == (0, 0, [0, 0, 0, 0])
    assert shown[0][2] is None


def test_a_table_without_small_counts_hides_nothing() -> None:
    """Ten is enough, and so is zero."""
    assert protect([[10, 0], [11, 12]], K).hidden == frozenset()


def test_the_total_of_a_column_is_hidden_where_it_is_small() -> None:
    """Four persons in all are in the first column: neither where they are nor that they are four is shown."""
    found = protect([[4, 40, 30], [0, 50, 60]], K)
    assert {(0, 0), (2, 0)} <= found.hidden
    assert found.bounds[2, 0][1] >= K


def test_what_nothing_protects_is_refused() -> None:
    """Five and five make ten, which is shown: neither can be told from nine, and no other count can help."""
    with pytest.raises(UnprotectableError, match="row 0") as refused:
        protect([[5, 5], [40, 50]], K)
    assert refused.value.row == 0
