"""One partner and its mailbox, for tests that write their own files: what is put, and what the hub answers."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from play import PROJECT, WEEK, Exchange
from turning import turn

from connectors.envelope import open_sealed
from contracts.registry import lookup
from contracts.words import mend, says
from hub import flow
from hub.flow.collect import landing_context
from hub.keys import KeyRing
from hub.stores import tables

CPAS = "062063"
GOOD: dict[str, str] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))["ORIE"]
Row = dict[str, str]


def name_of(sequence: int = 1, *, feed: str = "ORIE", sender: str = CPAS, letter: str = "T", tail: str = "1.1") -> str:
    """The name of a data file of the first day."""
    return f"FI.{feed}.{sender}.20260309.{sequence:05d}.{letter}.{tail}"


def mark_of(name: str, kind: str = "GO") -> str:
    """The name of the GO or TD of a data file."""
    return kind + name[2:].rsplit(".", 1)[0]


def row(**changed: str) -> Row:
    """A right row, changed."""
    return GOOD | changed


def data_of(*rows: Mapping[str, str], cut: int = 0, more: Sequence[str] = ()) -> bytes:
    """The file of these rows; `cut` cells are missing at the end of its last row, or `more` are there."""
    contract = lookup("ORIE", "in", 1, "T")
    assert contract is not None
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    lines = [[one[column] for column in contract.columns] for one in rows]
    if cut:
        lines[-1] = lines[-1][:-cut]
    writer.writerows([contract.columns, *lines[:-1], *([[*lines[-1], *more]] if lines else [])])
    return text.getvalue().encode()


def go_of(name: str, data: bytes, **changed: Any) -> bytes:
    """The right manifest of a file, changed."""
    manifest = {
        "file": name,
        "rows": data.count(b"\n") - 1,
        "sha256": hashlib.sha256(data).hexdigest(),
        "contract": "orientations/1",
        "first_version": 1,
        "last_version": 1,
        "previous": None,
    }
    return json.dumps(manifest | changed).encode()


class Post:
    """The mailbox of one partner, and a hub that visits it.

    Where it is `turning` the hub's digest key is replaced before each visit and between its verbs.
    """

    def __init__(self, root: Path, prepared: Exchange, partner: str = CPAS, *, turning: bool = False) -> None:
        self.turning = turning
        shutil.copytree(prepared.settings.home, root / "hub")
        self.exchange, self.partner = Exchange(root), partner
        self.box = self.exchange.mailbox(partner)
        for folder in ("in/done", "out/taken"):
            (self.box / folder).mkdir(parents=True)
        self.exchange.set_channels({partner: {"folder": str(self.box)}})

    def put(self, name: str, data: bytes, go: bytes | None = None) -> None:
        """Put a file and its GO (the right one by default) into in/."""
        self.put_one(name, data)
        self.put_one(mark_of(name), go_of(name, data) if go is None else go)

    def put_one(self, name: str, data: bytes = b"") -> None:
        """Put one file into in/."""
        (self.box / "in" / name).write_bytes(data)

    def collect(self, half: str = "CPAS") -> None:
        """Collect, and nothing else."""
        self._turn()
        with self.exchange.hub(WEEK[0], half) as hub:
            self.exchange.require(flow.collect(hub, [self.partner]))

    def run(self, half: str = "CPAS") -> None:
        """Everything from the mailbox to the receipts in the mailbox; no verb may have anything to complain of."""
        with self.exchange.hub(WEEK[0], half) as hub:
            for verb in (flow.collect, flow.process, flow.acknowledge, flow.deliver):
                self._turn()
                self.exchange.require(verb(hub, [self.partner]))
            assert flow.conservation(hub)["holds"] == 1

    def _turn(self) -> None:
        if self.turning:
            turn(self.exchange, "digest")

    def told(self, feed: str) -> list[Row]:
        """The rows of every receipt of that feed delivered so far, in order."""
        return [line for path in sorted((self.box / "out").glob(f"FO.{feed}.*")) for line in _read(path)]

    def receipts(self) -> list[tuple[str, str, str]]:
        """File, verdict and code of each ACRF row; its French sentences are those of the code."""
        for line in self.told("ACRF"):
            code = line["code"]
            assert (line["message_fr"], line["mend_fr"]) == ((says(code), mend(code)) if code else ("", ""))
        return [(line["file"], line["verdict"], line["code"]) for line in self.told("ACRF")]

    def totals(self) -> list[tuple[int, int, int, int]]:
        """Rows read, accepted, rejected and duplicate of each file, as the NOTI tells them."""
        names = ("read", "accepted", "rejected", "duplicate")
        return [tuple(int(line[n]) for n in names) for line in self.told("NOTI") if line["record"] == "TOTAL"]  # type: ignore[misc]

    def findings(self) -> list[tuple[str, str, str]]:
        """Line, column and code of each finding in the NOTI; its French sentence is that of the code."""
        found = [line for line in self.told("NOTI") if line["record"] == "FINDING"]
        assert all(line["message_fr"] == says(line["code"]) for line in found)
        return [(line["line"], line["column"], line["code"]) for line in found]

    def waiting(self) -> set[str]:
        """What lies in in/."""
        return {path.name for path in (self.box / "in").iterdir() if path.is_file()}

    def done(self) -> set[str]:
        """What lies in in/done/."""
        return {path.name for path in (self.box / "in" / "done").iterdir()}

    def quarantined(self) -> list[bytes]:
        """The files in quarantine, opened with the landing key."""
        key = KeyRing(self.exchange.settings.keys).landing_private()
        sealed = sorted((self.exchange.settings.files / "quarantine").iterdir())
        assert not any(b"FI." in path.read_bytes() or b";" * 5 in path.read_bytes() for path in sealed)
        return [b"".join(open_sealed([path.read_bytes()], key, landing_context(self.partner))) for path in sealed]

    def events(self) -> int:
        """How many rows are in the ledger."""
        return len(self.exchange.rows(tables.event))


def _read(path: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), delimiter=";"))
