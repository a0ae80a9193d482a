"""What changes from one version of a contract to another, and whom it breaks.

A sender is broken by what was accepted and no longer is; a reader by what it will meet and never met. Patterns
and rules are compared as written: a changed one counts as breaking both, and what a rule does in Python itself
(such as the search for overlaps) is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandera.polars as pa
import polars as pl

from contracts.compile import compiled
from contracts.findings import CATALOGUE
from contracts.model import Context, Contract, Field


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `column` is empty when it is of the whole contract."""

    column: str
    what: str
    breaks_sender: bool
    breaks_reader: bool


def compare(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Gives every difference from `old` to `new`, those of the whole contract first."""
    before, after = ({f.name: f for f in c.fields} for c in (old, new))
    common = [name for name in old.columns if name in after]
    return (
        *_of_contract(old, new),
        *(Change(name, "removed", True, True) for name in old.columns if name not in after),
        *(Change(name, _added(after[name]), True, True) for name in new.columns if name not in before),
        *(change for name in common for change in _of_field(before[name], after[name])),
        *_of_rules(old, new, set(common)),
    )


def _added(field: Field) -> str:
    return f"added, {'required' if field.required else 'optional'}"


def _of_contract(old: Contract, new: Contract) -> Iterator[Change]:
    if (old.feed, old.direction) != (new.feed, new.direction):
        told = f"{old.feed} {old.direction} became {new.feed} {new.direction}"
        yield Change("", told, True, True)
    kept = [name for name in old.columns if name in new.columns]
    if kept != [name for name in new.columns if name in old.columns]:
        yield Change("", "columns in another order", True, True)
    if old.key != new.key:
        yield Change("", f"key: {', '.join(old.key)} became {', '.join(new.key)}", False, True)
    if _states(old) != _states(new):
        yield Change("", "versions: counted for another thing", True, True)


def _states(contract: Contract) -> tuple[object, ...]:
    """Gives what one line of versions belongs to: what a row states, of whom, from which day."""
    return contract.entity, contract.within_person, contract.effective_date


def _of_field(old: Field, new: Field) -> Iterator[Change]:
    name = new.name
    if old.kind != new.kind:
        yield Change(name, f"{old.kind} became {new.kind}", True, True)
    if old.required != new.required:
        told = "now required" if new.required else "now optional"
        yield Change(name, told, new.required, not new.required)
    if old.nature != new.nature:
        yield Change(name, f"{old.nature} became {new.nature}", False, True)
    yield from _of_codes(old, new)
    if old.pattern != new.pattern:
        yield Change(name, "another form", True, True)
    yield from _of_bounds(old, new)


def _of_codes(old: Field, new: Field) -> Iterator[Change]:
    for code in sorted(set(old.codes) - set(new.codes)):
        yield Change(new.name, f"code {code} removed", bool(new.codes), False)
    for code in sorted(set(new.codes) - set(old.codes)):
        yield Change(new.name, f"code {code} added", not old.codes, bool(old.codes))


def _of_bounds(old: Field, new: Field) -> Iterator[Change]:
    """The least number, the greatest number and the length; no bound is the widest."""
    bounds = (
        ("least number", -old.minimum, -new.minimum),
        ("greatest number", _or_open(old.maximum), _or_open(new.maximum)),
        ("length", _or_open(old.max_length), _or_open(new.max_length)),
    )
    for what, before, after in bounds:
        if before != after:
            yield Change(
                new.name, f"{what} {'wider' if after > before else 'narrower'}", after < before, after > before
            )


def _or_open(bound: float | None) -> float:
    return float("inf") if bound is None else bound


def _of_rules(old: Contract, new: Contract, common: set[str]) -> Iterator[Change]:
    before, after = _rules(old), _rules(new)
    for column, code in sorted(before.keys() | after.keys()):
        rejects = CATALOGUE[code].severity == "ERROR"  # a warning keeps the row: it breaks nobody
        if column not in common or before.get((column, code)) == after.get((column, code)):
            continue
        if (column, code) not in after:
            yield Change(column, f"rule {code} removed", False, rejects)
        elif (column, code) not in before:
            yield Change(column, f"rule {code} added", rejects, False)
        else:
            yield Change(column, f"rule {code} changed", rejects, rejects)


def _rules(contract: Contract) -> dict[tuple[str, str], str]:
    """Gives the contract's own rules as polars writes them; those of the fields are told of the fields."""
    rules = contract.rules(Context(received_on=date(2026, 1, 1)), contract.environment)
    schema = pa.DataFrameSchema(
        {name: pa.Column(pl.String, list(checks), nullable=True) for name, checks in rules.items()}
    )
    with pl.Config(fmt_table_cell_list_len=-1):  # else the middle of a long list of codes is left out
        return {(rule.column, rule.code): str(rule.fails) for rule in compiled(schema)}
