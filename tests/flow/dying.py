"""Counts what a process does to its files and databases, and kills it with SIGKILL just before a chosen step.

A step is a statement or a commit of a database, or a system call that changes a file. What lies between two
steps is in memory and dies with the process, so dying before each step is dying at every instruction.
"""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import sqlalchemy as sa

CALLS = ("open", "write", "fsync", "link", "unlink", "rename", "replace")


class Steps:
    """The steps done so far."""

    def __init__(self, last: int | None = None) -> None:
        self._numbers = itertools.count(1)
        self._last = last
        self.done = 0

    def step(self, *_: Any) -> None:
        """One step more; the process is dead before the chosen one is done."""
        self.done = next(self._numbers)
        if self.done == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def counted(steps: Steps) -> Iterator[Steps]:
    """Tells `steps` of each step of this process, for as long as the block lasts."""
    events = ("before_cursor_execute", "commit")
    with ExitStack() as stack:
        for name in CALLS:
            stack.enter_context(mock.patch.object(os, name, _told(getattr(os, name), steps)))
        for event in events:
            sa.event.listen(sa.Engine, event, steps.step)
            stack.callback(sa.event.remove, sa.Engine, event, steps.step)
        yield steps


@contextmanager
def die_at(step: int) -> Iterator[None]:
    """Kills this process just before that step, the first being 1."""
    with counted(Steps(step)):
        yield


def _told(call: Callable[..., Any], steps: Steps) -> Callable[..., Any]:
    def told(*arguments: Any, **named: Any) -> Any:
        steps.step()
        return call(*arguments, **named)

    return told
