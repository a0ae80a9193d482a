"""Every partner takes what lies in its out/: checked against its GO, opened, written into its own book, put away.

A CPAS knows the people of whom it said something, and nobody else: a row about any other raises an alarm. The
book of RECO is the last snapshot and the deltas after it. Names of files and lines are noted, never a value.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from simulators import layout, naming, sealing, table
from simulators.layout import FOREM, REGISTERS
from simulators.table import Row
from simulators.year import columns, faults, people, replies, versions
from simulators.year.columns import DATED, IMPERSONAL, NAMED
from simulators.year.store import Store
from simulators.year.world import World

TOKEN = re.compile(r"w1\.[a-z2-7]{4}\.[A-Za-z0-9_-]{43}")
KEPT_DAYS = 2  # days after which a partner removes from out/taken/ what it has in its book
Held = tuple[str, Row]


class Taker:
    """All partners' taking; it remembers what it opened, as the same sealed text comes again and again."""

    def __init__(self, store: Store, world: World) -> None:
        self.store, self.world = store, world
        self.rank_of = {people.person(world.seed, rank).niss: rank for rank in range(world.people)}
        self.rank_of |= {
            old: rank for rank in range(world.people) if (old := people.former(world.seed, rank, world.people))
        }
        self.opened: dict[bytes, dict[str, str]] = {}
        self.known, self._learnt = set[tuple[str, int]](), ""

    def take(self, day: str, part: str) -> int:
        """Take everything from every out/ whose server is up; how many data files."""
        if self.store.is_done(day, part):
            return 0
        self._learn(day)
        self.keys = {one: sealing.keys_of(self.store.root, one) for one in [FOREM, *self.world.place]}
        up = [one for one in [FOREM, REGISTERS, *self.world.place] if not self._is_down(one, day)]
        with self.store:
            moves = [(partner, move) for partner in up for move in self._of(partner, day)]
            self.store.db.execute("INSERT INTO done VALUES (?,?)", (day, part))
        for partner, path in moves:
            if path.exists():
                self._answer(partner, path.name)
                path.replace(path.parent / "taken" / path.name)
        self._clear(day, up)
        return len(moves) // 2

    def _learn(self, day: str) -> None:
        """Of whom each has said something by that day: what was known before, and what has been sent since."""
        said = self.store.all("SELECT DISTINCT sender, person FROM statement WHERE sent>=? AND person>=0", self._learnt)
        self.known |= {(row["sender"], row["person"]) for row in said}
        self._learnt = day

    def _answer(self, partner: str, name: str) -> None:
        """Acknowledge a file that is in the book, before it is moved."""
        parts = naming.outbound(name)
        if parts is None or parts.feed in replies.RECEIPTS or not replies.answers(self.world, partner):
            return
        row = self.store.all("SELECT sha256 FROM taken WHERE partner=? AND name=?", partner, name)[0]
        reply, said = replies.write(self.world, partner, name, row["sha256"])
        layout.write_whole(layout.mailbox(self.store.root, partner) / "in" / reply, said)

    def _is_down(self, partner: str, day: str) -> bool:
        dates = {one.isoformat(): one for one in self.world.calendar}
        return day in dates and faults.is_down(self.world, partner, dates[day])

    def _of(self, partner: str, day: str) -> Iterator[Path]:
        """The files of one partner, in the order of their names; gives what is to be moved."""
        folder = layout.mailbox(self.store.root, partner) / "out"
        names = {path.name for path in folder.iterdir()}
        for name in sorted(one for one in names if naming.outbound(one) and naming.go_of(one) in names):
            if self.store.all("SELECT 1 FROM taken WHERE partner=? AND name=?", partner, name):
                self._alarm(partner, "delivered_twice" if (folder / "taken" / name).exists() else "", name)
            elif not self._one(partner, day, folder, name):
                continue
            yield folder / name
            yield folder / naming.go_of(name)

    def _one(self, partner: str, day: str, folder: Path, name: str) -> bool:
        """Check one file and write it into the book; False leaves it where it is."""
        parts, data = naming.outbound(name), (folder / name).read_bytes()
        go = json.loads((folder / naming.go_of(name)).read_text("utf-8"))
        if parts is None or parts.recipient != partner or parts.feed not in columns.SENT_BY_HUB:
            self._alarm(partner, "not_for_this_partner", name)
            return False
        version = versions.read(self.world, partner, parts.feed, date.fromisoformat(parts.day))
        contract, expected = columns.received(parts.feed, version)
        header, rows = table.read(data.decode("utf-8"))
        found = (name, naming.digest(data), len(rows), contract, expected)
        if found != (go.get("file"), go.get("sha256"), go.get("rows"), go.get("contract"), header):
            self._alarm(partner, "not_as_announced", name)
            return False
        self._keep(partner, parts.feed, name, rows, go.get("kind") == "SNAPSHOT")
        told = (
            partner, name, parts.feed, parts.sequence, go["sha256"], go["previous"], go.get("kind"), len(rows), day,
            contract,
        )  # fmt: skip
        self.store.db.execute("INSERT INTO taken VALUES (?,?,?,?,?,?,?,?,?,?)", told)
        return True

    def _keep(self, partner: str, feed: str, name: str, rows: list[Row], snapshot: bool) -> None:
        if feed in {"ACRF", "NOTI"}:
            told = [(partner, feed, row["file"], row.get("record", ""), json.dumps(row)) for row in rows]
            self.store.db.executemany("INSERT INTO receipt VALUES (?,?,?,?,?)", told)
            return
        if snapshot:
            self.store.db.execute("DELETE FROM held WHERE partner=? AND feed='RECO'", (partner,))
        held = [
            (partner, feed, key, name, plain.get("rank", -1), json.dumps(plain, ensure_ascii=False))
            for line, row in enumerate(rows, 2)
            for key, plain in self._read(partner, feed, name, line, row)
        ]
        self.store.db.executemany("INSERT OR REPLACE INTO held VALUES (?,?,?,?,?,?)", held)
        if feed == "RECO" or feed in IMPERSONAL:
            self.store.db.execute(
                "DELETE FROM held WHERE partner=? AND feed=? AND json_extract(row,'$.record')='GONE'", (partner, feed)
            )

    def _read(self, partner: str, feed: str, name: str, line: int, row: Row) -> Iterator[Held]:
        """The row without its sealed columns, and the key under which the book keeps it."""
        plain: dict[str, Any] = {key: value for key, value in row.items() if value and not key.startswith("sealed")}
        if feed not in IMPERSONAL:
            plain |= self._who(partner, name, line, row)
            if "rank" not in plain and feed != "RECO":
                return
        dated = DATED.get(feed, "effective_date")
        if feed == "RECO":
            yield f"{row['entity_kind']}|{row['cpas']}|{row['subject_token']}|{row['entity_ref']}", plain
            return
        about = row[NAMED[feed]] if feed in NAMED else ""
        if feed in {"SITU", "INSC", "MOBI"}:
            named = (row.get(name, "") for name in ("sender", "situation_group", "contract_id"))
            about = "|".join([about, str(plain["rank"]), *named])
        yield f"{about}|" if feed in IMPERSONAL else f"{about}|{row[dated]}", plain

    def _who(self, partner: str, name: str, line: int, row: Row) -> dict[str, Any]:
        """Rank and NISS of the person, from what was sealed; alarms where that is not as it must be."""
        if TOKEN.fullmatch(row["subject_token"]) is None:
            self._alarm(partner, "bad_token", name, line)
        identity = self._open(partner, name, line, row["sealed_identity"])
        if not identity:
            return {}
        rank = self.rank_of.get(identity.get("niss", ""))
        if rank is None:
            self._alarm(partner, "unknown_person", name, line)
            return {}
        if partner != FOREM:
            self._check_own(partner, name, line, row, rank)
        elif row.get("sealed_local_ref"):
            self._alarm(partner, "foreign_local_reference", name, line)
        return {"rank": rank, "niss": identity["niss"]}

    def _check_own(self, partner: str, name: str, line: int, row: Row, rank: int) -> None:
        """A CPAS is told of its own people only, with its own dossier number."""
        if (partner, rank) not in self.known:
            self._alarm(partner, "foreign_person", name, line)
        if row["sealed_local_ref"]:
            local = self._open(partner, name, line, row["sealed_local_ref"])
            if local.get("cpas_dossier_ref", "") != _dossier(rank):
                self._alarm(partner, "wrong_local_reference", name, line)

    def _open(self, partner: str, name: str, line: int, sealed: str) -> dict[str, str]:
        mark = hashlib.blake2b(f"{partner}{sealed}".encode(), digest_size=16).digest()
        if sealed and mark not in self.opened:
            try:
                found = sealing.open_sealed(sealed, partner, self.keys[partner])
            except sealing.SealedError:
                self._alarm(partner, "sealed_unreadable", name, line)
                return {}
            self._check_names(partner, name, line, found)
            self.opened[mark] = {key: found[key] for key in ("niss", "cpas_dossier_ref") if key in found}
        return self.opened.get(mark, {})

    def _check_names(self, partner: str, name: str, line: int, found: dict[str, str]) -> None:
        """A name, where there is one, is that of the holder of the number."""
        rank = self.rank_of.get(found.get("niss", ""))
        if rank is not None and "last_name" in found:
            person = people.person(self.world.seed, rank)
            if (person.last_name, person.first_name) != (found["last_name"], found["first_name"]):
                self._alarm(partner, "wrong_name", name, line)

    def _alarm(self, partner: str, kind: str, file: str, line: int = 0) -> None:
        if kind:
            self.store.db.execute("INSERT INTO alarm VALUES (?,?,?,?)", (partner, kind, file, line))

    def _clear(self, day: str, partners: list[str]) -> None:
        """Remove from out/taken/ what was taken some days ago, as a partner that archives elsewhere does."""
        days = [one.isoformat() for one in self.world.calendar if one.isoformat() <= day]
        if len(days) <= KEPT_DAYS:
            return
        for row in self.store.all("SELECT partner, name FROM taken WHERE day=?", days[-1 - KEPT_DAYS]):
            if row["partner"] in partners:
                folder = layout.mailbox(self.store.root, row["partner"]) / "out" / "taken"
                for one in (row["name"], naming.go_of(row["name"])):
                    (folder / one).unlink(missing_ok=True)


def _dossier(rank: int) -> str:
    """The dossier number as it is compared: no dashes, no zeros in front."""
    return f"{rank % 7}{rank:06d}".lstrip("0") or "0"
