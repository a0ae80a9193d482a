"""The stand-ins of the year write and expect the columns of the partner pages."""

import pytest

from contracts.registry import lookup
from simulators.year import columns


@pytest.mark.parametrize("feed", columns.COLUMNS)
def test_partners_write_the_columns_of_the_contract(feed: str) -> None:
    """Header and label of each feed to the hub are those of its contract."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    assert columns.COLUMNS[feed] == list(contract.columns)
    assert f"{columns.CONTRACTS[feed]}/1" == contract.label


@pytest.mark.parametrize("feed", columns.received())
def test_partners_expect_the_columns_of_the_contract(feed: str) -> None:
    """Header and label of each feed from the hub are those of its contract."""
    contract = lookup(feed, "out", 1, "T")
    assert contract is not None
    assert columns.received()[feed] == (contract.label, list(contract.columns))
