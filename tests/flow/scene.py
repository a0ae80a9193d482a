"""Two CPAS, Le Forem and their mailboxes, for tests that say row by row who sends what and see what each is told."""

import csv
import hashlib
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from opened import open_file
from play import PROJECT, Exchange
from post import go_of, mark_of

from contracts import employment_v1
from contracts.registry import lookup
from hub.snapshot import ViewFile, view

CPAS, OTHER, FOREM, REGISTERS = "062063", "062096", "900001", "900002"
ANNA = {"niss": "85073100031", "last_name": "Dubois-Épée", "first_name": "Zoé", "birth_date": "1985-07-31"}
OURS, THEIRS = "R62063-2026-000001", "R62096-2026-000001"
SENDERS = {"ORIE": CPAS, "SITU": CPAS, "MOBI": CPAS, "MUTA": REGISTERS}  # Le Forem sends the others
Row = dict[str, str]

GOOD: dict[str, Row] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))
DAY = "2026-03-02"
MOVED: dict[str, Row] = {  # the good rows of the vectors, moved to the days of these tests
    "ORIE": {"effective_date": DAY, "informed_on": DAY, "ri_start_date": DAY, "referral_id": OURS},
    "STAT": {
        "status_date": "2026-03-05",
        "referral_id": OURS,
        "appointment_at": "2026-03-30T10:30:00+02:00",
        "monthly_contact_last": DAY,
    },
    "SITU": {
        "effective_date": DAY,
        "decision_date": DAY,
        "situation_group": "RI",
        "situation_kind": "RI_GRANT",
        "legislation": "1",
        "ri_category": "2",
        **dict.fromkeys(employment_v1.REQUIRED, ""),
        **dict.fromkeys(("user_bce", "user_establishment", "nace", "occupation", "joint_committee"), ""),
        **dict.fromkeys(("unemployment_right_date", "tutor", "made_available"), ""),
    },
    "INSC": {"effective_date": "2026-03-05", "registration_date": "2026-03-05"},
    "FORM": {
        "effective_date": "2026-03-05",
        "referral_id": OURS,
        "planned_start": "2026-03-05",
        "planned_end": "2026-06-30",
        "actual_start": "2026-03-05",
        "status": "STARTED",
        **dict.fromkeys(("actual_end", "hours_done", "result", "certification"), ""),
    },
    "MANQ": {
        "effective_date": "2026-03-05",
        "referral_id": OURS,
        "occurred_on": "2026-03-04",
        "recorded_on": "2026-03-05",
        "status": "OPEN",
        "withdrawn_on": "",
    },
    "JOBD": {
        "effective_date": DAY,
        "starts_at": "2026-05-10T09:00:00+02:00",
        "ends_at": "2026-05-10T16:00:00+02:00",
        "answer_deadline": "2026-04-03",
    },
    "MOBI": {
        "effective_date": "2026-03-05",
        "answered_at": "2026-03-05T08:30:00+01:00",
        "attendance": "",
        "result": "",
    },
}


def row(feed: str, sender: str = CPAS, **changed: str) -> Row:
    """A right row of a feed in March 2026, changed; `sender` fills in the CPAS."""
    made = GOOD[feed] | MOVED.get(feed, {}) | {"recorded_at": f"{DAY}T09:00:00+01:00"}
    if "cpas_nis" in made:
        made |= {"cpas_nis": sender[1:]}
    if feed == "ORIE" and sender == OTHER:
        made |= {"referral_id": THEIRS, "cpas_dossier_ref": "B456"}
    effective = changed.get("effective_date") or changed.get("status_date") or made.get("status_date")
    made |= {"recorded_at": f"{effective or made['effective_date']}T09:00:00+01:00"}
    return made | changed


class Scene:
    """The hub and the mailboxes; files are numbered and chained as they are put."""

    def __init__(self, root: Path, prepared: Exchange, before: "Scene | None" = None) -> None:
        shutil.copytree(prepared.root, root, dirs_exist_ok=True)
        self.exchange = Exchange(root, environ=prepared.environ)
        everyone = {p: {"folder": str(self.exchange.mailbox(p))} for p in (CPAS, OTHER, FOREM, REGISTERS)}
        for name in ("in", "out"):
            (self.exchange.mailbox(REGISTERS) / name).mkdir(parents=True, exist_ok=True)
        self.exchange.set_channels(everyone)
        self._sent: dict[tuple[str, str], tuple[int, str | None]] = dict(before._sent) if before else {}
        self._notices = before._notices if before else 0

    def copy(self, root: Path) -> "Scene":
        """The same scene as far as it was played, in a folder of its own."""
        return Scene(root, self.exchange, self)

    def send(self, day: date, feed: str, *rows: Row, sender: str | None = None, version: int = 1) -> None:
        """Put a file of these rows into the sender's mailbox; each row gets a number of its own."""
        contract = lookup(feed, "in", version, "T")
        assert contract is not None
        sender = sender or SENDERS.get(feed, FOREM)
        text = io.StringIO()
        writer = csv.DictWriter(text, contract.columns, delimiter=";", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for one in rows:
            self._notices += 1
            writer.writerow(one | {"notice_id": f"N-{self._notices:04d}"})
        data = text.getvalue().encode()
        number, previous = self._sent.get((sender, feed), (0, None))
        self._sent[sender, feed] = number + 1, hashlib.sha256(data).hexdigest()
        name = f"FI.{feed}.{sender}.{day:%Y%m%d}.{number + 1:05d}.T.1.1"
        inbox = self.exchange.mailbox(sender) / "in"
        (inbox / name).write_bytes(data)
        (inbox / mark_of(name)).write_bytes(
            go_of(name, data, contract=contract.label, rows=len(rows), previous=previous)
        )

    def run(self, day: date) -> None:
        """All verbs for everybody; every row sent was good."""
        self.exchange.require(self.exchange.half_day(day, "EVENING"))
        for partner in (CPAS, OTHER, FOREM, REGISTERS):
            wrong = [line for line in self.raw(partner, "NOTI") if line.get("severity") == "ERROR"]
            wrong += [line for line in self.raw(partner, "ACRF") if line["verdict"] != "ACCEPTED"]
            assert not wrong, [(line["code"], line.get("column")) for line in wrong]

    def on(self, day: date, feed: str, *rows: Row, sender: str | None = None, version: int = 1) -> None:
        """Send, and run that day."""
        self.send(day, feed, *rows, sender=sender, version=version)
        self.run(day)

    def files(self, recipient: str, feed: str) -> list[tuple[dict[str, Any], bytes]]:
        """Manifest and bytes of each file of a feed in a mailbox, in order."""
        out = self.exchange.mailbox(recipient) / "out"
        paths = sorted(out.glob(f"FO.{feed}.{recipient}.*"), key=lambda path: path.name.split(".")[4])
        return [(json.loads((out / f"GO{p.name[2:]}.1").read_text()), p.read_bytes()) for p in paths]

    def raw(self, recipient: str, feed: str) -> list[Row]:
        """The rows of a feed in a mailbox, as they are written."""
        return [
            line
            for _, data in self.files(recipient, feed)
            for line in csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=";")
        ]

    def told(self, recipient: str, feed: str) -> list[dict[str, str | None]]:
        """The rows of a feed in a mailbox, opened with the recipient's own key."""
        keys = sorted((self.exchange.partners / recipient / "keys").glob("*.key"))
        return [line for _, data in self.files(recipient, feed) for line in open_file(data, keys).to_dicts()]

    def view(self, recipient: str) -> dict[tuple[str, str, str], Row]:
        """The recipient's view as its files of RECO give it: by kind, CPAS and reference."""
        files = [
            ViewFile(go["kind"], list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=";")))
            for go, data in self.files(recipient, "RECO")
        ]
        return {
            (str(line["entity_kind"]), str(line["cpas"]), str(line["entity_ref"])): dict(line)  # type: ignore[arg-type]
            for line in view(files).values()
        }

    def kinds(self, recipient: str) -> set[str]:
        """The kinds of entities in the recipient's view."""
        return {kind for kind, _, _ in self.view(recipient)}
