"""A stand-in's own book: what it sent, what it took, what it knows from what it opened. One JSON file.

It is saved whole after each change of the mailbox is decided and before it is made, so that a command that
was killed can be run again.
"""

from pathlib import Path
from typing import Any

from simulators import layout
from simulators.table import Row

EMPTY: dict[str, Any] = {
    "own": {},  # a CPAS's referrals: person and dossier
    "sequence": {},  # last sequence number used, by sender named in the file
    "last_digest": {},  # digest of the last file sent, by sender named in the file
    "sent": [],  # every file sent
    "written": {},  # day: files to put into in/, in order
    "registered": {},  # Le Forem's: whom it has registered, by referral
    "answered": {},  # Le Forem's: highest version sent, by referral
    "taken": {},  # FO name: digest, rows, previous, moved
    "ORIE": {},  # referral: effective date and version: row
    "STAT": {},
    "INSC": {},  # a CPAS's: registrations of its people, by token
    "RECO": {},  # name in the view: last row
    "OFFR": {},  # a CPAS's: attribution of each public job offer, by number
    "ACRF": [],
    "NOTI": [],
    "alarms": [],  # what should never arrive
    "duplicates": [],  # FO names delivered again after they were taken
}


class Book:
    """The book of one partner, loaded from its folder."""

    def __init__(self, root: Path, partner: str) -> None:
        self.root = root
        self.partner = partner
        self.home = root / partner
        self.mailbox = layout.mailbox(root, partner)
        self.boxes = layout.boxes(root, partner)
        path = self.home / "book.json"
        saved = layout.read_json(path) if path.exists() else {}
        self.data: dict[str, Any] = {key: saved.get(key, type(empty)()) for key, empty in EMPTY.items()}

    def save(self) -> None:
        """Replace the file on disk by the present state."""
        layout.write_json(self.home / "book.json", self.data)

    def script(self) -> dict[str, Any]:
        """What this partner is going to do, as the scenario wrote it."""
        script: dict[str, Any] = layout.read_json(self.home / "script.json")
        return script

    def alarm(self, kind: str, file: str, line: int = 0, reason: str = "") -> None:
        """Note, once, something that should never have arrived; never a value of it."""
        entry = {"kind": kind, "file": file, "line": line, "reason": reason}
        if entry not in self.data["alarms"]:
            self.data["alarms"].append(entry)

    def next_sequence(self, sender: str) -> int:
        """The next sequence number under that sender's name."""
        number: int = self.data["sequence"].get(sender, 0) + 1
        self.data["sequence"][sender] = number
        return number

    def sent_parcel(self, parcel: str) -> dict[str, Any]:
        """The record of a file sent before."""
        found: dict[str, Any] = next(sent for sent in self.data["sent"] if sent["parcel"] == parcel)
        return found

    def note(self, feed: str, referral: str, when: str, row: Row) -> None:
        """Keep one full-state row about a referral, by its date and version."""
        self.data[feed].setdefault(referral, {})[f"{when}#{int(row['version']):06d}"] = row

    def live(self, feed: str, referral: str) -> Row | None:
        """The row in force: highest version within a date, dates with status 9 left out, the latest date."""
        rows: dict[str, Row] = self.data[feed].get(referral, {})
        by_date = {key.partition("#")[0]: rows[key] for key in sorted(rows)}
        dates = [date for date, row in by_date.items() if row["notice_status"] != "9"]
        return by_date[max(dates)] if dates else None
