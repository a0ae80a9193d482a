"""A whole exchange for tests: the stand-ins and a hub in one folder, without Airflow.

Mailboxes are folders unless a test gives other channels. Every verb is the real one; a day is the instant
given to the hub's clock. Run as a program, it plays one half-day, so that a test can kill it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from dying import die_at
from opened import open_file

from hub import flow
from hub.api_key import initialise_api
from hub.audit_key import initialise_audit
from hub.flow.hub import Hub
from hub.keys import initialise, initialise_ssh
from hub.model import Outcome
from hub.settings import Settings, load_settings
from hub.stores import tables
from hub.stores.submissions import COUNTS
from hub.wiring import migrate, open_databases, open_hub
from hub.zones import EVERYTHING, NEEDS, Needs

MONDAY = date(2026, 3, 9)
WEEK = [MONDAY + timedelta(days=n) for n in range(5)]
BRUSSELS = ZoneInfo("Europe/Brussels")
HALVES = {"CPAS": 7, "FOREM": 13, "EVENING": 19}
PROJECT = Path(__file__).parents[2]
DRAWN = {"sid", "message_id", "event_id"}  # at random, so unlike in two runs of one week


@dataclass
class Exchange:
    """Stand-ins below `root/partners`, the hub below `root/hub`."""

    root: Path
    seed: int = 7
    cpas: str = "3"
    environ: Mapping[str, str] = field(default_factory=dict)
    api: bool = False  # Le Forem and one CPAS have an API

    @property
    def partners(self) -> Path:
        return self.root / "partners"

    @property
    def settings(self) -> Settings:
        return load_settings({"PASSERELLE_HOME": str(self.root / "hub"), **self.environ})

    def prepare(self) -> "Exchange":
        """Make the people, the keys, the databases, and mailboxes as folders."""
        words = ("--seed", str(self.seed), "--day", MONDAY.isoformat(), "--cpas", self.cpas)
        self.simulate("init", *words, *(["--api"] if self.api else []))
        settings = self.settings
        initialise(settings.keys, datetime.now(UTC))
        initialise_ssh(settings.ssh_key)
        initialise_api(settings.api_key)
        initialise_audit(settings.keys)
        migrate(settings)
        settings.partner_keys.mkdir(parents=True, exist_ok=True)
        for key in (self.partners / "public").glob("*[0-9].pub"):
            shutil.copy(key, settings.partner_keys)
        self.set_channels({p: {"folder": str(self.mailbox(p))} for p in self.everyone()})
        return self

    def everyone(self) -> list[str]:
        """Every partner that has a mailbox."""
        return sorted(path.parent.name for path in self.partners.glob("*/mailbox"))

    def mailbox(self, partner: str) -> Path:
        """The folder that is the partner's mailbox."""
        return self.partners / partner / "mailbox"

    def set_channels(self, channels: Mapping[str, Mapping[str, Any]]) -> None:
        """Tell the hub where the mailboxes are. JSON strings, numbers and lists are TOML too."""
        lines = []
        for partner, channel in channels.items():
            tables = {"": {name: value for name, value in channel.items() if name != "api"}}
            tables |= {".api": channel["api"]} if "api" in channel else {}
            for name, table in tables.items():
                lines.append(f"[channel.{partner}{name}]")
                lines += [f"{word} = {json.dumps(value)}" for word, value in table.items()]
        self.settings.channels.write_text("\n".join(lines) + "\n")

    def simulate(self, command: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command of the stand-ins, in a process of its own."""
        words = [sys.executable, "-m", "simulators", command, "--root", str(self.partners), *arguments]
        done = subprocess.run(words, capture_output=True, text=True, cwd=PROJECT, check=False)
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    def hub(self, day: date, half: str = "CPAS", needs: Needs = EVERYTHING) -> AbstractContextManager[Hub]:
        """The hub with its clock at a half of a day; by default for every verb, else with what one verb is given."""
        return open_hub(self.settings, datetime(day.year, day.month, day.day, HALVES[half], tzinfo=BRUSSELS), needs)

    def half_day(self, day: date, half: str) -> list[Outcome]:
        """All the verbs of a half-day, in the order in which the DAGs have them, each in a hub of its zone."""
        with self.hub(day, half, NEEDS["read"]) as hub:
            everyone = [p for kind in ("CPAS", "FOREM", "REGISTERS") for p in flow.active_partners(hub, kind)]
            senders = everyone if half == "EVENING" else flow.active_partners(hub, half)
        outcomes = []
        for verb in ("collect", "process", "acknowledge", "reconcile", "publish", "deliver"):
            with self.hub(day, half, NEEDS[verb]) as hub:
                if verb == "reconcile":
                    flow.reconcile(hub)
                else:
                    outcomes += getattr(flow, verb)(hub, everyone if verb in ("publish", "deliver") else senders)
        return outcomes

    def play(self, days: Iterable[date] = WEEK) -> None:
        """Play whole days: CPAS in the morning, Le Forem at noon, everyone empties its mailbox at night."""
        for day in days:
            self.simulate("cpas-day", "--day", day.isoformat())
            self.require(self.half_day(day, "CPAS"))
            self.simulate("forem-day", "--day", day.isoformat())
            self.require(self.half_day(day, "FOREM"))
            self.simulate("take", "--day", day.isoformat())

    def require(self, outcomes: Iterable[Outcome]) -> None:
        """Nothing went wrong for anyone."""
        assert [o for o in outcomes if o.error] == []

    def books_agree(self, day: date | None = None) -> bool:
        """Whether the stand-ins' books agree with the ground truth, at the end of the week or of a day."""
        until = ("--day", day.isoformat()) if day else ()
        return "the books agree" in self.simulate("check", *until, codes=(0, 1))

    def status(self) -> dict[str, Any]:
        """The ledger in totals."""
        with self.hub(WEEK[-1], "EVENING") as hub:
            return hub.ledger.report.status()

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """Every row of a table of the ledger."""
        with open_databases(self.settings) as (ledger, _), ledger.read() as tx:
            return [dict(row) for row in tx.execute(sa.select(table)).mappings()]

    def recorded(self) -> dict[str, list[str]]:
        """What the ledger holds of files, events, states and deliveries, without what was drawn at random."""
        files = ("partner", "name", "state", "code", "superseded_by", *COUNTS)
        kept = {
            "submission": [{name: row[name] for name in files} for row in self.rows(tables.submission)],
            "publication": [
                {name: row[name] for name in ("name", "rows", "state")} for row in self.rows(tables.publication)
            ],
        }
        for table in (tables.event, tables.entity_state, tables.discrepancy):
            kept[table.name] = [{k: _named(v) for k, v in row.items() if k not in DRAWN} for row in self.rows(table)]
        for row in kept["submission"]:
            row["superseded_by"] = row["superseded_by"] is not None
        return {name: sorted(map(str, rows)) for name, rows in kept.items()}

    def told(self) -> dict[str, list[str]]:
        """What was published, by name; the order of receipts follows ids drawn at random, so it is left out."""
        return {name: sorted(map(str, rows)) for name, rows in self.published().items()}

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """Every published file by name, its sealed columns opened by its recipient, its tokens left out."""
        opened = {}
        for path in sorted((self.settings.files / "outbox").glob("FO.*")):
            keys = sorted((self.partners / path.name.split(".")[2] / "keys").glob("*.key"))
            table = open_file(path.read_bytes(), keys)
            opened[path.name] = table.drop("subject_token", strict=False).to_dicts()
        return opened


def _named(value: Any) -> Any:
    """A value of the ledger; the subject ids in the name of an entity were drawn at random."""
    return re.sub("[0-9a-f]{32}", "*", value) if isinstance(value, str) else value


if __name__ == "__main__":
    folder, half, text, *step = sys.argv[1:]
    exchange = Exchange(Path(folder), environ={k: v for k, v in os.environ.items() if k.endswith("_URL")})
    with die_at(int(step[0])) if step else nullcontext():
        exchange.require(exchange.half_day(date.fromisoformat(text), half))
