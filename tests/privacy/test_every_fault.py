"""Whatever function of the hub fails, in words that quote all it held, nothing of that leaves its memory.

A run of each verb is watched to learn which functions of ours it calls. Then it is run again, on a copy, once for
each of them: that one function throws, as it returns, an error that quotes its variables and a row. All that the hub
wrote, kept, logged, printed and delivered is searched. `make canaries` tries every function, the suite every few.
"""

import itertools
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import pytest
from play import PROJECT, WEEK

from hub.stores import database, tables
from tests.privacy import everybody
from tests.privacy.everybody import CANARIES, SENDER, VALUES
from tests.privacy.plants import PLANTED
from tests.privacy.scanner import Scanner
from tests.privacy.watched import VERBS, ByCommand, searched, watching

EVERY = int(os.environ.get("PASSERELLE_CANARIES") or 47)  # of the functions of a verb, as it first calls them
OURS = tuple(str(PROJECT / part) + os.sep for part in ("hub", "contracts", "connectors"))
# What turns an error into what may be told, when that fails there is nobody left to tell it; and the command line's
# own words, which are read before anything is opened.
LAST = {"hub/cli.py", "hub/errors.py", "hub/memory.py", "hub/events.py", "hub/redaction.py", "hub/flow/guard.py"}
ROW = ";".join(VALUES.values())

Place = tuple[str, int, str]  # module, line, name


class QuotingError(Exception):
    """An error that nobody foresaw, and whose text is all that there was."""


@dataclass
class Struck:
    """One failure: where, how often, what the command answered, what came out of it."""

    verb: str
    place: Place
    times: int
    code: int
    home: Path


def place_of(code: CodeType) -> Place | None:
    if not code.co_filename.startswith(OURS):
        return None
    module = str(Path(code.co_filename).relative_to(PROJECT))
    return None if module in LAST or module.startswith("hub/cli_") else (module, code.co_firstlineno, code.co_qualname)


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


def called(exchange: ByCommand, verb: str) -> list[Place]:
    """The functions of ours that a verb calls, in the order in which it first does."""
    found: dict[Place, None] = {}

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and (place := place_of(frame.f_code)):
            found.setdefault(place)

    forget()
    with profiled(seen):
        assert run(exchange, verb) == 0
    return list(found)


def run(exchange: ByCommand, verb: str) -> int:
    return exchange.run(verb, WEEK[0], "EVENING", sorted(SENDER.values()))


def fail(exchange: ByCommand, verb: str, place: Place) -> Struck:
    """The verb with one function that throws; what was printed and logged lies in the hub's folder."""
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
            code = run(exchange, verb)
        except QuotingError:  # it came out: the test will say so
            code = 1
    in_thread.assert_not_called()
    return Struck(verb, place, times, code, home)


def _quoted(frame: FrameType) -> str:
    try:
        return repr(frame.f_locals)[:20_000]
    except Exception:  # noqa: BLE001  an object that is not yet whole cannot show itself
        return ""


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ByCommand]:
    """The exchange as it is just before each verb, and at the end (`done`)."""
    folder = tmp_path_factory.mktemp("everybody")
    stages = {VERBS[0]: everybody.prepared(folder / VERBS[0])}
    for verb, after in itertools.pairwise((*VERBS, "done")):
        stages[after] = copied(stages[verb], folder / after)
        with watching(stages[after].root / "hub"):
            assert run(stages[after], verb) == 0
    return stages


def copied(exchange: ByCommand, root: Path) -> ByCommand:
    shutil.copytree(exchange.root, root)
    copy = ByCommand(root, cpas=exchange.cpas)
    copy.set_channels({p: {"folder": str(copy.mailbox(p))} for p in SENDER.values()})
    return copy


def forget() -> None:
    """Drop whatever functions of ours keep for the whole process (`functools.cache`)."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in {"hub", "contracts", "connectors"}:
            for kept in vars(module).values():
                if callable(clear := getattr(kept, "cache_clear", None)):
                    clear()


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner([*CANARIES, *PLANTED])


def test_every_feed_went_through(stages: dict[str, ByCommand]) -> None:
    """Each feed of the convention was recorded from its right file and answered for its wrong one."""
    done = stages["done"]
    events = Counter(row["feed"] for row in done.rows(tables.event))
    states = Counter((row["feed"], row["state"]) for row in done.rows(tables.submission))
    print(dict(events), dict(states))
    assert set(events) == set(everybody.GOOD) & set(events)
    assert set(events) == {feed for feeds in everybody.FEEDS.values() for feed in feeds}
    assert all(states[feed, "DONE"] >= 1 for feed in events)
    assert sum(row["rejected"] or 0 for row in done.rows(tables.submission)) >= 10


def test_no_canary_is_where_it_may_not_be(stages: dict[str, ByCommand], scanner: Scanner, tmp_path: Path) -> None:
    """After every verb, what the hub keeps, logs and delivers shows none of the values; what was sent shows all."""
    done = stages["done"]
    outs = tmp_path / "outs"
    for partner in SENDER.values():
        shutil.copytree(done.mailbox(partner) / "out", outs / partner)
    assert searched(scanner, tmp_path / "scan", done.root / "hub", outs) == []
    sent = scanner.scan(*(done.mailbox(partner) / "in" for partner in SENDER.values()))
    print(scanner.told(sent))
    text = b"".join(path.read_bytes() for path in (done.partners).glob("*/mailbox/in/done/FI.*"))
    assert [kind for kind, value in VALUES.items() if value.encode() not in text] == []
    assert {hit.what.split(" as ")[0] for hit in sent.hits} == {canary.kind for canary in CANARIES}


@pytest.mark.parametrize("verb", VERBS)
def test_no_failure_shows_what_there_was(
    verb: str, stages: dict[str, ByCommand], scanner: Scanner, tmp_path: Path
) -> None:
    """Of every function that failed, the error's text is nowhere; each did fail, and most of them ended the command
    with a code of its own: none was passed over in silence."""
    places = called(copied(stages[verb], tmp_path / "watched"), verb)
    shutil.rmtree(tmp_path / "watched")
    left = []
    for number, place in enumerate(places[::EVERY]):
        one = fail(copied(stages[verb], tmp_path / f"{verb}{number}"), verb, place)
        if not one.times:  # what it found the first time is kept
            forget()
            one = fail(copied(stages[verb], tmp_path / f"{verb}{number}-again"), verb, place)
        left.append(one)
    homes = [one.home for one in left]
    outs = [path for home in homes for path in home.parent.glob("partners/*/mailbox/out")]
    found = searched(scanner, tmp_path / "scan", *homes, *(out for out in outs if any(out.rglob("*.*"))))
    for home in homes:
        shutil.rmtree(home.parent)
    codes = Counter(one.code for one in left)
    print(f"{verb}: {len(places)} functions, {len(left)} of them made to fail, {dict(codes)}, {len(found)} finds")
    assert [f"{hit.place}: {hit.what}" for hit in found] == []
    assert codes.keys() <= {0, 10, 11, 12, 13}
    assert [one.place for one in left if not one.times] == []
    assert len(left) > 200 // EVERY
    assert codes[11] + codes[12] + codes[13] > len(left) * 2 // 3
