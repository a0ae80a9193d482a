"""Requests to the API, held to its document: what is asked for, page by page, and what is wrong with it."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

Json = dict[str, Any]
T = TypeVar("T")

TRACE = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
ETAG = re.compile(r'"[0-9a-f]{8,64}"')
KEY = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
COLUMN = re.compile(r"[a-z][A-Za-z0-9]{0,63}", re.ASCII)
CURSOR = re.compile(r"r[0-9]{1,9}", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
MOST_COLUMNS = 500


class InvalidError(Exception):
    """A request that the document does not allow."""

    def __init__(self, kind: str, where: str, name: str) -> None:
        super().__init__(kind)
        standard = f"urn:problem-type:belgif:input-validation:{kind}"
        self.issues = [{"type": standard, "title": kind, "in": where, "name": name}]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of documents that is asked for."""

    state: str
    name: str
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A page of rows that is asked for: those after the first `after`."""

    after: int
    size: int


def listing(query: Sequence[tuple[str, str]], states: Sequence[str]) -> Listing:
    """What the query of a list asks for."""
    given = _known(query, ("state", "fileName", "page", "pageSize"))
    name = given.get("fileName", "")
    if given.get("state") not in states:
        raise InvalidError("schemaViolation", "query", "state")
    if "fileName" in given and not NAME.fullmatch(name):
        raise InvalidError("schemaViolation", "query", "fileName")
    return Listing(given["state"], name, _number(given, "page", 1, 100_000), _number(given, "pageSize", 100, 100))


def cursor(query: Sequence[tuple[str, str]], part: str | None) -> Cursor:
    """What the query of rows asks for; that of a document asks for nothing."""
    given = _known(query, ("after", "pageSize") if part == "rows" else ())
    after = given.get("after", "r0")
    if not CURSOR.fullmatch(after):
        raise InvalidError("schemaViolation", "query", "after")
    return Cursor(int(after[1:]), _number(given, "pageSize", 1000, 1000))


def headers(given: Mapping[str, str], *names: str) -> None:
    """Those of these headers that are given are as the document has them; so is the trace of any call."""
    for name in (*names, "belgov-trace-id"):
        if name in given and not (TRACE if name == "belgov-trace-id" else ETAG).fullmatch(given[name]):
            raise InvalidError("schemaViolation", "header", name)


def key(value: str) -> str:
    """An idempotency key."""
    if not KEY.fullmatch(value):
        raise InvalidError("schemaViolation", "header", "Idempotency-Key")
    return value


def new_document(body: bytes) -> Json:
    """A document that the hub sends."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidError("schemaViolation", "body", "") from None
    if not isinstance(told, dict) or not isinstance(told.get("fileName"), str) or not NAME.fullmatch(told["fileName"]):
        raise InvalidError("schemaViolation", "body", "fileName")
    if told.keys() == {"fileName", "note"} and isinstance(told["note"], dict):
        return told
    if told.keys() != {"fileName", "columns", "rows"} or not _are_columns(told["columns"]):
        raise InvalidError("schemaViolation", "body", "columns")
    if not isinstance(told["rows"], list) or not all(map(_is_row, told["rows"])):
        raise InvalidError("schemaViolation", "body", "rows")
    return told


def _are_columns(value: Any) -> bool:
    sound = isinstance(value, list) and 0 < len(value) <= MOST_COLUMNS
    return sound and all(isinstance(one, str) and COLUMN.fullmatch(one) for one in value)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(cell, str) for cell in value.values())


def page_of(documents: Sequence[T], asked: Listing, href: str, show: Callable[[T], Json]) -> tuple[Json, str]:
    """A page of a list, and its ETag."""

    def link(page: int) -> str:
        name = {"fileName": asked.name} if asked.name else {}
        return f"{href}?{urlencode({'state': asked.state, **name, 'page': page, 'pageSize': asked.size})}"

    since = (asked.page - 1) * asked.size
    told: Json = {
        "items": [show(one) for one in documents[since : since + asked.size]],
        "page": asked.page,
        "pageSize": asked.size,
        "total": len(documents),
        "self": link(asked.page),
        "first": link(1),
    }
    told |= {"prev": link(asked.page - 1)} if asked.page > 1 else {}
    told |= {"next": link(asked.page + 1)} if since + asked.size < len(documents) else {}
    return told, f'"{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]}"'


def rows_of(rows: Sequence[Json], asked: Cursor, href: str, fault: str = "") -> Json:
    """A page of rows. `same_page` gives the one before again, `page_missing` passes over the one that was asked for."""

    def link(after: int) -> str:
        return f"{href}?{urlencode({'after': f'r{after}', 'pageSize': asked.size})}"

    since = asked.after
    if fault == "same_page":
        since = max(0, since - asked.size)
    if fault == "page_missing" and since + asked.size < len(rows):
        since += asked.size
    until = since + asked.size
    told: Json = {
        "items": list(rows[since:until]),
        "firstRow": since + 1,
        "pageSize": asked.size,
        "self": link(asked.after),
        "first": link(0),
    }
    return told | ({"next": link(until)} if until < len(rows) else {})


def _known(query: Sequence[tuple[str, str]], names: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in query:
        if name not in names or name in given:
            raise InvalidError("unknownInput", "query", name)
        given[name] = value
    return given


def _number(given: dict[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, str(default))
    number = int(text) if NUMBER.fullmatch(text) else 0
    if not 1 <= number <= most:
        raise InvalidError("schemaViolation", "query", name)
    return number
