"""The scan that the other tests rest on sees what it claims to see, and says how much it saw."""

import gzip
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("pack", "magic"), [(gzip.compress, b"\x1f\x8b"), (zlib.compress, b"\x78\x9c")])
def test_what_only_begins_like_a_container_is_no_alarm_and_a_cut_one_is_searched(
    tmp_path: Path, pack: Callable[[bytes], bytes], magic: bytes
) -> None:
    """Random bytes begin with the mark of a container now and then; of one that is cut, what is left is unpacked."""
    draw, canary = random.Random(1), PLANTED[0].value.encode()
    (tmp_path / "chance").write_bytes(magic + draw.randbytes(400))
    report = Scanner(PLANTED).scan(tmp_path)
    assert (report.hits, report.unread) == ([], [])
    packed = pack(b"before " + canary + b" after" + draw.randbytes(2000).hex().encode())
    assert canary not in packed
    (tmp_path / "cut").write_bytes(packed[:-900])
    (tmp_path / "two").write_bytes(pack(b"first") + packed)
    assert Scanner(PLANTED).scan(tmp_path).files_below(tmp_path) == {"cut", "two"}
