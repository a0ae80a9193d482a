"""A wall between the hub and the ground truth: a process behind it cannot open what the stand-ins write down.

The hub and the stand-ins run under one user of the operating system, so nothing of its keeps them apart. Python tells
of each file, folder and database before it is opened (PEP 578); here that is an error, which no verb expects.
"""

import os
import sys
from pathlib import Path

EVENTS = frozenset({"open", "os.listdir", "os.scandir", "os.rename", "os.link", "os.symlink", "sqlite3.connect"})


def keep_from(folder: Path) -> None:
    """From now on this process can open nothing in the folder, until it ends."""
    forbidden = os.path.realpath(folder)

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        path = arguments[0] if event in EVENTS else None
        if isinstance(path, str | bytes | os.PathLike):
            asked = os.path.realpath(os.fsdecode(path).removeprefix("file:").partition("?")[0])
            if os.path.commonpath((asked, forbidden)) == forbidden:
                raise PermissionError("the hub is not to read the ground truth")

    sys.addaudithook(refuse)
