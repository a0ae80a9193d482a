"""One half-day of sending: each partner writes the rows that are due into files, one for each feed that has any.

What a partner can only say after it took something (Le Forem of an orientation, a CPAS of a job day) waits
until that is in its own book. A file is written whole before the half-day is noted as done.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from simulators import layout, naming, sealing, table
from simulators.layout import FOREM, REGISTERS
from simulators.table import Row
from simulators.year import columns, faults, numbers, offers, people, versions
from simulators.year.columns import ADDED, FROM_CPAS, FROM_FOREM, FROM_REGISTERS
from simulators.year.faults import FileFault
from simulators.year.store import Store
from simulators.year.world import World

CPAS = "CPAS"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The bytes of a file, the contract that it keeps, how many rows it has and their versions."""

    data: bytes
    contract: str
    rows: int
    versions: list[int]


def send(store: Store, world: World, half: str, day: date) -> int:
    """Write the files of that half-day into in/; how many data files. Nothing when it was done before."""
    if store.is_done(day.isoformat(), half):
        return 0
    with store:
        count = _Half(store, world, half, day).send()
        store.db.execute("INSERT INTO done VALUES (?,?)", (day.isoformat(), half))
    return count


class _Half:
    """The senders of one half-day."""

    def __init__(self, store: Store, world: World, half: str, day: date) -> None:
        self.store, self.world, self.day = store, world, day
        self.half = half
        self.partners = [FOREM] if half == FOREM or half == "FOREM" else [*world.place, REGISTERS]
        self.feeds = (*FROM_CPAS, *FROM_REGISTERS) if half == CPAS else FROM_FOREM

    def send(self) -> int:
        """Everything due, after the changes of keys."""
        for partner in self.partners:
            if faults.changes_key(self.world, partner, self.day):
                sealing.new_keys(self.store.root, partner)
        due = self._due()
        count = 0
        for partner in self.partners:
            if faults.is_down(self.world, partner, self.day):
                continue
            count += self._follow_up(partner)
            for feed in self.feeds:
                rows = [one for one in due.get((partner, feed), []) if self._is_ready(one)]
                count += self._file(partner, feed, rows) if rows else 0
        return count

    def _due(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The statements that are due and not sent, by sender and feed."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        wanted = self.store.all(
            "SELECT * FROM statement WHERE sent IS NULL AND day<=? AND (sender=?)=? ORDER BY day, id",
            self.day.isoformat(), FOREM, int(self.half != CPAS),
        )  # fmt: skip
        for one in wanted:
            found[one["sender"], one["feed"]].append(dict(one) | {"row": json.loads(one["row"])})
        return found

    def _is_ready(self, one: dict[str, Any]) -> bool:
        """Whether what it answers is in the sender's book; the NISS is then the one that was opened there."""
        for need in filter(None, one["needs"].split("|")):
            feed, _, key = need.partition(":")
            if feed == "WRONG":
                one["row"]["niss"] = people.person(self.world.seed, int(key)).niss
                continue
            held = self.store.all(
                "SELECT row FROM held WHERE partner=? AND feed=? AND key>=? AND key<? LIMIT 1",
                one["sender"], feed, f"{key}|", f"{key}}}",
            )  # fmt: skip
            if not held:
                return False
            if feed == "ORIE":
                one["row"]["niss"] = json.loads(held[0]["row"])["niss"]
        return True

    def _follow_up(self, partner: str) -> int:
        """What an earlier file's mistake brings with it: the missing half of it, or the same bytes again."""
        count = 0
        for later in self.store.all("SELECT * FROM later WHERE sender=? AND day<=?", partner, self.day.isoformat()):
            what = json.loads(later["what"])
            if what["kind"] == "again":
                sheet = Sheet(what["data"].encode("latin-1"), what["contract"], what["rows"], what["versions"])
                agreed = self._agreed(partner, what["feed"], self.day)
                fault = FileFault("again", "DUPLICATE") if agreed else faults.OUTSIDE_PLAN
                self._put(partner, what["feed"], sheet, fault)
                count += 1
            else:
                self._write(partner, what["name"], what["data"].encode("latin-1"))
            self.store.db.execute("DELETE FROM later WHERE id=?", (later["id"],))
        return count

    def _file(self, partner: str, feed: str, due: list[dict[str, Any]]) -> int:
        """One data file with its GO, with the mistakes that are planned for it."""
        fault = self._fault(partner, feed)
        read_on = self._next(partner) if fault.name in faults.IN_TWO_PARTS else self.day
        rows = [self._row(one, read_on) for one in due] + self._beside(feed)
        data = self._render(partner, feed, rows, fault)
        first = not self.store.all("SELECT 1 FROM sequence WHERE sender=? AND feed=?", partner, feed)
        if data is None or (first and fault.name == "sequence_gap"):
            fault, data = faults.SOUND, self._render(partner, feed, rows, faults.SOUND) or b""
        stated = [int(row["version"]) for row in rows if row["version"].isdigit()]
        wrong = [one["fault"] for one in due if one["fault"]]
        sheet = Sheet(data, self._contract(partner, feed)[0], len(rows), stated)
        if fault.verdict == "REFUSED":
            self._put(partner, feed, sheet, fault)
            self._give_up([] if fault.again else due)
            return 1
        counts = self._put(partner, feed, sheet, fault, wrong)
        numbers.note(self.store, self.world, partner, feed, [one["row"] for one in due if not one["fault"]])
        self._note(partner, feed, due, counts)
        return 1

    def _fault(self, partner: str, feed: str) -> FileFault:
        """The mistake of today's file; none in the last one that a plan allows, and no other than that after it."""
        if not self._agreed(partner, feed, self.day):
            return faults.OUTSIDE_PLAN
        last = not self._agreed(partner, feed, self._next(partner))
        return faults.SOUND if last or self._is_export(feed) else faults.of_file(self.world, partner, feed, self.day)

    def _beside(self, feed: str) -> list[Row]:
        """What an export has besides what is new."""
        return offers.still_open(self.store, self.world, self.day) if self._is_export(feed) else []

    def _is_export(self, feed: str) -> bool:
        return feed == "OFFR" and offers.is_export(self.world, self.day)

    def _agreed(self, partner: str, feed: str, day: date) -> bool:
        return partner not in self.world.place or self.world.agreed(partner, feed, day)

    def _give_up(self, due: list[dict[str, Any]]) -> None:
        """These rows are never sent again."""
        self.store.db.executemany(
            "UPDATE statement SET day=? WHERE id=?", [(date.max.isoformat(), one["id"]) for one in due]
        )

    def _contract(self, partner: str, feed: str) -> tuple[str, list[str]]:
        """Contract and columns under which the partner writes a feed today."""
        return columns.written(feed, versions.written(self.world, partner, feed, self.day))

    def _row(self, one: dict[str, Any], read_on: date) -> Row:
        row: Row = one["row"]
        return faults.broken(one["fault"], one["feed"], row, read_on) if one["fault"] else row

    def _render(self, partner: str, feed: str, rows: list[Row], fault: FileFault) -> bytes | None:
        """The bytes of the file in its sender's encoding; None where this mistake cannot be made with these rows."""
        text = table.write(self._contract(partner, feed)[1], rows)
        encoding = self.world.place[partner].encoding if partner in self.world.place else "utf-8"
        if fault.name == "cp1252_undeclared":
            return text.encode("cp1252") if encoding == "utf-8" and not text.isascii() else None
        data = (
            text.replace("\n", "\r\n").encode(encoding) if fault.name == "carriage_returns" else text.encode(encoding)
        )
        if fault.name == "byte_order_mark":
            return b"\xef\xbb\xbf" + data if encoding == "utf-8" else None
        return data

    def _put(self, partner: str, feed: str, sheet: Sheet, fault: FileFault, wrong: Sequence[str] = ()) -> date:
        """Name the file, write what of it is written today, and note what must become of it; from when it counts."""
        day, known = (
            self.day.isoformat(),
            self.store.all("SELECT number, digest FROM sequence WHERE sender=? AND feed=?", partner, feed),
        )
        number, previous = (known[0]["number"], known[0]["digest"]) if known else (0, None)
        number += 2 if fault.name == "sequence_gap" else 1
        digest, rows = naming.digest(sheet.data), sheet.rows
        self.store.db.execute("INSERT OR REPLACE INTO sequence VALUES (?,?,?,?)", (partner, feed, number, digest))
        name = naming.inbound(feed, partner, day, number, "R" if fault.name == "wrong_environment" else "T")
        go = naming.manifest(name, sheet.data, sheet.contract, sheet.versions, previous, rows)
        go |= {"complete": True} if self._is_export(feed) else {}
        go["rows"] += fault.name == "count_mismatch"
        counts = self._deliver(partner, feed, name, sheet, naming.render(go), fault)
        findings = [list(faults.OF_ROWS[one]) for one in wrong]
        told = (
            name, partner, feed, counts.isoformat(), self.half, digest, fault.name, fault.verdict, fault.code, rows,
            len(wrong), rows if fault.verdict == "DUPLICATE" else 0, json.dumps(findings), sheet.contract,
        )  # fmt: skip
        self.store.db.execute("INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", told)
        return counts

    def _deliver(self, partner: str, feed: str, name: str, sheet: Sheet, go: bytes, fault: FileFault) -> date:
        """Write data and GO, or one of them with the other to follow; the day from which the hub can read both."""
        following, data = self._next(partner), sheet.data
        parts = {name: data[:-7] if fault.name == "truncated" else data, naming.go_of(name): go}
        if fault.name == "sent_twice":
            again = {"data": _text(data), "contract": sheet.contract, "rows": sheet.rows, "versions": sheet.versions}
            self._later(partner, {"kind": "again", "feed": feed} | again)
        late = {"late_go": naming.go_of(name), "go_first": name}.get(fault.name)
        for one, content in parts.items():
            if one == late:
                self._later(partner, {"kind": "part", "name": one, "data": _text(content)})
            else:
                self._write(partner, one, content)
        return following if late else self.day

    def _next(self, partner: str) -> date:
        """The next day on which the partner's server is up; after the last day, a day that is never played."""
        days = [day for day in self.world.calendar if day > self.day]
        never = self.day + timedelta(days=1)
        return next((day for day in days if not faults.is_down(self.world, partner, day)), never)

    def _later(self, partner: str, what: dict[str, Any]) -> None:
        self.store.db.execute(
            "INSERT INTO later (day, sender, what) VALUES (?,?,?)",
            (self._next(partner).isoformat(), partner, json.dumps(what)),
        )

    def _write(self, partner: str, name: str, data: bytes) -> None:
        layout.write_whole(layout.mailbox(self.store.root, partner) / "in" / name, data)

    def _note(self, partner: str, feed: str, due: list[dict[str, Any]], counts: date) -> None:
        """The sound rows are sent and count from that day, without what their version cannot say.

        The others are due again, repaired.
        """
        done = [
            (self.day.isoformat(), counts.isoformat(), one["row"]["niss"], one["id"])
            for one in due
            if not one["fault"] and "niss" in one["row"]
        ]
        self.store.db.executemany(
            "UPDATE statement SET sent=?, counts=?, row=json_set(row, '$.niss', ?) WHERE id=?", done
        )
        plain = [
            (self.day.isoformat(), counts.isoformat(), one["id"])
            for one in due
            if not one["fault"] and "niss" not in one["row"]
        ]
        self.store.db.executemany("UPDATE statement SET sent=?, counts=? WHERE id=?", plain)
        unsaid = set(ADDED.get(feed, ())) - set(self._contract(partner, feed)[1])
        cut = [(f"$.{name}", one["id"]) for one in due if not one["fault"] for name in unsaid]
        self.store.db.executemany("UPDATE statement SET row=json_remove(row, ?) WHERE id=?", cut)
        again = [(self._next(one["sender"]).isoformat(), one["id"]) for one in due if one["fault"]]
        self.store.db.executemany("UPDATE statement SET fault='', day=? WHERE id=?", again)


def _text(data: bytes) -> str:
    """Any bytes as text, one character each."""
    return data.decode("latin-1")
