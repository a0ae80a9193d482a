"""How many connections there are at a time: in all from this machine, and to one host.

Decides it by locks on files, which every process of the machine sees and which end with the process that holds them,
however it ends. Several machines need a share each: what was agreed with a host is divided among them by hand.
"""

import contextlib
import fcntl
import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.errors import Throttled

_LOOK = 0.05  # seconds between two looks, on average
_ALL = "all"


class Slots:
    """At most `in_all` connections at a time, and so many to a host as each asks for.

    Whoever waits longer than `patience` seconds is Throttled. Where others are connected to the host already, one
    comes up to `jitter` seconds later: a server that is asked by many at the same instant drops some (MaxStartups).
    """

    def __init__(
        self,
        folder: Path,
        in_all: int = 32,
        patience: float = 300.0,
        jitter: float = 0.1,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._folder, self._in_all, self._patience = folder, in_all, patience
        self._jitter, self._draw = jitter, draw

    @contextlib.contextmanager
    def take(self, host: str, most: int) -> Iterator[None]:
        """Holds one of the `most` connections to this host, and one of all. The host's first: who waits holds none."""
        ends = time.monotonic() + self._patience
        with contextlib.ExitStack() as held:
            place = self._one_of(hashlib.sha256(host.encode()).hexdigest()[:16], most, ends, held)
            if place:
                time.sleep(self._draw() * self._jitter)
            self._one_of(_ALL, self._in_all, ends, held)
            yield

    def _one_of(self, name: str, most: int, ends: float, held: contextlib.ExitStack) -> int:
        """Locks the first free place of so many, in order, and says which it is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            for place in range(most):
                if self._lock(self._folder / f"{name}.{place}", held):
                    return place
            if time.monotonic() >= ends:
                raise Throttled("all the connections that we may have at a time are in use")
            time.sleep(_LOOK * (0.5 + self._draw()))

    @staticmethod
    def _lock(path: Path, held: contextlib.ExitStack) -> bool:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        held.callback(os.close, descriptor)
        return True
