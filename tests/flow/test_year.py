"""Four weeks of 30 CPAS and Le Forem, one by faulty SFTP, killed once: the hub and all books are what the truth is."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from play import PROJECT

SCRIPT = [sys.executable, str(PROJECT / "scripts" / "year.py")]
FOUR_WEEKS = ["--first", "2026-10-19", "--days", "19", "--cpas", "30", "--people", "450", "--seed", "11"]
HALF_DAYS_BEFORE_THE_KILL = 9
# what has to have happened in four weeks for them to prove anything
CLASSES = {
    "REFERRAL AGREED", "REFERRAL PENDING", "REFERRAL MISSING_FOREM", "REFERRAL CONFLICT", "REFERRAL OUT_OF_ORDER",
    "SITUATION AGREED", "REGISTRATION AGREED", "REGISTRATION PENDING", "REGISTRATION MISSING_FOREM",
    "REGISTRATION MISSING_CPAS", "ENROLMENT AGREED", "BREACH AGREED", "BREACH CONFLICT", "ANSWER AGREED",
    "ANSWER CONFLICT", "code R401", "code R402", "code R403", "code R404", "code R406", "code R503", "code R504",
    "code R506", "code R507", "code R509", "ERASED",
}  # fmt: skip
SERVERS_DO_WRONG = 8  # kinds of faults in the week that goes by SFTP
# what is rare in a year has happened at least once in these weeks
ACTS = {
    "appointment kept or not", "sent onward", "not registered", "session for staff", "came to a job day or not",
    "result of a job day",
}  # fmt: skip
LATER = {"orientations/2", "registrations/2", "orientations_out/2", "registrations_out/2"}
FEEDS = {"ORIE", "STAT", "SITU", "INSC", "FORM", "MANQ", "MOBI", "JOBD", "OFFR", "CATA", "MUTA"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], Path]:
    """The weeks, killed once and resumed: exit code, report, folder."""
    root = tmp_path_factory.mktemp("year") / "run"
    _kill_after(root, HALF_DAYS_BEFORE_THE_KILL)
    done = subprocess.run([*SCRIPT, "--root", str(root), "--resume"], capture_output=True, text=True, check=False)
    print(done.stdout[-6000:], done.stderr[-2000:])
    return done.returncode, json.loads((root / "report.json").read_text("utf-8")), root


def _kill_after(root: Path, half_days: int) -> None:
    """Begin, and end it without warning in the middle of a half-day."""
    command = [*SCRIPT, "--root", str(root), "--sftp-every", "3", "--faults", "11", *FOUR_WEEKS]
    times = root / "times.jsonl"
    begun = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while begun.poll() is None and not (times.exists() and times.read_text().count("\n") >= half_days):
            time.sleep(0.2)
        time.sleep(0.7)
        assert begun.poll() is None
    finally:
        os.killpg(begun.pid, signal.SIGKILL)
        begun.wait()


@pytest.mark.slow
def test_the_hub_and_all_books_are_what_the_truth_says(played: tuple[int, dict[str, Any], Path]) -> None:
    """Nothing lost, nothing twice, nothing shown to the wrong side, everything open classed and aged right."""
    code, report, _ = played
    assert report["differences"] == {}
    assert report["errors"] == []
    assert report["conservation"]["holds"]
    assert code == 0


@pytest.mark.slow
def test_what_the_weeks_are_to_prove_has_happened(played: tuple[int, dict[str, Any], Path]) -> None:
    """Every feed was sent and every class, code and mistake that is asked for was met; the counts are printed."""
    _, report, _ = played
    print(report["counts"], report["sent"])
    assert not CLASSES - set(report["counts"])
    assert not FEEDS - set(report["sent"]["files"])
    assert len(report["sent"]["faults"]) >= 4
    assert len(report["sent"]["rejected"]) >= 3
    assert set(report["sent"]["later_versions"]) >= LATER
    assert {name for name, rows in report["sent"]["acts"].items() if rows} == ACTS
    assert report["plans_changed"] > 0
    assert len(report["struck"]) >= SERVERS_DO_WRONG


@pytest.mark.slow
def test_the_hub_is_told_nothing_of_the_truth(played: tuple[int, dict[str, Any], Path]) -> None:
    """In the hub's own folder stands where the mailboxes are, not where the stand-ins keep their books."""
    root = played[2]
    channels = (root / "hub" / "channels.toml").read_text("utf-8")
    assert {line.rpartition("/")[2] for line in channels.splitlines() if line.startswith("folder")} == {'mailbox"'}
    assert "books" not in channels
    small = [path for path in (root / "hub").glob("*") if path.is_file() and path.suffix not in {".db", ""}]
    assert not [path for path in small if b"books.db" in path.read_bytes()]


@pytest.mark.parametrize("way", ["open({})", "os.listdir({} + '/..')", "sqlite3.connect({})", "os.rename({}, 'b')"])
def test_the_hub_cannot_open_the_truth(way: str, tmp_path: Path) -> None:
    """Behind the wall it is refused by every way; what lies beside it can be read."""
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "books.db").touch()
    (tmp_path / "link").symlink_to(tmp_path / "books")
    for path in ("books/books.db", "link/books.db"):
        said = way.format(repr(str(tmp_path / path)))
        script = (
            f"import os, sqlite3, year_wall; from pathlib import Path; year_wall.keep_from(Path('{tmp_path}/books'))\n"
        )
        script += f"os.listdir('{tmp_path}')\ntry:\n    {said}\nexcept PermissionError:\n    print('refused')"
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT / "scripts")
        assert done.stdout == "refused\n", done.stderr


@pytest.mark.slow
def test_a_changed_book_changes_the_report(played: tuple[int, dict[str, Any], Path]) -> None:
    """A row taken out of a book, a state of the hub altered, a cell of a later version lost: each is named."""
    root = played[2]
    books = root / "partners" / "books" / "books.db"
    states = root / "states.jsonl"
    lines = states.read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    other = "CONFLICT" if first["klass"] == "AGREED" else "AGREED"
    states.write_text("\n".join([json.dumps(first | {"klass": other}), *lines[1:]]))
    with sqlite3.connect(books) as db:
        key = db.execute(
            "SELECT partner, feed, key FROM held WHERE feed='RECO' AND partner='900001' LIMIT 1"
        ).fetchone()
        db.execute("DELETE FROM held WHERE partner=? AND feed=? AND key=?", key)
        db.execute(
            "UPDATE held SET row=json_remove(row, '$.interpreter_need') "
            "WHERE feed='ORIE' AND json_extract(row, '$.interpreter_need')='1'"
        )
    command = [sys.executable, "-m", "simulators.year", "check", "--root", str(root / "partners"), "--hub", str(states)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    report = json.loads(checked.stdout)
    kinds = {kind.split()[0] for kind in report["differences"]}
    assert checked.returncode == 1
    assert {"book_missing", "hub_klass"} <= kinds
    assert "differ: interpreter_need" in {detail for *_, detail in report["examples"]["passed_content ORIE"]}
