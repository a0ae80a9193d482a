"""Acknowledgement files: what the software of some CPAS says of each file that it took, and whether the hub knows it.

Nearly all are accepted; of a few the software says that it cannot read them, or has other bytes than were sent.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from simulators import naming
from simulators.year.store import Store
from simulators.year.world import World

SHARE = 0.08  # of the CPAS have such software
RECEIPTS = ("ACRF", "NOTI", "NOND")  # are not answered themselves
KINDS = ("ACCEPTED", "REFUSED", "ALTERED")
Difference = tuple[str, str, str, str]


def answers(world: World, partner: str) -> bool:
    """Whether that partner writes acknowledgement files."""
    return partner in world.place and world.rng(partner, "replies").random() < SHARE


def write(world: World, partner: str, name: str, sha256: str) -> tuple[str, bytes]:
    """Name and content of the acknowledgement of that file."""
    kind = _kind(world, partner, name)
    said = {
        "file": name,
        "sha256": naming.digest(b"other bytes") if kind == "ALTERED" else sha256,
        "verdict": "REFUSED" if kind == "REFUSED" else "ACCEPTED",
        "code": "NOT_READ" if kind == "REFUSED" else None,
    }
    return f"AK{naming.go_of(name)[2:]}", json.dumps(said).encode()


def compare(store: Store, world: World, hub: Path, today: date) -> Iterator[Difference]:
    """What the hub has noted of its files is what their recipients said; of what was said today it may know nothing."""
    lines = hub.read_text("utf-8").splitlines()
    noted = {(one["recipient"], one["name"]): one["kind"] for one in map(json.loads, lines)}
    for row in store.all("SELECT partner, name, feed, day FROM taken"):
        partner, name = row["partner"], row["name"]
        said = _kind(world, partner, name) if answers(world, partner) and row["feed"] not in RECEIPTS else ""
        known = noted.pop((partner, name), "")
        if known != said and (known or row["day"] < today.isoformat()):
            yield "reply_wrong", partner, name, f"{known or 'nothing'} noted, {said or 'nothing'} said"
    yield from (("reply_unknown", *key, f"{kind} noted, never taken") for key, kind in noted.items())


def _kind(world: World, partner: str, name: str) -> str:
    return world.rng(partner, name, "reply").choices(KINDS, (96, 2, 2))[0]
