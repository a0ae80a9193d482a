"""The scan that the other tests rest on sees what it claims to see, and says how much it saw."""

from pathlib import Path

from tests.privacy.plants import CONTAINERS, ENCODINGS, PLANTED, plant
from tests.privacy.scanner import CONTAINERS as UNPACKED
from tests.privacy.scanner import Scanner


def test_every_encoding_and_container_is_planted_and_found(tmp_path: Path) -> None:
    """Each encoding of the scan, and each container that it opens, is among the plants, and each plant is found."""
    expected = plant(tmp_path / "plants")
    scanner = Scanner(PLANTED)
    report = scanner.scan(tmp_path / "plants")
    print(scanner.told(report))
    assert report.files_below(tmp_path / "plants") == expected
    assert {hit.what.split(" as ")[1] for hit in report.hits} == scanner.own_ways
    opened = {part for hit in report.hits for part in hit.place.split("!")[1:]}
    assert opened >= {name for _, name, _ in UNPACKED}
    assert len(scanner.own_ways) >= 45
    assert len(expected) > len(CONTAINERS) + len(ENCODINGS)
