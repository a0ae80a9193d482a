"""One function of ours after the other is made to fail, in words that quote all it held.

A run is watched to learn which functions it calls. Then it is run again, once for each of them (or every few): that one
throws, as it returns, an error that quotes its variables and a row.
"""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock

from play import PROJECT

from hub.stores import database
from tests.privacy.everybody import SENDER, VALUES
from tests.privacy.watched import ByCommand, watching

EVERY = int(os.environ.get("PASSERELLE_CANARIES") or 47)  # of the functions of a run, as it first calls them
OURS = tuple(str(PROJECT / part) + os.sep for part in ("hub", "contracts", "connectors"))
# What turns an error into what may be told, when that fails there is nobody left to tell it; and the command line's
# own words, which are read before anything is opened.
LAST = {"hub/cli.py", "hub/errors.py", "hub/memory.py", "hub/events.py", "hub/redaction.py", "hub/flow/guard.py"}
ROW = ";".join(VALUES.values())

AT_THE_COUNTER = {"hub/cli_person.py", "hub/cli_numbers.py", "hub/cli_reveal.py"}  # a number or a name is typed there

Place = tuple[str, int, str]  # module, line, name
Run = Callable[[ByCommand], int]


class QuotingError(Exception):
    """An error that nobody foresaw, and whose text is all that there was."""


@dataclass
class Struck:
    """One failure: where, how often, what the command answered, what came out of it."""

    place: Place
    times: int
    code: int
    home: Path


def place_of(code: CodeType) -> Place | None:
    is_function = code.co_flags & CO_OPTIMIZED  # the body of a module or of a class is run once, by the first import
    if not is_function or not code.co_filename.startswith(OURS):
        return None
    module = str(Path(code.co_filename).relative_to(PROJECT))
    declares = module not in AT_THE_COUNTER or code.co_name.lstrip("_").startswith("add")
    passed = module in LAST or (module.startswith("hub/cli_") and declares)
    return None if passed else (module, code.co_firstlineno, code.co_qualname)


@contextmanager
def profiled(seen: Callable[[FrameType, str, Any], None]) -> Iterator[None]:
    """Tell a function of every call and return, in every thread."""
    threading.setprofile(seen)
    sys.setprofile(seen)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def called(exchange: ByCommand, run: Run) -> list[Place]:
    """The functions of ours that a run calls, in the order in which it first does."""
    found: dict[Place, None] = {}

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and (place := place_of(frame.f_code)):
            found.setdefault(place)

    forget()
    with profiled(seen):
        assert run(exchange) == 0
    return list(found)


def fail(exchange: ByCommand, run: Run, place: Place) -> Struck:
    """The run with one function that throws; what was printed and logged lies in the hub's folder."""
    times = 0

    def throw(frame: FrameType, event: str, _: Any) -> None:
        nonlocal times
        if event == "return" and place_of(frame.f_code) == place:
            times += 1
            raise QuotingError(f"{ROW} {_quoted(frame)}")

    home = exchange.root / "hub"
    # where the failure left a transaction open in this process, the next writer need not wait half a minute
    hurry = mock.patch.object(database, "PATIENCE", 0.05)
    ours = mock.patch.object(sys, "unraisablehook", sys.__unraisablehook__)  # not pytest's: the hub then sets its own
    with watching(home), ours, hurry, mock.patch.object(threading, "excepthook") as in_thread, profiled(throw):
        try:
            code = run(exchange)
        except QuotingError:  # it came out: the test will say so
            code = 1
    in_thread.assert_not_called()
    return Struck(place, times, code, home)


def struck(stage: ByCommand, run: Run, folder: Path) -> tuple[int, list[Struck]]:
    """How many functions a run from this stage calls, and what was left by those of them that were made to fail."""
    places = called(copied(stage, folder / "watched"), run)
    shutil.rmtree(folder / "watched")
    left = []
    for number, place in enumerate(places[::EVERY]):
        one = fail(copied(stage, folder / f"{number}"), run, place)
        if not one.times:  # what it found the first time is kept
            forget()
            one = fail(copied(stage, folder / f"{number}-again"), run, place)
        left.append(one)
    return len(places), left


def copied(exchange: ByCommand, root: Path) -> ByCommand:
    """The exchange once more, elsewhere."""
    shutil.copytree(exchange.root, root)
    copy = ByCommand(root, cpas=exchange.cpas, environ=exchange.environ)
    copy.set_channels({p: {"folder": str(copy.mailbox(p))} for p in SENDER.values()})
    return copy


def _quoted(frame: FrameType) -> str:
    try:
        return repr(frame.f_locals)[:20_000]
    except Exception:  # noqa: BLE001  an object that is not yet whole cannot show itself
        return ""


def forget() -> None:
    """Drop whatever functions of ours keep for the whole process (`functools.cache`)."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in {"hub", "contracts", "connectors"}:
            for kept in vars(module).values():
                if callable(clear := getattr(kept, "cache_clear", None)):
                    clear()
