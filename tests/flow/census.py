"""How often the histories of the machine met each class, code and change: of states, and of what stands open.

A change is what differs between two half-days that were checked one after the other, for one entity.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from play import Exchange

from hub.stores import tables

MET: Counter[str] = Counter()  # over all histories of a run

_Standing = Mapping[tuple[str, str], str | None]  # entity and class of a discrepancy → who must move


@dataclass
class Census:
    """What one history has shown so far, as of its last half-day."""

    day: date = date.min
    states: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    standing: _Standing = field(default_factory=dict)
    spoken: Counter[str] = field(default_factory=Counter)  # the rows on each entity

    def note(self, exchange: Exchange, day: date) -> None:
        """Count what there is after a half-day, and what has changed since the one before."""
        MET["checked half-day"] += 1
        states = {row["entity_id"]: row for row in exchange.rows(tables.entity_state)}
        spoken = Counter(row["entity_id"] for row in exchange.rows(tables.event))
        open_rows = [row for row in exchange.rows(tables.discrepancy) if row["closed"] is None]
        standing = {(row["entity_id"], row["class"]): row["owner"] for row in open_rows}
        _count_states(states.values())
        self._count_changes(states)
        self._count_discrepancies(standing, spoken, day)
        self.day, self.states, self.standing, self.spoken = day, states, standing, spoken

    def _count_changes(self, states: Mapping[str, dict[str, Any]]) -> None:
        for entity, row in states.items():
            before = self.states.get(entity)
            if row["kind"] == "REFERRAL" and (before is None or before["state"] != row["state"]):
                MET[f"transition {before['state'] if before else 'none'}->{row['state']}"] += 1
            if before is not None and before["class"] != row["class"]:
                MET[f"class {before['class']}->{row['class']}"] += 1

    def _count_discrepancies(self, standing: _Standing, spoken: Counter[str], day: date) -> None:
        for entity, klass in standing.keys() - self.standing.keys():
            MET[f"opened {klass}"] += 1
            MET["opened without a row of its own"] += spoken[entity] == self.spoken[entity]
        for entity, klass in self.standing.keys() - standing.keys():
            MET[f"closed {klass}"] += 1
            MET["closed without a row of its own"] += spoken[entity] == self.spoken[entity]
        for _, klass in self.standing.keys() & standing.keys():
            MET[f"aged {klass}"] += day > self.day
        before, now = _owners(self.standing), _owners(standing)
        for entity in before.keys() & now.keys():
            if before[entity] != now[entity]:
                MET[f"owner {before[entity]}->{now[entity]}"] += 1


def _count_states(states: Any) -> None:
    for row in states:
        MET[f"class {row['class']}"] += 1
        MET[f"{row['kind']} {row['class']}"] += 1
        MET[f"reason {row['reason']}"] += 1
        MET.update(row["codes"])


def _owners(standing: _Standing) -> dict[str, str | None]:
    return {entity: owner for (entity, _), owner in standing.items()}
