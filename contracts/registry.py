"""Which contracts exist: found by feed, direction, version and environment, or by the label of a manifest."""

from __future__ import annotations

from dataclasses import replace

from contracts import (
    acrf_v1,
    noti_v1,
    orientations_out_v1,
    orientations_v1,
    reconciliation_v1,
    statuses_out_v1,
    statuses_v1,
)
from contracts.model import Contract, Direction, Environment

_ALL: tuple[Contract, ...] = (
    orientations_v1.CONTRACT,
    statuses_v1.CONTRACT,
    orientations_out_v1.CONTRACT,
    statuses_out_v1.CONTRACT,
    reconciliation_v1.CONTRACT,
    acrf_v1.CONTRACT,
    noti_v1.CONTRACT,
)


def contracts(environment: Environment) -> tuple[Contract, ...]:
    """Gives every contract, for this environment."""
    return tuple(replace(contract, environment=environment) for contract in _ALL)


def lookup(feed: str, direction: Direction, version: int, environment: Environment) -> Contract | None:
    """Gives the contract of a feed, None when there is none."""
    wanted = (feed, direction, version)
    return next((c for c in contracts(environment) if (c.feed, c.direction, c.version) == wanted), None)


def by_label(label: str, environment: Environment, direction: Direction = "in") -> Contract | None:
    """Gives the contract that a manifest names (`orientations/1`), None when there is none that way."""
    return next((c for c in contracts(environment) if (c.label, c.direction) == (label, direction)), None)
