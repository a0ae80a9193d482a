"""What a reader can work out of the counts that a table hides: the exact bounds of each of them.

Pure. A table with its totals is a circulation in a network: each count flows from its row to its column, each total
flows back. So the least and the greatest value of a hidden count, with everything shown held fixed, are maximum flows
(Ford and Fulkerson; for tables, Cox 1995), in whole numbers and without a solver. Which counts are hidden, and whether
the bounds are far enough apart, is left to `hub.suppress`.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

Cell = tuple[int, int]  # row and column; the last of each is the total
Residual = dict[int, dict[int, int]]  # by how much what flows from one node to another can still grow


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts with their totals: the last row and the last column are sums of the others."""

    values: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, counts: Sequence[Sequence[int]]) -> "Grid":
        """The grid of these rows, to which it adds the totals. ValueError where they are no table of counts."""
        if not counts or not counts[0] or {len(row) for row in counts} != {len(counts[0])}:
            raise ValueError("a table has rows, and all have the same columns")
        if any(count < 0 for row in counts for count in row):
            raise ValueError("a count is not below zero")
        rows = [(*row, sum(row)) for row in counts]
        return cls((*rows, tuple(map(sum, zip(*rows, strict=True)))))

    @property
    def last(self) -> Cell:
        """Where the grand total is."""
        return len(self.values) - 1, len(self.values[0]) - 1

    @property
    def cells(self) -> list[Cell]:
        """All cells, totals included, row by row."""
        return [(row, column) for row, line in enumerate(self.values) for column in range(len(line))]

    def at(self, cell: Cell) -> int:
        """The count in a cell."""
        return self.values[cell[0]][cell[1]]

    def arc(self, cell: Cell) -> tuple[int, int]:
        """The nodes from which and to which a cell flows: rows are numbered first, then columns."""
        row, column = cell[0], len(self.values) + cell[1]
        back = (cell[0] == self.last[0]) != (cell[1] == self.last[1])
        return (column, row) if back else (row, column)


def bounds(grid: Grid, hidden: Collection[Cell]) -> dict[Cell, tuple[int, int]]:
    """The least and the greatest value of each hidden cell that agree with all that is shown."""
    return {cell: bound(grid, hidden, cell) for cell in sorted(hidden)}


def bound(grid: Grid, hidden: Collection[Cell], cell: Cell) -> tuple[int, int]:
    """The least and the greatest value of one hidden cell.

    The reader is taken to know that zeros are always shown, so that a hidden count is at least 1.
    """
    tail, head = grid.arc(cell)
    others = [one for one in hidden if one != cell]
    value = grid.at(cell)
    more = push(residual(grid, others), head, tail)
    less = push(residual(grid, others), tail, head)
    return max(1, value - less), value + more


def residual(grid: Grid, cells: Collection[Cell]) -> Residual:
    """How far these cells can move while the others stand still: up without end, down to 1."""
    found: Residual = {}
    for cell in sorted(cells):
        tail, head = grid.arc(cell)
        found.setdefault(tail, {})[head] = endless(grid)
        found.setdefault(head, {})[tail] = grid.at(cell) - 1
    return found


def endless(grid: Grid) -> int:
    """More than any count of the table can be: the grand total is always shown, and bounds them all."""
    return grid.at(grid.last) + 1


def push(room: Residual, source: int, sink: int) -> int:
    """Send as much as can flow from source to sink, shortest ways first, and return it; `room` is what is left."""
    sent = 0
    while way := _shortest(room, source, sink):
        amount = min(room[tail][head] for tail, head in way)
        for tail, head in way:
            room[tail][head] -= amount
            room[head][tail] += amount
        sent += amount
    return sent


def _shortest(room: Residual, source: int, sink: int) -> list[tuple[int, int]]:
    came: dict[int, int] = {source: source}
    ahead = deque([source])
    while ahead and sink not in came:
        node = ahead.popleft()
        for following, amount in room.get(node, {}).items():
            if amount > 0 and following not in came:
                came[following] = node
                ahead.append(following)
    return way_back(came, source, sink)


def way_back(came: dict[int, int], source: int, sink: int) -> list[tuple[int, int]]:
    """The arcs of the way to `sink`, given from where each node was reached; empty where it was not."""
    if sink not in came:
        return []
    way, node = [], sink
    while node != source:
        way.append((came[node], node))
        node = came[node]
    return way[::-1]
