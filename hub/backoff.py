"""When a partner whose server failed is called again: a pure function of what failed, how often in a row, and who.

Only trouble with the server itself counts. What concerns one file (it changed, is missing, is too large) delays nobody.
The first failure costs no time: most cuts are over at once. After that each wait is twice the one before, up to a
limit, and shorter by up to a quarter, by the partner's number: those who failed together do not come back together.
"""

import hashlib
from datetime import timedelta

from connectors.errors import Denied, HostKeyMismatch, LinkError, ProtocolBroken, Throttled, Unreachable, Unsupported

SECOND = {Unreachable: timedelta(minutes=4), Throttled: timedelta(minutes=2)}
LONGEST = {Unreachable: timedelta(hours=4), Throttled: timedelta(hours=1)}
STOPS = (Denied, HostKeyMismatch, ProtocolBroken, Unsupported)
ERRORS: dict[str, type[LinkError]] = {kind.__name__: kind for kind in (*SECOND, *STOPS)}
"""The errors that count, by name."""


def wait(error: str, failures: int, partner: str) -> timedelta | None:
    """How long not to call a partner after so many failures in a row, the last one of this name; None: until told to.

    Raises KeyError for an error that does not count.
    """
    kind = ERRORS[error]
    if issubclass(kind, STOPS):
        return None
    if failures <= 1:
        return timedelta()
    doubled: timedelta = SECOND[kind] * 2 ** min(failures - 2, 20)
    whole = min(LONGEST[kind], doubled)
    return whole * (1 - _share(partner, failures) / 4)


def _share(partner: str, failures: int) -> float:
    """A number from 0 to 1 that this partner has at this failure, and hardly another."""
    digest = hashlib.sha256(f"{partner}:{failures}".encode()).digest()
    return int.from_bytes(digest[:4]) / (1 << 32)
