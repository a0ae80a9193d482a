"""Five days of the stand-ins with a hub of a few lines, and with a hub that does one thing wrong.

The small hub keeps everything in memory and in clear. It exists to show that `check` agrees with a right hub and
with no other.
"""

import base64
import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from test_sim_population import HEADER, TOWNS

from simulators.check import check
from simulators.cli import main
from simulators.mailbox import FEEDS

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
DAYS = [f"2026-03-{day:02d}" for day in range(9, 14)]
FOREM = "900001"
Row = dict[str, str]


class SmallHub:
    """Reads every in/, answers every partner, one pass at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.partners = sorted(path.parent.name for path in root.glob("[0-9]*/mailbox"))
        self.hashes: set[str] = set()
        self.rows: dict[str, list[Row]] = {"ORIE": [], "STAT": []}
        self.told: dict[tuple[str, str], Row] = {}
        self.told_rows: set[tuple[str, str]] = set()
        self.chain: dict[tuple[str, str], tuple[int, str | None]] = {}
        self.day = ""

    def run(self, day: str) -> None:
        """One pass: collect, record, publish."""
        self.day = day
        for partner in self.partners:
            receipts: list[Row] = []
            outcomes: list[Row] = []
            inbox = self.root / partner / "mailbox" / "in"
            for go in sorted(inbox.glob("GO.*")):
                receipts.append(self.one_file(inbox, go, partner, outcomes))
                for path in (inbox / (go.name.replace("GO", "FI", 1) + ".1"), go):
                    path.replace(inbox / "done" / path.name)
            self.publish(partner, "ACRF", receipts)
            self.publish(partner, "NOTI", outcomes)
        self.publish(FOREM, "ORIE", self.new(FOREM, self.orientations()))
        for cpas in self.partners[:-1]:
            self.publish(cpas, "STAT", self.new(cpas, self.statuses(cpas)))
        self.reconcile()

    def one_file(self, inbox: Path, go: Path, partner: str, outcomes: list[Row]) -> Row:
        """Verify one file, and read it when it is sound; its receipt."""
        name = go.name.replace("GO", "FI", 1) + ".1"
        data, manifest = (inbox / name).read_bytes(), json.loads(go.read_text())
        digest = hashlib.sha256(data).hexdigest()
        parts = name.split(".")
        known = {"063023": "F15", partner: ""}.get(parts[2], "F10")
        code = known or ("F11" if parts[5] == "R" else "") or ("F03" if manifest["sha256"] != digest else "")
        try:
            lines = list(csv.reader(io.StringIO(data.decode()), delimiter=";"))
        except UnicodeDecodeError:
            code, lines = "F08", [[]]
        if not code and manifest["rows"] != len(lines) - 1:
            code = "F04"
        verdict = "REFUSED" if code else "DUPLICATE" if digest in self.hashes else "ACCEPTED"
        if verdict == "ACCEPTED":
            self.hashes.add(digest)  # not a refused file's: its repair may have the same bytes
            outcomes += self.read(name, parts[1], lines)
        return {"file": name, "sha256": digest, "size": str(len(data)), "verdict": verdict, "code": code}

    def read(self, name: str, feed: str, lines: list[list[str]]) -> list[Row]:
        """Record the good rows; the NOTI rows of the file."""
        findings: list[Row] = []
        fresh = duplicates = 0
        for number, cells in enumerate(lines[1:], start=2):
            row = dict(zip(lines[0], cells, strict=False))
            code = self.fault(lines[0], cells, row)
            if code:
                where = {"record": "FINDING", "line": str(number), "code": code, "severity": "ERROR"}
                findings.append({"file": name, **where})
            elif row in self.rows[feed]:
                duplicates += 1
            else:
                fresh += 1
                self.rows[feed].append(row)
        counts = {"read": len(lines) - 1, "accepted": fresh, "rejected": len(findings), "duplicate": duplicates}
        total = {key: str(value) for key, value in {**counts, "warned": 0, "superseded": 0}.items()}
        return [{"file": name, "record": "TOTAL", **total}, *findings]

    @staticmethod
    def fault(header: list[str], cells: list[str], row: Row) -> str:
        """The code of what is wrong with a row."""
        if len(cells) != len(header):
            return "R001"
        if len(row["niss"]) == 10:
            return "R102"
        sums = {(int(century + row["niss"][:9]) + int(row["niss"][9:])) % 97 for century in ("", "2")}
        return "" if 0 in sums else "R101"

    def new(self, recipient: str, rows: list[Row]) -> list[Row]:
        """Those not yet told to that recipient."""
        fresh = [row for row in rows if (recipient, row["notice_id"]) not in self.told_rows]
        self.told_rows |= {(recipient, row["notice_id"]) for row in fresh}
        return fresh

    def orientations(self) -> list[Row]:
        """Rows for Le Forem."""
        return [{**row, **self.sealed(FOREM, row), "sender": f"0{row['cpas_nis']}"} for row in self.rows["ORIE"]]

    def statuses(self, cpas: str) -> list[Row]:
        """Rows for one CPAS: about its own referrals and their own person."""
        own = {row["referral_id"]: row for row in self.rows["ORIE"] if row["cpas_nis"] == cpas[1:]}
        return [
            {**row, **self.sealed(cpas, own[row["referral_id"]])}
            for row in self.rows["STAT"]
            if own.get(row["referral_id"], {}).get("niss") == row["niss"]
        ]

    def sealed(self, recipient: str, row: Row) -> Row:
        """Token and sealed columns for that recipient."""
        token = f"w1.aaaa.{hashlib.sha256((recipient + row['niss']).encode()).hexdigest()[:43]}"
        names = ("niss", "last_name", "first_name", "birth_date")
        identity = {name: row[name] for name in names if row.get(name)}
        local = {} if recipient == FOREM else {"cpas_dossier_ref": row["cpas_dossier_ref"]}
        return {
            "subject_token": token,
            "sealed_identity": self.seal(recipient, identity),
            "sealed_local_ref": self.seal(recipient, local) if local else "",
        }

    def seal(self, recipient: str, value: Row) -> str:
        """HPKE for the recipient's public key."""
        key = json.loads((self.root / "public" / f"{recipient}.pub").read_text())
        public = X25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["public"] + "="))
        info = f"passerelle/capsule/1|{recipient}|{key['kid']}".encode()
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        body = base64.urlsafe_b64encode(SUITE.encrypt(text, public, info=info)).rstrip(b"=").decode()
        return f"c1.{key['kid']}.{body}"

    def reconcile(self) -> None:
        """One RECO row per referral for its CPAS and for Le Forem, when it has changed."""
        out: dict[str, list[Row]] = {}
        keys = {row["referral_id"] for rows in self.rows.values() for row in rows}
        for key in sorted(keys):
            for recipient, row in self.agreed(key):
                if self.told.get((recipient, key)) != row:
                    self.told[(recipient, key)] = row
                    out.setdefault(recipient, []).append({**row, "snapshot_date": self.day})
        for recipient, rows in out.items():
            self.publish(recipient, "RECO", rows)

    def agreed(self, key: str) -> list[tuple[str, Row]]:
        """The reconciled row for each entitled recipient."""
        ours = sorted((row for row in self.rows["ORIE"] if row["referral_id"] == key), key=lambda row: row["version"])
        theirs = sorted((row for row in self.rows["STAT"] if row["referral_id"] == key), key=lambda row: row["version"])
        if not ours:
            told = {"agreed_state": "UNKNOWN", "class": "ORPHAN_ACK", "codes": "R404", "owner": "FOREM"}
            return [(FOREM, {**named(key), **told, **self.sealed(FOREM, {"niss": theirs[0]["niss"]})})]
        cpas, stat = self.live(ours, "effective_date"), self.live(theirs, "status_date")
        mismatch = stat is not None and stat["niss"] != ours[0]["niss"]
        good = [row for row in theirs if row["niss"] == ours[0]["niss"]]
        seen = self.live(good, "status_date")
        core = "CANCELLED" if cpas is None else seen["core_status"] if seen else "REQUESTED"
        row = {**named(key), "agreed_state": core, "class": "AGREED" if seen else "PENDING"}
        if cpas is not None and seen is None:
            row["class"] = self.overtaken(key, ours[0])
        row |= {"cpas_version": ours[-1]["version"], "forem_version": good[-1]["version"] if good else ""}
        forem = {**row, "class": "CONFLICT", "codes": "R503", "owner": "FOREM"} if mismatch else row
        sender = f"0{ours[0]['cpas_nis']}"
        fixed = {one: self.told.get((one, key), self.sealed(one, ours[0])) for one in (sender, FOREM)}
        names = ("subject_token", "sealed_identity", "sealed_local_ref")
        return [
            (sender, {**row, **{name: fixed[sender][name] for name in names}}),
            (FOREM, {**forem, **{name: fixed[FOREM][name] for name in names}}),
        ]

    def overtaken(self, key: str, ours: Row) -> str:
        """PENDING, unless the CPAS has sent another referral of the person that is open on both sides."""
        dates: dict[str, tuple[str, str]] = {}
        for row in self.rows["ORIE"]:
            other = row["referral_id"]
            of_it = [sorted((r for r in rows if r["referral_id"] == other), key=lambda r: r["version"])
                     for rows in self.rows.values()]  # fmt: skip
            live, answer = self.live(of_it[0], "effective_date"), self.live(
                [r for r in of_it[1] if r["niss"] == row["niss"]], "status_date"
            )  # fmt: skip
            status = answer["core_status"] if answer else ""
            same = (row["niss"], row["cpas_nis"]) == (ours["niss"], ours["cpas_nis"])
            if same and live and status not in {"REJECTED", "CANCELLED", "COMPLETED", "FAILED"}:
                dates[other] = live["effective_date"], status
        if max(date for date, _ in dates.values()) > dates[key][0]:
            return "SUPERSEDED"
        return "PENDING" if key == min(k for k, told in dates.items() if told == dates[key]) else "DUPLICATE"

    @staticmethod
    def live(rows: list[Row], column: str) -> Row | None:
        """The state in force among rows in the order of their versions."""
        by_date = {row[column]: row for row in rows}
        dates = [date for date, row in by_date.items() if row["notice_status"] != "9"]
        return by_date[max(dates)] if dates else None

    def publish(self, recipient: str, feed: str, rows: list[Row]) -> None:
        """Write FO, then GO, unless there is nothing to say."""
        if not rows:
            return
        contract, columns = FEEDS[feed]
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, delimiter=";", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        data = out.getvalue().encode()
        number, previous = self.chain.get((recipient, feed), (0, None))
        name = f"FO.{feed}.{recipient}.{self.day.replace('-', '')}.{number + 1:05d}.T"
        digest = hashlib.sha256(data).hexdigest()
        self.chain[(recipient, feed)] = number + 1, digest
        manifest = {"file": name, "rows": len(rows), "sha256": digest, "contract": contract, "previous": previous}
        manifest |= {"kind": "DELTA"}
        folder = self.root / recipient / "mailbox" / "out"
        (folder / name).write_bytes(data)
        text = json.dumps({**manifest, "first_version": None, "last_version": None})
        (folder / f"GO{name[2:]}.1").write_text(text)


def named(referral: str) -> Row:
    """What a row of the view is called."""
    return {"record": "STATE", "entity_kind": "REFERRAL", "cpas": "", "entity_ref": referral}


def run(command: str, root: Path, day: str = "") -> int:
    """One command of the stand-ins."""
    return main([command, "--root", str(root), *(["--day", day] if day else [])])


def registry_of(folder: Path) -> Path:
    """Six CPAS that may exchange."""
    folder.mkdir()
    line = "0{0};{0};Ville {0};;62000;Liège;Liège;FOREM;;2024-06-01;CONV2024;1;utf-8;1977-01-01;\n"
    (folder / "cpas.csv").write_text(HEADER + "".join(line.format(nis) for nis in TOWNS), "utf-8")
    codes = "".join(f"{code};{nis}\n" for nis, code in TOWNS.items())
    (folder / "postal_codes.csv").write_text(f"postal_code;nis\n{codes}", "utf-8")
    return folder


def play(root: Path, registry: Path, *, between: bool) -> SmallHub:
    """Five days; the last one's files are delivered and not yet taken. `between`: a pass before Le Forem's turn."""
    init = ["init", "--root", str(root), "--seed", "3", "--day", DAYS[0], "--cpas", "6", "--registry", str(registry)]
    assert main(init) == 0
    hub = SmallHub(root)
    for day in DAYS:
        run("cpas-day", root, day)
        if between:
            hub.run(day)
        run("forem-day", root, day)
        hub.run(day)
        if day != DAYS[-1]:
            run("take", root, day)
    return hub


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days behind a right hub, before the last taking."""
    folder = tmp_path_factory.mktemp("played")
    play(folder / "root", registry_of(folder / "registry"), between=False)
    return folder / "root"


@pytest.fixture
def root(played: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(played, tmp_path / "root")
    return tmp_path / "root"


def kinds(root: Path) -> set[str]:
    """The classes of difference after the last taking."""
    run("take", root, DAYS[-1])
    return set(check(root).as_json()["counts"])


def outbox(root: Path, pattern: str) -> Path:
    """The first file of that kind that waits in an out/."""
    return sorted(root.glob(f"*/mailbox/out/FO.{pattern}"))[0]


def test_a_right_hub_agrees(root: Path) -> None:
    """After five days with every mistake in the plan, the books agree with the truth."""
    run("take", root, DAYS[-1])
    assert check(root).as_json()["differences"] == []
    assert run("check", root) == 0


def test_a_pass_between_the_two_sides_agrees_too(tmp_path: Path) -> None:
    """The truth is the same when the hub runs between the CPAS's turn and Le Forem's."""
    play(tmp_path / "root", registry_of(tmp_path / "registry"), between=True)
    assert kinds(tmp_path / "root") == set()


def test_each_day_can_be_checked(tmp_path: Path) -> None:
    """The truth also says how things stand at the end of an earlier day."""
    root, registry = tmp_path / "root", registry_of(tmp_path / "registry")
    assert main(["init", "--root", str(root), "--seed", "4", "--cpas", "6", "--registry", str(registry)]) == 0
    hub = SmallHub(root)
    for day in DAYS:
        run("cpas-day", root, day)
        run("forem-day", root, day)
        hub.run(day)
        run("take", root, day)
        assert main(["check", "--root", str(root), "--day", day]) == 0


@pytest.mark.parametrize("feed", ["ORIE", "STAT", "RECO", "ACRF", "NOTI"])
def test_a_removed_file_is_noticed(root: Path, feed: str) -> None:
    """A delivered file that is removed before it is taken makes the books differ."""
    gone = outbox(root, f"{feed}.*")
    gone.unlink()
    gone.with_name(f"GO{gone.name[2:]}.1").unlink()
    assert kinds(root) >= {"ORIE": {"referral"}, "ACRF": {"receipt"}, "NOTI": {"outcome"}}.get(feed, set())
    assert run("check", root) == 1


def test_nothing_received_is_not_agreement(tmp_path: Path) -> None:
    """Without a hub every referral and every receipt is missing."""
    root, registry = tmp_path / "root", registry_of(tmp_path / "registry")
    assert main(["init", "--root", str(root), "--seed", "3", "--cpas", "6", "--registry", str(registry)]) == 0
    for day in DAYS:
        run("cpas-day", root, day)
    assert check(root).as_json()["counts"].keys() >= {"state", "receipt", "referral", "outcome", "orphan"}


def test_a_missing_file_shows_in_the_chain(tmp_path: Path) -> None:
    """A file lost on an earlier day is missed by the one after it, and no longer once it comes late."""
    root = tmp_path / "root"
    hub = play(root, registry_of(tmp_path / "registry"), between=False)
    hub.run(DAYS[-1])
    first = outbox(root, "NOTI.900001.*")
    second = first.with_name(first.name.replace("0000", "0001", 1))
    rows = [{"file": "x", "record": "TOTAL"}]
    hub.publish("900001", "NOTI", rows)
    kept = first.read_bytes(), first.with_name(f"GO{first.name[2:]}.1")
    manifest = kept[1].read_bytes()
    first.unlink()
    kept[1].unlink()
    assert not second.exists()
    assert "missing_delivery" in kinds(root)
    first.write_bytes(kept[0])
    kept[1].write_bytes(manifest)
    assert "missing_delivery" not in kinds(root)


def test_no_row_about_others_people(root: Path) -> None:
    """A status that reaches another CPAS raises an alarm there and makes the books differ."""
    path = outbox(root, "STAT.*")
    mine = path.name.split(".")[2]
    other = next(one.name for one in root.glob("06*") if one.name != mine)
    run("take", root, DAYS[-1])
    name = f"FO.STAT.{other}.20260313.00099.T"
    data = (root / mine / "mailbox" / "out" / "taken" / path.name).read_bytes()
    go = json.loads((root / mine / "mailbox" / "out" / "taken" / f"GO{path.name[2:]}.1").read_text())
    out = root / other / "mailbox" / "out"
    (out / name).write_bytes(data)
    (out / f"GO{name[2:]}.1").write_text(json.dumps({**go, "file": name}))
    assert "foreign" in kinds(root)


def tamper_data(path: Path) -> None:
    """One byte more."""
    path.write_bytes(path.read_bytes() + b"\n")


def tamper_rows(path: Path) -> None:
    """The GO counts one row more."""
    go = path.with_name(f"GO{path.name[2:]}.1")
    told = json.loads(go.read_text())
    go.write_text(json.dumps({**told, "rows": told["rows"] + 1}))


def hide_go(path: Path) -> None:
    """The GO is missing."""
    path.with_name(f"GO{path.name[2:]}.1").unlink()


@pytest.mark.parametrize("spoil", [tamper_data, tamper_rows, hide_go])
def test_only_what_the_go_announces_is_taken(root: Path, spoil: Callable[[Path], None]) -> None:
    """A file without its GO, or unlike it, stays in out/ and makes the books differ."""
    path = outbox(root, "RECO.06*")
    spoil(path)
    assert "left_in_out" in kinds(root)
    assert path.exists()


def test_a_second_delivery_is_counted_and_ignored(root: Path) -> None:
    """A file that comes again after it was taken changes no row and is counted."""
    path = outbox(root, "ACRF.06*")
    go = path.with_name(f"GO{path.name[2:]}.1")
    again = path.read_bytes(), go.read_bytes()
    assert kinds(root) == set()
    path.write_bytes(again[0])
    go.write_bytes(again[1])
    assert kinds(root) == {"duplicate_delivery"}
    assert not path.exists()


def test_a_killed_taking_is_finished_without_a_duplicate(root: Path) -> None:
    """A file that is in the book but was not moved yet is moved at the next taking, and not counted twice."""
    path = outbox(root, "ACRF.06*")
    partner = path.name.split(".")[2]
    run("take", root, DAYS[-1])
    taken = root / partner / "mailbox" / "out" / "taken"
    for name in (path.name, f"GO{path.name[2:]}.1"):
        (taken / name).replace(path.parent / name)
    book = root / partner / "book.json"
    data = json.loads(book.read_text())
    data["taken"][path.name]["moved"] = False
    book.write_text(json.dumps(data))
    assert kinds(root) == set()
    assert not path.exists()


def test_a_day_played_twice_sends_nothing_new(root: Path) -> None:
    """Running a day's commands again puts no file, unless one is missing: then the same bytes."""

    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in root.glob("*/mailbox/in/**/*.1") if path.is_file()}

    before = files()
    for command in ("cpas-day", "forem-day", "cpas-day"):
        run(command, root, DAYS[2])
    assert files() == before
    lost = next(path for path in root.glob("062063/mailbox/in/done/FI*20260311*"))
    contents = lost.read_bytes()
    lost.unlink()
    run("cpas-day", root, DAYS[2])
    assert (lost.parent.parent / lost.name).read_bytes() == contents


def test_a_status_of_another_person_stays_with_le_forem(root: Path) -> None:
    """If the hub hands the mistaken status to the CPAS, its book differs in status."""
    run("take", root, DAYS[-1])
    truth = json.loads((root / "truth" / "truth.json").read_text())
    one = next(one for one in truth["referrals"] if one["defect"] == "wrong_person")
    book = root / one["cpas"] / "book.json"
    data = json.loads(book.read_text())
    rows = data["STAT"][one["referral_id"]]
    rows["2026-03-11#000002"] = {**next(iter(rows.values())), "core_status": "ACCEPTED"}
    book.write_text(json.dumps(data))
    assert kinds(root) == {"status"}


def test_json_and_summary(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check --json` says whether all agree, how much was compared, and every difference."""
    run("take", root, DAYS[-1])
    capsys.readouterr()
    assert main(["check", "--root", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agree"] is True
    assert told["referrals"] == 72
    assert told["files"] > 30


def test_canaries_name_everybody(root: Path) -> None:
    """The list for leak scans has every NISS, name and birth date that any file contains."""
    kept = [line.split("\t") for line in (root / "truth" / "canaries.txt").read_text("utf-8").splitlines()]
    values = {value for _, value in kept}
    for path in root.glob("*/mailbox/in/done/FI.ORIE.*"):
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8", "replace")), delimiter=";"))
        assert rows
        assert {row["niss"] for row in rows} | {row["birth_date"] for row in rows} <= values
