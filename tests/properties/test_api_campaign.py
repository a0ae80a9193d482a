"""Pulls and pushes through an API at which everything goes wrong: nothing lost, nothing twice, each fault seen."""

import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from connectors.api import ApiMailbox, Patience
from connectors.errors import Exists, LinkError, Missing
from simulators.api_faults import WHERE
from tests.connectors.served_api import Served, served

RUNS = int(os.environ.get("PASSERELLE_API_RUNS", "60"))  # pulls and pushes; `make campaign-api` does more
VISITS = 60  # no file needs so many
FASTER = Patience(connect=10, read=10, call=1, tries=4, pause=5)  # a trickle lasts longer than a call


def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Whatever an API does, each file is had once with its own bytes, each of ours is there once with its bytes.

    Each run is a pull or a push of a file of some rows, visit after visit as the verbs go, until it is through.
    """
    rng = random.Random(20260309)
    told: Counter[str] = Counter()
    with served(tmp_path, seed=11, share=0.25) as api:
        api.api.slow = 2.0
        for run in range(RUNS):
            (pulled if run % 2 else pushed)(api, run, rng.choice((0, 1, 3, 999, 1001, 2500, 2500)), told)
        counts, left = api.api.faults.counts, api.desk.imports("STAGED")
    print("faults:", dict(sorted(counts.items())))
    print("told:", dict(told), "requests:", api.api.asked)
    assert left == []
    assert [name for name in WHERE if not counts[name]] == []
    assert told["ProtocolBroken"]


def pulled(api: Served, run: int, count: int, told: Counter[str]) -> None:
    """One file of the partner's: landed once, whatever was needed to take it."""
    name = f"FI.INSC.900001.20260309.{run:05d}.T.1.1"
    data = api.put(name, ["notice_id", "niss"], [{"notice_id": f"{run}-{n}", "niss": ""} for n in range(count)])
    landed: list[str] = []

    def visit(box: ApiMailbox) -> bool:
        for entry in box.list("in"):
            digest = hashlib.sha256(box.read("in", entry.name)).hexdigest()
            if entry.name == name and digest not in landed:
                landed.append(digest)
            try:
                box.rename("in", entry.name, "in/done", entry.name)
            except Missing:
                told["taken already"] += 1
        return not box.list("in")

    repeat(api, visit, told)
    assert landed == [hashlib.sha256(data).hexdigest()]
    assert len([one for one in api.desk.exports("TAKEN") if one.name == name]) == 1


def pushed(api: Served, run: int, count: int, told: Counter[str]) -> None:
    """One file of ours: there once, whole, whatever was needed to bring it."""
    name = f"FO.RECO.900001.20260309.{run:05d}.T"
    data = b"record;entity_ref\n" + b"".join(b"ROW;%d-%d\n" % (run, n) for n in range(count))
    temporary = f".{name}.part"

    def visit(box: ApiMailbox) -> bool:
        if not (box.exists("out", name) or box.exists("out/taken", name)):
            box.write("out", temporary, data)
            assert box.read("out", temporary) == data
            try:
                box.rename("out", temporary, "out", name)
            except Exists:
                told["released already"] += 1
        return box.read("out", name) == data

    repeat(api, visit, told)
    assert (api.desk.folder / "out" / name).read_bytes() == data
    assert (
        len([one for state in ("STAGED", "RELEASED", "TAKEN") for one in api.desk.imports(state) if one.name == name])
        == 1
    )


def repeat(api: Served, visit: Callable[[ApiMailbox], bool], told: Counter[str]) -> None:
    """Visits until one goes well to its end. Every error is one of a link."""
    for _ in range(VISITS):
        try:
            with api.mailbox(FASTER) as box:
                if visit(box):
                    return
        except LinkError as error:
            told[type(error).__name__] += 1
    raise AssertionError("never through")
