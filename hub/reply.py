"""A partner's acknowledgement of one file of ours: a small JSON file in its `in/`, named after the file that it took.

It decides what such a file says; which publication it speaks of, and what follows, is left to `hub.flow.replies`.
"""

import json
import re
from dataclasses import dataclass
from typing import Self

from hub.filenames import MANIFEST_BYTES

VERDICTS = ("ACCEPTED", "REFUSED")
ALTERED = "ALTERED"  # what was taken is not what was published, whatever the verdict
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[A-Z0-9_]{1,20}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a recipient says of a file: name, SHA-256 of the bytes that it took, verdict, and a code of its own."""

    file: str
    sha256: str
    verdict: str
    code: str | None

    @classmethod
    def parse(cls, content: bytes) -> Self | None:
        """The acknowledgement that these bytes hold, or None; never an error. Unknown keys are ignored."""
        if len(content) > MANIFEST_BYTES:
            return None
        try:
            read = json.loads(content.decode())
            reply = cls(read["file"], read["sha256"].lower(), read["verdict"], read.get("code"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return reply if reply._is_sound() else None

    def kind(self, sha256: str) -> str:
        """What the ledger notes of it, given the hash of what was published."""
        return self.verdict if self.sha256 == sha256 else ALTERED

    def _is_sound(self) -> bool:
        digest = _DIGEST.fullmatch(self.sha256) is not None
        code = self.code is None or (isinstance(self.code, str) and _CODE.fullmatch(self.code) is not None)
        return isinstance(self.file, str) and digest and self.verdict in VERDICTS and code
