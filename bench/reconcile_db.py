"""The benchmark of the ledger: one day's rows reconciled, beside every state computed again from the event table.

`python -m bench.reconcile_db [--referrals N] [--day N] [--on sqlite|postgresql] [--write]`, from the folder of the
project. The base is loaded in bulk; from there on every step is the product's own. It prints how long each took, and
one line for each measure. It exits 0 when they were taken, met or short.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
import sqlalchemy as sa

from bench.referrals import CHUNK, FOREM, TODAY, events
from bench.report import machine, write_page
from hub import flow, lease
from hub.model import Event
from hub.settings import load_settings
from hub.stores import tables
from hub.stores.database import Database
from hub.stores.submissions import Effects, Landed, Relation, Submissions
from hub.wiring import migrate, open_databases, open_hub
from hub.zones import NEEDS
from tests.postgres import binaries, running_postgres

PAGE = Path("docs/benchmarks.md")
GOAL = 1.0  # percent
FILE = 500  # rows of a file of the day
COPIED = 20_000  # rows handed to PostgreSQL at a time
NULL = "\\N"
FOUND = Mapping[str, float]


def main(arguments: Sequence[str]) -> int:
    """Takes the measures and prints them; gives the exit status."""
    asked = _asked(arguments)
    lines = [machine(), f"\n### {asked.referrals:,} referrals in the ledger, a day of {asked.day:,} rows\n"]
    for kind in asked.on or ("sqlite", "postgresql"):
        with ExitStack() as stack:
            home = stack.enter_context(tempfile.TemporaryDirectory(prefix="passerelle-bench-"))
            lines += _lines(kind, _measured(_environment(kind, home, stack), asked.referrals, asked.day))
    print("\n".join(lines))
    if asked.write:
        write_page(PAGE, lines, "ledger")
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.reconcile_db")
    parser.add_argument("--referrals", type=int, default=1_000_000)
    parser.add_argument("--day", type=int, default=5_000, help="rows that arrive on the day")
    parser.add_argument("--on", action="append", choices=["sqlite", "postgresql"], help="by default both")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args(arguments)


def _environment(kind: str, home: str, stack: ExitStack) -> dict[str, str]:
    """Gives the environment of a hub of its own, on a server of its own where it needs one."""
    if kind == "sqlite":
        return {"PASSERELLE_HOME": home}
    programs = binaries()
    if programs is None:
        raise SystemExit("no PostgreSQL server on this machine; apt-get install postgresql")
    urls = stack.enter_context(running_postgres(programs)).new_pair()
    names = ("PASSERELLE_LEDGER_URL", "PASSERELLE_IDENTITY_URL")
    return {"PASSERELLE_HOME": home, **dict(zip(names, urls, strict=True))}


def _lines(kind: str, found: FOUND) -> Iterator[str]:
    share = 100 * (found["record"] + found["day"]) / found["full"]
    counts = f"{found['events']:,.0f} events, {found['states']:,.0f} states, peak {found['peak']:,.0f} MB"
    yield f"\n```\n    {kind}: {counts}"
    yield f"    {kind}: base loaded in {found['load']:.0f} s, full rebuild {found['full']:.1f} s"
    yield f"    {kind}: the day's rows recorded in {found['record']:.2f} s, reconciled in {found['day']:.2f} s"
    met = "met" if share < GOAL else "short"
    yield f"incremental day / full rebuild on {kind}: {share:.2f} % (goal < {GOAL:g} %) {met}\n```"


def _measured(environ: Mapping[str, str], referrals: int, day: int) -> FOUND:
    """Gives seconds, counts, and the peak of memory in MB."""
    settings = load_settings(dict(environ))
    migrate(settings)
    found: dict[str, float] = {}
    with open_databases(settings) as (ledger, _):
        start = perf_counter()
        found["events"] = _load(ledger, referrals)
        found["load"] = perf_counter() - start
        with open_hub(settings, _at(TODAY), NEEDS["reconcile"]) as hub:
            found["full"] = _seconds(lambda: flow.reconcile(hub, everything=True))
            _settle(ledger)
        with open_hub(settings, _at(TODAY + timedelta(days=1)), NEEDS["reconcile"]) as hub:
            rows = _day(ledger, referrals, day)
            found["record"] = _seconds(lambda: _record(ledger, rows))
            found["day"] = _seconds(lambda: flow.reconcile(hub))
        with ledger.read() as tx:
            query = sa.select(sa.func.count()).select_from(tables.entity_state)
            found["states"] = tx.execute(query).scalar_one()
    return found | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _at(day: date) -> datetime:
    return datetime.combine(day, clock(19), UTC)


def _seconds(work: Any) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _settle(ledger: Database) -> None:
    """Forgets what is to be told: everybody was. Then a night passes, in which the database tidies up by itself."""
    with ledger.write() as tx:
        tx.execute(tables.to_tell.delete())
    ledger.give_back()
    _analyse(ledger)


# --- the base -------------------------------------------------------------------------------------------


def _load(ledger: Database, referrals: int) -> int:
    """Writes the events of so many referrals, and their relationships, without indexes until all is there."""
    count = 0
    bulky = (tables.event, tables.relationship)
    with ledger.engine.begin() as tx:
        for table in bulky:
            for index in table.indexes:
                index.drop(tx)
        for start in range(0, referrals, CHUNK):
            rows = _stored(events(start, min(CHUNK, referrals - start)))
            _copy(ledger, tx, tables.event, rows)
            _copy(ledger, tx, tables.relationship, _related(rows))
            count += rows.height
        for table in bulky:
            for index in table.indexes:
                index.create(tx)
    _analyse(ledger)
    return count


def _analyse(ledger: Database) -> None:
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _stored(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as the table has them: subject ids drawn as the hub's are, days and instants as text."""
    sids = rows.select("sid").unique()
    drawn = [hashlib.blake2b(sid.encode(), digest_size=16).hexdigest() for sid in sids["sid"]]
    moment = pl.col("recorded_at", "received_at").dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
    found = rows.join(sids.with_columns(drawn=pl.Series(drawn)), on="sid").with_columns(moment, sid="drawn")
    names = [column.name for column in tables.event.columns]
    return found.with_columns(pl.col("effective_date").cast(pl.String)).select(names).sort("event_id")


def _related(rows: pl.DataFrame) -> pl.DataFrame:
    orders = rows.filter(pl.col("feed") == "ORIE")
    own = orders.select(organisation="source", sid="sid", since="effective_date")
    both = pl.concat([own, own.with_columns(organisation=pl.lit(FOREM))]).unique(["organisation", "sid", "since"])
    basis = {"quality": pl.lit("REFERRAL"), "basis": pl.lit("DECR2025"), "until": pl.lit(None, pl.String)}
    names = [column.name for column in tables.relationship.columns]
    return both.with_columns(**basis).select(names).sort("organisation", "sid")


def _copy(ledger: Database, tx: sa.Connection, table: sa.Table, rows: pl.DataFrame) -> None:
    cursor: Any = tx.connection.cursor()
    names = ", ".join(f'"{name}"' for name in rows.columns)
    if ledger.engine.dialect.name == "sqlite":
        places = ", ".join("?" * rows.width)
        cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows.iter_rows())
        return
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv, NULL '{NULL}')") as copy:
        for part in rows.iter_slices(COPIED):
            copy.write(part.write_csv(include_header=False, null_value=NULL))


# --- the day --------------------------------------------------------------------------------------------


def _day(ledger: Database, referrals: int, day: int) -> list[Event]:
    """One more status of Le Forem's for every so manieth referral."""
    step = max(1, referrals // day)
    wanted = [f"R82039-2026-{n:07}" for n in range(0, referrals, step)][:day]
    e = tables.event.c
    last = sa.func.max(e.version)
    query = sa.select(e.entity_id, sa.func.min(e.sid).label("sid"), last.label("version"))
    query = query.where(ledger.among(e.entity_id, wanted), e.source == FOREM).group_by(e.entity_id)
    with ledger.read() as tx:
        return [_status(n, row.entity_id, row.sid, row.version + 1) for n, row in enumerate(tx.execute(query))]


def _status(n: int, entity: str, sid: str, version: int) -> Event:
    on = TODAY + timedelta(days=1)
    payload = {"referral_id": entity, "core_status": "IN_PROGRESS", "business_status": "ACTION_PLAN"}
    digest = hashlib.sha256(f"{entity} {version} of the day".encode()).hexdigest()
    return Event(
        event_id=digest,
        feed="STAT",
        source=FOREM,
        entity_id=entity,
        sid=sid,
        version=version,
        notice_status=0,
        effective_date=on,
        recorded_at=_at(on),
        received_at=_at(on),
        message_id="",
        line=n,
        content=digest,
        payload=payload,
    )


def _record(ledger: Database, rows: Sequence[Event]) -> None:
    """Finishes files with these rows, as `process` does."""
    store = Submissions(ledger)
    for n, first in enumerate(range(0, len(rows), FILE)):
        part, owner, name, digest = rows[first : first + FILE], lease.new_owner(), f"file-{n}", f"d{n:x}"
        store.register(Landed(name, FOREM, name, name, "", "GO", digest, digest, 1, part[0].received_at))
        store.claim(name, owner, part[0].received_at)
        relations = {Relation(FOREM, row.sid, row.effective_date, "DECR2025", "STATED") for row in part}
        store.finish(name, owner, Effects("DONE", read=len(part), events=part, relations=relations), _at(TODAY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
