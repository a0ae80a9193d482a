"""One engine on one file, in a process of its own; prints what it used as one line of JSON.

Neither imports nor the first, small file are measured: a worker of the hub is started once and judges many files.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from bench.outcome import Outcome, Watch, cpu, peak_mb, wall
from bench.subject import CONTRACTS

ENGINES = {
    "read": "reading:run",
    "reader": "reading:run_product",
    "hand": "hand:run",
    "hand-eager": "hand:run_eager",
    "hand-sink": "hand:run_sink",
    "compiled": "compiled:run",
    "compiled-stream": "compiled:run_stream",
    "compiled-first": "compiled:run_first",
    "compiled-large": "compiled:run_large",
    "product": "compiled:run_product",
    "pandera-polars": "pandera_polars:run",
    "pandera-frame": "pandera_polars:run_frame",
    "pandera-pandas": "pandera_pandas:run",
    "dataframely": "dataframely_schema:run",
    "duckdb": "duckdb_sql:run",
    "pydantic": "pydantic_rows:run",
    "frictionless": "frictionless_rows:run",
}


def main(engine: str, data: Path, contract_name: str, first: Path, findings: Path) -> None:
    """Runs the engine on the `first` file, then on the other; prints the measure, writes what was found there."""
    module, function = ENGINES[engine].split(":")
    run = getattr(importlib.import_module(f"bench.engines.{module}"), function)
    contract = CONTRACTS[contract_name]()
    run(first, contract, Watch())
    started, clock, watch = cpu(), wall(), Watch()
    outcome: Outcome = run(data, contract, watch)
    used = {"cpu": cpu() - started, "wall": wall() - clock, "peak_mb": peak_mb(), "started": started}
    told = {"accepted": outcome.accepted, "found": outcome.found.height}
    print(json.dumps({"engine": engine, **used, "phases": watch.spent, **told}))
    outcome.found.write_parquet(findings)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]))
