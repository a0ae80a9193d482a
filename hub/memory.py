"""Keeps what is in the memory of a process there: no core dump, no other process that reads it, no stray error's text.

A NISS is in memory while a file is processed, and Python cannot wipe it. Swap is the machine's matter, see
docs/security.md.
"""

import ctypes
import os
import resource
import sys
import threading
from contextlib import suppress

from hub import events
from hub.errors import OperatorError, unforeseen

SET_DUMPABLE = 4  # <linux/prctl.h>
TALKATIVE = ("DEV", "POLARS_VERBOSE")  # with the first, Airflow prints local variables; with the second, polars talks


def keep_private() -> None:
    """Take core dumps, debuggers and other processes of the user away from this process. Twice is as once.

    The limit alone does not do: a `core_pattern` that is a program gets the dump all the same (core(5)). Where there
    is no prctl, as on macOS, the limit has to do.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda stray: _tell(stray.exc_value)
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda stray: _tell(stray.exc_value)


def require_quiet() -> None:
    """Raise OperatorError when a setting of the environment makes a library print what is in memory."""
    if told := [name for name in TALKATIVE if os.environ.get(name)]:
        raise OperatorError(f"{', '.join(told)} in the environment would print what is in memory: unset it")


def _tell(error: BaseException | None) -> None:
    """What an error says that nobody could catch: its class and place. The interpreter would print its text."""
    if error is not None:
        events.log(events.STRAY_ERROR, reason=unforeseen(error))
