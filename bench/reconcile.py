"""The benchmark of reconcile: the same states by the product and by hand, each in its own process, medians.

`python -m bench.reconcile [--referrals N] [--reps N] [--no-scale] [--write]`, from the folder of the project. It prints
what each engine used, whether the states are the same, and one line for each measure. It exits 0 when the measures
were taken, met or short, and 1 when two engines disagree.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.reconcile_worker import ENGINES
from bench.report import machine, write_page

DATA = Path("var/bench/data")
PAGE = Path("docs/benchmarks.md")
EVENTS_A_REFERRAL = 4  # one row of a CPAS, three of Le Forem's
SCALE = ((100_000, 1), (1_000_000, 1), (10_000_000, 10))  # events, hash buckets
GOAL = 1.5
Used = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Takes the measures and prints them; gives the exit status."""
    asked = _asked(arguments)
    DATA.mkdir(parents=True, exist_ok=True)
    where = machine()
    base = [_medians(runs) for runs in _interleaved(asked.referrals, asked.reps)]
    agreed = all(used["same"] for used in base)
    scale = [] if asked.no_scale else [_scaled(events, buckets, asked.reps) for events, buckets in SCALE]
    lines = [where, *_table(base, asked.referrals), *_measures(base, scale)]
    print("\n".join(lines))
    if asked.write:
        write_page(PAGE, lines, "reconcile")
    return 0 if agreed else 1


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.reconcile")
    parser.add_argument("--referrals", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--no-scale", action="store_true", help="leave out the cost per event up to ten million")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args(arguments)


def _interleaved(referrals: int, reps: int) -> Iterator[list[Used]]:
    """Runs every engine so many times, one after the other and again; gives the runs of each."""
    folder = _data(referrals, 1)
    runs = [[_run(engine, folder) for engine in ENGINES] for _ in range(reps)]
    yield from map(list, zip(*runs, strict=True))


def _scaled(events: int, buckets: int, reps: int) -> Used:
    """The product on so many events, in hash buckets one after the other; the largest only once."""
    folder = _data(events // EVENTS_A_REFERRAL, buckets)
    used = _medians([_run("product", folder) for _ in range(1 if buckets > 1 else reps)])
    if buckets > 1:
        shutil.rmtree(folder)  # gigabytes
    return used


def _data(referrals: int, buckets: int) -> Path:
    folder = DATA / f"referrals-{referrals}-{buckets}"
    if not folder.exists():
        print(f"  making {folder.name}", flush=True)
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        _python("bench.referrals", part, referrals, buckets)
        part.rename(folder)
    return folder


def _run(engine: str, folder: Path) -> Used:
    """Runs an engine, and compares its states with those of the product, which runs first."""
    answer, right = (DATA / f"{folder.name}.{name}.parquet" for name in (engine, "product"))
    used: Used = json.loads(_python("bench.reconcile_worker", engine, folder, answer, right))
    print(f"  {engine:8} {used['events']:>10,} events {used['cpu']:8.2f} CPU s", flush=True)
    return used


def _python(module: str, *arguments: object) -> str:
    """Runs a module of the benchmark in a process of its own; what it prints.

    This one stays small: a process inherits the peak of the memory of the one that started it.
    """
    order = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(order, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    if done.returncode:
        raise SystemExit(f"{module} {arguments[0]} ended with {done.returncode}")
    return done.stdout


def _medians(runs: Sequence[Used]) -> Used:
    middle = {name: median(run[name] for run in runs) for name in ("cpu", "wall", "peak_mb")}
    return {**runs[-1], **middle, "same": all(run["same"] for run in runs)}


def _table(taken: Sequence[Used], referrals: int) -> Iterator[str]:
    yield f"\n### {referrals:,} referrals, {taken[0]['events']:,} events, frame to frame\n"
    yield "| engine | CPU s | wall s | peak MB | states | the same? |"
    yield "|---|---:|---:|---:|---:|---|"
    for used in taken:
        cells = (f"{used['cpu']:.2f}", f"{used['wall']:.2f}", f"{used['peak_mb']:,.0f}", f"{used['states']:,}")
        yield f"| {used['engine']} | {' | '.join(cells)} | {'same' if used['same'] else 'differs'} |"


def _measures(base: Sequence[Used], scale: Sequence[Used]) -> Iterator[str]:
    """Gives one line for each measure: NAME: VALUE (goal GOAL) met, or short."""
    yield "\n```"
    spent = {used["engine"]: used["cpu"] for used in base}
    for name in ("polars", "duckdb"):
        yield f"    reconcile / {name} by hand, CPU: {spent['product'] / spent[name]:.2f}"
    yield _at_most("reconcile / the faster one by hand, CPU", spent["product"] / min(spent["polars"], spent["duckdb"]))
    each = [used["cpu"] / used["events"] for used in scale]
    for used, cost in zip(scale, each, strict=True):
        yield f"    {used['events']:,} events: {cost * 1e6:.2f} µs of CPU an event, peak {used['peak_mb']:,.0f} MB"
    if each:
        yield _at_most("CPU per event, dearest / cheapest from 100,000 to 10,000,000", max(each) / min(each))
    yield "```"


def _at_most(name: str, value: float) -> str:
    return f"{name}: {value:.2f} (goal <= {GOAL}) {'met' if value <= GOAL else 'short'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
