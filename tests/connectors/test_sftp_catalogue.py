"""Every fault of the stand-ins' misbehaving server, one by one: the connector does what the catalogue says is good."""

import contextlib
import os
from pathlib import Path

import pytest

from connectors.errors import Exists, LinkError, Throttled
from connectors.sftp import Limits, SftpMailbox, read_key
from simulators.sftp_faults import AT_ONCE, BEAR, CATALOGUE, LATER, NAMES, NEVER, Fault, Play, Script
from tests.connectors.faulty import ClientKey
from tests.connectors.misbehaving import misbehaving

BODY = os.urandom(400_000)


class Sequence(Play):
    """Scripts by hand for some connections, and one for all others."""

    def __init__(self, scripts: dict[int, Script], otherwise: Script) -> None:
        super().__init__()
        object.__setattr__(self, "_of", (scripts, otherwise))

    def script(self, number: int) -> Script:
        scripts, otherwise = self.__dict__["_of"]
        return scripts.get(number, otherwise)


LIMITS = Limits(banner=2.0, login=2.0, io=0.7, resumes=3)


def _visit(box: SftpMailbox) -> None:
    """All that a visit can do, in one; what comes back is what was there."""
    names = [one.name for one in box.list("in") if one.problem in (None, "case twin")]
    assert "FI.ORIE" in names
    assert box.read("in", "FI.ORIE") == BODY
    for name in ("FO.STAT", "FO.RECO"):
        box.write("out", f".{name}.part", BODY)
        box.rename("out", f".{name}.part", "out", name)
    box.remove("in", "old")
    box.exists("in", "fi.orie")
    box.write("out", ".again.part", b"other")
    with pytest.raises(Exists):
        box.rename("out", ".again.part", "out", "taken")
    with contextlib.suppress(Throttled):
        box.visit.link.second_session(2.0)


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_every_fault(fault: Fault, root: Path, client_key: ClientKey) -> None:
    """Borne, mended at once, tried later, or stopped: as the catalogue says; and nothing half-written is visible."""
    (root / "in" / "FI.ORIE").write_bytes(BODY)
    (root / "in" / "old").touch()
    play = Play(frozenset({fault.name}), most=250_000, pause=30.0)
    ended: LinkError | None = None
    with misbehaving(root, client_key.public, play) as (address, server):
        try:
            with SftpMailbox(address, read_key(client_key.file), LIMITS) as box:
                _visit(box)
        except LinkError as error:
            ended = error
    assert server.struck[fault.name] or fault.name == "no_posix_rename"
    told = {None: {BEAR, AT_ONCE}, True: {LATER}, False: {NEVER}}[ended.retry if ended else None]
    assert fault.then in told, repr(ended)
    assert (root / "in" / "FI.ORIE").read_bytes() == BODY
    visible = [*(root / "out").glob("FO.*"), *root.glob("away/FO.*")]
    assert all(path.read_bytes() == BODY for path in visible)
    assert ended or len(visible) == 2


def test_an_upload_cut_and_then_only_to_be_written(root: Path, client_key: ClientKey) -> None:
    """A server that cuts an upload, and after that lets us write and not read, gets the rest of the file."""
    scripts = {1: Script(frozenset({"cuts_upload"}), at=150_000)}
    play = Sequence(scripts, Script(frozenset({"drop_box"})))
    with (
        misbehaving(root, client_key.public, play) as (address, server),
        SftpMailbox(address, read_key(client_key.file), LIMITS) as box,
    ):
        box.write("out", ".FO.STAT.part", BODY)
    assert (root / "out" / ".FO.STAT.part").read_bytes() == BODY
    assert server.struck.keys() >= {"cuts_upload", "drop_box"}


def test_the_same_seed_gives_the_same_faults() -> None:
    """Scripts are drawn by seed and by the number of the connection, and by nothing else; every fault is drawn."""
    one, same, other = (Play(drawn=NAMES, share=0.5, seed=seed) for seed in (1, 1, 2))
    scripts = [one.script(number) for number in range(1, 500)]
    assert scripts == [same.script(number) for number in range(1, 500)]
    assert scripts != [other.script(number) for number in range(1, 500)]
    drawn = set().union(*(script.faults for script in scripts))
    assert drawn == set(NAMES)
    assert 0.4 < sum(bool(script.faults) for script in scripts) / len(scripts) < 0.6


def test_the_catalogue_is_large_enough() -> None:
    """At least twenty-five faults, each with a name of its own, in every part of a visit."""
    assert len(set(NAMES)) == len(NAMES) >= 25
    assert {one.during for one in CATALOGUE} == {"connecting", "listing", "reading", "writing", "renaming"}
