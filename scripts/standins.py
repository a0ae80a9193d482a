"""The partners' stand-ins beside a hub: they are made, their public keys and pins are installed, their day is played.

Talks to `python -m simulators` and to the hub's own command line only, as an operator would.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from processes import Failed, Programs

HUB = [sys.executable, "-m", "hub"]
PARTNERS = Path(__file__).resolve().parents[1] / "partners"
SIMULATORS = [sys.executable, "-m", "simulators"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One hub and its partners in folders of one run."""

    programs: Programs
    hub: Path
    partners: Path

    @property
    def registry(self) -> Path:
        """The registry of partners of this run: that of the repository, with the envelopes of the stand-ins."""
        return self.hub.parent / "registry"

    def play(self, part: str, day: date) -> None:
        """Let the stand-ins do their part of a day: portal-day, cpas-day, forem-day or take."""
        self.programs.run(*SIMULATORS, part, "--root", str(self.partners), "--day", day.isoformat())

    def check(self) -> tuple[bool, str]:
        """The stand-ins' own check of their books against what they meant; whether it agrees, and what it says."""
        said = self.programs.run(*SIMULATORS, "check", "--root", str(self.partners), codes=(0, 1))
        return self.programs.last_code == 0, said.strip()

    def status(self) -> dict[str, Any]:
        """Summary of the ledger."""
        status: dict[str, Any] = json.loads(self.programs.run(*HUB, "status", "--json"))
        return status


def prepare(exchange: Exchange, seed: int, cpas: int, days: list[date]) -> None:
    """Stand-ins with a population, an SFTP server, and a hub that knows their keys and mailboxes."""
    run, hub, root = exchange.programs.run, exchange.hub, ["--root", str(exchange.partners)]
    span = ["--day", days[0].isoformat(), "--days", str(len(days))]
    run(*SIMULATORS, "init", *root, *span, "--seed", str(seed), "--cpas", str(cpas), "--envelopes", "--api", "--offers")
    public = exchange.partners / "public"
    shutil.copytree(PARTNERS, exchange.registry)
    shutil.copy(public / "envelopes.csv", exchange.registry)
    run(*HUB, "migrate")
    run(*HUB, "keys", "init")
    (public / "hub.keys").write_text(run(*HUB, "keys", "envelopes", "--json"))
    (hub / "partner-keys").mkdir(exist_ok=True)
    for key in (*public.glob("[0-9]*.pub"), *public.glob("[0-9]*.keys")):
        shutil.copy(key, hub / "partner-keys")
    port_file = exchange.partners / "port"
    files = ["--authorized", f"{hub / 'ssh_key'}.pub", "--port-file", str(port_file)]
    files += ["--api-key", str(hub / "api_key"), "--channels", str(hub / "channels.toml")]
    exchange.programs.start("sftp", *SIMULATORS, "serve", *root, *files)
    wait_for(port_file, exchange.programs)


def wait_for(file: Path, programs: Programs) -> None:
    """Wait until the server says that it listens."""
    for _ in range(300):
        if file.exists():
            return
        programs.check()
        time.sleep(0.1)
    raise Failed("the stand-ins' SFTP server did not start")


def working_days(first: date, count: int) -> list[date]:
    """`count` days from `first` on, Saturdays and Sundays left out."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days
