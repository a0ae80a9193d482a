"""File names and manifests as the partner page describes them, in the stand-ins' own code."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

DATA_OUT = re.compile(r"FO\.(?P<feed>[A-Z]{4})\.(?P<to>\d{6})\.(?P<day>\d{8})\.(?P<seq>\d{5})\.(?P<env>[TR])")


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def inbound(feed: str, sender: str, day: str, seq: int, env: str = "T") -> str:
    """Name of a data file from a partner; `day` is ISO."""
    return f"FI.{feed}.{sender}.{day.replace('-', '')}.{seq:05d}.{env}.1.1"


def go_of(name: str) -> str:
    """Name of the GO file which belongs to a data file, either way."""
    kind, rest = name.split(".", 1)
    return f"GO.{rest.rsplit('.', 1)[0]}" if kind == "FI" else f"GO.{rest}.1"


@dataclass(frozen=True, slots=True)
class Outbound:
    """A data file from the hub, by its name; `day` is ISO."""

    feed: str
    recipient: str
    sequence: int
    environment: str
    day: str


def outbound(name: str) -> Outbound | None:
    """The parts of an FO name, or None when it is none."""
    found = DATA_OUT.fullmatch(name)
    if found is None:
        return None
    day = found["day"]
    return Outbound(found["feed"], found["to"], int(found["seq"]), found["env"], f"{day[:4]}-{day[4:6]}-{day[6:]}")


def manifest(
    name: str, data: bytes, contract: str, versions: list[int], previous: str | None, rows: int
) -> dict[str, Any]:
    """The manifest of one of our files, before any planned mistake."""
    return {
        "file": name,
        "rows": rows,
        "sha256": digest(data),
        "contract": contract,
        "first_version": min(versions, default=None),
        "last_version": max(versions, default=None),
        "previous": previous,
    }


def render(manifest_of: dict[str, Any]) -> bytes:
    """The bytes of a GO file."""
    return json.dumps(manifest_of, ensure_ascii=False, sort_keys=True).encode() + b"\n"
