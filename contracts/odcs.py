"""A contract in the Open Data Contract Standard (ODCS, Bitol), version 3.1, for catalogues and tools of others.

Rules between columns are told as text: the standard runs none of ours.
"""

from __future__ import annotations

from typing import Any

from contracts.describe import Stated, stated
from contracts.meanings import of_column, of_feed
from contracts.model import Context, Contract, Field
from contracts.table_schema import pattern

STANDARD = "v3.1.0"
_TYPES = {"int": "integer", "decimal": "number", "date": "date"}  # all others are strings
_CLASSES = {"direct": "restricted", "quasi": "confidential", "coded": "internal"}


def odcs(contract: Contract, context: Context) -> dict[str, Any]:
    """Gives the document; `businessName` is in French, every other text in English."""
    told = of_feed(contract, "en")
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"passerelle-{contract.name}-{contract.version}",
        "name": told.title,
        "version": f"{contract.version}.0.0",
        "status": "active",
        "description": {"purpose": told.purpose, "usage": f"From {told.sender} to {told.receiver}."},
        "customProperties": [
            {"property": "feed", "value": contract.feed},
            {"property": "label", "value": contract.label},
        ],
        "schema": [_table(contract, context)],
    }


def _table(contract: Contract, context: Context) -> dict[str, Any]:
    rules = [_rule(rule) for rule in stated(contract, context)]
    described = {
        "name": contract.name,
        "businessName": of_feed(contract, "fr").title,
        "logicalType": "object",
        "physicalType": "csv",
        "properties": [_property(contract, field) for field in contract.fields],
    }
    return described | ({"quality": rules} if rules else {})


def _rule(rule: Stated) -> dict[str, Any]:
    return {"type": "text", "name": f"{rule.code} {rule.column}", "description": rule.says[1]}


def _property(contract: Contract, field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "businessName": of_column(contract, field, "fr"),
        "description": of_column(contract, field, "en"),
        "logicalType": _TYPES.get(field.kind, "string"),
        "physicalType": "text",
        "required": field.required,
        "classification": _CLASSES[field.nature],
    }
    if field.name in contract.key:
        described |= {"primaryKey": True, "primaryKeyPosition": contract.key.index(field.name) + 1}
    if options := _options(field):
        described["logicalTypeOptions"] = options
    if field.kind in ("code", "bool"):
        described["quality"] = [_listed(field)]
    return described


def _options(field: Field) -> dict[str, Any]:
    if field.kind == "date":
        return {"format": "yyyy-MM-dd"}
    if field.kind in ("int", "decimal"):
        return {"minimum": field.minimum} | ({} if field.maximum is None else {"maximum": field.maximum})
    form = {"pattern": pattern(field)} if pattern(field) else {}
    return form | ({"maxLength": field.max_length} if field.max_length else {})


def _listed(field: Field) -> dict[str, Any]:
    return {"metric": "invalidValues", "arguments": {"validValues": list(field.codes)}, "mustBe": 0}
