"""Leases on a submission: who works on it, and until when.

A lease only saves work done twice; it never protects the result. Effects and DONE commit in one
transaction that checks the lease, so a worker that lost its lease changes nothing. Leases run on the
machine's clock, not on the day being simulated.
"""

import os
import socket
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

LEASE = timedelta(minutes=5)


def new_owner() -> str:
    """`host:pid:start:random`, unique to one worker and telling whether its process still lives."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_started(pid)}:{uuid.uuid4().hex[:8]}"


def until() -> datetime:
    """The end of a lease taken now."""
    return datetime.now(UTC) + LEASE


def is_free(owner: str | None, lease_until: datetime | None) -> bool:
    """Whether another may take it: never taken, run out, or its owner's process on this host is dead."""
    if owner is None or lease_until is None or lease_until <= datetime.now(UTC):
        return True
    host, pid, started, _ = owner.rsplit(":", 3)
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc(5), field 22); empty when it is gone.

    A zombie (field 3 is Z) is gone too: nobody has read its exit yet, which in a container may last.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
