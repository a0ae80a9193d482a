"""kill -9 at random instants of every half-day, and run again: the end is that of a week in which nothing happened.

The instant is a step of the process (see `dying`), drawn from a seed, so that what fails can be repeated.
`PASSERELLE_CRASH_SEEDS=n` plays n whole weeks of twelve CPAS instead of the short version.
"""

import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from dying import Steps, counted
from play import PROJECT, WEEK, Exchange

from hub.stores.files import WRITING

SEEDS = int(os.environ.get("PASSERELLE_CRASH_SEEDS", "0"))
DEATHS = 2 if SEEDS else 1  # in each half-day at most: a second run is killed too, where it gets that far

CASES = [(seed, WEEK, "12") for seed in range(1, SEEDS + 1)] or [(7, WEEK[:2], "3")]
MESSAGE_ID = re.compile(r"\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

HalfDay = Callable[[date, str], None]


def play(exchange: Exchange, days: list[date], half_day: HalfDay) -> Exchange:
    """Play the days, the hub's part of each half-day in this way."""
    for day in days:
        for command, half in (("cpas-day", "CPAS"), ("forem-day", "FOREM")):
            exchange.simulate(command, "--day", day.isoformat())
            half_day(day, half)
        exchange.simulate("take", "--day", day.isoformat())
    return exchange


def undisturbed(exchange: Exchange, days: list[date]) -> dict[tuple[date, str], int]:
    """Play the days without a death; the number of steps of each half-day."""
    steps = {}

    def half_day(day: date, half: str) -> None:
        with counted(Steps()) as done:
            exchange.require(exchange.half_day(day, half))
        steps[day, half] = done.done

    play(exchange, days, half_day)
    return steps


def killed(exchange: Exchange, days: list[date], steps: Mapping[tuple[date, str], int], seed: int) -> Counter[str]:
    """Play the days with a hub that is killed in every half-day, and run again until it completes."""
    drawn, ends = random.Random(seed), Counter[str]()
    environ = {**os.environ, **exchange.environ}

    def half_day(day: date, half: str) -> None:
        words = [sys.executable, str(PROJECT / "tests/flow/play.py"), str(exchange.root), half, day.isoformat()]
        for step in [drawn.randint(1, steps[day, half]) for _ in range(DEATHS)]:
            done = subprocess.run([*words, str(step)], env=environ, cwd=PROJECT, capture_output=True, check=False)
            ends["killed" if done.returncode == -signal.SIGKILL else "completed"] += 1
            assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        exchange.require(exchange.half_day(day, half))

    play(exchange, days, half_day)
    return ends


def lying(exchange: Exchange) -> list[str]:
    """Every file in the mailboxes, with where it lies; a message id that ends a name is left out."""
    boxes = (exchange.mailbox(partner) for partner in exchange.everyone())
    paths = (path.relative_to(exchange.partners) for box in boxes for path in box.rglob("*") if path.is_file())
    return sorted(MESSAGE_ID.sub("", str(path)) for path in paths)


def check_same(twin: Exchange, exchange: Exchange, last: date) -> None:
    """Nothing tells the week with deaths from the one without."""
    assert exchange.told() == twin.told()
    assert exchange.recorded() == twin.recorded()
    assert lying(exchange) == lying(twin)
    assert exchange.status()["conservation"] == twin.status()["conservation"]
    assert twin.books_agree(last)
    assert exchange.books_agree(last)  # a second delivery of a file would be a difference
    assert list((exchange.settings.files / WRITING).iterdir()) == []


@pytest.mark.parametrize(("seed", "days", "cpas"), CASES)
def test_a_hub_killed_in_every_half_day_ends_like_one_that_never_was(
    new_stores: Callable[[], dict[str, str]], tmp_path: Path, seed: int, days: list[date], cpas: str
) -> None:
    """After kill -9 at random instants of each half-day, and runs until one completes, nothing shows it."""
    twin = Exchange(tmp_path / "twin", seed=seed, cpas=cpas, environ=new_stores()).prepare()
    steps = undisturbed(twin, days)
    exchange = Exchange(tmp_path / "killed", seed=seed, cpas=cpas, environ=new_stores()).prepare()
    ends = killed(exchange, days, steps, seed)
    print(f"seed {seed}: {dict(ends)}")
    assert ends["killed"] >= len(days)  # the last steps of a run may come in another order, and one be missed
    check_same(twin, exchange, days[-1])
