"""The state of the audit log at one moment as a text of three lines, as c2sp.org/tlog-checkpoint words it.

Pure. Its origin, how many entries it had, the root of their tree in base64. Signed, it is a note
(`hub.signed_note`), and whoever holds one can tell later whether history was rewritten.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self

from hub.merkle import HASH_BYTES

ORIGIN = "passerelle.example/audit"  # which log; the key says whose
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries the log had, and the root of their tree."""

    size: int
    root: bytes
    origin: str = ORIGIN

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The checkpoint in the text of a note, or None; lines after the third are for others."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            return None
        try:
            root = base64.b64decode(lines[2], validate=True)
        except (binascii.Error, ValueError):
            return None
        return cls(int(lines[1]), root, lines[0]) if len(root) == HASH_BYTES else None
