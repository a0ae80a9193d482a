"""Thousands of transfers under random faults: nothing lost, nothing visible twice, nothing half-read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaign import Campaign
from play import Exchange

from simulators.sftp_faults import NAMES

TRANSFERS = int(os.environ.get("PASSERELLE_TRANSFERS", "96"))
SEED = int(os.environ.get("PASSERELLE_SEED", "1"))
LONG = 5_000  # from here on every fault must have been seen
EACH = 16 if TRANSFERS >= LONG else 6  # files in and files out for each partner in a round
CPAS = "8" if TRANSFERS >= LONG else "4"


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    made = Campaign(Exchange(tmp_path, cpas=CPAS).prepare(), SEED, share=0.8)
    yield made
    made.end()


@pytest.mark.slow
def test_nothing_is_lost_nor_visible_twice_nor_half_read(campaign: Campaign) -> None:
    """Whatever the servers do, each file is taken whole, shown once, and each refusal has its reason on the server."""
    rounds = -(-TRANSFERS // (2 * EACH * len(campaign.parties)))
    for _ in range(rounds):
        campaign.round(EACH, EACH)
    campaign.drain()
    found = campaign.check()
    struck = campaign.struck
    print(f"\nseed {SEED}: {found}, {campaign.rounds} rounds, {campaign.probed} probes, {campaign.slow} slow")
    print(f"refused: {dict(campaign.refused)}")
    print("\n".join(f"  {name}: {struck[name]}" for name in NAMES))
    assert found["in"] + found["out"] >= TRANSFERS
    assert sum(struck.values()) > 0
    if TRANSFERS >= LONG:
        assert [name for name in NAMES if not struck[name]] == []
