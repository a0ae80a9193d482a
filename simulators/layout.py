"""Where things are under the root folder of the stand-ins, and writing a file whole."""

import json
from pathlib import Path
from typing import Any

FOREM, REGISTERS, OPEN_DATA = "900001", "900002", "900003"
MAILBOX = ("in/done", "out/taken")


def mailbox(root: Path, partner: str) -> Path:
    """The folder which the partner's SFTP user sees as its root."""
    return root / partner / "mailbox"


def apis(root: Path) -> dict[str, Any]:
    """The partners that have an API: `desk`, the folder behind it; `feeds`, those that the hub sends there."""
    path = root / "public" / "api.json"
    found: dict[str, Any] = read_json(path) if path.exists() else {}
    return found


def boxes(root: Path, partner: str) -> list[Path]:
    """The mailbox of a partner, and what is behind its API where that is another folder."""
    desk = root / partner / "desk"
    return [mailbox(root, partner), *([desk] if desk.is_dir() else [])]


def user(partner: str) -> str:
    """The SFTP user name of a partner."""
    return {FOREM: "forem", REGISTERS: "registers"}.get(partner, f"cpas{partner}")


def partners(root: Path) -> list[str]:
    """Every partner that has a mailbox here, sorted."""
    return sorted(path.parent.name for path in root.glob("[0-9]*/mailbox"))


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: a reader sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def write_json(path: Path, value: Any) -> None:
    """JSON with sorted keys and accents kept, on one line: the indenting encoder is ten times slower."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    write_whole(path, text.encode() + b"\n")


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    return json.loads(path.read_text("utf-8"))
