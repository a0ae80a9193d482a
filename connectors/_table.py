"""Rows as the API carries them, and as the file that they make: one text for one list of rows, both ways.

The file: UTF-8, `;`, a header, LF after each line, quotes only where they are needed. In JSON a column is a property in
lowerCamelCase and an empty cell is no property. Nothing a partner writes raises here: a value that is no text, or a
property that is no column, goes into the file as it is and is the contract's to find.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connectors.errors import ProtocolBroken

Item = dict[str, Any]
_CAPITAL = re.compile("[A-Z]")
_WORD = re.compile("_([a-z])")


def column_of(name: str) -> str:
    """`referralId` is the column referral_id; a property that is not in lowerCamelCase is itself."""
    column = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)
    return column if property_of(column) == name else name


def property_of(column: str) -> str:
    """The column referral_id is `referralId`."""
    return _WORD.sub(lambda found: found[1].upper(), column)


def header(properties: Sequence[str]) -> bytes:
    """The first line of the file."""
    return _line([column_of(name) for name in properties])


def lines(properties: Sequence[str], items: Iterable[Item]) -> bytes:
    """A line for each row. A property that is no column makes a cell too many, which rejects the row."""
    return b"".join(_line(_cells(properties, item)) for item in items)


def _cells(properties: Sequence[str], item: Item) -> list[str]:
    strange = [item[name] for name in item if name not in properties]
    return [_text(item.get(name)) for name in properties] + [_text(value) for value in strange]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "backslashreplace")


def read(data: bytes) -> tuple[list[str], list[Item]]:
    """The properties and rows of a file of ours. ProtocolBroken if they would not make the same bytes again."""
    try:
        names, *rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=";", strict=True)
        properties = [property_of(name) for name in names]
        items = list(_items(properties, rows))
    except (ValueError, csv.Error):
        properties, items = [], []
    if not properties or header(properties) + lines(properties, items) != data:
        raise ProtocolBroken("a file of ours that an API cannot carry: it is no table, or written in another way")
    return properties, items


def _items(properties: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Item]:
    for row in rows:
        yield {name: cell for name, cell in zip(properties, row, strict=True) if cell}
