"""Which contracts exist: found by feed, direction, version and environment, or by the label of a manifest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import get_args

from contracts import (
    acrf_v1,
    breaches_out_v1,
    breaches_v1,
    job_days_out_v1,
    job_days_v1,
    job_offers_out_v1,
    job_offers_v1,
    mobilisations_out_v1,
    mobilisations_v1,
    mutations_v1,
    nondelivery_v1,
    noti_v1,
    orientations_out_v1,
    orientations_out_v2,
    orientations_v1,
    orientations_v2,
    reconciliation_v1,
    registrations_out_v1,
    registrations_out_v2,
    registrations_v1,
    registrations_v2,
    situations_out_v1,
    situations_v1,
    statuses_out_v1,
    statuses_v1,
    training_catalogue_out_v1,
    training_catalogue_v1,
    trainings_out_v1,
    trainings_v1,
)
from contracts.checks import schema_of
from contracts.compile import compiled
from contracts.model import Context, Contract, Direction, Environment

_ALL: tuple[Contract, ...] = (
    orientations_v1.CONTRACT,
    orientations_v2.CONTRACT,
    situations_v1.CONTRACT,
    mobilisations_v1.CONTRACT,
    statuses_v1.CONTRACT,
    registrations_v1.CONTRACT,
    registrations_v2.CONTRACT,
    trainings_v1.CONTRACT,
    breaches_v1.CONTRACT,
    training_catalogue_v1.CONTRACT,
    job_offers_v1.CONTRACT,
    job_days_v1.CONTRACT,
    mutations_v1.CONTRACT,
    orientations_out_v1.CONTRACT,
    orientations_out_v2.CONTRACT,
    situations_out_v1.CONTRACT,
    mobilisations_out_v1.CONTRACT,
    statuses_out_v1.CONTRACT,
    registrations_out_v1.CONTRACT,
    registrations_out_v2.CONTRACT,
    trainings_out_v1.CONTRACT,
    breaches_out_v1.CONTRACT,
    training_catalogue_out_v1.CONTRACT,
    job_offers_out_v1.CONTRACT,
    job_days_out_v1.CONTRACT,
    reconciliation_v1.CONTRACT,
    acrf_v1.CONTRACT,
    noti_v1.CONTRACT,
    nondelivery_v1.CONTRACT,
)

for _contract in _ALL:  # a contract that one pass cannot express fails here, not when a file has come
    for _environment in get_args(Environment):
        compiled(schema_of(replace(_contract, environment=_environment), Context(received_on=date(2026, 1, 1))))


@cache
def contracts(environment: Environment) -> tuple[Contract, ...]:
    """Gives every contract, for this environment."""
    return tuple(replace(contract, environment=environment) for contract in _ALL)


def lookup(feed: str, direction: Direction, version: int, environment: Environment) -> Contract | None:
    """Gives the contract of a feed, None when there is none."""
    wanted = (feed, direction, version)
    return next((c for c in contracts(environment) if (c.feed, c.direction, c.version) == wanted), None)


def versions(feed: str, direction: Direction, environment: Environment) -> tuple[Contract, ...]:
    """Gives every version of a feed in one direction, the first version first; none for a feed not carried that way."""
    found = (c for c in contracts(environment) if (c.feed, c.direction) == (feed, direction))
    return tuple(sorted(found, key=lambda contract: contract.version))


def by_label(label: str, environment: Environment, direction: Direction = "in") -> Contract | None:
    """Gives the contract that a manifest names (`orientations/1`), None when there is none that way."""
    return next((c for c in contracts(environment) if (c.label, c.direction) == (label, direction)), None)
