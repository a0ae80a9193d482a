"""What the benchmark prints: the machine, tables of medians, and a line for each measure with its goal."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

Used = dict[str, Any]
PACKAGES = ("polars", "pandera", "pandas", "pydantic", "frictionless", "dataframely", "duckdb", "pyarrow")


def machine() -> str:
    """Tells when and on what was measured: processors, memory, versions, and how busy it was at the start."""
    names = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((int(line.split()[1]) // 1024**2 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0)
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    kind = names[0] if names else platform.machine()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} processors ({kind}), {memory} GiB, "
        f"load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, {versions}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def _version(name: str) -> str:
    try:
        return version(name)
    except ImportError:
        return "not installed"


def table(taken: Sequence[Used], title: str) -> Iterator[str]:
    """Gives a table in Markdown; what ran on fewer rows is scaled to a million rows as the rest is."""
    if not taken:
        return
    yield f"\n### {title}\n"
    yield "| engine | rows | CPU s | CPU s per 1M rows | of it reading | wall s | peak MB | failures | the same list? |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---|"
    for used in taken:
        scale = 1_000_000 / used["rows"]
        reading = f"{used['read'] * scale:.2f}" if used["read"] else ""
        cells = [
            used["engine"],
            f"{used['rows']:,}",
            f"{used['cpu']:.2f}",
            f"{used['cpu'] * scale:.2f}",
            reading,
            f"{used['wall']:.2f}",
            f"{used['peak_mb']:,.0f}",
            f"{used['found']:,}",
            used["same"],
        ]
        yield f"| {' | '.join(cells)} |"


def write_page(page: Path, lines: Sequence[str], name: str = "figures") -> None:
    """Puts the figures of this run between the two marks of that name on the page."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(end)
    page.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}", encoding="utf-8")


def measures(
    whole: Sequence[Used], across: Sequence[Used], small: dict[str, Used], large: Sequence[Used]
) -> Iterator[str]:
    """Gives one line for each measure: NAME: VALUE (goal GOAL) met, or short."""
    yield "\n```"
    per_row = {used["engine"]: used["cpu"] / used["rows"] for used in whole}
    mine, hand = per_row["compiled"], min(per_row["hand"], per_row["hand-eager"])
    yield _at_most("compiled / written by hand, in memory", mine / hand, 1.2)
    yield _at_most("compiled / written by hand, to parquet", per_row["compiled-stream"] / per_row["hand-sink"], 1.2)
    yield _at_most("compiled / pandera on polars", mine / per_row["pandera-polars"], 1.0)
    for engine, goal in (("pandera-pandas", 4), ("pydantic", 10), ("frictionless", 20)):
        if engine in per_row:
            yield _at_least(f"{engine} / compiled", per_row[engine] / mine, goal)
    yield from _across({used["engine"]: used for used in across})
    ratio = small["pandera-polars"]["cpu"] / small["compiled"]["cpu"]
    each = " and ".join(f"{used['cpu'] * 1000:.1f} ms" for used in small.values())
    yield _at_least(f"files of 100 rows: pandera on polars / compiled ({each})", ratio, 3)
    for used in large:
        if used["engine"] == "compiled-large narrow":
            yield _at_most(f"{used['rows']:,} rows of 15 columns to parquet, peak GB", used["peak_mb"] / 1000, 1.0)
        if used["engine"] == "compiled-large wide":
            yield f"{used['rows']:,} rows of 42 columns to parquet, peak GB: {used['peak_mb'] / 1000:.2f} (no goal)"
    readers = per_row["reader"] * 1e6, per_row["product"] * 1e6
    yield "the product's reader, and reader with compiled contract, CPU s per 1M rows: {:.2f}, {:.2f}".format(*readers)
    yield "```"


def _across(used: dict[str, Used]) -> Iterator[str]:
    frame, mine = used["pandera-frame"], used["compiled-first"]
    judging = (frame["cpu"] - frame["read"]) / (mine["cpu"] - mine["read"])
    yield _at_least(
        "one rule failing everywhere: pandera's check of the frame / compiled", frame["cpu"] / mine["cpu"], 8
    )
    yield f"    the same without reading, that both share: {judging:.2f}"
    yield _at_least("one rule failing everywhere: memory of pandera / compiled", frame["peak_mb"] / mine["peak_mb"], 4)
    column = used["pandera-polars"]["cpu"] / mine["cpu"]
    yield f"    the same rule declared on a column, as our contracts do: pandera / compiled {column:.2f}"


def _at_most(name: str, value: float, goal: float) -> str:
    return f"{name}: {value:.2f} (goal <= {goal}) {'met' if value <= goal else 'short'}"


def _at_least(name: str, value: float, goal: float) -> str:
    return f"{name}: {value:.2f} (goal >= {goal}) {'met' if value >= goal else 'short'}"
