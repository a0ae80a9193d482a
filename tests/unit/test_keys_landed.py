"""Which key the landed files are sealed to, and that each opens with whichever it was."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.envelope import seal
from connectors.errors import Tampered
from hub.flow.collect import landing_context
from hub.flow.landed import Landed
from hub.keys import KeyRing, change, initialise, landing_key, new_key
from hub.keys_life import prepared, rotated
from hub.stores.files import WRITING
from hub.wiring import LandingSeal

NOW = datetime(2026, 3, 9, tzinfo=UTC)
PARTNERS = ["062003", "062063", "900001"]
TEXT = b"a row of somebody\n" * 20


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """Two keys for landing, the second one active."""
    initialise(tmp_path / "keys", NOW)
    ring = KeyRing(tmp_path / "keys")
    new = new_key(ring, "landing", "pre", NOW)
    land(tmp_path, ring, "landing", "old", "062063")
    change(ring.where, "landing", lambda keys: rotated(prepared(keys, new), "2026-03-09"))
    land(tmp_path, ring, "landing", "new", "062063")
    land(tmp_path, ring, "quarantine", "refused", "900001")
    return ring


def land(root: Path, ring: KeyRing, folder: str, name: str, partner: str) -> None:
    """A file as `collect` leaves it."""
    place = root / folder
    place.mkdir(exist_ok=True)
    place.joinpath(name).write_bytes(b"".join(seal([TEXT], ring.landing_public(), landing_context(partner))))


def test_files_are_counted_by_the_key_that_opens_them(ring: KeyRing, tmp_path: Path) -> None:
    """In both folders; a file that no submission names is tried for every mailbox."""
    new, old = ring.landing_privates()
    for owners in ({}, {"old": "062063", "new": "062063", "refused": "900001"}):
        landed = Landed(tmp_path, owners, PARTNERS)
        assert (landed.sealed_to(old), landed.sealed_to(new)) == (1, 2)
        assert (landed.shut([new, old]), landed.shut([new]), landed.shut([old])) == (0, 1, 2)
    assert Landed(tmp_path, {}, ["062003"]).shut([new, old]) == 3


def test_a_file_that_has_only_begun_keeps_every_key(ring: KeyRing, tmp_path: Path) -> None:
    """Nobody can tell yet what it is sealed to; nothing is wrong with it either."""
    (tmp_path / WRITING).mkdir()
    (tmp_path / WRITING / "host.1.2").write_bytes(b"passerelle/file/1\n")
    landed = Landed(tmp_path, {}, PARTNERS)
    assert [landed.sealed_to(key) for key in ring.landing_privates()] == [3, 2]
    assert landed.shut(ring.landing_privates()) == 0


@pytest.mark.parametrize("size", [1, 7, 400, 10_000])
@pytest.mark.parametrize("name", ["old", "new"])
def test_a_file_opens_with_whichever_key_it_was_sealed_to(ring: KeyRing, tmp_path: Path, name: str, size: int) -> None:
    """In whatever pieces it is read; of another mailbox it opens with none."""
    data = (tmp_path / "landing" / name).read_bytes()
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    assert LandingSeal(ring).open(pieces, landing_context("062063")) == TEXT
    with pytest.raises(Tampered):
        LandingSeal(ring).open(pieces, landing_context("900001"))
    with pytest.raises(Tampered):
        LandingSeal(ring).open(pieces[:0], landing_context("062063"))


def test_a_key_is_read_as_the_one_it_was(ring: KeyRing) -> None:
    """The private half of a retired key is that of its secret."""
    retired = ring.all("landing")[0]
    assert landing_key(retired).private_bytes_raw() == ring.landing_privates()[1].private_bytes_raw()
