"""An exchange under watch: every verb through the command line with `-v`, everything logged at DEBUG into a file
inside the hub's folder, temporary files there too, so that one scan of that folder sees all that was written.
"""

import csv
import io
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from unittest import mock

from play import BRUSSELS, HALVES, PROJECT, WEEK, Exchange

from contracts.registry import by_label
from hub import flow
from hub.cli import main
from hub.model import Outcome
from tests.privacy.plants import PLANTED, plant
from tests.privacy.scanner import Hit, Scanner, read_canaries

WEEK_END = (WEEK[-1], "EVENING")
VERBS = ("collect", "process", "acknowledge", "reconcile", "publish", "deliver")
DIRECT = ("niss", "last_name", "first_name", "birth_date", "cpas_dossier_ref", "phone", "email")
DIRECT_OF_STAFF = ("referent_id", "referent_phone", "referent_email")


class ByCommand(Exchange):
    """An exchange whose verbs are commands."""

    def half_day(self, day: date, half: str) -> list[Outcome]:
        """All the verbs of a half-day, each as an operator would run it."""
        with self.hub(day, half) as hub:
            everyone = [p for kind in ("CPAS", "FOREM") for p in flow.active_partners(hub, kind)]
            senders = everyone if half == "EVENING" else flow.active_partners(hub, half)
        for verb in VERBS:
            assert self.run(verb, day, half, senders if verb in VERBS[:3] else everyone) == 0
        return []

    def run(self, verb: str, day: date, half: str, partners: list[str]) -> int:
        """One verb through `passerelle`, for these partners; its exit code."""
        at = datetime(day.year, day.month, day.day, HALVES[half], tzinfo=BRUSSELS).isoformat()
        only = [word for partner in partners for word in ("--partner", partner)]
        with mock.patch.dict(os.environ, {"PASSERELLE_HOME": str(self.root / "hub"), **self.environ}):
            return main(["-v", verb, "--at", at, *([] if verb == "reconcile" else only)])


@dataclass(frozen=True)
class Logged:
    """What was written while watching: standard output and error, and everything at DEBUG."""

    out: Path
    err: Path
    debug: Path


@contextmanager
def watching(home: Path) -> Iterator[Logged]:
    """Watch what this process prints and logs, into `home/logs`, and put its temporary files into `home/tmp`."""
    for folder in ("logs", "tmp"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    logged = Logged(*(home / "logs" / name for name in ("out.txt", "err.txt", "debug.log")))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    temporary = mock.patch.multiple(tempfile, tempdir=str(home / "tmp"))
    with (
        logged.out.open("a") as out,
        logged.err.open("a") as err,
        redirect_stdout(out),
        redirect_stderr(err),
        temporary,
    ):
        with mock.patch.dict(os.environ, {"PASSERELLE_HOME": str(home)}):
            main(["-v", "keys", "list"])  # the command line sets up its own log
        for handler in root.handlers:
            handler.setLevel(logging.INFO)
        everything = logging.FileHandler(logged.debug)
        everything.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        root.addHandler(everything)
        root.setLevel(logging.DEBUG)
        try:
            yield logged
        finally:
            everything.close()
            root.handlers[:] = before
            root.setLevel(level)


def in_a_process(exchange: Exchange, verb: str, day: date, partner: str) -> "subprocess.Popen[bytes]":
    """A verb in a process of its own, with its logs and temporary files in the hub's folder as well."""
    paths = os.pathsep.join((str(PROJECT), str(PROJECT / "tests" / "flow")))
    temporary = exchange.root / "hub" / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.privacy.watched", str(exchange.root), day.isoformat(), "CPAS", verb, partner],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(temporary)},
    )


@contextmanager
def kept_open(*databases: Path) -> Iterator[None]:
    """Hold a connection to each database, so that its write-ahead log stays on the disk to be scanned."""
    held = [sqlite3.connect(path) for path in databases]
    for connection in held:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    yield
    for connection in held:
        connection.close()


def sent(exchange: Exchange) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Each data file that partners sent: its sender, its name, its rows as sent (a broken row is cut to fit)."""
    for path in sorted(exchange.partners.glob("[0-9]*/mailbox/in/**/FI.*")):
        partner = path.relative_to(exchange.partners).parts[0]
        body = path.read_bytes()
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = body.decode("cp1252")
        yield partner, path.name, list(csv.DictReader(io.StringIO(text), delimiter=";"))


def public_dates(exchange: Exchange) -> set[str]:
    """Every date in a coded column of what was sent: a birth date equal to one would be no sign of a leak."""
    contracts = [by_label(label, "T") for label in ("orientations/1", "statuses/1")]
    coded = {name for contract in contracts if contract for name in contract.named("coded")}
    cells = (row.get(name) or "" for _, _, rows in sent(exchange) for row in rows for name in coded)
    return {day for cell in cells for day in re.findall(r"\d{4}-\d\d-\d\d", cell)}


def scanner_of(exchange: Exchange) -> Scanner:
    """A scanner for the people of an exchange, and for the one of the plants."""
    return Scanner(read_canaries(exchange.partners) + PLANTED, public_dates(exchange))


def searched(scanner: Scanner, scratch: Path, *folders: Path) -> list[Hit]:
    """What is found below the folders. Fails when the same scan misses a plant, or cannot read something."""
    planted = scratch / "plants"
    expected = plant(planted)
    report = scanner.scan(planted, *folders)
    print(scanner.told(report))
    shutil.rmtree(planted)
    assert report.files_below(planted) == expected, "the scan misses what it must find"
    assert report.unread == [], "a container could not be searched"
    assert all(any(path.is_file() for path in folder.rglob("*")) for folder in folders)
    return [hit for hit in report.hits if hit not in report.within(planted)]


if __name__ == "__main__":
    folder, text, half, verb, *partners = sys.argv[1:]
    with watching(Path(folder) / "hub"):
        sys.exit(ByCommand(Path(folder)).run(verb, date.fromisoformat(text), half, partners))
