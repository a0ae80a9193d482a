"""`passerelle contracts …`: which contracts there are, what one says, what changes between two, an empty file."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError

if TYPE_CHECKING:  # pandera takes seconds to import: only a command that needs a contract does
    from contracts.model import Contract, Field


def add_contracts(parser: argparse.ArgumentParser) -> None:
    """Declares what may be asked about contracts."""
    parser.add_argument("what", choices=sorted(_QUESTIONS))
    parser.add_argument("which", nargs="*", metavar="CONTRACT", help="a feed (ORIE) or a version (orientations/1)")


def answer_contracts(arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """Answers one question about contracts, as data and as lines; OperatorError when it is asked wrongly."""
    takes, question = _QUESTIONS[arguments.what]
    if len(arguments.which) != takes:
        raise OperatorError(f"contracts {arguments.what} takes {takes} contract(s), such as ORIE or orientations/1")
    answer: tuple[Any, list[str]] = question(*[_find(which) for which in arguments.which])
    return answer


def _find(which: str) -> "Contract":
    from contracts.registry import contracts

    every = contracts("T")
    named = [c for c in every if c.label == which] or [c for c in every if c.feed == which.upper()]
    if not named:
        raise OperatorError("there is no such contract: see `passerelle contracts list`")
    return max(named, key=lambda contract: (contract.direction == "in", contract.version))


def _list() -> tuple[Any, list[str]]:
    from contracts.registry import contracts

    rows = [
        {"contract": c.label, "feed": c.feed, "direction": c.direction, "columns": len(c.columns)}
        for c in contracts("T")
    ]
    return rows, ["{feed} {contract:<26} {direction:<3} {columns} columns".format(**row) for row in rows]


def _show(contract: "Contract") -> tuple[Any, list[str]]:
    rows = [_field(field) for field in contract.fields]
    told = {"contract": contract.label, "feed": contract.feed, "key": contract.key, "columns": rows}
    return told, [f"{contract.label} ({contract.feed}, {contract.direction})", *_lines(contract, rows)]


def _lines(contract: "Contract", rows: list[dict[str, Any]]) -> Iterator[str]:
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        must = "required" if row["required"] else "optional"
        yield f"  {row['name']:<{width}}  {must}  {row['nature']:<6}  {row['expects']}"
    yield f"key: {', '.join(contract.key)}"


def _field(field: "Field") -> dict[str, Any]:
    expects = ", ".join(field.codes) if field.codes else field.expected
    joined = " (joined by |)" if field.codes and field.kind == "list" else ""
    return {
        "name": field.name,
        "kind": field.kind,
        "nature": field.nature,
        "required": field.required,
        "expects": expects + joined,
    }


def _diff(old: "Contract", new: "Contract") -> tuple[Any, list[str]]:
    from contracts.compare import compare

    changes = compare(old, new)
    rows = [
        {"column": c.column, "what": c.what, "breaks_sender": c.breaks_sender, "breaks_reader": c.breaks_reader}
        for c in changes
    ]
    lines = [f"{old.label} → {new.label}"] if changes else [f"{old.label} and {new.label} say the same"]
    for change in changes:
        broken = [
            who for who, is_broken in (("sender", change.breaks_sender), ("reader", change.breaks_reader)) if is_broken
        ]
        lines.append(f"  {change.column or '(contract)'}: {change.what} — breaks {' and '.join(broken) or 'nobody'}")
    return rows, lines


def _template(contract: "Contract") -> tuple[Any, list[str]]:
    return list(contract.columns), [";".join(contract.columns)]


_QUESTIONS: dict[str, tuple[int, Any]] = {
    "list": (0, _list),
    "show": (1, _show),
    "diff": (2, _diff),
    "template": (1, _template),
}
