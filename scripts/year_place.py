"""One simulated year in its folder: where everything of it lies, and how it is prepared.

Beside the hub's own folder there is that of the stand-ins, which the hub is told nothing of but its mailboxes, and a
registry in which the CPAS that have not signed a convention yet have done so.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub.audit_key import initialise_audit
from hub.keys import initialise, initialise_ssh
from hub.settings import Settings, load_settings
from hub.wiring import migrate
from simulators.year import legal, plan_changes, versions
from simulators.year.cli import load

ROOT = Path(__file__).resolve().parents[1]
BRUSSELS = ZoneInfo("Europe/Brussels")
SIGNED = "2025-12-15"  # the CPAS that have not signed yet do so before this year begins


@dataclass(frozen=True, slots=True)
class Year:
    """One simulated year in its folder."""

    root: Path
    seed: int
    first: date
    days: int
    cpas: int
    people: int
    sftp_every: int
    faults: int = 0

    @property
    def partners(self) -> Path:
        """The stand-ins' folder; nothing of the hub is told where it is, but for the mailboxes in it."""
        return self.root / "partners"

    @property
    def truth(self) -> Path:
        """What the stand-ins write down of all that is said and held: the hub is kept from it."""
        return self.partners / "books"

    @property
    def environ(self) -> dict[str, str]:
        """The hub's settings."""
        return {"PASSERELLE_HOME": str(self.root / "hub"), "PASSERELLE_PARTNERS": str(self.root / "registry")}

    @property
    def settings(self) -> Settings:
        """Those settings, read."""
        return load_settings(self.environ)

    @property
    def calendar(self) -> list[date]:
        """The days that are played."""
        return legal.working_days(self.first, self.days)

    def by_sftp(self, day: date) -> bool:
        """Whether the mailboxes are reached by SFTP in the week of that day."""
        week = (day - self.first).days // 7
        return bool(self.sftp_every) and week % self.sftp_every == self.sftp_every - 1


def prepare(year: Year) -> None:
    """Registry, stand-ins, keys, databases; what is there already is kept."""
    began = time.monotonic()
    if not (year.root / "registry").exists():
        _registry(year.root / "registry")
    command = [sys.executable, "-m", "simulators.year", "init", "--root", str(year.partners)]
    asked = {"registry": year.root / "registry", "seed": year.seed, "day": year.first, "days": year.days}
    asked |= {"cpas": year.cpas, "people": year.people}
    subprocess.run(
        [*command, *(word for key, value in asked.items() for word in (f"--{key}", str(value)))], check=True, cwd=ROOT
    )
    _plans(year)
    _versions(year)
    settings = year.settings
    initialise(settings.keys, datetime.now(UTC))
    initialise_ssh(settings.ssh_key)
    initialise_audit(settings.keys)
    migrate(settings)
    settings.partner_keys.mkdir(parents=True, exist_ok=True)
    give_public_keys(year)
    say(f"{len(everyone(year)) - 1} CPAS and Le Forem are ready  {time.monotonic() - began:.1f} s")


def give_public_keys(year: Year) -> None:
    """Give the hub the partners' present public keys."""
    for key in (year.partners / "public").glob("[0-9]*.pub"):
        given = year.settings.partner_keys / key.name
        if not given.exists() or given.read_bytes() != key.read_bytes():
            shutil.copy(key, given)


def _registry(folder: Path) -> None:
    """The registry of this repository, with the conventions that were still to be signed."""
    shutil.copytree(ROOT / "partners", folder)
    with (folder / "cpas.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    late = [
        row for row in rows if row["service"] == "FOREM" and not row["valid_until"] and not row["convention_signed_on"]
    ]
    for row in late:
        row |= {"convention_signed_on": SIGNED, "legal_basis": "CONV2024"}
    with (folder / "cpas.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with (folder / "plans.csv").open("a", encoding="utf-8") as file:
        for row in late:
            file.write(_plan(f"0{row['nis']}", SIGNED, "1|4"))


def _plan(partner: str, since: str, axes: str) -> str:
    """A line of the plans."""
    nis = partner[1:]
    return f"{partner};{since};{axes};;;;service insertion;+3200{nis};insertion@cpas-{nis}.example\n"


def _plans(year: Year) -> None:
    """Write down in the hub's registry who will agree on another plan, and from which day on."""
    path = year.root / "registry" / "plans.csv"
    written = path.read_text("utf-8-sig")
    lines = (
        _plan(partner, since.isoformat(), axes) for partner, since, axes in plan_changes.changes(load(year.partners))
    )
    path.write_text(written + "".join(line for line in lines if line not in written), encoding="utf-8")


def _versions(year: Year) -> None:
    """Write down in the hub's registry who reads another version of a contract, and from which day on."""
    rows = [f"{partner};{feed};2;{since}\n" for partner, feed, since in versions.agreed(load(year.partners))]
    text = "".join(["partner_id;feed;version;since\n", *rows])
    (year.root / "registry" / "versions.csv").write_text(text, encoding="utf-8")


def lines(year: Year) -> list[dict[str, Any]]:
    """What each half-day did; a line that a kill cut short is left out, and that half-day is played again."""
    path = year.root / "times.jsonl"
    written = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in written if line.endswith("}")]


def everyone(year: Year) -> list[str]:
    """Every partner that has a mailbox."""
    return sorted(path.parent.name for path in year.partners.glob("[0-9]*/mailbox*"))


def say(text: str) -> None:
    """One line of progress, at once."""
    print(text, flush=True)
