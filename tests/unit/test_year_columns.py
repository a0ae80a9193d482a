"""The stand-ins of the year write and expect the columns of the partner pages."""

import pytest

from contracts.registry import contracts, lookup
from simulators.year import columns

WRITTEN = [(feed, version) for feed in columns.COLUMNS for version in (1, 2)[: 1 + (feed in columns.ADDED)]]
RECEIVED = [(feed, version) for feed in columns.SENT_BY_HUB for version in (1, 2)[: 1 + (feed in columns.ADDED)]]


@pytest.mark.parametrize(("feed", "version"), WRITTEN)
def test_partners_write_the_columns_of_the_contract(feed: str, version: int) -> None:
    """Header and label of each version of each feed to the hub are those of its contract."""
    contract = lookup(feed, "in", version, "T")
    assert contract is not None
    assert columns.written(feed, version) == (contract.label, list(contract.columns))


@pytest.mark.parametrize(("feed", "version"), RECEIVED)
def test_partners_expect_the_columns_of_the_contract(feed: str, version: int) -> None:
    """Header and label of each version of each feed from the hub are those of its contract."""
    contract = lookup(feed, "out", version, "T")
    assert contract is not None
    assert columns.received(feed, version) == (contract.label, list(contract.columns))


def test_partners_know_every_later_version() -> None:
    """No version of a contract is left out of the year."""
    later = {contract.feed for contract in contracts("T") if contract.version > 1}
    assert later == set(columns.ADDED)
