"""A contract as Table Schema (Frictionless Data), for any tool that checks CSV files.

It tells what one column can say of itself: type, required, form, list, bounds. The rules between columns, person
numbers and communes are the contract's alone.
"""

from __future__ import annotations

import re
from typing import Any

from contracts.meanings import of_column, of_feed
from contracts.model import Contract, Field
from contracts.parse import INCOMPLETE_DATE, TIMESTAMP

_TYPES = {"int": "integer", "decimal": "number", "date": "date", "bool": "boolean"}  # all others are strings
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


def table_schema(contract: Contract) -> dict[str, Any]:
    """Gives the Table Schema of a contract; `title` is in French, `description` in English."""
    schema: dict[str, Any] = {
        "name": f"{contract.name}-{contract.version}",
        "title": of_feed(contract, "fr").title,
        "description": of_feed(contract, "en").purpose,
        "fields": [_field(contract, field) for field in contract.fields],
        "missingValues": [""],
    }
    required = {field.name for field in contract.fields if field.required}
    if required.issuperset(contract.key):  # a primary key may not be empty, a key of ours may
        schema["primaryKey"] = list(contract.key)
    return schema


def pattern(field: Field) -> str | None:
    """Gives the regular expression that the whole text of a column must match; None where its type says enough."""
    if field.kind == "list":
        element = f"({'|'.join(field.codes)})" if field.codes else f"({(field.pattern or '').strip('^$')})"
        return f"^{element}([|]{element})*$"
    if field.kind in ("timestamp", "incomplete_date"):
        return TIMESTAMP if field.kind == "timestamp" else INCOMPLETE_DATE
    if field.kind not in ("text", "niss"):
        return None
    digits = re.fullmatch("([0-9]+) digits", field.expected)
    return field.pattern or (f"^[0-9]{{{digits[1]}}}$" if digits else _NO_CONTROL)


def _field(contract: Contract, field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "title": of_column(contract, field, "fr"),
        "description": of_column(contract, field, "en"),
        "type": _TYPES.get(field.kind, "string"),
    }
    if field.kind == "bool":
        described |= {"trueValues": ["1"], "falseValues": ["0"]}
    constraints = _constraints(field)
    return described | ({"constraints": constraints} if constraints else {})


def _constraints(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if field.required else {}
    if form := pattern(field):
        found["pattern"] = form
    if field.kind == "code":
        found["enum"] = list(field.codes)
    if field.max_length:
        found["maxLength"] = field.max_length
    if field.kind in ("int", "decimal"):
        found["minimum"] = field.minimum
        found |= {} if field.maximum is None else {"maximum": field.maximum}
    return found
