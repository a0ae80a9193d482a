"""Which counts of a table are hidden, so that none of them can be worked out, and the audit that none can.

Pure. First every count from 1 to k - 1, totals of columns among them (minimum frequency rule). Then others, so that
no subtraction gives a hidden one back: for each hidden count in turn the cheapest ring of cells that lets it vary, by
the network method (Kelly, Golden and Assad 1992). Last the audit: the exact bounds of every hidden count against what
is promised. Zeros, the totals of rows and the grand total are always shown.

The Handbook on Statistical Disclosure Control (ESSnet, 2nd edition 2025, 4.2.2) calls what a reader can work out of a
hidden count its feasibility interval, and where a minimum frequency is the only rule it is content if that is not one
value. We promise more: a hidden count could have k values or more and, unless it can only be k or more, every value up
to k: from 1, or for a total from the number of its counts, since zeros are shown and so each of these is 1 at least.
Nobody can tell one that is small from one that is hidden for another's sake. Who is in a count knows that it is 1 at
least, as every reader does. Whether all that holds depends on what is shown alone; what the choice of cells tells those
who replay it is measured in docs/decisions/0043.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hub.bounds import Cell, Grid, Residual, bound, bounds, endless, push, residual, way_back
from hub.errors import InvariantBroken

UP, DOWN = True, False


class UnprotectableError(Exception):
    """No choice of hidden counts protects one in `row`, its place in the table; the row of totals comes last."""

    def __init__(self, row: int) -> None:
        super().__init__(f"a count in row {row} cannot be protected while all totals of rows are shown")
        self.row = row


@dataclass(frozen=True, slots=True)
class Protected:
    """A table that may be shown: its counts with their totals, which are hidden, and what a reader can know of each."""

    grid: Grid
    hidden: frozenset[Cell]
    bounds: Mapping[Cell, tuple[int, int]]

    def shown(self) -> list[list[int | None]]:
        """The table as it is shown, with its totals; None where a count is hidden."""
        return [
            [None if (row, column) in self.hidden else value for column, value in enumerate(line)]
            for row, line in enumerate(self.grid.values)
        ]


def protect(counts: Sequence[Sequence[int]], k: int) -> Protected:
    """The table of these rows of counts, hidden where it must be and audited; the same rows give the same answer.

    Raises ValueError where a row has 1 to k - 1 in all, since totals of rows are shown, and UnprotectableError where
    no choice of hidden counts holds what is promised; InvariantBroken where the audit finds a fault of our own.
    """
    grid = Grid.of(counts)
    if any(0 < line[-1] < k for line in grid.values):
        raise ValueError("a row of fewer than k cannot be shown")
    hidden = {cell for cell in grid.cells if 0 < grid.at(cell) < k}
    before = -1
    while before < len(hidden):  # what could only be k or more may be less once others are hidden, so look again
        before = len(hidden)
        for cell in sorted(hidden):
            hidden |= _complements(grid, hidden, cell, k)
    protected = Protected(grid, frozenset(hidden), bounds(grid, hidden))
    if audit(protected, k):
        raise InvariantBroken("a table does not hide what it promises to hide")
    return protected


def audit(protected: Protected, k: int) -> list[Cell]:
    """The hidden cells of which a reader can know more than is promised, and shown ones that are too small.

    It trusts nothing of how they were chosen: bounds are computed anew.
    """
    found = bounds(protected.grid, protected.hidden)
    small = [cell for cell in protected.grid.cells if 0 < protected.grid.at(cell) < k and cell not in protected.hidden]
    return [cell for cell, (low, high) in found.items() if _short(least(protected.grid, cell), low, high, k)] + small


def least(grid: Grid, cell: Cell) -> int:
    """The least that a count can be that is not 0, as zeros are shown: for a total, the number of counts in it."""
    inner = cell[0] < grid.last[0]
    return 1 if inner else sum(grid.at((row, cell[1])) > 0 for row in range(grid.last[0]))


def _short(floor: int, low: int, high: int, k: int) -> list[tuple[bool, int]]:
    """By how much the bounds of a hidden count are too narrow, and which ways it may be made to vary more."""
    if low < k and (low > floor or high < k):
        return [(UP, k - high)] if high < k else [(DOWN, low - floor)]
    need = k - 1 - (high - low)
    return [(UP, need), (DOWN, need)] if need > 0 else []


def _complements(grid: Grid, hidden: Collection[Cell], cell: Cell, k: int) -> set[Cell]:
    """The cells to be hidden besides, so that what is promised of this one holds."""
    added: set[Cell] = set()
    floor = least(grid, cell)
    while ways := _short(floor, *bound(grid, {*hidden, *added}, cell), k):
        rings = (_cheapest(grid, {*hidden, *added}, cell, up, need) for up, need in ways)
        ring = next((ring for ring in rings if ring), None)
        if ring is None:
            raise UnprotectableError(cell[0])
        added |= ring
    return added


def _cheapest(grid: Grid, hidden: set[Cell], cell: Cell, up: bool, need: int) -> set[Cell]:
    """The shown cells that close the cheapest ring by which this one can vary by `need`.

    Where there is none, those of a ring by which it can vary a little more than it does; empty where there is none.
    A cell costs the order of magnitude of its count: its exact count would tell those who replay the choice more.
    """
    tail, head = grid.arc(cell)
    source, sink = (head, tail) if up else (tail, head)
    room = residual(grid, hidden - {cell})
    push(room, source, sink)
    costs: dict[tuple[int, int], Cell] = {}
    for one in _candidates(grid, hidden):
        start, end = grid.arc(one)
        room.setdefault(start, {})[end] = endless(grid)
        room.setdefault(end, {})[start] = grid.at(one) - 1
        costs[start, end] = costs[end, start] = one
    for least in (need, 1):
        if way := _way(grid, room, costs, (source, sink), least):
            return {costs[arc] for arc in way if arc in costs}
    return set()


def _candidates(grid: Grid, hidden: Collection[Cell]) -> list[Cell]:
    """What may be hidden for another's sake: no zero, no total of a row, not the grand total."""
    return [cell for cell in grid.cells if cell[1] < grid.last[1] and grid.at(cell) and cell not in hidden]


def _way(
    grid: Grid, room: Residual, costs: Mapping[tuple[int, int], Cell], ends: tuple[int, int], least: int
) -> list[tuple[int, int]]:
    """The way from source to sink along which `least` can flow at the least cost (Dijkstra); ties go to the shorter."""
    source, sink = ends
    known: dict[int, tuple[int, int]] = {source: (0, 0)}
    came: dict[int, int] = {source: source}
    ahead = [(0, 0, source)]
    while ahead:
        cost, steps, node = heapq.heappop(ahead)
        if (cost, steps) > known[node]:
            continue
        for following, amount in sorted(room.get(node, {}).items()):
            arc = costs.get((node, following))
            further = (cost + (grid.at(arc).bit_length() if arc else 0), steps + 1)
            if amount >= least and further < known.get(following, (further[0] + 1, 0)):
                known[following], came[following] = further, node
                heapq.heappush(ahead, (*further, following))
    return way_back(came, source, sink)
