"""What an engine gives back, and how its time is taken."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import polars as pl

FOUND = {"line": pl.Int64(), "column": pl.String(), "code": pl.String()}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Accepted rows, in whatever form the engine holds them, how many they are, and what was found on the others."""

    rows: Any
    accepted: int
    found: pl.DataFrame  # FOUND


@dataclass(slots=True)
class Watch:
    """Takes the CPU seconds, of all threads, that each named phase uses."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        """Adds what is used inside the `with` to this phase."""
        start = cpu()
        yield
        self.spent[phase] = self.spent.get(phase, 0.0) + cpu() - start


def cpu() -> float:
    """Gives the CPU seconds of this process, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mb() -> float:
    """Gives the largest memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def wall() -> float:
    """Gives a clock that only goes forward."""
    return time.perf_counter()
