"""One engine on the events of referrals, in a process of its own; prints what it used as one line of JSON.

`python -m bench.reconcile_worker ENGINE FOLDER ANSWER RIGHT`. The buckets of the folder are read and reconciled one
after the other, and the states compared with those of the file RIGHT. Neither imports nor reading is measured: the
step is frame to frame.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import polars as pl

from bench.outcome import cpu, peak_mb, wall
from bench.referrals import RULES, TODAY
from hub.frames import EVENTS, STATES

ENGINES = ("product", "polars", "duckdb")


def main(engine: str, folder: Path, answer: Path, right: Path) -> None:
    """Runs the engine, writes its states, and prints the measure and whether the states are the right ones."""
    run = importlib.import_module(f"bench.engines.referrals_{engine}").run
    used, read, found = {"cpu": 0.0, "wall": 0.0}, 0, []
    for bucket in sorted(folder.iterdir()):
        events = pl.read_parquet(bucket / "*.parquet").select(
            pl.col(name).cast(dtype) for name, dtype in EVENTS.items()
        )
        started, clock = cpu(), wall()
        states = run(events, RULES, TODAY)
        used = {"cpu": used["cpu"] + cpu() - started, "wall": used["wall"] + wall() - clock}
        read += events.height
        found.append(states.select(pl.col(name).cast(STATES[name]) for name in sorted(states.columns)))
        del events
    states = pl.concat(found)
    told = {"engine": engine, **used, "peak_mb": peak_mb(), "events": read, "states": states.height}
    states.write_parquet(answer)
    print(json.dumps(told | {"same": _same(right, states)}))


def _same(right: Path, states: pl.DataFrame) -> bool:
    """Whether these are the states of the file, column by column, by referral."""
    ours = pl.read_parquet(right).sort("entity_id")
    return ours.equals(states.sort("entity_id").select(ours.columns))


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
