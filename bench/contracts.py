"""The benchmark of the contracts: one run, every engine in its own process, repetitions interleaved, medians.

`python -m bench.contracts [--rows N] [--reps N] [--quick] [--no-large] [--write]`, from the folder of the project.
It prints what each engine used, whether the failure lists are the same, and one line for each measure. It
exits 0 when the measures were taken, met or short, and 1 when an engine of the product or one by hand disagrees.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import machine, measures, table, write_page

DATA = Path("var/bench/data")
POLARS = (
    "read", "reader", "hand", "hand-eager", "hand-sink", "compiled", "compiled-first", "compiled-stream", "product",
    "pandera-polars",
)  # fmt: skip
OTHERS = ("dataframely", "duckdb", "pandera-pandas")
FIRST = 2_000  # rows of the file that each engine judges before it is measured
SLOW = {"pydantic": 10, "frictionless": 50}  # how many times fewer rows
ACROSS = ("hand-eager", "compiled", "compiled-first", "pandera-polars", "pandera-frame")
SAME = {*POLARS, *ACROSS} - {"read", "reader", "compiled-first"}  # their lists must be the same
Used = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Takes the measures and prints them; gives the exit status."""
    asked = _asked(arguments)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # of all that is started from here too
    DATA.mkdir(parents=True, exist_ok=True)
    where = machine()
    whole = _suite(_jobs(asked), "wide", asked.reps)
    agreed = _compared(whole)
    across = _suite([(name, asked.rows // 5) for name in ACROSS], "late", asked.reps)
    agreed &= _compared(across)
    small = _small(asked.reps)
    large = [] if asked.quick or asked.no_large else _large(asked.large)
    lines = [
        where,
        *table(whole, f"{asked.rows:,} rows of the whole contract, 42 columns"),
        *table(across, f"{asked.rows // 5:,} rows, one rule across columns failing on every row"),
        *table(large, "A stream to two parquet files, once each"),
        *measures(whole, across, small, large),
    ]
    print("\n".join(lines))
    if asked.write:
        write_page(Path("docs/benchmarks.md"), lines)
    return 0 if agreed else 1


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.contracts")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000, help="rows of the files judged as a stream")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="2,000 rows, once, without what is installed apart")
    parser.add_argument("--no-large", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.rows, asked.reps = min(asked.rows, 2_000), 1
    return asked


def _jobs(asked: argparse.Namespace) -> list[tuple[str, int]]:
    jobs = [(name, asked.rows) for name in POLARS]
    if asked.quick:
        return jobs
    jobs += [(name, asked.rows) for name in OTHERS]
    return jobs + [(name, asked.rows // fewer) for name, fewer in SLOW.items()]


def _suite(jobs: Sequence[tuple[str, int]], kind: str, reps: int) -> list[Used]:
    """Runs every job so many times, one after the other and again; gives the medians of each."""
    taken: defaultdict[tuple[str, int], list[Used]] = defaultdict(list)
    for turn in range(reps):
        for engine, rows in jobs:
            used = _run(engine, _data(kind, rows), "wide")
            taken[engine, rows].append(used)
            print(f"  {turn + 1}/{reps} {engine:16} {rows:>9,} rows {used['cpu']:8.2f} CPU s", flush=True)
    return [_medians(engine, rows, kind, runs) for (engine, rows), runs in taken.items()]


def _medians(engine: str, rows: int, kind: str, runs: Sequence[Used]) -> Used:
    middle = {name: median(run[name] for run in runs) for name in ("cpu", "wall", "peak_mb", "started")}
    read = median(run["phases"].get("read", 0.0) for run in runs)
    lists = _list(engine, _data(kind, rows))
    return {"engine": engine, "rows": rows, "kind": kind, **middle, "read": read, "list": lists} | {
        name: runs[-1][name] for name in ("accepted", "found")
    }


def _data(kind: str, rows: int) -> Path:
    path = DATA / f"{kind}-{rows}.csv"
    if not path.exists():
        print(f"  making {path.name}", flush=True)
        _python("bench.make", str(path), str(rows), kind)
    return path


def _list(engine: str, data: Path) -> Path:
    return DATA / f"{data.stem}.{engine}.parquet"


def _run(engine: str, data: Path, contract: str) -> Used:
    first = _data(data.stem.partition("-")[0], FIRST)
    used: Used = json.loads(_python("bench.worker", engine, str(data), contract, str(first), str(_list(engine, data))))
    return used


def _python(module: str, *arguments: str) -> str:
    """Runs a module of the benchmark in a process of its own; what it prints last."""
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, env=quiet)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} ended with {done.returncode}")
    return done.stdout.strip()


def _compared(taken: Iterable[Used]) -> bool:
    """Compares each failure list with that written by hand, on as many rows; False when one that must agrees not."""
    agreed = True
    for used in taken:
        if used["engine"] in ("read", "reader", "hand"):
            used["same"] = ""
            continue
        data = _data(used["kind"], used["rows"])
        if not _list("hand", data).exists():
            _run("hand", data, "wide")
        told = json.loads(_python("bench.compare", str(_list("hand", data)), str(used["list"])))
        used["same"] = _sameness(used, told)
        agreed &= used["same"] == "same" or used["engine"] not in SAME
    return agreed


def _sameness(used: Used, told: Used) -> str:
    if used["engine"] == "compiled-first":
        return "first 100 of each code" if not told["extra"] else "differs"
    if not told["missing"] and not told["extra"] and not told["repeated"]:
        return "same"
    listed = [f"{what} {told[what]}" for what in ("missing", "extra") if told[what]]
    return f"{told['found']:,} found; " + ", ".join(listed)


def _small(reps: int) -> dict[str, Used]:
    """Files of a hundred rows: CPU seconds of one file, and whether both find the same."""
    runs: defaultdict[str, list[Used]] = defaultdict(list)
    for _ in range(reps):
        for engine in ("compiled", "pandera-polars"):
            runs[engine].append(json.loads(_python("bench.small", engine)))
    same = runs["compiled"][0]["found"] == runs["pandera-polars"][0]["found"]
    return {name: {"cpu": median(run["cpu"] for run in taken), "same": same} for name, taken in runs.items()}


def _large(rows: int) -> list[Used]:
    """Streams fifteen columns, then the whole contract, to parquet; once each, as they take minutes."""
    return [used for kind in ("narrow", "wide") for used in _streamed(kind, rows)]


def _streamed(kind: str, rows: int) -> list[Used]:
    data, taken = _data(kind, rows), []
    for engine in ("compiled-large", "hand-sink"):
        print(f"  {engine} {kind} {rows:,} rows", flush=True)
        taken.append(_run(engine, data, kind))
        for written in DATA.glob(f"{data.stem}.*parquet"):  # gigabytes
            written.unlink()
    same = "as many accepted" if len({used["accepted"] for used in taken}) == 1 else "differs"
    return [{**used, "engine": f"{used['engine']} {kind}", "rows": rows, "read": 0.0, "same": same} for used in taken]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
