"""An exchange of which each zone is an operating-system user and a database role of its own, by docs/security.md."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from play import BRUSSELS, HALVES, PROJECT, Exchange

from hub import flow
from hub.audit_key import PRIVATE
from hub.keys import LANDING_PUBLIC, PURPOSES
from hub.model import Outcome
from hub.stores.files import FOLDERS, WRITING
from hub.stores.roles import IDENTITY, LEDGER, PUBLISH
from hub.zones import NEEDS, Zone
from tests.postgres import Postgres

USERS = {Zone.MAILBOX: 61001, Zone.IDENTITY: 61002, Zone.MATCH: 61003, Zone.PUBLISH: 61004}
SHARED, ALONE = 61000, 61009  # the group of those who share the files, and of the one who does not
ROLES = {Zone.IDENTITY: IDENTITY, Zone.PUBLISH: PUBLISH}


@dataclass
class Parted(Exchange):
    """An exchange whose verbs are processes of four users, with the files and roles that docs/security.md gives."""

    server: Postgres | None = None
    readable: dict[str, list[str]] = field(default_factory=dict)

    def part(self) -> "Parted":
        """Give each zone a home with its key files, and the shared files to a group."""
        self.root.chmod(0o711)
        (self.root / "hub").chmod(0o755)
        settings = self.settings
        for zone, user in USERS.items():
            keys = frozenset().union(*(need.keys for need in NEEDS.values() if need.zone is zone))
            names = {f"{purpose}.json" for purpose in keys & set(PURPOSES)} | {LANDING_PUBLIC}
            names |= {PRIVATE} if "audit" in keys else set()
            folder = self.home(zone) / "keys"
            folder.mkdir(parents=True)
            for name in names if keys else ():
                shutil.copy(settings.keys / name, folder / name)
            for path in (self.home(zone), folder, *folder.iterdir()):
                os.chown(path, user, ALONE)
                path.chmod(0o600 if path.is_file() else 0o700)
        for folder in (*FOLDERS, WRITING):
            (settings.files / folder).mkdir(parents=True, exist_ok=True)
            os.chown(settings.files / folder, 0, SHARED)
            (settings.files / folder).chmod(0o2770)
        return self

    def home(self, zone: Zone) -> Path:
        return self.root / "homes" / zone

    def key_files(self) -> list[str]:
        """Every private key file of every zone."""
        return sorted(str(path) for path in (self.root / "homes").rglob("*") if path.suffix in (".json", ".key"))

    def half_day(self, day: date, half: str) -> list[Outcome]:
        with self.hub(day, half, NEEDS["read"]) as hub:
            everyone = [p for kind in ("CPAS", "FOREM", "REGISTERS") for p in flow.active_partners(hub, kind)]
            senders = everyone if half == "EVENING" else flow.active_partners(hub, half)
        at = datetime(day.year, day.month, day.day, HALVES[half], tzinfo=BRUSSELS).isoformat()
        for verb in ("collect", "process", "acknowledge", "reconcile", "publish", "deliver"):
            self.run(verb, at, everyone if verb in ("publish", "deliver") else senders)
        return []

    def run(self, verb: str, at: str, partners: list[str]) -> None:
        """One verb in a process of its zone's user; nothing may go wrong for anyone."""
        zone = NEEDS[verb].zone
        self.hand_over()
        words = [sys.executable, Path(__file__).parent / "as_user.py", USERS[zone], group_of(zone), verb, at]
        words.append(",".join(partners))
        done = subprocess.run(
            [*map(str, words), *self.key_files()],
            env=self.environment(zone),
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        assert done.returncode == 0, f"{verb}: {done.stderr[-2000:]}"
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["errors"] == [], verb
        self.readable[verb] = told["readable"]

    def hand_over(self) -> None:
        """Give the mailboxes, with what the stand-ins have put there, to the user that visits them."""
        for path in [self.partners, *self.partners.glob("*/mailbox"), *self.partners.glob("*/mailbox/**/*")]:
            os.chown(path, USERS[Zone.MAILBOX], ALONE)
        for path in (self.partners, *(one.parent for one in self.partners.glob("*/mailbox"))):
            path.chmod(0o711)

    def environment(self, zone: Zone) -> dict[str, str]:
        """What a worker of a zone is started with."""
        assert self.server
        settings, homes = self.settings, self.home(zone)
        names = {key: self.environ[f"PASSERELLE_{key}_URL"].rpartition("/")[2] for key in ("LEDGER", "IDENTITY")}
        given = {
            "PASSERELLE_HOME": homes,
            "PASSERELLE_FILES": settings.files,
            "PASSERELLE_CHANNELS": settings.channels,
            "PASSERELLE_PARTNER_KEYS": settings.partner_keys,
            "PASSERELLE_LEDGER_URL": self.server.url(names["LEDGER"], LEDGER),
            "PYTHONPATH": PROJECT,
            "PATH": os.environ["PATH"],
        }
        if zone in ROLES:
            given["PASSERELLE_IDENTITY_URL"] = self.server.url(names["IDENTITY"], ROLES[zone])
        return {name: str(value) for name, value in given.items()}


def group_of(zone: Zone) -> int:
    """The match zone has no part in the files."""
    return ALONE if zone is Zone.MATCH else SHARED
