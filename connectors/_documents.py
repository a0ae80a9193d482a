"""What the documents of a partner's API are in JSON: read with suspicion, written for a file of ours."""

import json
import re
from datetime import datetime
from typing import Any

from connectors import _table
from connectors.errors import ProtocolBroken

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)

Document = dict[str, Any]
Items = list[dict[str, Any]]


def content_of(name: str, data: bytes) -> dict[str, Any]:
    """What is sent of a file of ours: a JSON object as a note, all else as rows."""
    try:
        note = json.loads(data)
    except (ValueError, RecursionError):
        note = None
    if isinstance(note, dict):
        if json.dumps(note, separators=(",", ":"), sort_keys=True).encode() + b"\n" != data:
            raise ProtocolBroken("a note of ours that an API cannot carry: it is written in another way")
        return {"fileName": name, "note": note}
    columns, rows = _table.read(data)
    return {"fileName": name, "columns": columns, "rows": rows}


def document_of(collection: str, item: dict[str, Any]) -> Document:
    """What we need of a document in a list."""
    identifier, etag = text_of(item, "id"), text_of(item, "etag")
    if not _ID.fullmatch(identifier) or not etag.isascii() or not etag.isprintable() or len(etag) > 200:
        raise ProtocolBroken("a document whose id or ETag cannot be used")
    try:
        made = datetime.fromisoformat(text_of(item, "createdAt")).timestamp()
    except (ValueError, OverflowError):
        raise ProtocolBroken("a document whose time cannot be read") from None
    name = text_of(item, "fileName")
    return {"collection": collection, "id": identifier, "etag": etag, "fileName": name, "madeAt": made}


def items_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    items = told.get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise ProtocolBroken("a page without a list of items")
    return items


def text_of(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise ProtocolBroken("an answer without a property that it must have")
    return value


def count_of(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ProtocolBroken("an answer without a count that it must have")
    return value


def raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")
