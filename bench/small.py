"""Files of a hundred rows in a process that is warm: what one small file costs, schema and compiling included.

Each file has a sender of its own, so that nothing made for one file serves the next. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from bench.engines.pandera_polars import judged
from bench.outcome import cpu, peak_mb
from bench.people import referrals
from bench.subject import context, wide
from contracts.checks import schema_of
from contracts.judge import LINE
from contracts.model import Context
from contracts.reader import Table
from hub.validate import validate

FILES, WARM, ROWS = 60, 10, 100
CONTRACT = wide()
Codes = list[tuple[str, str]]


def compiled(table: Table, known: Context) -> Codes:
    """Judges as the hub does."""
    return validate(table, CONTRACT, known).findings.select("column", "code").rows()


def pandera(table: Table, known: Context) -> Codes:
    """Judges with pandera's own backend."""
    texts = table.rows.select(table.lines.alias(LINE), pl.all())
    return judged(texts, CONTRACT, schema_of(CONTRACT, known)).found.select("column", "code").rows()


ENGINES: dict[str, Callable[[Table, Context], Codes]] = {"compiled": compiled, "pandera-polars": pandera}


def main(engine: str) -> None:
    """Judges the same files with one engine; the first ones warm it up."""
    judge, known = ENGINES[engine], context()
    lines = pl.Series("line", range(2, ROWS + 2), dtype=pl.Int64)
    files = [Table(referrals(n, ROWS), lines, ()) for n in range(FILES + WARM)]
    senders = [replace(known, entitled=known.entitled | {str(10_000 + n)}) for n in range(FILES + WARM)]
    found: list[Codes] = []
    for table, sender in zip(files[:WARM], senders[:WARM], strict=True):
        judge(table, sender)
    started = cpu()
    for table, sender in zip(files[WARM:], senders[WARM:], strict=True):
        found.append(judge(table, sender))
    used = (cpu() - started) / FILES
    told = sorted((n, column, code) for n, codes in enumerate(found) for column, code in codes)
    print(json.dumps({"engine": engine, "cpu": used, "peak_mb": peak_mb(), "found": told}))


if __name__ == "__main__":
    main(sys.argv[1])
