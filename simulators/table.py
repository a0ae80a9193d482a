"""The partners' own CSV: semicolon, quotes doubled, one header row, final newline.

It decides nothing about columns; short rows can be written on purpose, to play a partner's mistake.
"""

import csv
import io
from collections.abc import Collection, Iterable, Sequence

Row = dict[str, str]


def words(text: str) -> list[str]:
    """The words of a text: a long list of names is easier to read that way."""
    return text.split()


def write(columns: Sequence[str], rows: Iterable[Row], ragged: Collection[int] = ()) -> str:
    """The rows as text; a row whose position is in `ragged` loses its last cell."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    for position, row in enumerate(rows):
        cells = [row.get(column, "") for column in columns]
        writer.writerow(cells[:-1] if position in ragged else cells)
    return out.getvalue()


def read(text: str) -> tuple[list[str], list[Row]]:
    """Header and rows; a row with too many or too few cells is a ValueError."""
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    if not lines:
        raise ValueError("no header")
    header = lines[0]
    return header, [dict(zip(header, cells, strict=True)) for cells in lines[1:]]
