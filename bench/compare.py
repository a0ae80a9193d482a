"""Are two failure lists the same? Line, column and code of each; prints one line of JSON for each list given."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl

KEY = ["line", "column", "code"]


def main(base: Path, others: list[Path]) -> None:
    """Compares each list with the first."""
    right = pl.read_parquet(base).unique()
    for other in others:
        found = pl.read_parquet(other)
        missing, extra = right.join(found, on=KEY, how="anti"), found.join(right, on=KEY, how="anti")
        told = {"list": other.stem, "found": found.height, "repeated": found.height - found.unique().height}
        print(json.dumps(told | {"missing": _by_code(missing), "extra": _by_code(extra)}))


def _by_code(rows: pl.DataFrame) -> dict[str, int]:
    counted = rows.group_by("column", "code").len().sort("column", "code")
    return {f"{column} {code}": number for column, code, number in counted.iter_rows()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
